/** Lays out the parts of the editor in one element, and loads its style sheet, once per page. */

import { h } from './dom.js';

/** @import {Editor} from './editor.js' */

const ID = 'dragnuwa-style';

export function loadStyle() {
  if (document.getElementById(ID)) return;
  const link = document.createElement('link');
  link.id = ID;
  link.rel = 'stylesheet';
  link.href = new URL('./editor.css', import.meta.url).href;
  document.head.append(link);
}

/** @param {Editor} editor */
export function arranged(editor) {
  const { panel, toolbar, stage, takes, timeline, runLine, refiner, noticesView: { roots }, t } = editor;
  const over = [panel.root, panel.ofObject.root, roots.cover, roots.question];
  const middle = h('div', { class: 'dnw-middle' }, stage.root, ...over, toolbar.video);
  const foot = h('div', { class: 'dnw-foot' }, refiner.button, runLine.root);
  const root = h(
    'div',
    { class: 'dnw', role: 'group', 'aria-label': t('editor'), 'data-testid': 'dragnuwa-editor' },
    editor.keyboard, toolbar.root, middle, takes.root, timeline.root, foot,
  );
  root.addEventListener('contextmenu', (event) => {
    event.preventDefault();
    event.stopPropagation();
  });
  return root;
}
