/** Fields of the panels: labels, choices, numbers, frames in which something is visible, and how drags bend. */

import { HALF } from '../core/check.js';
import { BENDS, EDITS, MAX_DISTANCE, MIN_DISTANCE, OVERS } from '../core/limits.js';
import { within } from '../core/numbers.js';
import { h } from './dom.js';
import { pinAt, withPinKey } from './objects/bending.js';

/** @import {Bend, Edit, Interval, Over, Track, TrackChanges} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {StringId} from './strings/translator.js' */

const MAX_TEXT = 4000; // characters

/**
 * Formats intervals as text; at most 200 of them.
 * @param {readonly Interval[]} intervals fractions of the clip
 * @param {number} frames
 */
export function toFrames(intervals, frames) {
  const last = frames - 1;
  return intervals.slice(0, 200).map(([from, to]) => {
    const [a, b] = [from, to].map((time) => String(Math.round((1 + time * last) * 100) / 100));
    return a === b ? a : `${a}-${b}`;
  }).join(', ');
}

/**
 * Parses text as intervals.
 * @param {string} text
 * @param {number} frames
 * @returns {Interval[] | null} null if it is invalid
 */
function fromFrames(text, frames) {
  if (text.trim() === '') return [];
  if (text.length > MAX_TEXT) return null;
  /** @type {Interval[]} */
  const intervals = [];
  for (const part of text.split(/[,，;]/)) {
    const match = part.trim().match(/^(\d+(?:\.\d+)?)(?:\s*[-–—]\s*(\d+(?:\.\d+)?))?$/);
    if (!match) return null;
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (from < 1 || to > frames || from > to) return null;
    intervals.push([(from - 1) / (frames - 1), (to - 1) / (frames - 1)]);
  }
  return intervals;
}

const [NEAR, FAR, STEPS] = [0.5, 50, 100]; // of the slider of distances

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
 * What a drag or an object is to a thing in a video, and by how many frames the thing's own motion is later.
 * @param {Editor} editor
 * @param {(changes: {edit?: Edit, delay?: number}) => void} set
 */
export function inVideoFields(editor, set) {
  const { t } = editor;
  const edit = choiceField(editor, 'edit', EDITS, (value) => set({ edit: /** @type {Edit} */ (value) }));
  const last = () => editor.clip.frames - 1;
  const later = (/** @type {number} */ value) => set({ delay: Math.min(1, Math.max(-1, value / last())) });
  const delay = numberField({}, later);
  delay.title = t('delayHint');
  const root = h('div', {}, labelled(editor, 'edit', edit), labelled(editor, 'delay', delay));
  /** @param {readonly {edit?: Edit, delay?: number}[]} items */
  const show = (items) => {
    root.hidden = !editor.picture.video;
    const chosen = common(items.map((item) => item.edit ?? EDITS[0]));
    edit.value = chosen ?? '';
    edit.title = chosen ? t(/** @type {StringId} */ (`edit_${chosen}_hint`)) : '';
    const part = common(items.map((item) => item.delay ?? 0));
    showText(editor, delay, part === undefined ? part : rounded(part * last()));
  };
  return { root, show };
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
 * How far objects are from the camera: a slider from near to far, and the number; an empty one is 0, where they stand.
 * @param {Editor} editor
 * @param {(distance: number) => void} set
 */
export function distanceFields(editor, set) {
  const { t } = editor;
  const clamped = (/** @type {number} */ value) => within(value, MIN_DISTANCE, MAX_DISTANCE);
  const number = h('input', { type: 'number', step: '0.1', title: t('distanceHint'), onchange() {
    const value = Number(number.value);
    if (number.value === '') set(0);
    else if (Number.isFinite(value)) set(clamped(value));
  } });
  const onchange = () => set(clamped(NEAR * (FAR / NEAR) ** (Number(slider.value) / STEPS)));
  const slider = h('input', { type: 'range', min: '0', max: String(STEPS), class: 'dnw-range', onchange });
  slider.ariaLabel = t('nearToFar');
  slider.title = t('nearToFar');
  const root = h('div', {}, labelled(editor, 'distance', number), h('div', { class: 'dnw-row' }, slider));
  /** @param {readonly {distance?: number}[]} items */
  const show = (items) => {
    root.hidden = !editor.horizon.used;
    const distance = common(items.map((item) => item.distance ?? 0));
    showText(editor, number, distance === undefined ? undefined : distance === 0 ? '' : rounded(distance));
    slider.value = String(Math.round(STEPS * Math.log((distance || 1) / NEAR) / Math.log(FAR / NEAR)));
  };
  return { root, show };
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
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 * @param {string | undefined} value undefined if several differ
 */
export function showText({ t }, input, value) {
  if (document.activeElement !== input) input.value = value ?? '';
  input.placeholder = value === undefined ? t('several') : '–';
}

const PERCENT = 100;
const NONE = 'none'; // in place of the empty value, which lists have for several

/**
 * @param {Editor} editor
 * @param {(changes: TrackChanges) => void} set
 */
export function bendingFields(editor, set) {
  const { t } = editor;
  const given = (/** @type {string} */ value) => (value === NONE ? '' : value);
  const shown = (/** @type {string} */ value) => value || NONE;
  const bend = choiceField(editor, 'bend', BENDS.map(shown), (value) => {
    set({ bend: /** @type {Bend} */ (given(value)) });
  });
  const over = choiceField(editor, 'over', OVERS.map(shown), (value) => {
    set({ over: /** @type {Over} */ (given(value)) });
  });
  /** @param {'stays' | 'stiffness'} key @param {'staysHint' | 'stiffnessHint'} hint */
  const part = (key, hint) => numberField({ min: '0', max: '100', step: '5', title: t(hint) }, (value) => {
    set({ [key]: within(value / PERCENT, 0, 1) });
  });
  /** @param {'turn' | 'scale'} key @param {number} unit */
  const keyed = (key, unit) => numberField({ title: t('pinHint') }, (value) => {
    const [track] = selected(editor);
    if (track) set({ pin: withPinKey(track, editor.time, { [key]: value / unit }) });
  });
  const [stays, stiffness] = [part('stays', 'staysHint'), part('stiffness', 'stiffnessHint')];
  const [turn, scale] = [keyed('turn', 1), keyed('scale', PERCENT)];
  const ofPin = h('div', {}, labelled(editor, 'pinTurn', turn), labelled(editor, 'pinScale', scale));
  /** Of what bends only. */
  const how = h('div', {}, labelled(editor, 'stays', stays), labelled(editor, 'stiffness', stiffness),
    labelled(editor, 'over', over), ofPin);
  const root = h('div', {}, labelled(editor, 'bend', bend), how);
  /** @param {readonly Readonly<Track>[]} tracks */
  const show = (tracks) => {
    bend.value = common(tracks.map((track) => shown(track.bend ?? ''))) ?? '';
    over.value = common(tracks.map((track) => shown(track.over ?? ''))) ?? '';
    for (const [key, input] of /** @type {const} */ ([['stays', stays], ['stiffness', stiffness]])) {
      const value = common(tracks.map((track) => track[key] ?? HALF));
      showText(editor, input, value === undefined ? value : rounded(value * PERCENT));
    }
    how.hidden = tracks.every((track) => !track.bend || track.bend === 'off');
    ofPin.hidden = tracks.length > 1;
    const key = pinAt(tracks[0], editor.time);
    showText(editor, turn, rounded(key.turn));
    showText(editor, scale, rounded(key.scale * PERCENT));
  };
  return { root, show };
}

/** The selected tracks. @param {Editor} editor */
const selected = ({ session }) => session.active.flatMap((id) => session.track(id) ?? []);
