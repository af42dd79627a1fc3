// Fields of the panel. An entry is data (label, get, set…); its component stays the same object, so typing keeps the focus.
import {
  CheckboxEntry, FeelEntry, SelectEntry, TextAreaEntry, TextFieldEntry,
  isCheckboxEntryEdited, isFeelEntryEdited, isSelectEntryEdited, isTextAreaEntryEdited, isTextFieldEntryEdited,
} from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';
import { t } from '../translate.js';

const NONE = { value: '', label: '—' };

const common = ({ element, id, label, hint, get, set, validate, disabled }) => ({
  element, id, label, description: hint, disabled, validate, translate: t,
  getValue: () => get() ?? '',
  setValue: (value, error) => {
    if ((!error || !value) && (value ?? '') !== (get() ?? '')) set(value || undefined);
  },
});

function Text(props) {
  return TextFieldEntry({ ...common(props), debounce: useService('debounceInput') });
}

function Area(props) {
  return TextAreaEntry({ ...common(props), rows: props.rows, monospace: props.mono, debounce: useService('debounceInput') });
}

/** A value that is not among the choices stays visible, and is told to be unknown. */
function Select(props) {
  const value = props.get() ?? '';
  const known = props.options.some((one) => one.value === value);
  const stray = value && !known ? [{ value, label: `${value} (không có trong danh sách)` }] : [];
  return SelectEntry({ ...common(props), getOptions: () => [...(props.required ? [] : [NONE]), ...props.options, ...stray] });
}

function Check(props) {
  return CheckboxEntry({ ...common(props), getValue: () => Boolean(props.get()), setValue: (value) => props.set(value || undefined) });
}

/** `formula`: "always" (stored without the leading "=") or "optional" (a text unless it starts with "="). */
function Formula(props) {
  const debounce = useService('debounceInput');
  const { get, set } = props;
  const always = props.formula === 'always';
  const stored = () => {
    const value = get();
    return always && value && !value.startsWith('=') ? `=${value}` : value;
  };
  const store = (value) => set(always ? value?.replace(/^=/, '') : value);
  return FeelEntry({ ...common({ ...props, get: stored, set: store }), debounce, feel: always ? 'required' : 'optional' });
}

const entry = (component, isEdited) => (id, label, get, set, more = {}) => ({ id: `lm-${id}`, component, isEdited, label, get, set, ...more });

export const text = entry(Text, isTextFieldEntryEdited);
export const area = entry(Area, isTextAreaEntryEdited);
export const select = entry(Select, isSelectEntryEdited);
export const check = entry(Check, isCheckboxEntryEdited);
export const formula = entry(Formula, isFeelEntryEdited);
