// Our part of the properties panel: only what the engine carries out, in the analyst's words.
import { clockGroups } from './clocks.js';
import { connectorGroups, mappingGroups } from './connectors.js';
import { executionGroups } from './execution.js';
import { Editor, Mappings } from './extensions.js';
import { flowGroups } from './flow.js';
import { peopleGroups, publicGroups } from './people.js';

const EMPTY = { forms: [], roles: [], agencies: [], decisions: [], processes: [], clocks: [], connectors: [] };
const AFTER_THE_STOCK_GROUPS = 500;
const LAST = new Set(['documentation']);
const FIRST = 'general'; // the name of a step is what one changes most

class Provider {
  constructor(propertiesPanel, config, editor, mappings) {
    this.context = { config: { ...EMPTY, ...config }, editor, mappings };
    propertiesPanel.registerProvider(AFTER_THE_STOCK_GROUPS, this);
  }

  getGroups(element) {
    const ours = [peopleGroups, connectorGroups, flowGroups, publicGroups, clockGroups, mappingGroups, executionGroups]
      .flatMap((groups) => groups(element, this.context));
    return (stock) => [
      ...stock.filter((group) => !LAST.has(group.id)).map((group) => (group.id === FIRST ? { ...group, shouldOpen: true } : group)), ...ours, ...stock.filter((group) => LAST.has(group.id)),
    ];
  }
}
Provider.$inject = ['propertiesPanel', 'config.studio', 'lmEditor', 'lmMappings'];

export default {
  __init__: ['lmProvider'],
  lmEditor: ['type', Editor],
  lmMappings: ['type', Mappings],
  lmProvider: ['type', Provider],
};
