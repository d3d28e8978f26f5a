/** The notice that the drags come from another node, as they may in a workflow made elsewhere. */

import { h } from './dom.js';

/** @import {Editor} from './editor.js' */

export class OverrideNotice {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    const attributes = { class: 'dnw-wide-button', 'data-testid': 'dragnuwa-take-over' };
    const button = h('button', { type: 'button', onclick: () => this.#takeOver(), ...attributes }, t('takeOver'));
    this.root = h(
      'div',
      { class: 'dnw-problem', 'data-testid': 'dragnuwa-override', hidden: true },
      h('b', {}, t('overridden')), h('p', {}, t('overriddenKept')),
      h('div', { class: 'dnw-row' }, button),
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
