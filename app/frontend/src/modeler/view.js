// How drawings look and open: our typeface, and never smaller than one can read.
const FAMILY = '"Source Sans 3 Variable", "Source Sans 3", "Noto Sans", sans-serif';
const READABLE = 0.72;

/** Labels are measured when they are drawn, so the typeface must be there first. */
export async function fontReady() {
  await Promise.all(['Thẩm định', 'step'].map((sample) => document.fonts.load(`12px ${FAMILY}`, sample)));
}

export const textRenderer = {
  defaultStyle: { fontFamily: FAMILY, fontSize: 12, lineHeight: 1.25 },
  externalStyle: { fontFamily: FAMILY, fontSize: 12, lineHeight: 1.25 },
};

/** Show everything; when that is too small, show the beginning. `left` pixels are covered by the palette. */
export function openView(canvas, left) {
  canvas.zoom('fit-viewport', 'auto');
  const { inner, outer, scale } = canvas.viewbox();
  const chosen = Math.min(1, Math.max(READABLE, scale * (outer.width - left - 24) / outer.width));
  const [width, height] = [outer.width / chosen, outer.height / chosen];
  const fits = inner.width * chosen <= outer.width - left - 24;
  const x = fits ? inner.x - left / chosen - (width - left / chosen - inner.width) / 2 : inner.x - (left + 16) / chosen;
  const y = inner.height > height ? inner.y - 16 / chosen : inner.y - (height - inner.height) / 2;
  canvas.viewbox({ x, y, width, height });
}
