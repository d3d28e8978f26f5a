/** The state of an editor: the widget's text, the document read from it, its history and the selection. */

import { wrong } from '../core/check.js';
import { emptyDoc, findTrack, read, validSelection, write } from '../core/document.js';
import { equal } from '../core/equal.js';
import { canRedo, canUndo, create, goTo, push, redo, replace, undo } from '../core/history.js';
import { message } from '../core/messages.js';

/** @import {TrajectoryError} from '../core/errors.js' */
/** @import {Doc, History, Selection, Size} from '../core/types.js' */

/** @type {Readonly<Selection>} */
export const NOTHING = Object.freeze({ tracks: [], points: [] });

/**
 * What is kept of an editor when its node is removed: the graph's undo makes each node anew, and the drawing's own
 * steps should not be lost.
 * @typedef {Pick<State, 'history' | 'loaded' | 'loadedDoc'>} Memory
 */

export class State {
  /** @param {() => void} changed called after every change, during gestures too */
  constructor(changed) {
    this.changed = changed;
    /** The widget's value as it was loaded; it stays the value until something is drawn. @type {unknown} */
    this.loaded = '';
    /** Why the value is not shown as drags. @type {{error: TrajectoryError, importable: boolean} | null} */
    this.problem = null;
    this.selection = NOTHING;
    /** @type {Readonly<History>} */
    this.history = create(emptyDoc());
    this.loadedDoc = this.doc;
    /** The history before the running gesture. @type {Readonly<History> | null} */
    this.before = null;
    /** The last document that was written, and its text. @type {{doc: Readonly<Doc>, text: string} | null} */
    this.written = null;
    /** From the editor of the same node before; used by the next `load`. @type {Memory | null} */
    this.earlier = null;
  }

  /** @returns {Memory | null} null where there is nothing to undo or redo */
  get memory() {
    const { history, loaded, loadedDoc } = this;
    return this.problem || !(this.canUndo || this.canRedo) ? null : { history, loaded, loadedDoc };
  }

  /** @returns {Readonly<Doc>} */
  get doc() {
    return this.history.present.doc;
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
    const result = readValue(value);
    if (earlier && 'doc' in result && this.#resume(earlier, value, result.doc)) return;
    if (value === this.value) return;
    this.loaded = value;
    if (value === '') this.loaded = write(emptyDoc()); // nothing to keep, and Python refuses an empty text
    this.problem = 'doc' in result ? null : { error: result.error, importable: result.importable };
    this.history = create('doc' in result ? result.doc : emptyDoc());
    this.loadedDoc = this.doc;
    this.before = null;
    this.selection = NOTHING;
    this.changed();
  }

  /**
   * Takes over the history of the editor that was here before, if the value is one of its steps.
   * @param {Memory} memory
   * @param {unknown} value
   * @param {Readonly<Doc>} said the document in the value
   */
  #resume({ history, loaded, loadedDoc }, value, said) {
    const steps = [history.present, ...history.past.toReversed(), ...history.future];
    const found = steps.find(({ doc }) => equal(doc, said))?.doc;
    if (!found || value !== (found === loadedDoc ? loaded : write(found))) return false;
    Object.assign(this, { history: goTo(history, found), loaded, loadedDoc, problem: null, before: null });
    this.selection = NOTHING;
    this.changed();
    return true;
  }

  /** Replaces a value that could not be read, at the person's request. @param {Readonly<Doc>} doc */
  replaceProblem(doc) {
    this.problem = null;
    this.history = create(doc);
    this.loadedDoc = emptyDoc(); // a document of its own, so that the value is written anew
    this.selection = NOTHING;
    this.changed();
  }

  /** A step of its own. @param {Readonly<Doc>} doc @param {string} label */
  apply(doc, label) {
    this.before = null;
    this.history = push(this.history, doc, label);
    this.#settle();
  }

  /**
   * A step that is merged with the one before if that has the same label, such as each click of an arrow at the clip's
   * width.
   * @param {Readonly<Doc>} doc
   * @param {string} label
   */
  extend(doc, label) {
    if (doc === this.doc) return;
    this.history = this.history.present.label === label ? replace(this.history, doc) : push(this.history, doc, label);
    this.#settle();
  }

  /** A gesture goes on: `doc` replaces what it gave before. @param {Readonly<Doc>} doc @param {string} label */
  preview(doc, label) {
    this.before ??= this.history;
    this.history = push(this.before, doc, label);
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
    this.before = null;
    this.#settle();
  }

  undo() {
    this.cancel();
    this.history = undo(this.history);
    this.#settle();
  }

  redo() {
    this.cancel();
    this.history = redo(this.history);
    this.#settle();
  }

  /** @param {Partial<Selection>} selection */
  select({ tracks = [], points = [] }) {
    this.selection = { tracks, points };
    this.changed();
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

/** @param {unknown} value */
function readValue(value) {
  if (value === '' || value === '[]') return { doc: emptyDoc() };
  if (typeof value === 'string') return read(value);
  const error = wrong(message('trajectories'), message('theValue'), message('aText'), value);
  return { error, importable: false };
}
