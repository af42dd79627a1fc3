// The page round the modeler: open, undo, save, download, lint.
import { chooseDrawing, download } from './files.js';
import { Draft } from './draft.js';
import { Problems } from './problems.js';
import { openView } from './view.js';

const PALETTE = 120;
const FOREIGN = /xmlns:(zeebe|spiffworkflow|activiti|flowable)=/;

export class Studio {
  constructor(modeler, element) {
    this.modeler = modeler;
    this.element = element;
    this.draft = new Draft(modeler, document.getElementById('save-state'), element, document.getElementById('draft-name'));
    this.problems = new Problems(modeler, document.getElementById('problems'), element.dataset.lintUrl);
    this.buttons = Object.fromEntries([...document.querySelectorAll('[data-studio]')].map((one) => [one.dataset.studio, one]));
    for (const [name, button] of Object.entries(this.buttons)) button.addEventListener('click', () => this[name]());
    modeler.on('commandStack.changed', ({ trigger }) => this.changed(trigger));
  }

  async start() {
    const answer = await fetch(this.element.dataset.src, { headers: { Accept: 'application/xml' } });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const text = await answer.text();
    try {
      await this.show(text);
    } catch {
      this.cannotDraw(text);
      return;
    }
    this.problems.askSoon(0);
  }

  /** A draft may be broken: what is wrong is told, the file can be taken away, another one opened. */
  cannotDraw(text) {
    this.broken = text;
    for (const name of ['undo', 'redo', 'fit', 'picture', 'save', 'register']) {
      if (this.buttons[name]) this.buttons[name].disabled = true;
    }
    this.draft.say('error', 'Không vẽ được bản nháp này. Hãy tải về để sửa, hoặc mở tệp khác.');
    this.problems.ask(text);
  }

  async show(xml) {
    const { warnings } = await this.modeler.importXML(xml);
    openView(this.modeler.get('canvas'), PALETTE);
    this.broken = null;
    for (const name of ['fit', 'picture', 'save', 'register']) if (this.buttons[name]) this.buttons[name].disabled = false;
    return warnings;
  }

  changed(trigger) {
    const stack = this.modeler.get('commandStack');
    if (this.buttons.undo) this.buttons.undo.disabled = !stack.canUndo();
    if (this.buttons.redo) this.buttons.redo.disabled = !stack.canRedo();
    if (trigger === 'clear') return;
    this.draft.touched();
    this.problems.askSoon();
  }

  undo() { this.modeler.get('commandStack').undo(); }

  redo() { this.modeler.get('commandStack').redo(); }

  fit() { openView(this.modeler.get('canvas'), PALETTE); }

  save() { return this.draft.save(); }

  /** What goes into a registration is what was saved. */
  async register() {
    if (this.draft.dirty) await this.save();
    if (this.draft.dirty) return;
    document.getElementById('register-file').textContent = this.element.dataset.name;
    document.getElementById('register').showModal();
  }

  async download() {
    const { xml } = this.broken ? { xml: this.broken } : await this.modeler.saveXML({ format: true });
    download(this.element.dataset.name || 'quy-trinh.bpmn', xml, 'application/xml');
  }

  async picture() {
    const { svg } = await this.modeler.saveSVG();
    download((this.element.dataset.name || 'quy-trinh').replace(/\.bpmn$/, '') + '.svg', svg, 'image/svg+xml');
  }

  /** Open a file from the disk; what was there comes back when the file cannot be read. */
  async open() {
    const { problem, name, text } = await chooseDrawing();
    if (problem) {
      this.draft.say('error', problem);
      return;
    }
    const before = this.broken ?? (await this.modeler.saveXML()).xml;
    try {
      const warnings = await this.show(text);
      this.draft.touched();
      this.draft.say('dirty', this.opened(name, text, warnings));
    } catch {
      await this.show(before).catch(() => this.cannotDraw(before));
      this.draft.say('error', `Không đọc được “${name}”: tệp không phải là sơ đồ BPMN.`);
    }
    if (!this.broken) this.problems.askSoon(0);
  }

  opened(name, text, warnings) {
    const notes = [`đã mở “${name}”, chưa lưu`];
    if (warnings.length) notes.push(`${warnings.length} chỗ không đọc được: ${warnings[0].message}`);
    const foreign = FOREIGN.exec(text);
    if (foreign) notes.push(`phần mở rộng ${foreign[1]} được giữ nguyên nhưng hệ thống không chạy`);
    return notes.join('; ');
  }
}
