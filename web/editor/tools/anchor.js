/** Anchors: a click holds a spot still. */

import { addTrack } from '../../core/document.js';
import { Grab } from './grab.js';

/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */

export class AnchorTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.grab = new Grab(editor);
    /** @type {StageEvent | null} */
    this.press = null;
    this.cursor = 'crosshair';
  }

  /** What a press takes hold of. @param {StageEvent} event */
  hit(event) {
    return event.mod ? undefined : this.editor.hitAt(event);
  }

  /** @param {StageEvent} event */
  down(event) {
    const hit = this.hit(event);
    if (hit) this.grab.down(event, hit);
    else this.press = event;
  }

  /** @param {StageEvent} event */
  move(event) {
    if (this.grab.active) this.grab.move(event);
  }

  /** @param {StageEvent} event */
  up(event) {
    if (this.grab.active) this.grab.up(event);
    const { press, editor } = this;
    this.press = null;
    if (!press) return;
    const { state, clip } = editor;
    const at = press.alt ? press.p : editor.snapGuides.placed(press.p);
    editor.snapGuides.clear();
    const { doc, id } = addTrack(state.doc, { kind: 'anchor', points: [{ x: at.x / clip.width, y: at.y / clip.height }] });
    state.apply(doc, 'anchor');
    state.select({ tracks: [id] });
    editor.settle(true);
  }

  /** @returns {boolean} whether there was something to cancel */
  cancel() {
    const busy = this.grab.active || this.press !== null;
    this.grab.cancel();
    this.press = null;
    return busy;
  }

  paint() {}
}
