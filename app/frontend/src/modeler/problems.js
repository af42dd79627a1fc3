// The server's lint: marks on the drawing and a list below it; one click goes to the element.
import { csrfToken } from '../js/http.js';

const DELAY = 800;
const MOST_MARKS = 100;
const RANK = { error: 0, warning: 1, info: 2 };
const WORD = { error: 'lỗi', warning: 'cảnh báo', info: 'gợi ý' };

function summary(problems) {
  if (!problems.length) return 'Không có vấn đề nào.';
  const counts = Object.keys(RANK).map((severity) => [problems.filter((one) => one.severity === severity).length, WORD[severity]]);
  return counts.filter(([count]) => count).map(([count, word]) => `${count} ${word}`).join(', ');
}

export class Problems {
  constructor(modeler, place, url) {
    Object.assign(this, { place, url, modeler, timer: null, running: null });
    for (const service of ['canvas', 'overlays', 'elementRegistry', 'selection']) this[service] = modeler.get(service);
  }

  /** Ask soon; asking again before the answer cancels the first question. */
  askSoon(delay = DELAY) {
    clearTimeout(this.timer);
    if (this.url) this.timer = setTimeout(() => this.ask(), delay);
  }

  /** Ask about the drawing, or about a text that could not be drawn. */
  async ask(text) {
    this.running?.abort();
    const { signal } = (this.running = new AbortController());
    try {
      const xml = text ?? (await this.modeler.saveXML()).xml;
      const answer = await fetch(this.url, {
        method: 'POST', body: xml, signal, headers: { 'Content-Type': 'application/xml', Accept: 'application/json', 'X-CSRFToken': csrfToken() },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show(await answer.json());
    } catch (error) {
      if (error.name !== 'AbortError') this.say('Chưa kiểm tra được sơ đồ; sẽ thử lại sau lần sửa tới.', 'warning');
    }
  }

  say(sentence, level) {
    const line = document.createElement('p');
    line.textContent = sentence;
    this.place.dataset.level = level;
    this.place.replaceChildren(line);
  }

  show(found) {
    const problems = [...found].sort((a, b) => RANK[a.severity] - RANK[b.severity]);
    this.say(summary(problems), problems[0]?.severity ?? 'none');
    const list = document.createElement('ul');
    list.append(...problems.map((one) => this.item(one)));
    this.place.append(list);
    this.mark(problems);
  }

  item({ element_id: id, severity, message }) {
    const item = document.createElement('li');
    const tag = document.createElement('span');
    tag.className = `tag tag-${severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : 'plain'}`;
    tag.textContent = WORD[severity];
    const text = document.createElement('span');
    text.textContent = message;
    item.append(tag);
    if (id) {
      const go = document.createElement('button');
      go.type = 'button';
      go.textContent = id;
      go.addEventListener('click', () => this.goTo(id));
      item.append(go);
    }
    item.append(text);
    return item;
  }

  find(id) {
    return this.elementRegistry.get(id)
      ?? this.elementRegistry.find((one) => one.businessObject?.processRef?.id === id);
  }

  mark(problems) {
    this.overlays.remove({ type: 'lint' });
    const worst = new Map();
    for (const one of problems) if (!worst.has(one.element_id)) worst.set(one.element_id, one);
    for (const [id, one] of [...worst].slice(0, MOST_MARKS)) {
      const element = this.find(id);
      if (!element || element === this.canvas.getRootElement()) continue;
      const mark = document.createElement('button');
      mark.type = 'button';
      mark.className = `lint-mark lint-${one.severity}`;
      mark.textContent = '!';
      mark.title = one.message;
      mark.setAttribute('aria-label', one.message);
      mark.addEventListener('click', () => this.goTo(id));
      this.overlays.add(element, 'lint', { position: { top: -9, left: -9 }, html: mark });
    }
  }

  goTo(id) {
    const element = this.find(id);
    if (!element) return;
    const root = this.canvas.findRoot(element);
    if (root && root !== this.canvas.getRootElement()) this.canvas.setRootElement(root);
    if (element !== root) this.canvas.scrollToElement(element, 120);
    this.selection.select(element === root ? null : element);
  }
}
