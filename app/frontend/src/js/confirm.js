// Dialogs: [data-dialog="id"] opens one; [data-confirm="Question?"] on a button asks before it acts.
const ask = document.getElementById('confirm');
let pending = null;

function question(button) {
  const { confirm, confirmTitle, confirmButton } = button.dataset;
  ask.querySelector('h2').textContent = confirmTitle || 'Xác nhận';
  ask.querySelector('p').textContent = confirm;
  const yes = ask.querySelector('[value="yes"]');
  yes.textContent = confirmButton || button.textContent.trim();
  yes.classList.toggle('btn-danger', button.classList.contains('btn-danger'));
  yes.classList.toggle('btn-primary', !button.classList.contains('btn-danger'));
  pending = button;
  ask.returnValue = '';
  ask.showModal();
}

ask?.addEventListener('close', () => {
  const button = pending;
  pending = null;
  if (ask.returnValue !== 'yes' || !button) return;
  button.dataset.confirmed = '';
  button.click();
  delete button.dataset.confirmed;
});

// Capture: the question comes before htmx or the form hears of the click.
document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-confirm]');
  if (!ask || !button || 'confirmed' in button.dataset) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  question(button);
}, true);

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]');
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog) return;
    event.preventDefault();
    dialog.showModal();
  }
  const closer = event.target.closest('[data-close]');
  const dialog = closer?.closest('dialog');
  if (dialog?.open) {
    event.preventDefault();
    dialog.close();
  }
});
