// The draft on the server: saved with the version it was read at, so nobody overwrites another's work.
import { csrfToken } from '../js/http.js';

const clock = new Intl.DateTimeFormat('vi', { hour: '2-digit', minute: '2-digit', timeZone: 'Asia/Ho_Chi_Minh' });
const KEPT = 'Sơ đồ của bạn vẫn còn ở đây: hãy tải về máy, rồi mở lại bản mới.';

async function explain(answer) {
  const problem = await answer.json().catch(() => ({}));
  const said = [problem.title, problem.detail].filter(Boolean).join(' ');
  if (answer.status === 409 || answer.status === 412) return said || `Bản nháp đã được người khác sửa. ${KEPT}`;
  if (answer.status === 422) return `Chưa lưu. ${said}`;
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) return `Chưa lưu: phiên làm việc đã hết. ${KEPT}`;
  return `Chưa lưu được (mã ${answer.status}). ${said}`;
}

export class Draft {
  constructor(modeler, place, element, nameField) {
    const { saveUrl: url, version } = element.dataset;
    Object.assign(this, { modeler, place, element, nameField, url, version: Number(version), edits: 0, savedEdits: 0, saving: false });
    nameField?.addEventListener('input', () => this.touched());
    addEventListener('beforeunload', (event) => { if (this.dirty) event.preventDefault(); });
  }

  get dirty() { return this.edits !== this.savedEdits; }

  touched() {
    this.edits += 1;
    this.say('dirty', 'chưa lưu');
  }

  say(state, sentence) {
    if (!this.place) return;
    this.place.dataset.state = state;
    this.place.textContent = sentence;
  }

  async save() {
    if (this.saving || !this.url) return;
    this.saving = true;
    this.say('saving', 'đang lưu…');
    try {
      await this.send(await this.modeler.saveXML({ format: true }), this.edits);
    } catch (error) {
      this.say('error', `Chưa lưu được: sơ đồ không ghi ra tệp được (${error.message}).`);
    } finally {
      this.saving = false;
    }
  }

  async send({ xml }, edits) {
    try {
      const answer = await fetch(this.url, {
        method: 'PUT', body: JSON.stringify({ xml, name: this.nameField?.value, revision: this.version }),
        headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'If-Match': `"${this.version}"`, 'X-CSRFToken': csrfToken() },
      });
      if (answer.ok) await this.saved(answer, edits);
      else this.say('error', await explain(answer));
    } catch {
      this.say('error', 'Chưa lưu được: không nối được tới máy chủ.');
    }
  }

  async saved(answer, edits) {
    const { version, file } = await answer.json();
    this.version = version;
    this.savedEdits = edits;
    if (file) this.element.dataset.name = file;
    if (this.dirty) this.say('dirty', 'chưa lưu phần vừa sửa');
    else this.say('saved', `đã lưu lúc ${clock.format(new Date())}`);
  }
}
