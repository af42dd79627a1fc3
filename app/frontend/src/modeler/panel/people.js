// Who does a step, with which form, until when, and what the citizen reads about it.
import { Group } from '@bpmn-io/properties-panel';
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { check, formula, select, text } from './entries.js';

const UNITS = [
  { value: 'working_hour', label: 'giờ làm việc' },
  { value: 'working_day', label: 'ngày làm việc' },
  { value: 'calendar_day', label: 'ngày' },
];
const DUE = /^(\d+) ?(working_hour|working_day|calendar_day)s?$/;
const wholeNumber = (value) => (value && !/^[1-9]\d{0,5}$/.test(value) ? 'Nhập số nguyên dương' : null);

function dueEntries(element, editor) {
  const object = getBusinessObject(element);
  const parts = () => DUE.exec(object.get('lm:dueDuration') ?? '') ?? [null, '', 'working_hour'];
  const store = (amount, unit) => editor.set(element, { 'lm:dueDuration': amount ? `${amount} ${unit}` : undefined });
  return [
    text('due', 'Thời hạn', () => parts()[1], (amount) => store(amount, parts()[2]), { validate: wholeNumber }),
    select('due-unit', 'Tính bằng', () => parts()[2], (unit) => store(parts()[1], unit),
      { options: UNITS, required: true, disabled: !parts()[1], hint: 'Theo lịch làm việc của cơ quan' }),
  ];
}

function roleEntries(element, roles, editor) {
  const object = getBusinessObject(element);
  const chosen = () => (object.get('camunda:candidateGroups') ?? '').split(',').map((one) => one.trim()).filter(Boolean);
  const store = (list) => editor.set(element, { 'camunda:candidateGroups': list.length ? list.join(',') : undefined });
  const strays = chosen().filter((one) => !roles.some((role) => role.value === one));
  const shown = [...roles, ...strays.map((value) => ({ value, label: `${value} (không có trong danh sách)` }))];
  return shown.map(({ value, label }) => check(`role-${value}`, label, () => chosen().includes(value),
    (on) => store(on ? [...chosen(), value] : chosen().filter((one) => one !== value))));
}

export function peopleGroups(element, { config, editor }) {
  const object = getBusinessObject(element);
  const attribute = (name) => [() => object.get(name), (value) => editor.set(element, { [name]: value })];
  const groups = [];
  if (isAny(element, ['bpmn:UserTask', 'bpmn:StartEvent'])) {
    const entries = [select('form', 'Biểu mẫu', ...attribute('camunda:formKey'), { options: config.forms, hint: config.formsRule })];
    if (is(element, 'bpmn:UserTask')) {
      entries.push(
        ...dueEntries(element, editor),
        formula('assignee', 'Giao đích danh', ...attribute('camunda:assignee'), { hint: 'Tên đăng nhập, hoặc công thức' }),
        formula('priority', 'Độ ưu tiên', ...attribute('camunda:priority')),
      );
    }
    groups.push({ id: 'lm-work', label: 'Biểu mẫu và thời hạn', shouldOpen: true, component: Group, entries });
  }
  if (is(element, 'bpmn:UserTask')) {
    groups.push({ id: 'lm-roles', label: 'Vai trò được nhận việc', shouldOpen: true, component: Group, entries: roleEntries(element, config.roles, editor) });
  }
  if (is(element, 'bpmn:AdHocSubProcess')) {
    groups.push({ id: 'lm-choosers', label: 'Vai trò được chọn bước', shouldOpen: true, component: Group, entries: [
      ...roleEntries(element, config.roles, editor), ...dueEntries(element, editor)] });
  }
  return groups;
}

/** Whose work it is in law, and the name that citizens see. */
export function publicGroups(element, { config, editor }) {
  const object = getBusinessObject(element);
  const attribute = (name) => [() => object.get(name), (value) => editor.set(element, { [name]: value })];
  const groups = [];
  if (isAny(element, ['bpmn:Lane', 'bpmn:Participant', 'bpmn:UserTask', 'bpmn:AdHocSubProcess'])) {
    groups.push({ id: 'lm-agency', label: 'Cơ quan và đơn vị', component: Group, entries: [
      select('agency', 'Cơ quan thực hiện', ...attribute('lm:agency'), { options: config.agencies }),
      formula('unit', 'Đơn vị xử lý', ...attribute('lm:unit'), { hint: 'Mã đơn vị, hoặc công thức' })] });
  }
  if (is(element, 'bpmn:FlowNode')) {
    groups.push({ id: 'lm-public', label: 'Hiển thị cho người dân', component: Group, entries: [
      text('public-name', 'Tên bước', ...attribute('lm:publicName'), { hint: 'Để trống nếu người dân không cần thấy bước này' })] });
  }
  return groups;
}
