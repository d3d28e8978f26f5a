/**
 * The entry point of the extension: registers the editor's widget, its command with a key, and the entries of
 * nodes' menus.
 */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { app } from '../../scripts/app.js';
import { EditorNodes, forgetRemovedInputs, NODE_TYPE } from './comfyui/editor_nodes.js';
import { ExamplePictures } from './comfyui/example_pictures.js';
import { language, restoreByName } from './comfyui/page.js';
import { canSign, signInstead } from './comfyui/signing.js';
import { localeOf, translator } from './editor/strings/translator.js';

const WIDGET_TYPE = 'DRAGNUWA_TRAJECTORY';
const COMMAND = 'DragNUWA.TrajectoryEditor.FullWindow';

const editors = new EditorNodes();
const pictures = new ExamplePictures();

app.registerExtension({
  name: 'DragNUWA.TrajectoryEditor',

  /** Before the page opens a workflow. */
  init() {
    editors.start();
  },

  /** The page waits for it. @param {any} workflow */
  async beforeConfigureGraph(workflow) {
    await pictures.bring(workflow);
  },

  afterConfigureGraph() {
    void editors.afterOpening(); // which the page must not wait for, since it waits for the page
  },

  getCustomWidgets() {
    /** @param {any} node @param {string} name @param {[string, any]} spec */
    const create = (node, name, spec) => editors.createWidget(node, name, spec);
    return { [WIDGET_TYPE]: create };
  },

  /** @param {any} nodeType @param {{name: string}} definition */
  beforeRegisterNodeDef(nodeType, { name }) {
    forgetRemovedInputs(nodeType, name);
  },

  /** @param {any} node */
  nodeCreated(node) {
    restoreByName(node);
    editors.nodeCreated(node);
  },

  commands: [
    {
      id: COMMAND,
      icon: 'pi pi-window-maximize',
      label: 'Draw drags in the full window',
      function: () => editors.toggleFullWindow(),
    },
  ],
  keybindings: [{ commandId: COMMAND, combo: { key: 'd', alt: true, shift: true } }],
  menuCommands: [{ path: ['Extensions', 'DragNUWA'], commands: [COMMAND] }],

  /** For the menu of a node, in both renderers. @param {any} node */
  getNodeMenuItems(node) {
    const t = translator(localeOf(language()));
    if (canSign(node)) return [{ content: t('signVideo'), callback: () => signInstead(node) }];
    const [editorNode] = editors.among([node]);
    return editorNode ? [{ content: t('fullWindow'), callback: () => editors.toggleFullWindow(editorNode) }] : [];
  },

  /** @param {any} node */
  loadedGraphNode(node) {
    if (node.comfyClass === NODE_TYPE) editors.nodeLoaded(node);
    pictures.list(node);
  },
});
