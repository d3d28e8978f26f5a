/** The hint on an empty drawing: what to do, where else the motion comes from, and that a run had nothing to move. */

import { isEmpty } from '../core/document.js';
import { h, showWords } from './dom.js';

/** @import {Editor} from './editor.js' */

export class Hint {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Whether Run was pressed while a drag was missing. */
    this.missed = false;
    this.title = h('b', {});
    this.detail = h('span', {});
    this.root = h('div', { class: 'dnw-hint', 'data-testid': 'dragnuwa-hint' }, this.title, this.detail);
  }

  /** Whether nothing will move in a run until something is drawn. */
  get #isDragMissing() {
    const { session, locked, motion } = this.editor;
    return !locked && motion.needed && isEmpty(session.doc);
  }

  /** Run was pressed: says so if there is nothing to move. */
  runPressed() {
    this.missed = this.#isDragMissing;
    if (this.missed && this.editor.tool.hidesHint) this.editor.warn('runWithoutDrags');
  }

  render() {
    const { session, locked, tool, motion, t } = this.editor;
    this.missed &&= this.#isDragMissing;
    this.root.hidden = !isEmpty(session.doc) || locked || tool.hidesHint;
    if (this.root.hidden) return;
    const { from } = motion;
    const [title, detail] = this.missed ? [t('runWithoutDrags'), t('emptyDetail')]
      : from === null ? [t('empty'), t('emptyDetail')]
        : [t('motionElsewhere', { node: from }), t('motionElsewhereDetail')];
    showWords(this.title, title);
    showWords(this.detail, detail);
    this.root.classList.toggle('dnw-bad', this.missed);
  }
}
