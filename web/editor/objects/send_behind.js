/**
 * Puts the selected objects behind another thing of the picture: the next click says which. That becomes an object in
 * front of them, which does not move; one that is there already only comes to the front.
 */

import { addObjects, objectsOf, orderObject } from '../../core/objects/edit.js';
import { objectAt } from './look.js';

/** @import {Ring, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */

export class SendBehind {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Ids of the objects that go behind what is clicked next. @type {readonly string[]} */
    this.waiting = [];
  }

  get active() {
    return this.waiting.length > 0;
  }

  /** Waits for the click. */
  start() {
    const { editor } = this;
    this.waiting = editor.session.objects.map(({ id }) => id);
    if (!this.active) editor.warn('selectObject');
    editor.invalidate();
  }

  /** @returns {boolean} whether it was waiting */
  cancel() {
    const { active } = this;
    this.waiting = [];
    this.editor.invalidate();
    return active;
  }

  /** @param {XY} p where the picture was clicked, in pixels of the clip */
  async click(p) {
    const { editor, waiting } = this;
    const { session, clip, time } = editor;
    this.cancel();
    const there = objectAt(objectsOf(session.doc), clip, p, time);
    if (there && !waiting.includes(there.id)) {
      editor.change(orderObject(session.doc, there.id, objectsOf(session.doc).length - 1), 'order');
      editor.say('isBehind');
      return;
    }
    try {
      const place = { x: p.x / clip.width, y: p.y / clip.height };
      const found = await editor.host.pick({ points: [place], minus: [] });
      if (!found) editor.warn('picture_unconnected');
      else editor.attempt(() => this.#addInFront(found.outline, waiting));
    } catch (error) {
      editor.notices.warn(editor.reason(error));
    }
  }

  /** @param {Ring[]} outline @param {readonly string[]} objects */
  #addInFront(outline, objects) {
    const { editor } = this;
    const { doc } = addObjects(editor.session.doc, [{ outline, name: editor.t('inFront') }]);
    editor.change(doc, 'object');
    editor.session.select({ objects });
    editor.say('isBehind');
  }
}
