/** A workflow that was made elsewhere may have linked the drags: then the drawing is not what runs, and that is said. */

import { h } from './dom.js';

/** @import {Editor} from './editor.js' */

export class OverrideNotice {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    this.root = h(
      'div',
      { class: 'dnw-problem', 'data-testid': 'dragnuwa-override', hidden: true },
      h('b', {}, t('overridden')), h('p', {}, t('overriddenKept')),
      h('div', { class: 'dnw-row' }, h(
        'button',
        { type: 'button', class: 'dnw-wide-button', 'data-testid': 'dragnuwa-take-over', onclick: () => this.#takeOver() },
        t('takeOver'),
      )),
    );
  }

  render() {
    this.root.hidden = !this.editor.overridden;
  }

  #takeOver() {
    const { editor } = this;
    editor.host.takeOver();
    editor.refresh();
    editor.focus();
  }
}
