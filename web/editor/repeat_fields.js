/** The panel's fields of how a motion repeats, and of how a drag or an object sways. */

import { LOOPS, MAX_CYCLES, MAX_SWAY, MAX_WAVES } from '../core/limits.js';
import { within } from '../core/numbers.js';
import { objectsOf } from '../core/objects/edit.js';
import { h } from './dom.js';
import { choiceField, common, labelled, numberField, rounded, showText } from './fields.js';

/** @import {Doc, Ease, Loop, LoopMode, Sway} from '../core/types.js' */
/** @import {StringId} from './strings/translator.js' */
/** @import {Editor} from './editor.js' */

/** @typedef {{loop?: Readonly<Loop> | null, sway?: Readonly<Sway> | null, ease?: Ease}} RepeatChanges */
/** @typedef {{readonly loop?: Readonly<Loop>, readonly sway?: Readonly<Sway>, readonly ease?: Ease}} Repeating */
/** @typedef {(item: Repeating, index: number) => RepeatChanges} Changes */

const PERCENT = 100;
const GOLDEN = (Math.sqrt(5) - 1) / 2; // of a swing: by which each that sways is later than the one before
const TRACK = Object.freeze({ times: 2, direction: 0 });
const OBJECT = Object.freeze({ times: 2, waves: 0.4 });

/**
 * @param {Editor} editor
 * @param {'direction' | 'waves'} last the number that only a drag, or only an object, has
 * @param {(editor: Editor, changes: Changes) => void} apply makes changes to each that is selected, in one step
 */
export function repeatFields(editor, last, apply) {
  const { t } = editor;
  /** @param {'repeats' | 'repeatTimes' | 'sway' | 'swings' | 'direction' | 'waves'} id @param {HTMLElement} input */
  const label = (id, input) => labelled(editor, id, input, last === 'waves' ? `object-${id}` : id);
  const set = (/** @type {Changes} */ changes) => editor.attempt(() => apply(editor, changes));
  const mode = choiceField(editor, 'repeats', LOOPS, (value) => set(({ loop, ease }) => {
    if (value === LOOPS[0]) return { loop: null };
    const changed = { mode: /** @type {Exclude<LoopMode, 'once'>} */ (value), times: loop?.times ?? 1 };
    const isPendulum = value === 'ping_pong' && !loop && ease === 'linear'; // which slows down before it turns
    return { loop: changed, ...(isPendulum && { ease: /** @type {const} */ ('ease_in_out') }) };
  }));
  const whole = { min: '1', max: String(MAX_CYCLES) };
  const cycles = (/** @type {number} */ value) => within(Math.round(value), 1, MAX_CYCLES);
  const times = numberField({ ...whole, title: t('repeatTimesHint') }, (value) => set(({ loop }) => (
    loop ? { loop: { ...loop, times: cycles(value) } } : {})));
  const timed = label('repeatTimes', times);

  /** @param {(value: number) => Partial<Sway>} changes */
  const swaying = (changes) => (/** @type {number} */ value) => set(({ sway }) => (
    sway ? { sway: { ...sway, ...changes(value) } } : {}));
  const amount = numberField({ min: '0', step: '0.5', title: t('swayHint') }, (value) => {
    const most = within(value / PERCENT, 0, MAX_SWAY);
    const count = swayingIn(editor.session.doc);
    set(({ sway }, index) => ({
      sway: most === 0 ? null : { ...(sway ?? begun(last, count + index)), amount: most },
    }));
  });
  const swings = numberField({ ...whole, title: t('swingsHint') }, swaying((value) => ({ times: cycles(value) })));
  const third = last === 'direction'
    ? numberField({ step: '15', title: t('directionHint') }, swaying((value) => ({ direction: value % 360 })))
    : numberField({ min: '0', max: String(MAX_WAVES), step: '0.1', title: t('wavesHint') },
      swaying((value) => ({ waves: within(value, 0, MAX_WAVES) })));
  const how = h('div', {}, label('swings', swings), label(last, third));
  const root = h('div', {}, label('repeats', mode), timed, label('sway', amount), how);

  /** @param {readonly Repeating[]} items */
  const show = (items) => {
    const chosen = common(items.map(({ loop }) => loop?.mode ?? LOOPS[0]));
    mode.value = chosen ?? '';
    mode.title = chosen ? t(/** @type {StringId} */ (`repeats_${chosen}_hint`)) : '';
    timed.hidden = items.every(({ loop }) => !loop);
    showText(editor, times, number(items, ({ loop }) => loop?.times ?? 1));
    showText(editor, amount, number(items, ({ sway }) => (sway?.amount ?? 0) * PERCENT));
    how.hidden = items.every(({ sway }) => !sway);
    showText(editor, swings, number(items, ({ sway }) => sway?.times ?? 0));
    showText(editor, third, number(items, ({ sway }) => sway?.[last] ?? 0));
  };
  return { root, show };
}

/**
 * A number that is the same in all, as text.
 * @param {readonly Repeating[]} items
 * @param {(item: Repeating) => number} of
 */
function number(items, of) {
  const value = common(items.map(of));
  return value === undefined ? value : rounded(value);
}

/**
 * A sway that differs a little from those before it.
 * @param {'direction' | 'waves'} last
 * @param {number} index
 */
function begun(last, index) {
  return { ...(last === 'direction' ? TRACK : OBJECT), phase: (index * GOLDEN) % 1 };
}

/** How many drags, pins and objects sway. @param {Readonly<Doc>} doc */
function swayingIn(doc) {
  const objects = objectsOf(doc);
  return [...doc.tracks, ...objects, ...objects.flatMap(({ pins = [] }) => pins)].filter(({ sway }) => sway).length;
}
