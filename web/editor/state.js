/** The state of an editor: the widget's text, the document read from it, its history and the selection. */

import { emptyDoc, findTrack, read, validSelection, write } from '../core/document.js';
import { equal } from '../core/equal.js';
import { canRedo, canUndo, create, goTo, push, redo, undo } from '../core/history.js';
import { findObject, objectsOf } from '../core/objects/edit.js';
import { WHOLE, movedTo, placeAfter, samePlace } from '../core/placement.js';

/** @import {Doc, History, HistoryStep, MotionObject, Rect, Selection, Size, XY} from '../core/types.js' */

/** @type {Readonly<Selection>} */
export const NOTHING = Object.freeze({ tracks: [], points: [] });

/**
 * What is kept of an editor when its node is removed: the graph's undo makes each node anew, and the drawing's own
 * steps should not be lost.
 * @typedef {Pick<State, 'history' | 'loaded' | 'loadedDoc' | 'place'>} Memory
 */

export class State {
  /** @param {() => void} changed called after every change, during gestures too */
  constructor(changed) {
    this.changed = changed;
    /** The widget's value as it was loaded; it stays the value until something is drawn. @type {unknown} */
    this.loaded = '';
    /** The value, as text, where it is not shown as drags. @type {{text: string} | null} */
    this.problem = null;
    this.selection = NOTHING;
    /** @type {Readonly<History>} */
    this.history = create(emptyDoc());
    /** Where the clip that the history began with lies in the clip of now. */
    this.place = WHOLE;
    /**
     * Documents of steps as they lie in the clip of now.
     * @type {WeakMap<Readonly<Doc>, {place: Rect, doc: Readonly<Doc>}>}
     */
    this.shown = new WeakMap();
    this.loadedDoc = this.doc;
    /** The history before the running gesture. @type {Readonly<History> | null} */
    this.before = null;
    /**
     * By how much the selected tracks are moved together, in fractions of the picture, while a gesture goes on whose
     * document is made at its end.
     * @type {XY | null}
     */
    this.shifted = null;
    /** The last document that was written, and its text. @type {{doc: Readonly<Doc>, text: string} | null} */
    this.written = null;
    /** From the editor of the same node before; used by the next `load`. @type {Memory | null} */
    this.earlier = null;
  }

  /** @returns {Memory | null} null where there is nothing to undo or redo */
  get memory() {
    const { history, loaded, loadedDoc, place } = this;
    return this.problem || !(this.canUndo || this.canRedo) ? null : { history, loaded, loadedDoc, place };
  }

  /** @returns {Readonly<Doc>} */
  get doc() {
    return this.#docOf(this.history.present);
  }

  /** The document before the running gesture. @returns {Readonly<Doc>} */
  get docBefore() {
    return this.#docOf((this.before ?? this.history).present);
  }

  /** The documents that can be undone to, the latest first. @returns {Iterable<Readonly<Doc>>} */
  *earlierDocs() {
    for (const step of this.history.past.toReversed()) yield this.#docOf(step);
  }

  /** @param {HistoryStep} step @returns {Readonly<Doc>} as it lies in the clip of now */
  #docOf({ doc, place }) {
    if (samePlace(place, this.place)) return doc;
    const known = this.shown.get(doc);
    if (known?.place === this.place) return known.doc;
    const moved = movedTo(doc, place, this.place);
    this.shown.set(doc, { place: this.place, doc: moved });
    return moved;
  }

  /** The tracks that are selected, as a whole or by a point. @returns {string[]} */
  get active() {
    return [...new Set([...this.selection.tracks, ...this.selection.points.map(({ id }) => id)])];
  }

  get canUndo() {
    return canUndo(this.history);
  }

  get canRedo() {
    return canRedo(this.history);
  }

  /** What the widget holds. */
  get value() {
    if (this.problem || this.doc === this.loadedDoc) return this.loaded;
    if (this.written?.doc !== this.doc) this.written = { doc: this.doc, text: write(this.doc) };
    return this.written.text;
  }

  /** A value from outside: a workflow, an undo of the graph. @param {unknown} value */
  load(value) {
    const { earlier } = this;
    this.earlier = null;
    if (value === this.value && !earlier) return;
    const doc = readValue(value);
    if (earlier && doc && this.#resume(earlier, value, doc)) return;
    if (value === this.value) return;
    this.loaded = value;
    if (value === '') this.loaded = write(emptyDoc()); // nothing to keep, and Python refuses an empty text
    this.problem = doc ? null : { text: typeof value === 'string' ? value : JSON.stringify(value) ?? '' };
    this.place = WHOLE;
    this.history = create(doc ?? emptyDoc());
    this.loadedDoc = this.doc;
    this.before = null;
    this.shifted = null;
    this.selection = NOTHING;
    this.changed();
  }

  /**
   * Takes over the history of the editor that was here before, if the value is one of its steps, in any of the clips
   * that the drawing has been in.
   * @param {Memory} memory
   * @param {unknown} value
   * @param {Readonly<Doc>} said the document in the value
   */
  #resume({ history, loaded, loadedDoc, place: last }, value, said) {
    const found = stepOf(history, last, said);
    if (!found) return false;
    const { doc, place } = found;
    if (value !== (doc === loadedDoc && samePlace(place, found.own) ? loaded : write(said))) return false;
    Object.assign(this, { history: goTo(history, doc), loaded, loadedDoc, place, problem: null, before: null });
    this.selection = NOTHING;
    this.changed();
    return true;
  }

  /** Replaces a value that could not be read, at the person's request. @param {Readonly<Doc>} doc */
  replaceProblem(doc) {
    this.problem = null;
    this.place = WHOLE;
    this.history = create(doc);
    this.loadedDoc = emptyDoc(); // a document of its own, so that the value is written anew
    this.selection = NOTHING;
    this.changed();
  }

  /**
   * Puts a drawing back, as a step of its own where there is one to step from.
   * @param {string} text
   * @returns {boolean} whether it could be read
   */
  restore(text) {
    const doc = read(text);
    if (!doc) return false;
    if (this.problem) this.replaceProblem(doc);
    else this.apply(doc, 'restore');
    return true;
  }

  /** A step of its own. @param {Readonly<Doc>} doc @param {string} label */
  apply(doc, label) {
    this.before = null;
    this.#push(this.history, doc, label);
  }

  /**
   * The clip has changed: every drag stays on its spot of the picture, in the steps to undo and redo, too.
   * @param {Rect} to where the clip of before lies in the new one, in fractions of the new one
   */
  follow(to) {
    this.place = placeAfter(this.place, to);
    this.#settle();
  }

  /** A gesture goes on: `doc` replaces what it gave before. @param {Readonly<Doc>} doc @param {string} label */
  preview(doc, label) {
    this.before ??= this.history;
    this.#push(this.before, doc, label);
  }

  /** @param {Readonly<History>} history @param {Readonly<Doc>} doc @param {string} label */
  #push(history, doc, label) {
    const { place, selection } = this;
    this.history = doc === this.#docOf(history.present) ? history : push(history, doc, label, { place, selection });
    this.#settle();
  }

  /** The gesture is over. @returns {boolean} whether something changed */
  finish() {
    const changed = this.before !== null && this.before !== this.history;
    this.before = null;
    return changed;
  }

  /**
   * Takes back the running gesture, or everything since an earlier history.
   * @param {Readonly<History> | null} [history]
   */
  cancel(history = this.before) {
    if (history) this.history = history;
    this.shifted = null;
    this.before = null;
    this.#settle();
  }

  undo() {
    this.#travel(undo);
  }

  redo() {
    this.#travel(redo);
  }

  /** To another step, and to what was selected there. @param {typeof undo} way */
  #travel(way) {
    this.cancel();
    this.history = way(this.history, this.selection);
    this.selection = this.history.present.selection ?? this.selection;
    this.#settle();
  }

  /** A gesture goes on that moves the selected tracks as they are. @param {XY | null} by null at its end */
  shift(by) {
    this.shifted = by;
    this.changed();
  }

  /** @param {Partial<Selection>} selection objects, or tracks and points */
  select({ tracks = [], points = [], objects = [] }) {
    this.selection = objects.length === 0 ? { tracks, points } : { tracks: [], points: [], objects };
    this.changed();
  }

  /** The selected object; of several the last one. @returns {Readonly<MotionObject> | undefined} */
  get object() {
    const last = this.selection.objects?.at(-1);
    return last === undefined ? undefined : findObject(this.doc, last);
  }

  /** The selected objects, from back to front. @returns {readonly Readonly<MotionObject>[]} */
  get objects() {
    const chosen = new Set(this.selection.objects);
    return chosen.size > 0 ? objectsOf(this.doc).filter(({ id }) => chosen.has(id)) : [];
  }

  /** Whether anything is selected. */
  get hasSelection() {
    return this.selection.objects !== undefined || this.active.length > 0;
  }

  /** @param {string} id */
  track(id) {
    return findTrack(this.doc, id);
  }

  /** Replaces a value that could not be read by an empty drawing. @param {Size} clip */
  startNew({ width, height }) {
    this.replaceProblem(emptyDoc({ width, height }));
  }

  #settle() {
    this.selection = validSelection(this.doc, this.selection);
    this.changed();
  }
}

/**
 * The step with a document, as it lies in one of the clips that the drawing has been in.
 * @param {Readonly<History>} history
 * @param {Rect} last where it was at last, which is tried first
 * @param {Readonly<Doc>} said
 * @returns {{doc: Readonly<Doc>, own: Rect, place: Rect} | undefined} the step's own document and its own place, and
 *   the place where it is the one that was looked for
 */
function stepOf({ past, present, future }, last, said) {
  const steps = [present, ...past.toReversed(), ...future];
  const places = [last, ...steps.map(({ place }) => place)];
  for (const place of places.filter((one, k) => places.findIndex((other) => samePlace(one, other)) === k)) {
    const step = steps.find(({ doc, place: own }) => equal(movedTo(doc, own, place), said));
    if (step) return { doc: step.doc, own: step.place, place };
  }
  return undefined;
}

/** @param {unknown} value */
function readValue(value) {
  if (value === '' || value === '[]') return emptyDoc();
  return typeof value === 'string' ? read(value) : null;
}
