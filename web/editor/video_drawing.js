/** Opens the drawing that a video was made from; asks first where the file was changed after it was signed. */

import { read } from '../core/document.js';
import { TrajectoryError } from '../core/errors.js';
import { h, showWords } from './dom.js';
import { NOTHING } from './session.js';

/** @import {Editor} from './editor.js' */
/** @import {VideoDrawing as Found} from './host.js' */

export class VideoDrawing {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /**
     * What was found in a changed file, and the drawing at that time; any other drawing closes the question.
     * @type {{found: Found, doc: Editor['session']['doc']} | null}
     */
    this.asked = null;
    const chosen = () => this.#chosen();
    const input = { type: 'file', accept: 'video/*,image/png', hidden: true, 'data-testid': 'dragnuwa-video-file' };
    this.file = h('input', { ...input, onchange: chosen });
    this.words = h('span', {});
    const button = (/** @type {string} */ id, /** @type {string} */ label, /** @type {() => void} */ run) => {
      return h('button', { type: 'button', 'data-testid': `dragnuwa-${id}`, onclick: run }, label);
    };
    this.root = h(
      'div',
      { class: 'dnw-question', role: 'alert', hidden: true, 'data-testid': 'dragnuwa-changed-video' },
      this.words, button('open-changed', t('openChanged'), () => this.#answer(true)),
      button('leave-changed', t('leaveChanged'), () => this.#answer(false)), this.file,
    );
  }

  /** Lets a person choose a file. */
  choose() {
    this.file.click();
  }

  render() {
    if (this.asked?.doc !== this.editor.session.doc) this.asked = null;
    this.root.hidden = this.asked === null;
  }

  async #chosen() {
    const { editor } = this;
    const [file] = this.file.files ?? [];
    this.file.value = '';
    if (!file || editor.locked) return;
    editor.say('readingVideo', { name: file.name });
    try {
      const found = await editor.host.drawingOf(file);
      if (editor.locked) return;
      if (found.changed) this.#ask(found);
      else this.#open(found);
    } catch (error) {
      editor.warn('notOpened', { reason: editor.reason(error) });
    }
  }

  /** @param {Found} found */
  #ask(found) {
    const { editor } = this;
    this.asked = { found, doc: editor.session.doc };
    showWords(this.words, editor.t(found.signer ? 'changedSince' : 'changed', { signer: found.signer }));
    editor.status.clear();
  }

  /** @param {boolean} open */
  #answer(open) {
    const { asked, editor } = this;
    this.asked = null;
    if (asked && open) editor.attempt(() => this.#open(asked.found));
    editor.focus();
    editor.invalidate();
  }

  /** The drawing replaces the present one, as one step. @param {Found} found */
  #open(found) {
    const { editor } = this;
    const doc = read(found.text);
    if (!doc) throw new TrajectoryError('unreadable');
    editor.change(doc, 'open');
    editor.session.select(NOTHING);
    editor.say(sourceOf(found), { signer: found.signer });
  }
}

/**
 * What the status line says of where a drawing comes from.
 * @param {Found} found
 */
function sourceOf({ origin, changed, signer, trusted }) {
  if (changed) return 'openedChanged';
  if (origin === 'metadata') return 'openedMetadata';
  if (!signer) return 'openedUnnamed';
  return trusted ? 'openedTrusted' : 'openedSigned';
}
