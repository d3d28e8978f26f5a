/** The arrow: select by click, Shift or a rectangle; move what is selected. */

import { marquee, rectBetween } from '../../core/geometry.js';
import { NOTHING } from '../state.js';
import { shapeOf } from '../shapes.js';
import { Grab } from './grab.js';

/** @import {Rect, Selection} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */

const SLACK = 3; // CSS pixels

export class SelectTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.grab = new Grab(editor);
    /** @type {{from: StageEvent, base: Selection, rect: Rect | null} | null} */
    this.frame = null;
    this.cursor = 'default';
  }

  /** What a press takes hold of. @param {StageEvent} event */
  hit(event) {
    return this.editor.hitAt(event);
  }

  /** @param {StageEvent} event */
  down(event) {
    const hit = this.hit(event);
    if (hit) {
      this.grab.down(event, hit);
      return;
    }
    const { state } = this.editor;
    const base = event.shift || event.mod ? state.selection : NOTHING;
    this.frame = { from: event, base, rect: null };
    state.select(base);
  }

  /** @param {StageEvent} event */
  move(event) {
    if (this.grab.active) this.grab.move(event);
    const { frame, editor } = this;
    if (!frame) return;
    const far = Math.hypot(event.stage.x - frame.from.stage.x, event.stage.y - frame.from.stage.y);
    if (!frame.rect && far < SLACK) return;
    frame.rect = rectBetween(frame.from.p, event.p);
    const found = marquee(editor.state.doc.tracks.map((track) => shapeOf(track, editor.clip, false)), frame.rect);
    editor.state.select(joined(frame.base, found));
  }

  /** @param {StageEvent} event */
  up(event) {
    if (this.grab.active) this.grab.up(event);
    this.frame = null;
    this.editor.invalidate();
  }

  /** @returns {boolean} whether there was something to cancel */
  cancel() {
    const busy = this.grab.active || this.frame !== null;
    this.grab.cancel();
    this.frame = null;
    return busy;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    const rect = this.frame?.rect;
    if (!rect) return;
    context.fillStyle = 'rgba(255, 255, 255, 0.12)';
    context.strokeStyle = 'rgba(0, 0, 0, 0.6)';
    context.lineWidth = 3 * px;
    context.fillRect(rect.x, rect.y, rect.width, rect.height);
    context.strokeRect(rect.x, rect.y, rect.width, rect.height);
    context.strokeStyle = '#fff';
    context.lineWidth = px;
    context.strokeRect(rect.x, rect.y, rect.width, rect.height);
  }
}

/** @param {Selection} base @param {Selection} found @returns {Selection} */
function joined(base, found) {
  const tracks = [...new Set([...base.tracks, ...found.tracks])];
  const points = [...base.points, ...found.points].filter(
    ({ id, index }, k, all) => !tracks.includes(id) && all.findIndex((p) => p.id === id && p.index === index) === k,
  );
  return { tracks, points };
}
