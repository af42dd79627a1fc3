// How the engine carries a step: job boundaries, retries, priority; and what holds for a whole process.
import { Group } from '@bpmn-io/properties-panel';
import { getBusinessObject, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { check, text } from './entries.js';
import { extensions, ownerOf } from './extensions.js';

const CYCLE = /^(R[1-9]\d{0,2}\/P.+|P.+(,P.+)*)$/;
const cycle = (value) => (value && !CYCLE.test(value) ? 'Viết như R3/PT10M, hoặc PT1M,PT10M,PT1H' : null);

function retryEntry(element, editor) {
  const object = getBusinessObject(element);
  const type = 'camunda:FailedJobRetryTimeCycle';
  const set = (body) => editor.setExtensions(element, object, type, () => (body ? [editor.create(type, { body })] : []));
  return text('retry', 'Chu kỳ thử lại', () => extensions(object, type)[0]?.body, set, { hint: 'R3/PT10M: thử 3 lần, cách 10 phút', validate: cycle });
}

function processGroup(element, editor) {
  const owner = ownerOf(element);
  if (!owner) return [];
  const attribute = (name) => [() => owner.get(name), (value) => editor.set(element, { [name]: value }, owner)];
  return [{ id: 'lm-process', label: 'Quy trình', component: Group, entries: [
    text('version-tag', 'Nhãn phiên bản', ...attribute('camunda:versionTag')),
    text('history', 'Lưu lịch sử', ...attribute('camunda:historyTimeToLive'), { hint: 'Số ngày, hoặc P5Y' }),
    text('starters', 'Vai trò được khởi tạo', ...attribute('camunda:candidateStarterGroups'), { hint: 'Cách nhau bằng dấu phẩy' })] }];
}

export function executionGroups(element, { editor }) {
  if (isAny(element, ['bpmn:Process', 'bpmn:Participant'])) return processGroup(element, editor);
  if (!isAny(element, ['bpmn:Activity', 'bpmn:Gateway', 'bpmn:Event'])) return [];
  const object = getBusinessObject(element);
  const attribute = (name) => [() => object.get(name), (value) => editor.set(element, { [name]: value })];
  return [{ id: 'lm-execution', label: 'Vận hành', component: Group, entries: [
    check('async-before', 'Lưu trạng thái trước bước này', ...attribute('camunda:asyncBefore')),
    check('async-after', 'Lưu trạng thái sau bước này', ...attribute('camunda:asyncAfter')),
    retryEntry(element, editor)] }];
}
