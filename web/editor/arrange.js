/** Lays out the parts of the editor in one element, and loads its style sheet, once per page. */

import { h } from './dom.js';

/** @import {Size} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const ABOVE_AND_BELOW = 140; // CSS pixels of the bars above and below the picture
const BESIDE = 262; // of the same to its left and right
const LARGER = 1.15; // times: by less, it is not worth another layout

/**
 * Gives the root its layout for the size that it has: the bars of a picture that is higher than wide are beside it, if
 * it is larger then. In the page's app mode, the editor has no height of its own.
 * @param {Element} root
 * @param {Size} clip
 */
export function fitLayout(root, { width, height }) {
  const { clientWidth, clientHeight } = root; // before any change: the browser would have to do the layout twice
  const scale = (/** @type {number} */ across, /** @type {number} */ down) => Math.min(across / width, down / height);
  const beside = scale(clientWidth - BESIDE, clientHeight);
  const isBeside = height > width && beside > LARGER * scale(clientWidth, clientHeight - ABOVE_AND_BELOW)
    && !root.closest('[data-testid="linear-widgets"]');
  root.classList.toggle('dnw-beside', isBeside);
  root.classList.toggle('dnw-wide', clientWidth >= 720 && !isBeside);
  root.classList.toggle('dnw-narrow', clientWidth < 330);
}

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
