/** The anchor tool: a click holds a point still. */

import { addTrack } from '../../core/document.js';
import { newBend } from '../objects/bending.js';
import { hitAt } from '../hits.js';
import { Grab } from './grab.js';

/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {Tool, ToolDefinition} from './contract.js' */

/** @satisfies {ToolDefinition} */
export const anchorTool = Object.freeze({
  id: 'anchor',
  icon: 'M8 2 A4 4 0 0 1 12 6 C12 9 8 14 8 14 C8 14 4 9 4 6 A4 4 0 0 1 8 2 M8 4.6 A1.4 1.4 0 1 1 7.99 4.6',
  key: 'A',
  words: {
    en: {
      label: 'Anchor: hold a spot still',
      keyHelp: 'Anchors',
    },
    zh: {
      label: '锚点：让一处保持不动',
      keyHelp: '锚点',
    },
  },
  create: (/** @type {Editor} */ editor) => new AnchorTool(editor),
});

/** @implements {Tool} */
class AnchorTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.grab = new Grab(editor);
    this.unfinished = false;
    /** @type {StageEvent | null} */
    this.press = null;
    this.cursor = 'crosshair';
    /** @type {string | null} */
    this.status = null;
    this.hidesHint = false;
  }

  /** What a press grabs. @param {StageEvent} event */
  hit(event) {
    return event.mod ? undefined : hitAt(this.editor, event);
  }

  /** @param {StageEvent} event */
  down(event) {
    const hit = this.hit(event);
    if (hit) this.grab.down(event, hit);
    else {
      this.press = event;
      this.editor.player.rewind();
    }
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
    const { session, clip } = editor;
    const at = editor.snapped(press.p, { alt: press.alt, shift: false });
    const points = [{ x: at.x / clip.width, y: at.y / clip.height }];
    const begins = { ...newBend(editor, true), ...editor.player.begins };
    const { doc, id } = addTrack(session.doc, { kind: 'anchor', points, ...begins });
    session.apply(doc, 'anchor');
    session.select({ tracks: [id] });
    editor.commit(true);
  }

  /** An anchor is complete once the button is released: there is nothing to end. @returns {boolean} */
  end() {
    return false;
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
