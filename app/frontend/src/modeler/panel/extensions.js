// Reading and writing of extension elements; each change is one command, so one Ctrl+Z takes it back.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

/** The process of a pool, the element itself elsewhere. */
export function ownerOf(element) {
  const object = getBusinessObject(element);
  return is(object, 'bpmn:Participant') ? object.get('processRef') : object;
}

export function extensions(owner, type) {
  return (owner?.get('extensionElements')?.get('values') ?? []).filter((one) => is(one, type));
}

/** Changes attributes and extension elements of one element. */
export class Editor {
  constructor(modeling, bpmnFactory) {
    this.modeling = modeling;
    this.factory = bpmnFactory;
  }

  create(type, properties, parent) {
    const made = this.factory.create(type, properties);
    made.$parent = parent;
    return made;
  }

  set(element, properties, target = getBusinessObject(element)) {
    this.modeling.updateModdleProperties(element, target, properties);
  }

  /** Replace the extension elements of `type` by what `change` makes of them. */
  setExtensions(element, owner, type, change, properties = {}) {
    const all = owner.get('extensionElements')?.get('values') ?? [];
    const values = [...all.filter((one) => !is(one, type)), ...change(all.filter((one) => is(one, type)))];
    const holder = values.length ? this.create('bpmn:ExtensionElements', { values }, owner) : undefined;
    for (const value of values) value.$parent = holder;
    this.set(element, { ...properties, extensionElements: holder }, owner);
  }
}
Editor.$inject = ['modeling', 'bpmnFactory'];

/** camunda:inputParameter and camunda:outputParameter of one element. */
export class Mappings {
  constructor(editor) {
    this.editor = editor;
  }

  list(element, kind) {
    return extensions(getBusinessObject(element), 'camunda:InputOutput')[0]?.get(kind) ?? [];
  }

  value(element, kind, name) {
    return this.list(element, kind).find((one) => one.name === name)?.value ?? '';
  }

  replace(element, kind, parameters, properties = {}) {
    const owner = getBusinessObject(element);
    const old = extensions(owner, 'camunda:InputOutput')[0];
    const other = kind === 'inputParameters' ? 'outputParameters' : 'inputParameters';
    const kept = old?.get(other) ?? [];
    this.editor.setExtensions(element, owner, 'camunda:InputOutput', () => {
      if (!parameters.length && !kept.length) return [];
      const mapping = this.editor.create('camunda:InputOutput', { [kind]: parameters, [other]: kept });
      for (const one of [...parameters, ...kept]) one.$parent = mapping;
      return [mapping];
    }, properties);
  }

  setValue(element, kind, name, value) {
    const type = kind === 'inputParameters' ? 'camunda:InputParameter' : 'camunda:OutputParameter';
    const list = this.list(element, kind);
    const old = list.find((one) => one.name === name);
    if (old && value) this.editor.set(element, { value, definition: undefined }, old);
    else if (old) this.replace(element, kind, list.filter((one) => one !== old));
    else if (value) this.replace(element, kind, [...list, this.editor.create(type, { name, value })]);
  }
}
Mappings.$inject = ['lmEditor'];
