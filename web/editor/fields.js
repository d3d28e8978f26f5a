/** Fields of the panels: labels, choices, numbers, and frames in which something is visible. */

import { h } from './dom.js';
import { fromFrames } from './intervals.js';

/** @import {Interval} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {StringId} from './strings/translator.js' */

/**
 * @param {Editor} editor
 * @param {StringId} id of its text
 * @param {HTMLElement} input
 * @param {string} [testId]
 */
export function labelled(editor, id, input, testId = id) {
  return h('label', { 'data-testid': `dragnuwa-${testId}` }, h('span', {}, editor.t(id)), input);
}

/**
 * A checkbox.
 * @param {Editor} editor
 * @param {(enabled: boolean) => void} set
 */
export function enabledField({ t }, set) {
  const input = h('input', { type: 'checkbox', onchange: () => set(input.checked) });
  input.ariaLabel = t('enabled');
  input.title = t('enabled');
  return input;
}

/**
 * A list of a property's values.
 * @param {Editor} editor
 * @param {string} key of the values' texts: `${key}_${value}`
 * @param {readonly string[]} values
 * @param {(value: string) => void} set
 */
export function choiceField(editor, key, values, set) {
  const onchange = () => {
    editor.attempt(() => set(select.value));
    if (!select.matches(':focus-visible')) editor.focus(); // with the keyboard, one steps through the list
  };
  const select = h(
    'select',
    { onchange },
    h('option', { value: '', hidden: true }, editor.t('several')),
    ...values.map((value) => h('option', { value }, editor.t(/** @type {StringId} */ (`${key}_${value}`)))),
  );
  return select;
}

/**
 * A number field; invalid input changes nothing.
 * @param {Record<string, unknown>} attributes
 * @param {(value: number) => void} set
 */
export function numberField(attributes, set) {
  const input = h('input', { type: 'number', step: '1', ...attributes, onchange() {
    const value = Number(input.value);
    if (input.value !== '' && Number.isFinite(value)) set(value);
  } });
  return input;
}

/**
 * Visible frames, such as "1-5, 9-14".
 * @param {Editor} editor
 * @param {(visible: Interval[]) => void} set
 */
export function visibleField(editor, set) {
  const input = h('input', { type: 'text', title: editor.t('visibleHint'), placeholder: '–', onchange() {
    const { frames } = editor.clip;
    const visible = fromFrames(input.value, frames);
    if (visible) set(visible);
    else editor.warn('badInterval', { frames });
  } });
  return input;
}

/** @param {number} value as a number field shows it */
export const rounded = (value) => String(Math.round(value * 100) / 100);

/**
 * The common value of several items, if it is the same in all.
 * @template T
 * @param {readonly T[]} values
 * @returns {T | undefined}
 */
export const common = (values) => (values.every((value) => value === values[0]) ? values[0] : undefined);

/**
 * Shows a value, but never while someone types in the field.
 * @param {Editor} editor
 * @param {HTMLInputElement} input
 * @param {string | undefined} value undefined if several differ
 */
export function showText({ t }, input, value) {
  if (document.activeElement !== input) input.value = value ?? '';
  input.placeholder = value === undefined ? t('several') : '–';
}
