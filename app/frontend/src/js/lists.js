// Lists: a current row (.cur) with its preview in #peek, ticked rows, and the density of lines.
import htmx from 'htmx.org';

const PEEK_DELAY = 150;
let peekTimer;

const rows = () => [...document.querySelectorAll('[data-row]')].filter((row) => row.offsetParent !== null);
export const currentRow = () => document.querySelector('[data-row].cur');

function peek(row) {
  const place = document.getElementById('peek');
  clearTimeout(peekTimer);
  if (!place || place.offsetParent === null || !row.dataset.peek) return;
  peekTimer = setTimeout(() => htmx.ajax('GET', row.dataset.peek, { target: place, swap: 'innerHTML' }), PEEK_DELAY);
}

function makeCurrent(row) {
  if (row.classList.contains('cur')) return;
  currentRow()?.classList.remove('cur');
  row.classList.add('cur');
  row.scrollIntoView({ block: 'nearest' });
  peek(row);
}

/** Go `by` rows down (negative: up); the first step lands on the first row. */
export function moveRow(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(currentRow());
  const row = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))];
  makeCurrent(row);
  row.querySelector('a[href]')?.focus({ preventScroll: true });
}

document.addEventListener('focusin', (event) => {
  const row = event.target.closest('[data-row]');
  if (row) makeCurrent(row);
});

document.addEventListener('click', (event) => {
  const row = event.target.closest('[data-row]');
  if (row && !event.target.closest('a, button, input, label')) makeCurrent(row);
});

document.addEventListener('dblclick', (event) => {
  const row = event.target.closest('[data-row]');
  if (row && !event.target.closest('a, button, input, label')) row.querySelector('a[href]')?.click();
});

function showSelection(table) {
  const ticks = [...table.querySelectorAll('tbody input[type="checkbox"]')];
  const count = ticks.filter((tick) => tick.checked).length;
  const all = table.querySelector('[data-all]');
  if (all) {
    all.checked = count > 0 && count === ticks.length;
    all.indeterminate = count > 0 && count < ticks.length;
  }
  const bar = document.querySelector('[data-selection]');
  if (!bar) return;
  bar.hidden = count === 0;
  const number = bar.querySelector('[data-selected]');
  if (number) number.textContent = count;
}

document.addEventListener('change', (event) => {
  const table = event.target.closest('table.list');
  if (!table || event.target.type !== 'checkbox') return;
  if ('all' in event.target.dataset) {
    for (const tick of table.querySelectorAll('tbody input[type="checkbox"]')) tick.checked = event.target.checked;
  }
  showSelection(table);
});
document.querySelectorAll('table.list').forEach(showSelection);

// The server reads this cookie, so the next page opens in the same density without a jump.
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-density-toggle]');
  if (!button) return;
  const compact = document.documentElement.dataset.density !== 'compact';
  document.documentElement.dataset.density = compact ? 'compact' : 'comfortable';
  button.setAttribute('aria-pressed', String(compact));
  document.cookie = `density=${compact ? 'compact' : 'comfortable'}; path=/; max-age=31536000; samesite=lax`;
});
