// Forms: one submission at a time, a warning before typed text is lost, focus on the error summary.
const dirty = new Set();

// Enter in a field, or a key, may submit what a disabled-with-reason button would not.
document.addEventListener('click', (event) => {
  if (!event.target.closest('[aria-disabled="true"]')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener('input', (event) => {
  const form = event.target.form ?? event.target.closest('form');
  if (form && 'guard' in form.dataset) dirty.add(form);
});

addEventListener('beforeunload', (event) => {
  if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
});

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === 'dialog') return;
  if ('busy' in form.dataset) {
    event.preventDefault();
    return;
  }
  dirty.delete(form);
  form.dataset.busy = '';
  event.submitter?.setAttribute('aria-busy', 'true');
});

function release(form) {
  delete form.dataset.busy;
  for (const button of form.elements) button.removeAttribute('aria-busy');
}

const releaseAll = () => document.querySelectorAll('form[data-busy]').forEach(release);
addEventListener('pageshow', releaseAll);
document.addEventListener('htmx:finally:request', releaseAll);

function focusSummary() {
  document.getElementById('error-summary')?.focus();
}
focusSummary();
document.addEventListener('htmx:after:swap', ({ detail }) => {
  if (detail.ctx.response?.status === 422) focusSummary();
});

// A link of the summary goes to the field itself, also when it is one of a group.
document.addEventListener('click', (event) => {
  const link = event.target.closest('.error-summary a[href^="#"]');
  const place = link && document.getElementById(link.hash.slice(1));
  if (!place) return;
  event.preventDefault();
  const field = place.matches('input, select, textarea') ? place : place.querySelector('input, select, textarea');
  place.scrollIntoView({ block: 'center' });
  (field ?? place).focus({ preventScroll: true });
});
