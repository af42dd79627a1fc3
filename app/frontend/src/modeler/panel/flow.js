// What decides and computes: conditions, decisions, formulas, called processes, repetition.
import { Group } from '@bpmn-io/properties-panel';
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { area, formula, select, text } from './entries.js';

const BINDINGS = [
  { value: 'latest', label: 'bản mới nhất' },
  { value: 'deployment', label: 'bản cùng đợt triển khai' },
  { value: 'version', label: 'một bản cố định' },
  { value: 'versionTag', label: 'bản theo nhãn' },
];
const ORDERINGS = [
  { value: 'Parallel', label: 'nhiều bước cùng lúc' },
  { value: 'Sequential', label: 'mỗi lúc một bước' },
];
const BRANCHING = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:ComplexGateway', 'bpmn:Activity'];

const eventDefinition = (object, type) => (object.get?.('eventDefinitions') ?? []).find((one) => is(one, type));

function conditionHolder(element) {
  const object = getBusinessObject(element);
  if (is(object, 'bpmn:SequenceFlow')) {
    return isAny(object.sourceRef, BRANCHING) && object.sourceRef.default !== object ? [object, 'conditionExpression'] : null;
  }
  const definition = is(object, 'bpmn:Event') && eventDefinition(object, 'bpmn:ConditionalEventDefinition');
  return definition ? [definition, 'condition'] : null;
}

function conditionGroup(element, { editor }) {
  const holder = conditionHolder(element);
  if (!holder) return [];
  const [owner, name] = holder;
  const set = (body) => editor.set(element, { [name]: body && editor.create('bpmn:FormalExpression', { body }, owner) }, owner);
  return [{ id: 'lm-condition', label: 'Điều kiện', shouldOpen: true, component: Group, entries: [
    formula('condition', 'Biểu thức FEEL', () => owner.get(name)?.body, set,
      { formula: 'always', hint: 'Ví dụ: ket_luan = "dong_y" and phi > 0' })] }];
}

function decisionGroup(element, attribute, { config }) {
  if (!is(element, 'bpmn:BusinessRuleTask')) return [];
  return [{ id: 'lm-decision', label: 'Quyết định', shouldOpen: true, component: Group, entries: [
    select('decision', 'Bảng quyết định', ...attribute('camunda:decisionRef'), { options: config.decisions }),
    text('decision-result', 'Biến nhận kết quả', ...attribute('camunda:resultVariable'))] }];
}

function scriptGroup(element, attribute, { editor }) {
  if (!is(element, 'bpmn:ScriptTask')) return [];
  const object = getBusinessObject(element);
  const set = (script) => editor.set(element, { script, scriptFormat: script && 'feel' });
  return [{ id: 'lm-script', label: 'Tính toán', shouldOpen: true, component: Group, entries: [
    area('script', 'Phép tính FEEL', () => object.get('script'), set, { rows: 6, mono: true, hint: 'Mỗi dòng một phép gán' }),
    text('script-result', 'Biến nhận kết quả', ...attribute('camunda:resultVariable'))] }];
}

function callGroup(element, attribute, { config }) {
  if (!is(element, 'bpmn:CallActivity')) return [];
  const binding = () => getBusinessObject(element).get('camunda:calledElementBinding');
  const entries = [
    select('called', 'Quy trình', ...attribute('calledElement'), { options: config.processes }),
    select('binding', 'Phiên bản', binding, attribute('camunda:calledElementBinding')[1], { options: BINDINGS }),
  ];
  if (binding() === 'version') entries.push(text('called-version', 'Số phiên bản', ...attribute('camunda:calledElementVersion')));
  if (binding() === 'versionTag') entries.push(text('called-tag', 'Nhãn phiên bản', ...attribute('camunda:calledElementVersionTag')));
  return [{ id: 'lm-call', label: 'Quy trình được gọi', shouldOpen: true, component: Group, entries }];
}

function repetitionGroup(element, { editor }) {
  const loop = getBusinessObject(element).get?.('loopCharacteristics');
  if (!loop || !is(loop, 'bpmn:MultiInstanceLoopCharacteristics')) return [];
  const attribute = (name) => [() => loop.get(name), (value) => editor.set(element, { [name]: value }, loop)];
  return [{ id: 'lm-repetition', label: 'Lặp theo danh sách', shouldOpen: true, component: Group, entries: [
    formula('collection', 'Danh sách', ...attribute('camunda:collection'), { hint: 'Tên biến, hoặc công thức' }),
    text('element-variable', 'Tên biến mỗi lần', ...attribute('camunda:elementVariable'))] }];
}

function orderGroup(element, attribute) {
  if (!is(element, 'bpmn:AdHocSubProcess')) return [];
  return [{ id: 'lm-order', label: 'Thứ tự các bước tự chọn', shouldOpen: true, component: Group, entries: [
    select('ordering', 'Cách làm', ...attribute('ordering'), { options: ORDERINGS, required: true })] }];
}

export function flowGroups(element, context) {
  const object = getBusinessObject(element);
  const attribute = (name) => [() => object.get(name), (value) => context.editor.set(element, { [name]: value })];
  return [
    ...conditionGroup(element, context),
    ...decisionGroup(element, attribute, context),
    ...scriptGroup(element, attribute, context),
    ...callGroup(element, attribute, context),
    ...repetitionGroup(element, context),
    ...orderGroup(element, attribute),
  ];
}
