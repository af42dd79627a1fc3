// CodeMirror's style sheets without <style> nodes: the package adopts constructed sheets when a root has no head,
// and those are exempt from `style-src`, so a strict CSP needs neither nonce nor 'unsafe-inline'.
import { StyleModule as Original } from '../../node_modules/style-mod/src/style-mod.js';

const headless = new WeakMap();

function withoutHead(root) {
  if (!root.head) return root;
  if (!headless.has(root)) {
    headless.set(root, {
      ownerDocument: root,
      get adoptedStyleSheets() { return root.adoptedStyleSheets; },
      set adoptedStyleSheets(sheets) { root.adoptedStyleSheets = sheets; },
    });
  }
  return headless.get(root);
}

export class StyleModule extends Original {
  static mount(root, modules) {
    Original.mount(withoutHead(root), modules);
  }
}
