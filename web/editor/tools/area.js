/**
 * The area tool: outline a part of the picture (with Shift a rectangle), then drag it where it should go. It becomes
 * tracks on a grid. What is selected can be moved with this tool, too.
 */

import { areaTracks, isInsideOutline, placesInOutline } from '../../core/area_tracks.js';
import { distance } from '../../core/geometry.js';
import { lockAngle } from '../../core/snap_position.js';
import { addGroup } from '../commands.js';
import { paintArea, paintRubber } from '../paint.js';
import { Grab } from './grab.js';

/** @import {XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {Tool, ToolDefinition} from './contract.js' */

const STEP = 2; // CSS pixels between the corners of an outline
const SLACK = 6; // CSS pixels: smaller outlines and shorter drags count as clicks
const COLOR = '#1f77b4';

/** @satisfies {ToolDefinition} */
export const areaTool = Object.freeze({
  id: 'area',
  icon: 'M3.2 11 C0.6 8 2.4 3 6.5 3 C10.6 3 11.4 5.6 11 8 '
    + 'M3.2 11 C4.6 12.8 7 12.6 8 11.6 M6.5 8 L14 14 M14 10.4 V14 H10.4',
  key: 'B',
  words: {
    en: {
      label: 'Area: move a part of the picture as one',
      keyHelp: 'Areas: draw round it (Shift: a rectangle), then pull it',
      outline: 'Draw round what should move',
      pull: 'Now pull it where it should go · Esc cancels',
    },
    zh: {
      label: '区域：整体移动图片的一部分',
      keyHelp: '区域：先圈出（Shift 为矩形），再拖动',
      outline: '圈出要移动的部分',
      pull: '现在把它拖向目标位置 · Esc 取消',
    },
  },
  create: (/** @type {Editor} */ editor) => new AreaTool(editor),
});

/** @implements {Tool} */
class AreaTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.grab = new Grab(editor);
    this.unfinished = false;
    /** Pixels of the clip; grows while it is drawn. @type {XY[]} */
    this.outline = [];
    /** @type {'waiting' | 'outlining' | 'outlined' | 'pulling'} */
    this.phase = 'waiting';
    this.from = { x: 0, y: 0 };
    this.by = { x: 0, y: 0 };
    this.over = false;
  }

  get cursor() {
    return this.phase === 'pulling' || (this.phase === 'outlined' && this.over) ? 'move' : 'crosshair';
  }

  /** @returns {string} */
  get status() {
    const words = areaTool.words[this.editor.locale];
    return this.phase === 'waiting' || this.phase === 'outlining' ? words.outline : words.pull;
  }

  get hidesHint() {
    return this.phase !== 'waiting';
  }

  /**
   * What a press takes hold of: only what is selected, since an area may be drawn over drags.
   * @param {StageEvent} event
   */
  hit(event) {
    if (this.phase !== 'waiting' || event.mod) return undefined;
    const { state } = this.editor;
    return this.editor.hits(event).find(({ id }) => state.active.includes(id));
  }

  /** @param {StageEvent} event */
  down(event) {
    if (this.phase === 'outlined' && isInsideOutline(this.outline, event.p)) {
      this.phase = 'pulling';
      this.from = event.p;
      return;
    }
    const hit = this.hit(event);
    if (hit) {
      this.grab.down(event, hit);
      return;
    }
    this.phase = 'outlining';
    this.outline = [event.p];
  }

  /** @param {StageEvent} event */
  move(event) {
    const { editor, phase, outline } = this;
    if (this.grab.active) this.grab.move(event);
    this.over = phase === 'outlined' && isInsideOutline(outline, event.p);
    if (phase === 'outlining') {
      if (event.shift) this.outline = rectangle(outline[0], event.p);
      else if (distance(event.p, outline[outline.length - 1]) > STEP * editor.px) outline.push(event.p);
    }
    if (phase === 'pulling') {
      const to = event.shift ? lockAngle(this.from, event.p) : event.p;
      this.by = { x: to.x - this.from.x, y: to.y - this.from.y };
    }
    if (phase !== 'waiting') editor.invalidate();
  }

  /** @param {StageEvent} event */
  up(event) {
    if (this.grab.active) this.grab.up(event);
    if (this.phase === 'outlining') this.#close();
    else if (this.phase === 'pulling') this.#finish();
    this.editor.invalidate();
  }

  /** An outline that is not pulled is no track yet: nothing can be ended. @returns {boolean} */
  end() {
    return false;
  }

  /** @returns {boolean} whether there was something to cancel */
  cancel() {
    const busy = this.grab.active || this.phase !== 'waiting';
    this.grab.cancel();
    this.phase = 'waiting';
    this.outline = [];
    this.by = { x: 0, y: 0 };
    if (busy) this.editor.invalidate();
    return busy;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    const { outline, phase, by } = this;
    if (phase === 'waiting') return;
    paintArea(context, outline, phase !== 'outlining', px);
    if (phase === 'outlining') return;
    for (const place of placesInOutline(outline)) {
      paintRubber(context, place, { x: place.x + by.x, y: place.y + by.y }, COLOR, px);
    }
  }

  #close() {
    const { editor, outline } = this;
    const far = outline.some((corner) => distance(corner, outline[0]) > SLACK * editor.px);
    if (far) this.phase = 'outlined';
    else this.cancel();
  }

  #finish() {
    const { editor, outline, by } = this;
    if (Math.hypot(by.x, by.y) < SLACK * editor.px) {
      this.phase = 'outlined';
      this.by = { x: 0, y: 0 };
      return;
    }
    this.cancel();
    addGroup(editor, areaTracks(outline, by, editor.clip), 'area');
  }
}

/** @param {XY} a @param {XY} c opposite corners */
const rectangle = (a, c) => [a, { x: c.x, y: a.y }, c, { x: a.x, y: c.y }];
