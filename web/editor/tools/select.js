/** The select tool: selects tracks and objects by click, Shift or a rectangle; moves the selected tracks. */

import { marquee, rectBetween } from '../../core/geometry.js';
import { NOTHING } from '../session.js';
import { objectsOf } from '../../core/objects/edit.js';
import { objectAt } from '../objects/look.js';
import { selectAlone, selectObject } from '../objects/commands.js';
import { hitAt, shapeOf } from '../hits.js';
import { Grab } from './grab.js';

/** @import {Rect, Selection} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {RegionLook as Shown} from '../objects/look.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {Tool, ToolDefinition} from './contract.js' */

const SLACK = 3; // CSS pixels

/** @satisfies {ToolDefinition} */
export const selectTool = Object.freeze({
  id: 'select',
  icon: 'M4 2 L4 13 L7 10 L9 14 L10.6 13.2 L8.7 9.4 L12.6 9.2 Z',
  key: 'V',
  words: {
    en: {
      label: 'Select and move',
      keyHelp: 'Select; drag over several, Shift adds',
    },
    zh: {
      label: '选择与移动',
      keyHelp: '选择；拖动框选多个，Shift 追加',
    },
  },
  create: (/** @type {Editor} */ editor) => new SelectTool(editor),
});

/** @implements {Tool} */
class SelectTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.grab = new Grab(editor);
    this.unfinished = false;
    /**
     * `carried` is the carried object whose outline was pressed.
     * @type {{from: StageEvent, base: Selection, rect: Rect | null, carried: Shown | undefined} | null}
     */
    this.frame = null;
    this.cursor = 'default';
    /** @type {string | null} */
    this.status = null;
    this.hidesHint = false;
  }

  /** What a press grabs. @param {StageEvent} event */
  hit(event) {
    return hitAt(this.editor, event);
  }

  /** @param {StageEvent} event */
  down(event) {
    const hit = this.hit(event);
    if (hit) {
      this.grab.down(event, hit);
      return;
    }
    const { session, regions } = this.editor;
    const base = event.shift || event.mod ? session.selection : NOTHING;
    this.frame = { from: event, base, rect: null, carried: regions.near(event) };
    if (!this.frame.carried) session.select(base);
  }

  /** @param {StageEvent} event */
  move(event) {
    if (this.grab.held) {
      this.grab.move(event);
      return;
    }
    const { frame, editor } = this;
    if (!frame) this.cursor = editor.regions.near(event) || this.#objectAt(event) ? 'pointer' : 'default';
    if (!frame) return;
    const far = Math.hypot(event.stage.x - frame.from.stage.x, event.stage.y - frame.from.stage.y);
    if (!frame.rect && far < SLACK) return;
    frame.rect = rectBetween(frame.from.p, event.p);
    const found = marquee(editor.session.doc.tracks.map((track) => shapeOf(track, editor.clip, false)), frame.rect);
    editor.session.select(joined(frame.base, found));
  }

  /** @param {StageEvent} event */
  up(event) {
    if (this.grab.active) this.grab.up(event);
    const { carried, rect, from } = this.frame ?? {};
    this.frame = null;
    if (carried && !rect) this.editor.regions.makeObjects([carried]);
    else if (from && !rect) this.#selectObject(from);
    this.editor.invalidate();
  }

  /** The frontmost object under the pointer. @param {StageEvent} event */
  #objectAt({ p }) {
    const { session, clip, time } = this.editor;
    return objectAt(objectsOf(session.doc), clip, p, time);
  }

  /** Selects the clicked object: with its group, or alone on a double click. @param {StageEvent} event */
  #selectObject(event) {
    const object = this.#objectAt(event);
    if (!object) return;
    if (event.double) selectAlone(this.editor.session, object.id);
    else selectObject(this.editor.session, object.id, event.shift || event.mod);
  }

  /** A selection is complete once the button is released: there is nothing to end. @returns {boolean} */
  end() {
    return false;
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
