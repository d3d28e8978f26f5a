/** Questions about the drawing: after another picture was chosen, drags were pasted, or a video was opened. */

import { addTracks, findTrack, isEmpty, read, write } from '../core/document.js';
import { equal } from '../core/equal.js';
import { addObjects, findObject, objectsOf } from '../core/objects/edit.js';
import { drawnAt, drawnIn, guessedSize } from '../core/sizes.js';
import { TrajectoryError } from '../core/errors.js';
import { MAX_SIDE } from '../core/limits.js';
import { clear, emptied } from './commands.js';
import { NOTHING } from './session.js';

/** @import {Doc, Rect} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {VideoDrawing} from './host.js' */
/** @import {Question} from './notices.js' */

const PICTURE = 'new-picture';

/**
 * A drawing of another picture, that nobody has yet said what to do with.
 * @typedef {{readonly picture: string, readonly doc: Readonly<Doc>}} Aside
 */

/**
 * After another picture was chosen: what is drawn on the last one is set aside, is neither shown nor run, and is saved
 * with the workflow, until somebody says whether it is for this picture, too. With its own picture it comes back. An
 * example's drags fit no other picture: they are removed, and can be restored. Undo reverts any answer.
 */
export class PictureQuestion {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** URL of the last chosen picture. @type {string | null} */
    this.last = null;
    /** The text that was read last, and what it says. @type {{text: unknown, aside: Aside | null}} */
    this.known = { text: undefined, aside: null };
  }

  /** Called when another picture is shown. */
  pictureChanged() {
    const { last, editor } = this;
    const { picture, session, tool, host } = editor;
    if (!picture.image || !picture.chosen || picture.chosen === last) return;
    this.last = picture.chosen;
    if (last === null || editor.locked) return;
    if (tool.unfinished) tool.end(); // what a hand has drawn so far is of the last picture
    if (editor.acting) editor.acting.end();
    const { aside } = this;
    const isBack = aside?.picture === picture.chosen;
    if (isEmpty(session.doc) && !isBack) return;
    if (host.isExample() && !aside) this.#clearExample();
    else this.#exchange(last, isBack ? aside : null, isBack ? null : aside);
  }

  #clearExample() {
    const { editor } = this;
    const { t } = editor;
    clear(editor);
    const restore = { id: 'restore-drags', label: t('keepDrags'), run: () => editor.travel('undo') };
    editor.notices.ask({ id: PICTURE, text: t('exampleCleared'), choices: [restore] });
  }

  /**
   * Sets the drawing aside, and what was aside before it, if that is not for this picture.
   * @param {string} last the picture of the drawing
   * @param {Aside | null} back what comes in its place
   * @param {Aside | null} rest what stays aside
   */
  #exchange(last, back, rest) {
    const { editor } = this;
    const { doc } = editor.session;
    const all = rest ? together(rest.doc, doc) : doc;
    this.#keep(isEmpty(doc) ? null : { picture: last, doc: all });
    editor.session.select(NOTHING);
    editor.change(back ? back.doc : emptied(doc), 'aside');
  }

  /** What is aside, unless it is in the drawing again, as after an undo. */
  get aside() {
    const { editor } = this;
    const text = editor.host.aside();
    if (text !== this.known.text) this.known = { text, aside: readAside(text) };
    const { aside } = this.known;
    return aside && isIn(editor.session.doc, aside.doc) ? null : aside;
  }

  /** @returns {Omit<Question, 'doc'> | null} */
  get notice() {
    const { editor, aside } = this;
    if (!aside) return null;
    const { t, session } = editor;
    const put = () => {
      this.#keep(null);
      editor.change(isEmpty(session.doc) ? aside.doc : together(session.doc, aside.doc), 'open');
    };
    const choices = [
      { id: 'keep-drags', label: t('takeDrags'), run: put },
      { id: 'clear-drags', label: t('dropDrags'), run: () => this.#drop() },
    ];
    const count = aside.doc.tracks.length + objectsOf(aside.doc).length;
    return { id: PICTURE, place: 'question', text: t('newPicture', { count }), choices };
  }

  #drop() {
    this.#keep(null);
    this.editor.host.remember();
  }

  /** @param {Aside | null} aside */
  #keep(aside) {
    const text = aside && JSON.stringify({ picture: aside.picture, drawing: JSON.parse(write(aside.doc)) });
    this.editor.host.setAside(text);
  }
}

/** Whether a drawing has anything of another one. @param {Readonly<Doc>} doc @param {Readonly<Doc>} other */
function isIn(doc, other) {
  const ofTracks = other.tracks.some(({ id, points }) => equal(findTrack(doc, id)?.points, points));
  return ofTracks || objectsOf(other).some(({ id, outline }) => equal(findObject(doc, id)?.outline, outline));
}

/**
 * Both drawings; ids of the second that the first has, too, become others.
 * @param {Readonly<Doc>} one
 * @param {Readonly<Doc>} other
 */
function together(one, other) {
  const { doc } = addTracks(one, other.tracks);
  return objectsOf(other).length > 0 ? addObjects(doc, objectsOf(other)).doc : doc;
}

/** @param {unknown} text from a file @returns {Aside | null} null if it is none */
function readAside(text) {
  if (typeof text !== 'string') return null;
  try {
    const { picture, drawing } = JSON.parse(text);
    const doc = read(JSON.stringify(drawing));
    return typeof picture === 'string' && doc && !isEmpty(doc) ? { picture, doc } : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TrajectoryError || error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * Asks at which size drags were drawn that were just pasted and miss the picture, or are fractions of it that were read
 * as pixels, to scale them to it.
 * @param {Editor} editor
 * @param {readonly string[]} ids
 * @param {Readonly<Doc>} fragment
 * @param {'drawnAt' | 'drawnInFractions'} question
 */
export function askDrawnSize(editor, ids, fragment, question) {
  const { clip, t } = editor;
  const readAt = { width: clip.width, height: clip.height };
  const scale = (/** @type {import('../core/types.js').Size} */ size) => {
    if (![size.width, size.height].every((side) => side >= 1 && side <= MAX_SIDE)) return;
    editor.attempt(() => editor.change(drawnAt(editor.session.doc, ids, readAt, size), 'scale'));
  };
  editor.notices.ask({
    id: 'drawn-size', text: t(question), size: guessedSize(fragment, clip),
    choices: [
      { id: 'scale-pasted', label: t('scalePasted'), run: scale },
      { id: 'keep-pasted', label: t('keepPasted'), run: () => {} },
    ],
  });
}

/**
 * Asks whether pasted drags were counted from the picture's centre.
 * @param {Editor} editor
 * @param {string[]} ids of the drags
 * @param {Rect} area that was the picture to them, in fractions
 */
export function askCountedFrom(editor, ids, area) {
  const { t } = editor;
  const scale = () => editor.attempt(() => editor.change(drawnIn(editor.session.doc, ids, area), 'scale'));
  editor.notices.ask({
    id: 'drawn-size', text: t('drawnFromCentre'),
    choices: [
      { id: 'scale-pasted', label: t('scalePasted'), run: scale },
      { id: 'keep-pasted', label: t('keepPasted'), run: () => {} },
    ],
  });
}

/**
 * Opens the drawing that a video was made from; asks first where the file was changed after it was signed.
 * @param {Editor} editor
 * @param {File} file
 */
export async function openVideoDrawing(editor, file) {
  if (editor.locked) return;
  const { notices, t } = editor;
  editor.say('readingVideo', { name: file.name });
  try {
    const found = await editor.host.drawingOf(file);
    if (editor.locked) return;
    if (!found.changed) openFound(editor, found);
    else {
      notices.ask({
        id: 'changed-video', text: t(found.signer ? 'changedSince' : 'changed', { signer: found.signer }), bad: true,
        choices: [
          { id: 'open-changed', label: t('openChanged'), run: () => editor.attempt(() => openFound(editor, found)) },
          { id: 'leave-changed', label: t('leaveChanged'), run: () => {} },
        ],
      });
    }
  } catch (error) {
    editor.warn('notOpened', { reason: editor.reason(error) });
  }
}

/** The drawing replaces the present one, as one step. @param {Editor} editor @param {VideoDrawing} found */
function openFound(editor, found) {
  const doc = read(found.text);
  if (!doc) throw new TrajectoryError('unreadable');
  editor.change(doc, 'open');
  editor.session.select(NOTHING);
  editor.say(sourceOf(found), { signer: found.signer });
}

/** What is said of where a drawing comes from. @param {VideoDrawing} found */
function sourceOf({ origin, changed, signer, trusted }) {
  if (changed) return 'openedChanged';
  if (origin === 'metadata') return 'openedMetadata';
  if (!signer) return 'openedUnnamed';
  return trusted ? 'openedTrusted' : 'openedSigned';
}
