// Applies the data-css="…" that the build made of style="…": styles set through the DOM pass a strict CSP.
const apply = (element) => { element.style.cssText += element.dataset.css; };

function applyBelow(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  if ('css' in node.dataset) apply(node);
  node.querySelectorAll('[data-css]').forEach(apply);
}

export function watchStyles(root) {
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(applyBelow)))
    .observe(root, { childList: true, subtree: true });
}
