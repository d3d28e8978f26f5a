/** A notice on a value that is not of our format: it is shown and kept, and replaced on a click only. */

import { h } from './dom.js';
import { parsedText } from './transfer.js';

/** @import {Editor} from './editor.js' */

const SHOWN = 20000; // characters

export class ProblemNotice {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /** The problem that is shown. @type {Editor['state']['problem']} */
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
    const { problem, loaded } = this.editor.state;
    this.root.hidden = problem === null;
    if (!problem) return;
    if (this.shown === problem) return; // the answer of the parse route may stand there
    this.shown = problem;
    this.reason.textContent = this.editor.reason(problem.error);
    this.text.value = (typeof loaded === 'string' ? loaded : JSON.stringify(loaded) ?? '').slice(0, SHOWN);
    this.convert.hidden = !problem.importable;
  }

  async #convert() {
    const { editor } = this;
    const { loaded, problem } = editor.state;
    try {
      const doc = await parsedText(editor, String(loaded));
      if (editor.state.problem !== problem) return; // another value came meanwhile
      editor.state.replaceProblem(doc);
      editor.settle(true);
    } catch (error) {
      this.reason.textContent = editor.reason(error);
    }
  }

  #startNew() {
    this.editor.state.startNew(this.editor.clip);
    this.editor.settle(true);
    this.editor.focus();
  }
}
