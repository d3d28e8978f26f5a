/**
 * What is edited, and how far a person is with it: the widget's text, the document read from it, its history, and the
 * editor at a moment, which is frozen and replaced as a whole.
 */

import { emptyDoc, findTrack, read, write } from '../core/document.js';
import {
  canRedo, canUndo, create, goTo, push, pushTurn, redo, stepOf, turnBetween, undo,
} from '../core/history.js';
import { WHOLE, movedTo, placeAfter, samePlace } from '../core/placement.js';
import { validSelection } from '../core/selection.js';

/** @import {CameraTurn, Doc, Guide, History, HistoryStep, MotionObject, PointRef} from '../core/types.js' */
/** @import {Rect, Selection, Size, Track, XY} from '../core/types.js' */

/** @type {Readonly<Selection>} */
export const NOTHING = Object.freeze({ tracks: [], points: [] });

const MOST_STEPS = 50; // to either side, that go on after a reload
/** @type {readonly Readonly<MotionObject>[]} */
const NO_OBJECTS = Object.freeze([]);
/** @type {readonly Guide[]} */
const NO_GUIDES = Object.freeze([]);

/**
 * Steps of a history as texts of the widget, and the index of the present one.
 * @typedef {{texts: unknown[], at: number}} Steps
 */

/**
 * What the pressed pointer of a tool holds: a point of a path, or something that moves at an instant, a fraction of the
 * clip; neither, while that is not known, or nothing has moved.
 * @typedef {{readonly point?: PointRef, readonly time?: number}} Held
 */

/**
 * The editor at a moment.
 * @typedef {object} Now
 * @property {Readonly<Doc>} doc
 * @property {Readonly<Selection>} selection
 * @property {readonly Readonly<Track>[]} tracks the selected ones, as a whole or by a point
 * @property {readonly Readonly<MotionObject>[]} objects the selected ones, from back to front
 * @property {{text: string} | null} problem the widget's value, as text, if it cannot be shown as drags
 * @property {number} time the playhead, a fraction of the clip
 * @property {boolean} playing
 * @property {Held | null} hold what a pressed pointer holds; null while none is pressed
 * @property {XY | null} shifted displacement of the selected tracks, in fractions of the picture, during a gesture
 *   whose document is only made at its end
 * @property {boolean} grid whether the grid is on, and shown
 * @property {readonly Guide[]} guides lines to which what is held has snapped
 * @property {Readonly<Record<string, unknown>> | null} turned inputs of a camera that a gesture changes
 */

/**
 * What is kept of a session when its node is removed: the graph's undo recreates every node, and the drawing's undo
 * steps should survive.
 * @typedef {Pick<Session, 'history' | 'loaded' | 'loadedDoc' | 'place'>} Memory
 */

export class Session {
  /** @param {() => void} changed called after every change, also during gestures */
  constructor(changed) {
    this.changed = changed;
    /** The widget's value as loaded; it stays the value until something is drawn. @type {unknown} */
    this.loaded = '';
    /** @type {Readonly<History>} */
    this.history = create(emptyDoc());
    /** Where the history's first clip lies in the current clip. */
    this.place = WHOLE;
    /**
     * Documents of steps, placed in the current clip.
     * @type {WeakMap<Readonly<Doc>, {place: Rect, doc: Readonly<Doc>}>}
     */
    this.shown = new WeakMap();
    this.loadedDoc = this.#docOf(this.history.present);
    /** The step that the running gesture will be. @type {{label: string, selection: Selection} | null} */
    this.previewed = null;
    /** The last written document, and its text. @type {{doc: Readonly<Doc>, text: string} | null} */
    this.written = null;
    /** From the previous editor of the same node; used by the next `load`. @type {Memory | null} */
    this.earlier = null;
    /** @type {Readonly<Now>} */
    this.now = Object.freeze({
      doc: this.loadedDoc, selection: NOTHING, tracks: [], objects: NO_OBJECTS, problem: null, time: 0, playing: false,
      hold: null, shifted: null, grid: false, guides: NO_GUIDES, turned: null,
    });
  }

  /** Replaces what has changed; nothing is drawn yet. @param {Partial<Omit<Now, 'tracks' | 'objects'>>} changes */
  update(changes) {
    const now = { ...this.now, ...changes };
    const { doc, selection } = now;
    if (doc !== this.now.doc || selection !== this.now.selection) {
      const active = new Set(selection.tracks);
      for (const { id } of selection.points) active.add(id);
      const objects = new Set(selection.objects);
      now.tracks = doc.tracks.filter(({ id }) => active.has(id));
      now.objects = doc.objects?.filter(({ id }) => objects.has(id)) ?? NO_OBJECTS;
    }
    this.now = Object.freeze(now);
  }

  /** The same, and it is drawn. @param {Partial<Omit<Now, 'tracks' | 'objects'>>} changes */
  change(changes) {
    this.update(changes);
    this.changed();
  }

  /** @returns {Memory | null} null if there is nothing to undo or redo */
  get memory() {
    const { loaded, loadedDoc, place, previewed, now } = this;
    if (now.problem || !(this.canUndo || this.canRedo || previewed)) return null;
    const { label, selection } = previewed ?? { label: '', selection: now.selection };
    const history = previewed ? push(this.history, now.doc, label, { place, selection }) : this.history;
    return { history, loaded, loadedDoc, place };
  }

  get doc() {
    return this.now.doc;
  }

  get selection() {
    return this.now.selection;
  }

  get problem() {
    return this.now.problem;
  }

  /** The document before the running gesture. @returns {Readonly<Doc>} */
  get docBefore() {
    return this.#docOf(this.history.present);
  }

  /** The documents of the undo steps, latest first. @returns {Iterable<Readonly<Doc>>} */
  *earlierDocs() {
    if (this.previewed) yield this.docBefore;
    for (const step of this.history.past.toReversed()) yield this.#docOf(step);
  }

  /** @param {HistoryStep} step @param {Rect} [to] @returns {Readonly<Doc>} placed in the current clip */
  #docOf({ doc, place }, to = this.place) {
    if (place === to || samePlace(place, to)) return doc;
    const known = this.shown.get(doc);
    if (known?.place === to) return known.doc;
    const moved = movedTo(doc, place, to);
    this.shown.set(doc, { place: to, doc: moved });
    return moved;
  }

  /** Ids of the selected tracks, as a whole or by a point. @returns {string[]} */
  get active() {
    return this.now.tracks.map(({ id }) => id);
  }

  get canUndo() {
    return this.previewed !== null || canUndo(this.history);
  }

  get canRedo() {
    return this.previewed === null && canRedo(this.history);
  }

  /** The widget's value. */
  get value() {
    const { doc, problem } = this.now;
    if (problem || doc === this.loadedDoc) return this.loaded;
    if (this.written?.doc !== doc) this.written = { doc, text: write(doc) };
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
    const text = typeof value === 'string' ? value : JSON.stringify(value) ?? '';
    this.#begin(doc ?? emptyDoc(), doc ? null : { text });
    this.loadedDoc = this.now.doc;
  }

  /** @param {Readonly<Doc>} doc @param {Now['problem']} problem */
  #begin(doc, problem) {
    this.place = WHOLE;
    this.history = create(doc);
    this.previewed = null;
    this.change({ doc: this.#docOf(this.history.present), selection: NOTHING, shifted: null, problem });
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
    Object.assign(this, { history: goTo(history, doc), loaded, loadedDoc, place, previewed: null });
    this.change({ doc: this.docBefore, selection: NOTHING, problem: null });
    return true;
  }

  /** Replaces an unreadable value, at the user's request. @param {Readonly<Doc>} doc */
  replaceProblem(doc) {
    this.loadedDoc = emptyDoc(); // a new document, so that the value is written again
    this.#begin(doc, null);
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

  /**
   * The last steps as texts, in the present clip, and which of them is the drawing; null if there is nothing to undo.
   * @returns {Steps | null}
   */
  get steps() {
    const { past, present, future } = this.history;
    if (this.problem || !(past.length || future.length)) return null;
    const drawn = [past, future].map((steps) => steps.filter(({ camera }) => !camera)); // the graph keeps a camera
    const steps = [...drawn[0].slice(-MOST_STEPS), present, ...drawn[1].slice(0, MOST_STEPS)];
    const docs = [...new Set(steps.map((step) => this.#docOf(step)))]; // without what is not finished
    const texts = docs.map((doc) => (doc === this.loadedDoc ? this.loaded : write(doc)));
    return texts.length > 1 ? { texts, at: docs.indexOf(this.#docOf(present)) } : null;
  }

  /**
   * Takes over steps of the page before this one, if the drawing is still the one that it had.
   * @param {Steps} steps
   * @returns {boolean}
   */
  resumeSteps({ texts, at }) {
    if (this.problem || this.previewed || texts[at] !== this.value) return false;
    const docs = texts.map((text) => readValue(text));
    if (docs.some((doc) => doc === null)) return false;
    const [first, ...rest] = /** @type {Readonly<Doc>[]} */ (docs);
    const { place } = this;
    let history = create(first);
    history = { ...history, present: { ...history.present, place } };
    for (const doc of rest) history = push(history, doc, 'reload', { place });
    const doc = /** @type {Readonly<Doc>} */ (docs[at]);
    Object.assign(this, { history: goTo(history, doc), loaded: texts[at], loadedDoc: doc, earlier: null });
    this.change({ doc, selection: NOTHING });
    return true;
  }

  /** Adds an undo step. @param {Readonly<Doc>} doc @param {string} label */
  apply(doc, label) {
    this.finish();
    const { place, selection } = this;
    if (doc !== this.now.doc) this.history = push(this.history, doc, label, { place, selection });
    this.#show(doc);
  }

  /**
   * The clip has changed: every drag stays at its point of the picture, also in undo and redo steps.
   * @param {Rect} to where the previous clip lies in the new one, in fractions of the new one
   */
  follow(to) {
    const place = placeAfter(this.place, to);
    const { previewed, now } = this;
    const doc = previewed ? movedTo(now.doc, this.place, place) : this.#docOf(this.history.present, place);
    this.place = place;
    this.#show(doc);
  }

  /** A gesture continues: `doc` replaces its previous document. @param {Readonly<Doc>} doc @param {string} label */
  preview(doc, label) {
    this.previewed = { label, selection: this.now.selection };
    this.#show(doc);
  }

  /** Ends the gesture. @returns {boolean} whether something changed */
  finish() {
    const { previewed, place, now: { doc } } = this;
    this.previewed = null;
    if (!previewed || doc === this.docBefore) return false;
    this.history = push(this.history, doc, previewed.label, { place, selection: previewed.selection });
    this.changed();
    return true;
  }

  /** Reverts the running gesture, or everything since an earlier history. @param {Readonly<History>} [history] */
  cancel(history = this.history) {
    this.history = history;
    this.previewed = null;
    this.update({ shifted: null, guides: NO_GUIDES, turned: null });
    this.#show(this.docBefore);
  }

  /** Adds an undo step that turns a camera beside the drawing. @param {CameraTurn} turn */
  turn(turn) {
    this.finish();
    this.history = pushTurn(this.history, turn);
    this.change({ turned: null });
  }

  /** @returns {CameraTurn['after'] | undefined} inputs of a camera to restore */
  undo() {
    return this.#travel(undo);
  }

  /** @returns {CameraTurn['after'] | undefined} the same */
  redo() {
    return this.#travel(redo);
  }

  /** Goes to another step, and restores its selection. @param {typeof undo} step */
  #travel(step) {
    this.cancel();
    const { history } = this;
    this.history = step(history, this.selection);
    this.#show(this.docBefore, this.history.present.selection);
    return history === this.history ? undefined : turnBetween(history, this.history);
  }

  /** A gesture continues that shifts the selected tracks. @param {XY | null} by null at its end */
  shift(by) {
    this.change({ shifted: by });
  }

  /** A pointer is pressed, or what it holds moves something. @param {Held} held */
  hold(held) {
    this.change({ hold: held });
  }

  /** No pointer is pressed any longer. */
  release() {
    this.change({ hold: null, guides: NO_GUIDES });
  }

  /** @param {Partial<Selection>} selection objects, or tracks and points */
  select({ tracks = [], points = [], objects = [] }) {
    this.change({ selection: objects.length === 0 ? { tracks, points } : { tracks: [], points: [], objects } });
  }

  /** The selected object, or the last one of several. @returns {Readonly<MotionObject> | undefined} */
  get object() {
    const last = this.now.selection.objects?.at(-1);
    return this.now.objects.find(({ id }) => id === last);
  }

  /** The selected objects, from back to front. */
  get objects() {
    return this.now.objects;
  }

  /** Whether anything is selected. */
  get hasSelection() {
    return this.selection.objects !== undefined || this.now.tracks.length > 0;
  }

  /** @param {string} id */
  track(id) {
    return findTrack(this.now.doc, id);
  }

  /** Replaces an unreadable value by an empty drawing. @param {Size} clip */
  startNew({ width, height }) {
    this.replaceProblem(emptyDoc({ width, height }));
  }

  /** @param {Readonly<Doc>} doc @param {Selection} [selection] */
  #show(doc, selection = this.now.selection) {
    this.change({ doc, selection: validSelection(doc, selection) });
  }
}

/** @param {unknown} value */
function readValue(value) {
  if (value === '' || value === '[]') return emptyDoc();
  return typeof value === 'string' ? read(value) : null;
}
