// Legal clocks: <lm:clock kind="K1" on="enter" action="start"/> starts, stops or pauses a clock of the case.
import { ListGroup } from '@bpmn-io/properties-panel';
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';
import { select } from './entries.js';
import { extensions } from './extensions.js';

const MOMENTS = [{ value: 'enter', label: 'khi đến bước' }, { value: 'leave', label: 'khi rời bước' }];
const ACTIONS = [
  { value: 'start', label: 'bắt đầu' }, { value: 'stop', label: 'kết thúc' }, { value: 'pause', label: 'tạm dừng' },
  { value: 'resume', label: 'chạy tiếp' }, { value: 'restart', label: 'tính lại từ đầu' },
];
const nameIn = (list, value) => list.find((one) => one.value === value)?.label ?? value ?? '…';

function clockItem(element, clock, index, { config, editor }) {
  const owner = getBusinessObject(element);
  const attribute = (name) => [() => clock.get(name), (value) => editor.set(element, { [name]: value }, clock)];
  return {
    id: `lm-clock-${index}`,
    label: `${clock.kind ?? '?'}: ${nameIn(ACTIONS, clock.action)} ${nameIn(MOMENTS, clock.on)}`,
    autoFocusEntry: `lm-clock-${index}-kind`,
    remove: (event) => {
      event.stopPropagation();
      editor.setExtensions(element, owner, 'lm:Clock', (all) => all.filter((one) => one !== clock));
    },
    entries: [
      select(`clock-${index}-kind`, 'Đồng hồ', ...attribute('kind'), { options: config.clocks, required: true }),
      select(`clock-${index}-action`, 'Làm gì', ...attribute('action'), { options: ACTIONS, required: true }),
      select(`clock-${index}-on`, 'Lúc nào', ...attribute('on'), { options: MOMENTS, required: true }),
    ],
  };
}

export function clockGroups(element, context) {
  if (!is(element, 'bpmn:FlowNode')) return [];
  const { config, editor } = context;
  const owner = getBusinessObject(element);
  return [{
    id: 'lm-clocks', label: 'Đồng hồ pháp lý', component: ListGroup, shouldOpen: true,
    items: extensions(owner, 'lm:Clock').map((clock, index) => clockItem(element, clock, index, context)),
    add: (event) => {
      event.stopPropagation();
      const clock = editor.create('lm:Clock', { kind: config.clocks[0]?.value ?? 'K4', on: 'enter', action: 'start' });
      editor.setExtensions(element, owner, 'lm:Clock', (all) => [...all, clock]);
    },
  }];
}
