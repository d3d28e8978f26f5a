/** Questions about the drawing: after another picture was chosen, drags were pasted, or a video was opened. */

import { isEmpty, read } from '../core/document.js';
import { drawnAt, guessedSize } from '../core/sizes.js';
import { TrajectoryError } from '../core/errors.js';
import { MAX_SIDE } from '../core/limits.js';
import { clear } from './commands.js';
import { NOTHING } from './session.js';

/** @import {Doc} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {VideoDrawing} from './host.js' */

const PICTURE = 'new-picture';

/**
 * Asks, after another picture was chosen, whether to keep the previous picture's drags. An example's drags fit no other
 * picture: they are removed without asking, and can be restored. Undo reverts any answer.
 */
export class PictureQuestion {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** URL of the last chosen picture. @type {string | null} */
    this.last = null;
    /** URL of the picture on which the drawing was made. @type {string | null} */
    this.drawnOn = null;
  }

  /** Called when another picture is shown. */
  pictureChanged() {
    const { last, editor } = this;
    const { picture, session, notices, host, t } = editor;
    if (!picture.image || !picture.chosen || picture.chosen === last) return;
    this.last = picture.chosen;
    if (last === null || editor.locked || isEmpty(session.doc)) return;
    const { question } = notices;
    const isOpen = question?.id === PICTURE && question.doc === session.doc;
    if (!isOpen) this.drawnOn = last;
    else notices.question = null;
    if (picture.chosen === this.drawnOn) return;
    if (host.isExample()) {
      clear(editor);
      const restore = { id: 'restore-drags', label: t('keepDrags'), run: () => editor.travel('undo') };
      notices.ask({ id: PICTURE, text: t('exampleCleared'), choices: [restore] });
      return;
    }
    const choices = [
      { id: 'clear-drags', label: t('clearDrags'), run: () => clear(editor) },
      { id: 'keep-drags', label: t('keepDrags'), run: () => {} },
    ];
    notices.ask({ id: PICTURE, text: t('newPicture'), choices });
  }
}

/**
 * Asks at which size drags were drawn that were just pasted and miss the picture, to scale them to it.
 * @param {Editor} editor
 * @param {readonly string[]} ids
 * @param {Readonly<Doc>} fragment
 */
export function askDrawnSize(editor, ids, fragment) {
  const { clip, t } = editor;
  const readAt = { width: clip.width, height: clip.height };
  const scale = (/** @type {import('../core/types.js').Size} */ size) => {
    if (![size.width, size.height].every((side) => side >= 1 && side <= MAX_SIDE)) return;
    editor.attempt(() => editor.change(drawnAt(editor.session.doc, ids, readAt, size), 'scale'));
  };
  editor.notices.ask({
    id: 'drawn-size', text: t('drawnAt'), size: guessedSize(fragment, clip),
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
