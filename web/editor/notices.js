/**
 * What the editor tells or asks: one list, the most important first. Each place on the page shows the first one that is
 * for it (notices_view.js).
 */

import { isEmpty } from '../core/document.js';
import { equal } from '../core/equal.js';
import { movedInside, startingOutside } from '../core/placement.js';
import { addObjects, objectsOf } from '../core/objects/edit.js';
import { parsedText } from './transfer.js';

/** @import {Doc, Ring, Size} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const SHOWN_MS = { good: 6000, bad: 12_000 };
const MOST_VALUE = 20_000; // characters of a value that are shown

/** What a person may answer. @typedef {{id: string, label: string, run: (size: Size) => void}} Choice */

/**
 * `cover`: over the whole picture. `question`: along its top. `line` and `hint`: at its foot. `offer`: in its corner.
 * @typedef {'cover' | 'question' | 'line' | 'hint' | 'offer'} Place
 */

/**
 * @typedef {object} Notice
 * @property {string} id for tests
 * @property {Place} place
 * @property {string} text
 * @property {string} [detail]
 * @property {boolean} [bad] something is wrong
 * @property {string} [value] a text that is kept
 * @property {string} [reason] what is wrong with it
 * @property {Size} [size] that can be changed, and is given to the choices
 * @property {readonly Choice[]} [choices]
 */

/** It is about the drawing as it is: any other one closes it. @typedef {Notice & {doc: Readonly<Doc>}} Question */

/** All, the most important first. @type {readonly ((notices: Notices, editor: Editor) => Notice | null)[]} */
const ALL = Object.freeze([
  unreadable, overridden, asked, outlinesFound, missing, waiting, said, pictureFailed, unused, following, toolStatus,
  wouldFail, pictureMissing,
]);

export class Notices {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /**
     * What just happened; `about` is what it was said about: once that has changed, it no longer holds.
     * @type {{text: string, bad: boolean, until: number, about: readonly unknown[]} | null}
     */
    this.message = null;
    /** @type {Question | null} */
    this.question = null;
    /** Whether Run was pressed while a drag was missing. */
    this.missed = false;
    /**
     * What the server says of a value that is not in our format.
     * @type {{problem: Editor['session']['problem'], reason?: string, doc?: Readonly<Doc>}}
     */
    this.parsed = { problem: null };
    /** Outlines that are not yet objects, and of what. @type {{fresh: readonly (readonly Ring[])[], of: unknown[]}} */
    this.found = { fresh: [], of: [] };
  }

  /** What just happened; shown for some seconds. @param {string} text */
  say(text) {
    this.#tell(text, false);
  }

  /** What failed. @param {string} text */
  warn(text) {
    this.#tell(text, true);
  }

  /** Clears what just happened: a person has gone on. */
  clear() {
    this.message = null;
    this.editor.invalidate();
  }

  /** @param {Omit<Notice, 'place'>} question */
  ask(question) {
    this.question = { ...question, place: 'question', doc: this.editor.session.doc };
    this.clear();
  }

  /** Run was pressed: says so if there is nothing to move. */
  runPressed() {
    this.missed = this.isDragMissing;
    if (this.missed && this.editor.tool.hidesHint) this.editor.warn('runWithoutDrags');
  }

  /** Whether nothing will move in a run until something is drawn. */
  get isDragMissing() {
    const { session, locked, around: { motion } } = this.editor;
    return !locked && motion.needed && isEmpty(session.doc);
  }

  /** The first of each place. @returns {Partial<Record<Place, Notice>>} */
  get shown() {
    this.missed &&= this.isDragMissing;
    if (this.question?.doc !== this.editor.session.doc) this.question = null;
    if (!this.#holds) this.message = null;
    /** @type {Partial<Record<Place, Notice>>} */
    const shown = {};
    for (const each of ALL) {
      const notice = each(this, this.editor);
      if (notice) shown[notice.place] ??= notice;
    }
    return shown;
  }

  /** Has the server say whether a value can be read as drags. @param {{text: string}} problem */
  async parse(problem) {
    if (this.parsed.problem === problem) return;
    this.parsed = { problem };
    const { editor } = this;
    const parsed = await parsedText(editor, problem.text)
      .then((doc) => ({ doc }), (error) => ({ reason: editor.reason(error) }));
    if (this.parsed.problem === problem) this.parsed = { problem, ...parsed };
    editor.invalidate();
  }

  /** @param {string} text @param {boolean} bad */
  #tell(text, bad) {
    const shown = SHOWN_MS[bad ? 'bad' : 'good'];
    this.message = { text, bad, until: performance.now() + shown, about: this.#about };
    setTimeout(() => this.editor.invalidate(), shown + 50);
    this.editor.invalidate();
  }

  /** What a message may be about; a running gesture changes none of it. */
  get #about() {
    const { session, toolId, picture, clip } = this.editor;
    return [session.docBefore, session.selection, toolId, picture.url, clip];
  }

  get #holds() {
    const { message } = this;
    if (!message || performance.now() >= message.until) return false;
    const about = this.#about;
    return message.about.every((value, k) => value === about[k]);
  }
}

/** @param {string} text @param {boolean} [bad] @param {readonly Choice[]} [choices] @returns {Notice} */
const line = (text, bad = false, choices = []) => ({ id: 'status', place: 'line', text, bad, choices });

/**
 * A value that is not in our format: it is shown and kept, and replaced only on a click.
 * @param {Notices} notices
 * @param {Editor} editor
 * @returns {Notice | null}
 */
function unreadable(notices, editor) {
  const { session, t } = editor;
  const { problem } = session;
  if (!problem) return null;
  void notices.parse(problem);
  const { doc, reason } = notices.parsed;
  const replaced = (/** @type {() => void} */ replace) => () => {
    replace();
    editor.commit(true);
    editor.focus();
  };
  const convert = doc && { id: 'convert', label: t('convert'), run: replaced(() => session.replaceProblem(doc)) };
  const start = { id: 'start-new', label: t('startNew'), run: replaced(() => session.startNew(editor.clip)) };
  const value = problem.text.slice(0, MOST_VALUE);
  const choices = convert ? [convert, start] : [start];
  return { id: 'problem', place: 'cover', text: t('badValue'), reason, value, detail: t('badValueKept'), choices };
}

/** The drags come from another node, as they may in a workflow made elsewhere. @type {typeof unreadable} */
function overridden(_, editor) {
  const { around, host, t } = editor;
  if (!around.overridden) return null;
  const run = () => {
    host.takeOver();
    editor.refresh();
    editor.focus();
  };
  const choices = [{ id: 'take-over', label: t('takeOver'), run }];
  return { id: 'override', place: 'cover', text: t('overridden'), detail: t('overriddenKept'), choices };
}

/** @type {typeof unreadable} */
function asked(notices, editor) {
  const question = notices.question ?? editor.pictureQuestion.notice;
  const choices = question?.choices?.map(({ run, ...choice }) => ({
    ...choice,
    run: (/** @type {Size} */ size) => {
      notices.question = null;
      run(size);
      editor.focus();
      editor.invalidate();
    },
  }));
  return question && { ...question, choices };
}

/** Connected masks of the last run that can be made objects. @type {typeof unreadable} */
function outlinesFound(notices, editor) {
  const { session, locked, around: { outlines }, t } = editor;
  const there = objectsOf(session.doc);
  if (notices.found.of[0] !== outlines || notices.found.of[1] !== there) {
    const fresh = outlines.filter((outline) => !there.some((object) => equal(object.outline, outline)));
    notices.found = { fresh, of: [outlines, there] };
  }
  const { fresh } = notices.found;
  if (locked || fresh.length === 0) return null;
  const run = () => {
    editor.attempt(() => {
      const { doc, ids } = addObjects(session.doc, fresh.map((outline) => ({ outline })));
      editor.change(doc, 'object');
      session.select({ objects: ids.slice(-1) });
      editor.chooseTool('object');
    });
    editor.focus();
  };
  const label = t(fresh.length === 1 ? 'takeOutline' : 'takeOutlines', { count: fresh.length });
  return { id: 'outlines', place: 'offer', text: '', choices: [{ id: 'take-outlines', label, run }] };
}

/**
 * On an empty drawing: what to do, where else the motion comes from, or that a run had nothing to move.
 * @type {typeof unreadable}
 */
function missing({ missed }, { session, locked, tool, around: { motion: { from } }, t }) {
  if (!isEmpty(session.doc) || locked || tool.hidesHint) return null;
  const [text, detail] = missed ? [t('runWithoutDrags'), t('emptyDetail')]
    : from === null ? [t('empty'), t('emptyDetail')]
      : [t('motionElsewhere', { node: from }), t('motionElsewhereDetail')];
  return { id: 'hint', place: 'hint', text, detail, bad: missed };
}

/** What the next click, or an answer, will be taken for. @type {typeof unreadable} */
function waiting(_, { sendBehind, regions, t }) {
  if (sendBehind.active) return line(t('whatInFront'));
  return regions.awaited.length > 0 ? line(t('carriedAwaited')) : null;
}

/** @type {typeof unreadable} */
function said({ message }) {
  return message && line(message.text, message.bad);
}

/** @type {typeof unreadable} */
function pictureFailed(_, editor) {
  const { failed: name, reason } = editor.picture;
  if (name === null) return null;
  const text = editor.t('pictureFailed', { name });
  return line(reason === null ? text : `${text}: ${editor.reason(reason)}`, true);
}

/** @type {typeof unreadable} */
function unused(_, { around, t }) {
  return around.unused ? line(t(`unused_${around.unused}`), true) : null;
}

/** @type {typeof unreadable} */
function following(_, { regions, editedClip, t }) {
  if (regions.following) return line(t('following'));
  const { progress } = editedClip;
  if (progress) return line(t('editing', { ...progress }));
  return regions.isLost ? line(t('lostHere')) : null;
}

/** @type {typeof unreadable} */
function toolStatus(_, { tool }) {
  return tool.status === null ? null : line(tool.status);
}

/** What would fail, or have no effect, in a run. @type {typeof unreadable} */
function wouldFail(_, editor) {
  const { t, session: { doc }, locked, around: { conflict } } = editor;
  if (conflict) {
    const { nearest, ...others } = conflict;
    const text = nearest ? t('notTaken', { ...others, below: nearest[0], above: nearest[1] }) : t('conflict', others);
    return line(text, true);
  }
  if (locked || isEmpty(doc)) return null;
  if (![...doc.tracks, ...objectsOf(doc)].some(({ enabled }) => enabled)) return line(t('allDisabled'), true);
  const [first, ...others] = startingOutside(doc);
  if (!first) return null;
  const name = first.name || t('unnamed', { index: doc.tracks.indexOf(first) + 1 });
  const text = others.length > 0 ? t('someStartOutside', { count: others.length + 1 }) : t('startsOutside', { name });
  const run = () => {
    editor.attempt(() => editor.change(movedInside(editor.session.doc, editor.clip), 'move'));
    editor.focus();
  };
  return line(text, true, [{ id: 'move-in', label: t('moveIn'), run }]);
}

/** Why there is no picture, or that what plays lacks the motion of a camera. @type {typeof unreadable} */
function pictureMissing(_, { picture, around: { depthCamera, pictureGap }, session: { now }, t }) {
  if (!picture.url) return line(t(`picture_${pictureGap}`));
  return now.playing && depthCamera && depthCamera.inputs === null ? line(t('cameraLater')) : null;
}
