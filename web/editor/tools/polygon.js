/** The polygon tool: draws an object's outline corner by corner, with clicks or keys. */

import { distance } from '../../core/geometry.js';
import { addObject } from '../objects/commands.js';
import { radiusOf } from '../hits.js';
import { DARK, LIGHT, line, paintArea } from '../paint.js';

/** @import {XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {Tool, ToolDefinition} from './contract.js' */

const FEWEST = 3; // corners of an outline
const SAME = 2; // CSS pixels: a click this close to the last corner adds none
const STEP = 24; // pixels of the clip from the last corner to one added with a key
const CORNER = 3.5; // CSS pixels, radius
const TURN = 2 * Math.PI;

/** @satisfies {ToolDefinition} */
export const polygonTool = Object.freeze({
  id: 'polygon',
  icon: 'M3 5 L9 2.5 L14 7 L11 13.5 L4.5 12.5 Z M3 5 V5.01 M9 2.5 V2.51 M14 7 V7.01 M11 13.5 V13.51 M4.5 12.5 V12.51',
  key: 'L',
  words: {
    en: {
      label: 'Polygon: set the corners of an object',
      keyHelp: 'Polygon: click the corners of an object; Enter or the first corner closes it',
      first: 'Click on the first corner of the thing',
      corners: 'Click corner by corner · Enter closes · Backspace takes one back · Esc cancels',
      tooFew: 'The outline needs at least three corners',
    },
    zh: {
      label: '多边形：设置对象的顶点',
      keyHelp: '多边形：依次点击对象的顶点；按 Enter 或点击第一个顶点闭合',
      first: '点击东西的第一个顶点',
      corners: '依次点击顶点 · Enter 闭合 · Backspace 撤回一个 · Esc 取消',
      tooFew: '轮廓至少需要三个顶点',
    },
  },
  create: (/** @type {Editor} */ editor) => new PolygonTool(editor),
});

/** @implements {Tool} */
class PolygonTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.unfinished = false;
    this.hidesHint = true; // the status says what to do
    this.cursor = 'crosshair';
    /** In pixels of the clip. @type {XY[]} */
    this.corners = [];
    /** Position of the next corner; null off the picture. @type {XY | null} */
    this.next = null;
    this.pressed = false;
  }

  /** @returns {string} */
  get status() {
    const words = polygonTool.words[this.editor.locale];
    return this.corners.length > 0 ? words.corners : words.first;
  }

  /** Corners are set on the picture, whatever is under the pointer. @returns {undefined} */
  hit() {
    return undefined;
  }

  /** @param {StageEvent} event */
  down(event) {
    if (this.corners.length === 0) this.editor.player.rewind();
    this.pressed = true;
    this.move(event);
  }

  /** @param {StageEvent} event */
  move(event) {
    this.next = this.#closes(event) ? this.corners[0] : this.#place(event);
    if (this.pressed || this.corners.length > 0) this.editor.invalidate();
  }

  /** @param {StageEvent} event */
  up(event) {
    if (!this.pressed) return;
    this.pressed = false;
    if (this.#closes(event)) this.end();
    else this.#add(this.#place(event));
    if (event.touch) this.next = null; // a lifted finger has no position
    this.editor.invalidate();
  }

  /** Closes the outline. @returns {boolean} whether there was one */
  end() {
    const { editor, corners } = this;
    if (corners.length < FEWEST) {
      if (corners.length > 0) editor.notices.warn(polygonTool.words[editor.locale].tooFew);
      return false;
    }
    this.cancel();
    const { width, height } = editor.clip;
    const ring = corners.map(({ x, y }) => ({ x: x / width, y: y / height }));
    editor.attempt(() => {
      addObject(editor, { outline: [ring] });
      editor.chooseTool('object'); // which drags it
    });
    return true;
  }

  /** @returns {boolean} whether there was something to cancel */
  cancel() {
    const busy = this.pressed || this.corners.length > 0;
    if (busy) this.editor.notices.clear();
    Object.assign(this, { corners: [], pressed: false });
    this.editor.invalidate();
    return busy;
  }

  /** @returns {boolean} whether there was a corner to take back */
  back() {
    if (this.corners.length === 0) return false;
    this.corners = this.corners.slice(0, -1);
    this.editor.invalidate();
    return true;
  }

  /** Adds a corner without the pointer: the first one in the centre, others beside the last one. */
  add() {
    const { width, height } = this.editor.clip;
    const last = this.corners.at(-1);
    this.#add(last ? { x: last.x + STEP, y: last.y } : { x: width / 2, y: height / 2 });
    this.next = null;
  }

  /** Moves the last corner. @param {number} dx pixels of the clip @param {number} dy @returns {boolean} */
  nudge(dx, dy) {
    const last = this.corners.at(-1);
    if (!last) return false;
    this.corners = [...this.corners.slice(0, -1), { x: last.x + dx, y: last.y + dy }];
    this.next = null;
    this.editor.invalidate();
    return true;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    const { corners, next, editor } = this;
    const shown = next && editor.stage.inside ? [...corners, next] : corners;
    if (corners.length === 0) return;
    paintArea(context, shown, next === corners[0], px);
    corners.forEach(({ x, y }, k) => {
      const path = new Path2D();
      path.arc(x, y, (k === 0 && next === corners[0] ? 2 : 1) * CORNER * px, 0, TURN);
      line(context, path, DARK, 3 * px);
      context.fillStyle = k === corners.length - 1 ? DARK : LIGHT;
      context.fill(path);
      line(context, path, LIGHT, 1.4 * px);
    });
  }

  /** @param {XY} corner */
  #add(corner) {
    const last = this.corners.at(-1);
    if (last && distance(last, corner) < SAME * this.editor.px) return;
    this.corners = [...this.corners, corner];
    this.editor.notices.clear();
    this.editor.invalidate();
  }

  /** @param {StageEvent} event @returns {XY} */
  #place(event) {
    const { editor, corners } = this;
    return editor.snapped(event.p, event, corners.at(-1));
  }

  /** Whether a click here hits the first corner, which closes the outline. @param {StageEvent} event */
  #closes({ p, touch }) {
    const { corners, editor } = this;
    return corners.length >= FEWEST && distance(corners[0], p) <= radiusOf(editor, touch).point;
  }
}
