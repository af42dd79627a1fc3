// Vietnamese for the diagram tools. Keys that have none are collected in window.__missing for the browser tests.
import vi from '../i18n/vi.json';

const folded = new Map(Object.entries(vi).map(([key, text]) => [key.toLowerCase(), text]));
export const missing = new Set();
window.__missing = missing;

/** The panel writes "User Task" where the menus write "User task": case does not matter. */
export function t(template, replacements = {}) {
  const key = String(template);
  const text = vi[key] ?? folded.get(key.toLowerCase());
  if (text === undefined && /[a-z]{2}/i.test(key)) missing.add(key);
  return (text ?? key).replace(/{([^}]+)}/g, (whole, name) => replacements[name] ?? whole);
}

export const translateModule = { translate: ['value', t] };
