/** The list of keys. */

import { BINDINGS, readable } from './key_bindings.js';
import { h, iconButton } from './dom.js';

/** @import {Editor} from './editor.js' */

/** @param {Editor} editor @param {() => void} close */
export function helpContent(editor, close) {
  const { t } = editor;
  /** @type {Map<string, string[]>} */
  const rows = new Map();
  for (const { keys, label } of BINDINGS) rows.set(t(label), [...(rows.get(t(label)) ?? []), ...keys.map(readable)]);
  const body = [...rows].map(([label, keys]) => {
    // Four arrows with and without Shift are one thing to read.
    const shown = keys.length > 4 ? keys.slice(0, 4) : keys;
    return h('tr', {}, h('td', {}, ...shown.flatMap((key) => [h('kbd', {}, key), ' '])), h('td', {}, label));
  });
  return h(
    'div',
    {},
    h('div', { class: 'dnw-row' }, h('b', {}, t('help')), h('span', { class: 'dnw-gap' }), iconButton('close', t('close'), close, 'help-close')),
    h('table', {}, ...body),
  );
}
