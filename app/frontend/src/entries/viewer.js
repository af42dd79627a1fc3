// Zoomable drawing with the state of a case, or counts and waiting times of many.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '../css/viewer.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { translateModule } from '../modeler/translate.js';
import { fontReady, openView, textRenderer } from '../modeler/view.js';

const BADGE_PLACE = { count: { bottom: 12, left: -10 }, incident: { bottom: 12, right: 14 }, time: { top: -11, right: 44 } };

function badge({ text, kind, title }) {
  const mark = document.createElement('span');
  mark.className = `badge badge-${kind}`;
  mark.textContent = text;
  if (title) mark.title = title;
  return mark;
}

function paint(viewer, state) {
  const [canvas, registry, overlays] = ['canvas', 'elementRegistry', 'overlays'].map((name) => viewer.get(name));
  const each = (ids, use) => (ids ?? []).filter((id) => registry.get(id)).forEach(use);
  for (const name of ['done', 'active', 'incident']) each(state[name], (id) => canvas.addMarker(id, `is-${name}`));
  each(Object.keys(state.heat ?? {}), (id) => canvas.addMarker(id, `heat-${state.heat[id]}`));
  each(Object.keys(state.badges ?? {}), (id) => {
    for (const one of state.badges[id]) overlays.add(id, { position: BADGE_PLACE[one.kind] ?? BADGE_PLACE.count, html: badge(one) });
  });
}

async function mount(element) {
  await fontReady();
  const viewer = new NavigatedViewer({ container: element, textRenderer, additionalModules: [translateModule] });
  const answer = await fetch(element.dataset.src, { headers: { Accept: 'application/xml' } });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  await viewer.importXML(await answer.text());
  const state = JSON.parse(document.getElementById(element.dataset.state)?.textContent ?? '{}');
  paint(viewer, state);
  const focus = viewer.get('elementRegistry').get(element.dataset.focus ?? state.active?.[0] ?? '');
  // In a dialog the box has no size until it opens.
  const show = () => { if (element.clientWidth) openView(viewer.get('canvas'), focus); };
  show();
  new ResizeObserver(() => { viewer.get('canvas').resized(); show(); }).observe(element);
  viewer.on('element.click', ({ element: { id } }) =>
    element.dispatchEvent(new CustomEvent('diagram:select', { bubbles: true, detail: { id } })));
  element.dataset.ready = 'true';
}

for (const element of document.querySelectorAll('[data-island="diagram"]')) {
  mount(element).catch((error) => {
    console.error(error);
    element.dataset.ready = 'failed';
    element.textContent = 'Không tải được sơ đồ. Danh sách các bước ở bên cạnh vẫn đầy đủ.';
  });
}
