// A service task asks one operation of one connector: camunda:topic "connector.operation" and typed input parameters.
import { Group, ListGroup } from '@bpmn-io/properties-panel';
import { getBusinessObject, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { formula, select, text } from './entries.js';

const YES_NO = [{ value: '=true', label: 'Có' }, { value: '=false', label: 'Không' }];
const FORMULA = { value: '=', label: 'công thức FEEL…' };
const required = (value) => (value ? null : 'Cần nhập');

function operations(connectors) {
  return connectors.flatMap((connector) => connector.operations.map((operation) => ({
    ...operation, topic: `${connector.name}.${operation.name}`, label: `${connector.label}: ${operation.label}`,
  })));
}

function parameterEntry(element, parameter, mappings) {
  const { name, label, type, hint, choices = [] } = parameter;
  const get = () => mappings.value(element, 'inputParameters', name);
  const set = (value) => mappings.setValue(element, 'inputParameters', name, value);
  const more = { hint, validate: parameter.required ? required : undefined };
  const id = `parameter-${name}`;
  const options = type === 'boolean' ? YES_NO : choices.map((one) => ({ value: one, label: one }));
  const isFormula = get().startsWith('=') && !options.some((one) => one.value === get());
  if (options.length && !isFormula) return select(id, label, get, set, { ...more, options: [...options, FORMULA] });
  return formula(id, label, get, set, { ...more, formula: type === 'object' || type === 'list' ? 'always' : 'optional' });
}

function chooseOperation(element, topic, all, { editor, mappings }) {
  const object = getBusinessObject(element);
  const names = (one) => new Set((one?.parameters ?? []).map((parameter) => parameter.name));
  const [before, after] = [names(all.find((one) => one.topic === object.get('camunda:topic'))), names(all.find((one) => one.topic === topic))];
  const kept = mappings.list(element, 'inputParameters').filter((one) => after.has(one.name) || !before.has(one.name));
  const properties = { 'camunda:type': topic ? 'external' : undefined, 'camunda:topic': topic };
  if (kept.length === mappings.list(element, 'inputParameters').length) editor.set(element, properties);
  else mappings.replace(element, 'inputParameters', kept, properties);
}

export function connectorGroups(element, context) {
  if (!isAny(element, ['bpmn:ServiceTask', 'bpmn:SendTask'])) return [];
  const { config, mappings } = context;
  const object = getBusinessObject(element);
  const all = operations(config.connectors);
  const topic = () => object.get('camunda:topic');
  const operation = all.find((one) => one.topic === topic());
  return [{ id: 'lm-connector', label: 'Kết nối', shouldOpen: true, component: Group, entries: [
    select('operation', 'Hệ thống và thao tác', topic, (value) => chooseOperation(element, value, all, context),
      { options: all.map((one) => ({ value: one.topic, label: one.label })) }),
    ...(operation?.parameters ?? []).map((parameter) => parameterEntry(element, parameter, mappings)),
  ] }];
}

function mappingItem(element, one, index, kind, { editor, mappings }) {
  const id = `lm-${kind}-${index}`;
  return {
    id, label: one.name || '(chưa đặt tên)', autoFocusEntry: `lm-${kind}-${index}-name`,
    remove: (event) => {
      event.stopPropagation();
      mappings.replace(element, kind, mappings.list(element, kind).filter((other) => other !== one));
    },
    entries: [
      text(`${kind}-${index}-name`, 'Biến', () => one.name, (name) => editor.set(element, { name: name ?? '' }, one)),
      formula(`${kind}-${index}-value`, 'Giá trị', () => one.value, (value) => editor.set(element, { value }, one)),
    ],
  };
}

function mappingGroup(element, id, label, kind, type, list, context) {
  const { editor, mappings } = context;
  return {
    id, label, component: ListGroup, shouldOpen: true,
    items: list.map((one, index) => mappingItem(element, one, index, kind, context)),
    add: (event) => {
      event.stopPropagation();
      mappings.replace(element, kind, [...mappings.list(element, kind), editor.create(type, { name: '', value: '' })]);
    },
  };
}

/** Mappings that no descriptor asks for: of any activity. */
export function mappingGroups(element, context) {
  if (!isAny(element, ['bpmn:Task', 'bpmn:SubProcess', 'bpmn:CallActivity'])) return [];
  const operation = operations(context.config.connectors).find((one) => one.topic === getBusinessObject(element).get('camunda:topic'));
  const described = new Set((operation?.parameters ?? []).map((one) => one.name));
  const inputs = context.mappings.list(element, 'inputParameters').filter((one) => !described.has(one.name));
  return [
    mappingGroup(element, 'lm-inputs', 'Biến đưa vào', 'inputParameters', 'camunda:InputParameter', inputs, context),
    mappingGroup(element, 'lm-outputs', 'Biến lấy ra', 'outputParameters', 'camunda:OutputParameter',
      context.mappings.list(element, 'outputParameters'), context),
  ];
}
