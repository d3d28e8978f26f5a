/** The list of keys. */

import { BINDINGS, readable } from './key_bindings.js';
import { h, iconButton } from './dom.js';

/** @import {Binding} from './key_bindings.js' */
/** @import {Editor} from './editor.js' */

const MOST_KEYS = 4; // per line: the arrows are listed once, not again with Shift

/** @param {Editor} editor @param {() => void} close */
export function helpContent(editor, close) {
  const { t } = editor;
  /** @type {Map<string, string[]>} */
  const rows = new Map();
  for (const { keys, label } of BINDINGS) {
    const text = labelText(editor, label);
    rows.set(text, [...(rows.get(text) ?? []), ...keys.map(readable)]);
  }
  const body = [...rows].map(([text, keys]) => {
    const shown = keys.slice(0, MOST_KEYS).flatMap((key) => [h('kbd', {}, key), ' ']);
    return h('tr', {}, h('td', {}, ...shown), h('td', {}, text));
  });
  const button = iconButton('close', t('close'), close, 'help-close');
  return h(
    'div',
    {},
    h('div', { class: 'dnw-row' }, h('b', {}, t('help')), h('span', { class: 'dnw-gap' }), button),
    h('table', {}, ...body),
  );
}

/** @param {Editor} editor @param {Binding['label']} label */
const labelText = ({ t, locale }, label) => (typeof label === 'string' ? t(label) : label[locale]);
