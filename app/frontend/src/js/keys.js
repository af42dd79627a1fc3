// Keys. [data-key="c"] or "ctrl+enter" on a button or link is what that key presses; the current row comes first.
// Single letters can be switched off (WCAG 2.1.4) and never act while someone types.
import { currentRow, moveRow } from './lists.js';

const STORE = 'single-letter-keys';
const TYPING = 'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable]:not([contenteditable="false"])';
const canvas = '[data-island="modeler"]';

const lettersOn = () => localStorage.getItem(STORE) !== 'off';
const visible = (element) => element.offsetParent !== null && !element.disabled;

function press(key) {
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const places = [document.querySelector('dialog[open]'), currentRow(), document.getElementById('peek'), document];
  for (const place of document.querySelector('dialog[open]') ? places.slice(0, 1) : places) {
    const target = [...(place?.querySelectorAll(selector) ?? [])].find(visible);
    if (target) {
      target.click();
      return true;
    }
  }
  return false;
}

const letters = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: () => currentRow()?.querySelector('input[type="checkbox"]')?.click(),
  '/': () => document.getElementById('q')?.focus(),
  '?': () => document.getElementById('shortcuts')?.showModal(),
  Enter: () => currentRow()?.querySelector('a[href]')?.click(),
};

function letter(event) {
  const { key, target } = event;
  if (key === 'Enter' && target !== document.body) return false;
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    if (!target.closest('[data-row]')) return false;
    moveRow(key === 'ArrowDown' ? 1 : -1);
    return true;
  }
  const name = key.length === 1 ? key.toLowerCase() : key;
  if (press(name)) return true;
  if (!letters[name]) return false;
  letters[name]();
  return true;
}

addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  const held = event.ctrlKey || event.metaKey;
  if (held && !event.altKey && !event.shiftKey) {
    if (press(`ctrl+${event.key.toLowerCase()}`)) event.preventDefault();
    return;
  }
  if (held || event.altKey || event.target.matches(TYPING) || event.target.closest(canvas)) return;
  if (!lettersOn() && event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  if (document.querySelector('dialog[open]')) return;
  if (letter(event)) event.preventDefault();
});

for (const box of document.querySelectorAll('[data-letters-switch]')) {
  box.checked = lettersOn();
  box.addEventListener('change', () => localStorage.setItem(STORE, box.checked ? 'on' : 'off'));
}
