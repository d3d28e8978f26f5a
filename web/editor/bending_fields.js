/** Fields of the panel for drags that bend the thing that they lie on. */

import { BENDS, OVERS } from '../core/limits.js';
import { HALF } from '../core/check.js';
import { within } from '../core/numbers.js';
import { h } from './dom.js';
import { choiceField, common, labelled, numberField, rounded, showText } from './fields.js';
import { pinAt, withPinKey } from './objects/bending.js';

/** @import {Bend, Over, Track, TrackChanges} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

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
    root.hidden = editor.picture.video;
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
