/** The full window: shows the editor in a dialog, for large pictures, small nodes and nodes inside subgraphs. */

import { h } from './dom.js';
import { FULL_WINDOW, combinationOf } from './key_bindings.js';

/** @import {Editor} from './editor.js' */

/**
 * Moves the editor into a dialog, and back when it closes.
 * @param {Editor} editor
 * @param {() => HTMLElement} home the element to which the editor returns
 * @param {string} title
 */
export function openDialog(editor, home, title) {
  if (editor.dialog) return;
  const dialog = h('dialog', { class: 'dnw-dialog', 'aria-label': title, 'data-testid': 'dragnuwa-dialog' });
  const note = h('div', { class: 'dnw-away' }, editor.t('inFullWindow'));
  const leave = (/** @type {KeyboardEvent} */ event) => {
    if (combinationOf(event) !== FULL_WINDOW) return;
    event.stopPropagation(); // otherwise the page reopens what is closed here
    event.preventDefault();
    dialog.close();
  };
  const back = () => {
    document.removeEventListener('keydown', leave, true);
    editor.dialog = null;
    editor.toolbar.closeMenu();
    note.remove();
    home().append(editor.root);
    dialog.remove();
    editor.viewport.fit();
    editor.invalidate();
  };
  dialog.addEventListener('close', back, { once: true });
  // The editor's own keys get Esc first: it cancels a drag before it closes the window.
  dialog.addEventListener('cancel', (event) => event.preventDefault());
  dialog.addEventListener('keydown', (event) => event.stopPropagation());
  document.addEventListener('keydown', leave, true); // even if nothing in the window has the focus
  home().append(note);
  dialog.append(editor.root);
  document.body.append(dialog);
  editor.dialog = { close: () => dialog.close() };
  editor.attach();
  dialog.showModal();
  editor.viewport.fit();
  editor.focus();
  editor.invalidate();
}
