// Two repairs of packages at build time.
// 1. Texts without a translation hook become __t("…") calls. Only what is listed here is touched, and each text
//    must still occur: an upgrade cannot lose one in silence.
// 2. style="…" in markup strings, which a strict CSP drops, becomes data-css="…"; src/modeler/styles.js applies it.
import { readFileSync } from 'node:fs';

const LITERALS = {
  'features/toggle-mode/modeler/ToggleMode': ['Token Simulation'],
  'features/log/Log': [
    'Toggle Simulation Log', 'Simulation Log', 'No Entries', 'Close', 'finished', 'canceled', 'started',
    'SubProcess', 'Process', 'Service Task', 'User Task', 'Call Activity',
    'Script Task', 'Business Rule Task', 'Manual Task', 'Receive Task', 'Send Task', 'Task', 'Exclusive Gateway',
    'Parallel Gateway', 'Inclusive Gateway', 'Start Event', 'Intermediate Event', 'Boundary Event', 'End Event',
  ],
  'features/reset-simulation/ResetSimulation': ['Reset Simulation'],
  'features/pause-simulation/PauseSimulation': ['Play/Pause Simulation', 'Pause Simulation', 'Play Simulation'],
  'features/element-support/ElementSupport': ['Found unsupported elements', 'Not supported'],
  'features/set-animation-speed/SetAnimationSpeed': ['Slow', 'Normal', 'Fast', 'Set animation speed'],
  'features/context-pads/handler/ExclusiveGatewayHandler': ['Set Sequence Flow'],
  'features/context-pads/handler/InclusiveGatewayHandler': ['Set Sequence Flow'],
  'features/context-pads/handler/TriggerHandler': ['Trigger Event'],
  'features/context-pads/handler/PauseHandler': ['Remove', 'Add', 'pause point'],
  'features/show-scopes/ShowScopes': ['Focus process instance'],
  'features/simulation-state/SimulationState': ['Finished'],
};
const SIMULATION = /bpmn-js-token-simulation[/\\]lib[/\\](features[/\\].*)\.js$/;
const STYLED = /(bpmn-js-token-simulation[/\\]lib|bpmn-js[/\\]lib[/\\]features[/\\](align|distribute)-elements|bpmn-js-color-picker[/\\]colors|bpmn-js-properties-panel[/\\]dist)[/\\].*\.js$/;

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Quoted literals become calls; the same text inside a markup template becomes an interpolated call. */
export function rewrite(source, texts) {
  let result = source;
  for (const text of texts) {
    const quoted = new RegExp(`'${escape(text)}'`, 'g');
    const markup = new RegExp(`([">\`]\\s*|\\n\\s+|\\}\\s+)${escape(text)}(?=["<\`\\s])(?!["\\s]*\\))`, 'g');
    const call = `__t(${JSON.stringify(text)})`;
    const next = result.replace(quoted, call).replace(markup, `$1\${ ${call} }`);
    if (next === result) throw new Error(`“${text}” no longer occurs`);
    result = next;
  }
  return result;
}

function told(texts, dictionary) {
  const folded = new Set(Object.keys(dictionary).map((key) => key.toLowerCase()));
  const untold = texts.filter((text) => !folded.has(text.toLowerCase()));
  if (untold.length) throw new Error(`vi.json lacks ${untold.join(', ')}`);
  return texts;
}

export function repairPackages(dictionary) {
  return {
    name: 'repair-packages',
    setup(build) {
      build.onLoad({ filter: STYLED }, ({ path }) => {
        const source = readFileSync(path, 'utf8').replaceAll('style="', 'data-css="');
        const texts = LITERALS[SIMULATION.exec(path)?.[1].replaceAll('\\', '/')];
        if (!texts) return { contents: source, loader: 'js' };
        const contents = rewrite(source, told(texts, dictionary));
        return { contents: `import { t as __t } from '#translate';\n${contents}`, loader: 'js' };
      });
    },
  };
}
