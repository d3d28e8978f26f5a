/** What ComfyUI's page loads first: it says which widget the editor is for, and adds its command, key and menu entry. */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { app } from '../../scripts/app.js';
import { createEditorWidget, editorNodes, language, NODE_TYPE, openFullWindow, replaceDeadElements } from './comfyui/node_host.js';
import { translator } from './editor/strings.js';

const WIDGET_TYPE = 'DRAGNUWA_TRAJECTORY';
const COMMAND = 'DragNUWA.TrajectoryEditor.FullWindow';

app.registerExtension({
  name: 'DragNUWA.TrajectoryEditor',

  getCustomWidgets() {
    return { [WIDGET_TYPE]: createEditorWidget };
  },

  commands: [
    {
      id: COMMAND,
      icon: 'pi pi-window-maximize',
      label: 'Draw drags in the full window',
      function: () => openFullWindow(app.canvas),
    },
  ],
  keybindings: [{ commandId: COMMAND, combo: { key: 'd', alt: true, shift: true } }],
  menuCommands: [{ path: ['Extensions', 'DragNUWA'], commands: [COMMAND] }],

  /** Classic nodes' menu; Nodes 2.0 shows the same entry. @param {any} node */
  getNodeMenuItems(node) {
    const [editorNode] = editorNodes([node]);
    if (!editorNode) return [];
    return [{ content: translator(language())('fullWindow'), callback: () => openFullWindow(app.canvas, editorNode) }];
  },

  /** @param {any} node */
  loadedGraphNode(node) {
    if (node.comfyClass === NODE_TYPE) replaceDeadElements();
  },
});
