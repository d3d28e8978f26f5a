/** After a run, offers to turn the connected masks into objects. */

import { equal } from '../../core/equal.js';
import { addObjects, objectsOf } from '../../core/objects/edit.js';
import { h } from '../dom.js';

/** @import {Ring} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */

/** @type {readonly (readonly Ring[])[]} */
const NONE = Object.freeze([]);

export class MaskOffer {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Found by the last run. @type {readonly (readonly Ring[])[]} */
    this.outlines = NONE;
    /** What was compared last, since every frame checks. */
    this.compared = { outlines: NONE, there: objectsOf(editor.session.doc), fresh: NONE };
    const attributes = { type: 'button', hidden: true, 'data-testid': 'dragnuwa-take-outlines' };
    this.root = h('button', { ...attributes, class: 'dnw-offer', onclick: () => this.#take() });
  }

  /** Those that are not yet objects. */
  get #fresh() {
    const there = objectsOf(this.editor.session.doc);
    if (this.compared.outlines !== this.outlines || this.compared.there !== there) {
      const fresh = this.outlines.filter((outline) => !there.some((object) => equal(object.outline, outline)));
      this.compared = { outlines: this.outlines, there, fresh };
    }
    return this.compared.fresh;
  }

  render() {
    const { editor } = this;
    const count = editor.locked ? 0 : this.#fresh.length;
    this.root.hidden = count === 0;
    if (count > 0) this.root.textContent = editor.t(count === 1 ? 'takeOutline' : 'takeOutlines', { count });
  }

  #take() {
    const { editor } = this;
    editor.attempt(() => {
      const { doc, ids } = addObjects(editor.session.doc, this.#fresh.map((outline) => ({ outline })));
      editor.change(doc, 'object');
      editor.session.select({ objects: ids.slice(-1) });
      editor.chooseTool('object');
    });
    editor.focus();
  }
}
