/** Lays out the parts of the editor in one element. */

import { h } from './dom.js';

/** @import {Editor} from './editor.js' */

/** @param {Editor} editor */
export function arranged(editor) {
  const { panel, problem, override, toolbar, stage, takes, timeline, runLine, t } = editor;
  const questions = [editor.newPicture, editor.drawnSize, editor.videoDrawing];
  const over = [panel, panel.ofObject, problem, override, ...questions].map(({ root }) => root);
  const middle = h('div', { class: 'dnw-middle' }, stage.root, ...over);
  const root = h(
    'div',
    { class: 'dnw', role: 'group', 'aria-label': t('editor'), 'data-testid': 'dragnuwa-editor' },
    editor.keyboard, toolbar.root, middle, takes.root, timeline.root, runLine.root,
  );
  root.addEventListener('contextmenu', (event) => {
    event.preventDefault();
    event.stopPropagation();
  });
  return root;
}
