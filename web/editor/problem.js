/** A notice about a value that is not in our format: the value is shown and kept, and replaced only on a click. */

import { h } from './dom.js';
import { parsedText } from './transfer.js';

/** @import {Doc} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const SHOWN = 20000; // characters

export class ProblemNotice {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /** The problem shown. @type {Editor['session']['problem']} */
    this.shown = null;
    this.reason = h('p', { class: 'dnw-reason', 'data-testid': 'dragnuwa-problem-reason' });
    this.text = h('textarea', { readOnly: true, rows: 4, 'aria-label': t('badValue') });
    const button = { type: 'button', class: 'dnw-wide-button' };
    this.convert = h('button', { ...button, onclick: () => this.#convert() }, t('convert'));
    const startNew = { onclick: () => this.#startNew(), 'data-testid': 'dragnuwa-start-new' };
    this.replace = h('button', { ...button, ...startNew }, t('startNew'));
    this.root = h(
      'div',
      { class: 'dnw-problem', 'data-testid': 'dragnuwa-problem', hidden: true },
      h('b', {}, t('badValue')), this.reason, this.text, h('p', {}, t('badValueKept')),
      h('div', { class: 'dnw-row' }, this.convert, this.replace),
    );
  }

  render() {
    const { problem } = this.editor.session;
    this.root.hidden = problem === null;
    if (!problem || this.shown === problem) return;
    this.shown = problem;
    this.reason.textContent = '';
    this.text.value = problem.text.slice(0, SHOWN);
    this.convert.hidden = true;
    this.#parsed().then((doc) => { if (doc) this.convert.hidden = false; });
  }

  /**
   * Parses the value as drags on the server, and shows any error.
   * @returns {Promise<Readonly<Doc> | undefined>} undefined also if the value has changed meanwhile
   */
  async #parsed() {
    const { editor, shown } = this;
    if (!shown) return undefined;
    try {
      const doc = await parsedText(editor, shown.text);
      return editor.session.problem === shown ? doc : undefined;
    } catch (error) {
      if (this.shown === shown) this.reason.textContent = editor.reason(error);
      return undefined;
    }
  }

  async #convert() {
    const doc = await this.#parsed();
    if (!doc) return;
    this.editor.session.replaceProblem(doc);
    this.editor.commit(true);
  }

  #startNew() {
    this.editor.session.startNew(this.editor.clip);
    this.editor.commit(true);
    this.editor.focus();
  }
}
