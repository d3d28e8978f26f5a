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
 * What is kept of an editor when its node is removed: the graph's undo recreates every node, and the drawing's undo
 * steps should survive.
 * @typedef {Pick<State, 'history' | 'loaded' | 'loadedDoc' | 'place'>} Memory
 */

export class State {
  /** @param {() => void} changed called after every change, also during gestures */
  constructor(changed) {
    this.changed = changed;
    /** The widget's value as loaded; it stays the value until something is drawn. @type {unknown} */
    this.loaded = '';
    /** The value, as text, if it cannot be shown as drags. @type {{text: string} | null} */
    this.problem = null;
    this.selection = NOTHING;
    /** @type {Readonly<History>} */
    this.history = create(emptyDoc());
    /** Where the history's first clip lies in the current clip. */
    this.place = WHOLE;
    /**
     * Documents of steps, placed in the current clip.
     * @type {WeakMap<Readonly<Doc>, {place: Rect, doc: Readonly<Doc>}>}
     */
    this.shown = new WeakMap();
    this.loadedDoc = this.doc;
    /** The history before the running gesture. @type {Readonly<History> | null} */
    this.before = null;
    /**
     * Displacement of the selected tracks, in fractions of the picture, during a gesture whose document is only made at
     * its end.
     * @type {XY | null}
     */
    this.shifted = null;
    /** The last written document, and its text. @type {{doc: Readonly<Doc>, text: string} | null} */
    this.written = null;
    /** From the previous editor of the same node; used by the next `load`. @type {Memory | null} */
    this.earlier = null;
  }

  /** @returns {Memory | null} null if there is nothing to undo or redo */
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

  /** The documents of the undo steps, latest first. @returns {Iterable<Readonly<Doc>>} */
  *earlierDocs() {
    for (const step of this.history.past.toReversed()) yield this.#docOf(step);
  }

  /** @param {HistoryStep} step @returns {Readonly<Doc>} placed in the current clip */
  #docOf({ doc, place }) {
    if (samePlace(place, this.place)) return doc;
    const known = this.shown.get(doc);
    if (known?.place === this.place) return known.doc;
    const moved = movedTo(doc, place, this.place);
    this.shown.set(doc, { place: this.place, doc: moved });
    return moved;
  }

  /** The selected tracks, as a whole or by a point. @returns {string[]} */
  get active() {
    return [...new Set([...this.selection.tracks, ...this.selection.points.map(({ id }) => id)])];
  }

  get canUndo() {
    return canUndo(this.history);
  }

  get canRedo() {
    return canRedo(this.history);
  }

  /** The widget's value. */
  get value() {
    if (this.problem || this.doc === this.loadedDoc) return this.loaded;
    if (this.written?.doc !== this.doc) this.written = { doc: this.doc, text: write(this.doc) };
    return this.written.text;
  }

  /** Loads a value from outside: a workflow, or an undo of the graph. @param {unknown} value */
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
   * Takes over the previous editor's history, if the value is one of its steps, in any clip that the drawing has been
   * in.
   * @param {Memory} memory
   * @param {unknown} value
   * @param {Readonly<Doc>} said the value's document
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

  /** Replaces an unreadable value, at the user's request. @param {Readonly<Doc>} doc */
  replaceProblem(doc) {
    this.problem = null;
    this.place = WHOLE;
    this.history = create(doc);
    this.loadedDoc = emptyDoc(); // a new document, so that the value is written again
    this.selection = NOTHING;
    this.changed();
  }

  /**
   * Restores a drawing, as a new undo step if there is one to return to.
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

  /** Adds an undo step. @param {Readonly<Doc>} doc @param {string} label */
  apply(doc, label) {
    this.before = null;
    this.#push(this.history, doc, label);
  }

  /**
   * The clip has changed: every drag stays at its point of the picture, also in undo and redo steps.
   * @param {Rect} to where the previous clip lies in the new one, in fractions of the new one
   */
  follow(to) {
    this.place = placeAfter(this.place, to);
    this.#settle();
  }

  /** A gesture continues: `doc` replaces its previous document. @param {Readonly<Doc>} doc @param {string} label */
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

  /** Ends the gesture. @returns {boolean} whether something changed */
  finish() {
    const changed = this.before !== null && this.before !== this.history;
    this.before = null;
    return changed;
  }

  /**
   * Reverts the running gesture, or everything since an earlier history.
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

  /** Goes to another step, and restores its selection. @param {typeof undo} way */
  #travel(way) {
    this.cancel();
    this.history = way(this.history, this.selection);
    this.selection = this.history.present.selection ?? this.selection;
    this.#settle();
  }

  /** A gesture continues that shifts the selected tracks. @param {XY | null} by null at its end */
  shift(by) {
    this.shifted = by;
    this.changed();
  }

  /** @param {Partial<Selection>} selection objects, or tracks and points */
  select({ tracks = [], points = [], objects = [] }) {
    this.selection = objects.length === 0 ? { tracks, points } : { tracks: [], points: [], objects };
    this.changed();
  }

  /** The selected object, or the last one of several. @returns {Readonly<MotionObject> | undefined} */
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

  /** Replaces an unreadable value by an empty drawing. @param {Size} clip */
  startNew({ width, height }) {
    this.replaceProblem(emptyDoc({ width, height }));
  }

  #settle() {
    this.selection = validSelection(this.doc, this.selection);
    this.changed();
  }
}

/**
 * The step with a document, placed in one of the clips that the drawing has been in.
 * @param {Readonly<History>} history
 * @param {Rect} last its last place, tried first
 * @param {Readonly<Doc>} said
 * @returns {{doc: Readonly<Doc>, own: Rect, place: Rect} | undefined} the step's own document and place, and the place
 *   in which it matches
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
