// Small courtesies of every page.
document.addEventListener('click', (event) => {
  if (event.target.closest('[data-dismiss]')) event.target.closest('.banner')?.remove();
  if (event.target.closest('[data-print]')) print();
});

// [data-twin] shows its value in the field of that id while it is dragged; [data-go] then sends its form.
document.addEventListener('input', ({ target }) => {
  if (target.dataset.twin) document.getElementById(target.dataset.twin).value = target.value;
});
document.addEventListener('change', ({ target }) => {
  if ('go' in target.dataset) target.form.requestSubmit();
});

// A wide drawing opens at the step where the case stands.
function showCurrentStep(diagram) {
  const step = diagram.querySelector('[data-current], .is-incident, .is-active');
  if (!step) return;
  const [box, frame] = [step.getBoundingClientRect(), diagram.getBoundingClientRect()];
  diagram.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
  diagram.scrollTop += box.top + box.height / 2 - frame.top - frame.height / 2;
}
const showAll = () => document.querySelectorAll('.diagram').forEach(showCurrentStep);
showAll();
document.addEventListener('htmx:after:swap', showAll);

// What scrolls and holds nothing to go to is gone to itself: else no key reaches its end (Safari).
const GOAL = 'a[href], button, input, select, textarea, summary, [tabindex]';
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const scrolls = target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight;
    if (scrolls && !target.querySelector(GOAL)) target.tabIndex = 0;
    else target.removeAttribute('tabindex');
  }
});
document.querySelectorAll('.plain-wrap, .side').forEach((one) => scrollers.observe(one));
