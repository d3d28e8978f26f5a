/**
 * The prompt, after another picture was chosen, that asks whether to keep the previous picture's drags. An example's
 * drags fit no other picture: they are removed without asking, and the prompt offers to restore them. Undo reverts any
 * answer.
 */

import { isEmpty } from '../core/document.js';
import { clear } from './commands.js';
import { h } from './dom.js';

/** @import {Doc} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

export class NewPicture {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /** URL of the last chosen picture. @type {string | null} */
    this.last = null;
    /** The drawing that the prompt is about; any other one closes it. @type {Readonly<Doc> | null} */
    this.asked = null;
    /** URL of the picture on which the drawing was made. @type {string | null} */
    this.drawnOn = null;
    this.text = h('span', {});
    const button = (/** @type {string} */ label, /** @type {string} */ id, /** @type {() => void} */ run) => h(
      'button',
      { type: 'button', 'data-testid': `dragnuwa-${id}`, onclick: () => this.#answer(run) },
      label,
    );
    this.clearDrags = button(t('clearDrags'), 'clear-drags', () => clear(editor));
    this.keepDrags = button(t('keepDrags'), 'keep-drags', () => {});
    this.restoreDrags = button(t('keepDrags'), 'restore-drags', () => editor.travel('undo'));
    const attributes = { class: 'dnw-question', 'data-testid': 'dragnuwa-new-picture' };
    const buttons = [this.clearDrags, this.keepDrags, this.restoreDrags];
    this.root = h('div', { ...attributes, role: 'status', hidden: true }, this.text, ...buttons);
  }

  /** Called when another picture is shown. */
  pictureChanged() {
    const { last, editor } = this;
    const { picture, session, host, t } = editor;
    if (!picture.image || !picture.chosen || picture.chosen === last) return;
    this.last = picture.chosen;
    if (last === null || editor.locked || isEmpty(session.doc)) return;
    if (this.asked !== session.doc) this.drawnOn = last;
    this.asked = null;
    if (picture.chosen === this.drawnOn) return;
    const isExample = host.isExample();
    if (isExample) clear(editor);
    editor.status.clear();
    this.text.textContent = t(isExample ? 'exampleCleared' : 'newPicture');
    this.clearDrags.hidden = isExample;
    this.keepDrags.hidden = isExample;
    this.restoreDrags.hidden = !isExample;
    this.asked = session.doc;
  }

  render() {
    if (this.asked !== this.editor.session.doc) this.asked = null;
    this.root.hidden = this.asked === null;
  }

  /** @param {() => void} run */
  #answer(run) {
    this.asked = null;
    run();
    this.editor.focus();
    this.editor.invalidate();
  }
}
