/**
 * A track or an object in the timeline: its name, a bar from start to end, marks for its points or keys, and a button
 * to disable it.
 */

import { setSpan, shiftSpan, updatePoints, updateTracks } from '../core/document.js';
import { findObject, mapObjects, objectsOf, updateObjects } from '../core/objects/edit.js';
import { moveKey } from '../core/objects/keys.js';
import { timeOfKey } from '../core/objects/sampling.js';
import { keyTimeAt, pointTimes } from '../core/sampling.js';
import { shiftWithin, withShift, withSpan } from '../core/spans.js';
import { h, iconButton, setIcon } from './dom.js';
import { selectObject } from './objects/commands.js';

/** @import {Doc, MotionObject, Size, Track} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Clip} from './host.js' */
/** @import {StringId} from './strings/translator.js' */
/** @import {Timeline} from './timeline.js' */

/** What rows show: either kind. @typedef {Readonly<Track> | Readonly<MotionObject>} Shown */

/**
 * @template {Shown} T
 * @typedef {object} Item
 * @property {string} id
 * @property {StringId} unnamed its label without a name
 * @property {(doc: Readonly<Doc>) => T | undefined} find
 * @property {(editor: Editor) => boolean} isSelected
 * @property {(editor: Editor, extend: boolean) => void} select
 * @property {(doc: Readonly<Doc>, enabled: boolean) => Readonly<Doc>} enable
 * @property {(doc: Readonly<Doc>, span: {start?: number, end?: number}, gap: number) => Readonly<Doc>} setSpan
 * @property {(doc: Readonly<Doc>, editor: Editor, by: number) => Readonly<Doc>} shift with the whole selection
 * @property {(shown: T, size: Size) => number[]} times of its points or keys, fractions of the clip
 * @property {(shown: T) => boolean} isKeyed whether these can be moved
 * @property {(shown: T) => readonly number[]} corrections times of outlines that were corrected in a video
 * @property {(doc: Readonly<Doc>, from: T, index: number, by: number, size: Size) => Readonly<Doc>} moveKey
 */

/** @param {string} id @returns {Item<Readonly<Track>>} */
export function trackItem(id) {
  return {
    id,
    unnamed: 'unnamed',
    find: (doc) => doc.tracks.find((track) => track.id === id),
    isSelected: ({ session }) => session.active.includes(id),
    select({ session }, extend) {
      const others = extend ? session.selection.tracks.filter((other) => other !== id) : [];
      const remove = extend && session.selection.tracks.includes(id);
      session.select({ tracks: remove ? others : [...others, id] });
    },
    enable: (doc, enabled) => updateTracks(doc, [id], { enabled }),
    setSpan: (doc, span, gap) => setSpan(doc, [id], span, gap),
    shift: (doc, { session }, by) => shiftSpan(doc, session.active, by),
    times: (track, { width, height }) => (track.points.length > 1 ? [...pointTimes(track, width, height)] : []),
    isKeyed: ({ timing }) => timing === 'keys',
    corrections: () => [],
    moveKey(doc, from, index, by, { width, height }) {
      const time = pointTimes(from, width, height)[index] + by;
      return updatePoints(doc, [{ id, index, changes: { t: keyTimeAt(from, time) } }]);
    },
  };
}

/** @param {string} id @returns {Item<Readonly<MotionObject>>} */
export function objectItem(id) {
  return {
    id,
    unnamed: 'unnamedObject',
    find: (doc) => findObject(doc, id),
    isSelected: ({ session }) => session.selection.objects?.includes(id) ?? false,
    select: ({ session }, extend) => selectObject(session, id, extend),
    enable: (doc, enabled) => updateObjects(doc, [id], { enabled }),
    setSpan: (doc, span, gap) => mapObjects(doc, [id], (object) => withSpan(object, span, gap)),
    shift(doc, { session }, by) {
      const ids = session.selection.objects ?? [];
      const shift = shiftWithin(objectsOf(doc).filter((object) => ids.includes(object.id)), by);
      return mapObjects(doc, ids, (object) => withShift(object, shift));
    },
    times: (object) => ('keys' in object.motion ? object.motion.keys.map(({ t }) => timeOfKey(object, t)) : []),
    isKeyed: ({ motion }) => 'keys' in motion,
    corrections: ({ followed }) => followed?.outlines.map(({ at }) => at) ?? [],
    moveKey(doc, object, index, by) {
      const { motion } = object;
      return 'keys' in motion ? moveKey(doc, id, index, timeOfKey(object, motion.keys[index].t) + by) : doc;
    },
  };
}

const MAX_KEYS = 200; // marks for points: more would be indistinguishable

export class TimelineRow {
  /** @param {Editor} editor @param {Timeline} timeline @param {Item<any>} item */
  constructor(editor, timeline, item) {
    this.editor = editor;
    this.timeline = timeline;
    this.item = item;
    const select = (/** @type {MouseEvent} */ event) => this.#select(event);
    this.label = h('button', { type: 'button', class: 'dnw-name', onclick: select });
    this.start = h('div', { class: 'dnw-end', role: 'slider', tabIndex: -1, 'data-end': 'start' });
    this.end = h('div', { class: 'dnw-end', role: 'slider', tabIndex: -1, 'data-end': 'end' });
    this.keys = h('div', { class: 'dnw-keys' });
    this.bar = h('div', { class: 'dnw-bar' }, this.start, this.end);
    this.corrections = h('div', { class: 'dnw-keys' });
    this.lane = h('div', { class: 'dnw-lane' }, this.bar, this.keys, this.corrections);
    this.eye = iconButton('eye', editor.t('hideTrack'), (event) => this.#toggle(event), 'track-eye');
    const row = { class: 'dnw-track', role: 'listitem', 'data-testid': 'dragnuwa-row' };
    this.root = h('div', row, this.label, this.lane, this.eye);
    /** @type {unknown[]} */
    this.shown = [];
    /** What the marks were made from. @type {unknown[]} */
    this.marks = [];
    this.#drags(this.start, (doc, by, from) => item.setSpan(doc, { start: from.start + by }, this.#gap()));
    this.#drags(this.end, (doc, by, from) => item.setSpan(doc, { end: from.end + by }, this.#gap()));
    this.#steps(this.start, 'start');
    this.#steps(this.end, 'end');
    this.#drags(this.bar, (doc, by) => item.shift(doc, editor, by));
  }

  /** @param {Shown} track @param {number} index @param {Clip} clip */
  render(track, index, clip) {
    const active = this.item.isSelected(this.editor);
    const shown = [track, index, active, clip.frames, clip.width, clip.height];
    if (shown.every((value, k) => value === this.shown[k])) return;
    this.shown = shown;
    const { t } = this.editor;
    const name = track.name || t(this.item.unnamed, { index: index + 1 });
    this.root.style.setProperty('--dnw-color', track.color);
    this.root.classList.toggle('dnw-active', active);
    this.root.classList.toggle('dnw-off', !track.enabled);
    if (this.label.title !== name) Object.assign(this.label, { textContent: name, title: name });
    this.label.ariaPressed = String(active);
    this.bar.style.left = `${track.start * 100}%`;
    this.bar.style.width = `${(track.end - track.start) * 100}%`;
    this.bar.style.maskImage = maskOf(track);
    setIcon(this.eye, track.enabled ? 'eye' : 'eyeOff', t(track.enabled ? 'hideTrack' : 'showTrack'));
    this.start.ariaLabel = t('startOf', { name });
    this.end.ariaLabel = t('endOf', { name });
    for (const [end, value] of /** @type {const} */ ([[this.start, track.start], [this.end, track.end]])) {
      end.tabIndex = active ? 0 : -1; // the ends of all rows would be too many to tab through
      end.ariaValueMin = '1';
      end.ariaValueMax = String(clip.frames);
      end.ariaValueNow = String(1 + Math.round(value * (clip.frames - 1)));
    }
    this.#renderKeys(track, name, clip);
    this.corrections.replaceChildren(...this.item.corrections(track).map((at) => this.#correction(at)));
  }

  /** The mark of a corrected outline. @param {number} at */
  #correction(at) {
    const title = this.editor.t('correctedAt', { frame: 1 + Math.round(at * (this.editor.clip.frames - 1)) });
    const mark = h('div', { class: 'dnw-corrected', title, 'data-testid': 'dragnuwa-correction' });
    mark.style.left = `${at * 100}%`;
    return mark;
  }

  /** @param {Shown} track @param {string} name @param {Clip} clip */
  #renderKeys(track, name, clip) {
    const movable = this.item.isKeyed(track);
    const all = this.item.times(track, clip);
    const times = all.length <= MAX_KEYS ? all : [];
    const marks = [movable, name, ...times];
    if (marks.length === this.marks.length && marks.every((value, k) => value === this.marks[k])) return;
    this.marks = marks;
    while (this.keys.children.length > times.length) this.keys.lastChild?.remove();
    times.forEach((time, index) => {
      const key = /** @type {HTMLElement} */ (this.keys.children[index] ?? this.keys.appendChild(this.#newKey(index)));
      key.hidden = !movable && (index === 0 || index === times.length - 1); // the bar's ends show the same
      key.style.left = `${time * 100}%`;
      key.classList.toggle('dnw-movable', movable);
      key.title = this.editor.t('pointOf', { index: index + 1, name });
    });
  }

  /** @param {number} index */
  #newKey(index) {
    const key = h('div', { class: 'dnw-key' });
    this.#drags(key, (doc, by, from) => this.item.moveKey(doc, from, index, by, this.editor.clip));
    return key;
  }

  /**
   * Makes an element draggable along the lane, in steps of a frame unless Alt is held.
   * @param {HTMLElement} element
   * @param {(doc: Readonly<Doc>, by: number, from: Shown) => Readonly<Doc>} moved gives the new drawing, from the
   *   initial one, the pointer's movement in fractions of the clip, and the initial track
   */
  #drags(element, moved) {
    const { editor } = this;
    /** @type {{at: number, doc: Readonly<Doc>, from: Shown} | null} */
    let held = null;
    element.addEventListener('pointerdown', (event) => {
      const from = this.item.find(editor.session.doc);
      if (event.button !== 0 || !from) return;
      if (element.classList.contains('dnw-key') && !this.item.isKeyed(from)) return;
      event.stopPropagation();
      element.setPointerCapture(event.pointerId);
      held = { at: this.timeline.fractionAt(event, this.lane), doc: editor.session.doc, from };
      if (!this.item.isSelected(editor)) this.item.select(editor, false);
      editor.focus();
    });
    element.addEventListener('mousedown', (event) => event.preventDefault());
    element.addEventListener('pointermove', (event) => {
      if (!held) return;
      const last = editor.clip.frames - 1;
      const by = this.timeline.fractionAt(event, this.lane) - held.at;
      const { doc, from } = held;
      const step = event.altKey ? by : Math.round(by * last) / last;
      editor.attempt(() => editor.session.preview(moved(doc, step, from), 'timing'));
    });
    const finish = () => {
      if (held) editor.commit();
      held = null;
    };
    element.addEventListener('pointerup', finish);
    element.addEventListener('pointercancel', finish);
  }

  /**
   * Moves an end of the bar with the keyboard; the arrows move it by a frame.
   * @param {HTMLElement} element
   * @param {'start' | 'end'} end
   */
  #steps(element, end) {
    element.addEventListener('keydown', (event) => {
      const { session, clip } = this.editor;
      const track = this.item.find(session.doc);
      const far = { Home: -clip.frames, End: clip.frames };
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, ...far }[event.key];
      if (!by || !track) return;
      event.preventDefault();
      event.stopPropagation();
      const last = clip.frames - 1;
      const value = (Math.round(track[end] * last) + by) / last;
      this.editor.change(this.item.setSpan(session.doc, { [end]: value }, this.#gap()), 'timing');
    });
  }

  /** The shortest time between start and end: one frame, as a fraction of the clip. */
  #gap() {
    return 1 / (this.editor.clip.frames - 1);
  }

  /** @param {MouseEvent} event */
  #select(event) {
    this.item.select(this.editor, event.shiftKey || event.ctrlKey || event.metaKey);
    if (!isByKeys(event)) this.editor.focus();
  }

  /** @param {MouseEvent} event */
  #toggle(event) {
    const { editor } = this;
    const { doc } = editor.session;
    const shown = this.item.find(doc);
    if (shown) editor.change(this.item.enable(doc, !shown.enabled), 'enabled');
    if (!isByKeys(event)) editor.focus();
  }
}

/** Whether a button was pressed with the keyboard; then it keeps the focus. @param {MouseEvent} event */
const isByKeys = ({ detail }) => detail === 0;

/** A CSS mask that fades the bar where the item is hidden. @param {Shown} shown */
function maskOf({ visible, start, end }) {
  if (visible.length === 1 && visible[0][0] <= start && visible[0][1] >= end) return 'none';
  const at = (/** @type {number} */ time) => `${(((time - start) / (end - start)) * 100).toFixed(2)}%`;
  const stops = visible.slice(0, 50).flatMap(([from, to]) => {
    return [`#0004 ${at(from)}`, `#000 ${at(from)}`, `#000 ${at(to)}`, `#0004 ${at(to)}`];
  });
  return `linear-gradient(90deg, ${['#0004 -100%', ...stops, '#0004 200%'].join(', ')})`;
}
