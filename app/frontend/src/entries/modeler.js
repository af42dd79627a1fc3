// Studio island: bpmn-js with our panel, server lint, drafts.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import 'bpmn-js-color-picker/colors/color-picker.css';
import '../css/modeler.css';
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from 'bpmn-js-properties-panel';
import colors from 'bpmn-js-color-picker';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import simulation from 'bpmn-js-token-simulation';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import minimap from 'diagram-js-minimap';
import lm from '../modeler/lm-moddle.json';
import panel from '../modeler/panel/index.js';
import { Studio } from '../modeler/studio.js';
import { watchStyles } from '../modeler/styles.js';
import { t, translateModule } from '../modeler/translate.js';
import { fontReady, textRenderer } from '../modeler/view.js';

async function mount(element) {
  await fontReady();
  watchStyles(document.body);
  const config = JSON.parse(document.getElementById(element.dataset.config)?.textContent ?? '{}');
  const modeler = new Modeler({
    container: element,
    propertiesPanel: { parent: document.getElementById('properties'), feelPopupContainer: document.body },
    studio: config,
    textRenderer,
    moddleExtensions: { camunda, lm },
    additionalModules: [
      translateModule, BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, panel, simulation, minimap, colors, CreateAppendAnythingModule,
    ],
  });
  const studio = new Studio(modeler, element);
  await studio.start();
  element.dataset.ready = 'true';
  return { modeler, studio };
}

for (const element of document.querySelectorAll('[data-island="modeler"]')) {
  mount(element).then((made) => Object.assign(element, made), (error) => {
    console.error(error);
    element.dataset.ready = 'failed';
    const banner = document.createElement('p');
    banner.className = 'banner banner-bad';
    banner.textContent = `Không mở được sơ đồ (${t(error.message)}). Hãy tải lại trang.`;
    element.prepend(banner);
  });
}
