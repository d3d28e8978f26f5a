/**
 * The brush: adds to the selected object's outline, or removes from it; with nothing selected, it paints a new object.
 * Choosing it again switches to the object's shadow, then to the area from which the background behind it is copied.
 */

import { OBJECT_AREAS } from '../../core/limits.js';
import { addObjects, updateObjects } from '../../core/objects/edit.js';
import { outlineOf, paintStroke, rasterOf } from '../../core/objects/raster.js';
import { drawnNow, withOutline } from '../objects/commands.js';

/** @import {Raster} from '../../core/objects/raster.js' */
/** @import {Doc, MotionObject, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {Tool, ToolDefinition} from './contract.js' */

const SIZES = { least: 3, first: 16, most: 160, step: 1.25 }; // CSS pixels, radius
const TURN = 2 * Math.PI;
const PAINTED = /** @type {const} */ (['outline', ...OBJECT_AREAS]); // cycled through, starting with the first

/** @satisfies {ToolDefinition} */
export const brushTool = Object.freeze({
  id: 'brush',
  icon: 'M13.5 2.5 L7 9 M7 9 C4.5 8.6 3.6 10.4 3.6 11.6 C3.6 12.6 3 13.2 2.2 13.4 C4.5 14.4 7.6 13.6 7.8 10.6 Z',
  key: 'M',
  words: {
    en: {
      label: 'Brush: paint what belongs to an object; again: its shadow; again: what the ground is copied from; ' +
        'again: where it is stiff',
      keyHelp: 'Brush: paint an object, Alt takes away; [ and ], or Shift and the wheel, set its size; again: paint ' +
        'its shadow; again: paint where the ground behind it is copied from; again: paint where it does not bend',
      paint_outline: 'Paint what belongs to it · Alt takes away · [ ] set the size · M: its shadow',
      paint_shadow: 'Paint its shadow, which goes along · Alt takes away · M: where the ground is copied from',
      paint_fill_from: 'Paint where the ground behind it is copied from · Alt takes away · M: where it is stiff',
      paint_stiff: 'Paint where its pins do not bend it, such as a shell · Alt takes away · M: the object',
      selectFirst: 'Select the object first: this is painted for one object',
      nothingLeft: 'An object needs some of the picture: to remove it, press Delete',
    },
    zh: {
      label: '画笔：涂出属于对象的部分；再选一次：它的影子；再选一次：背景的取样处；再选一次：坚硬的部分',
      keyHelp: '画笔：涂出对象，Alt 去掉；[ 和 ] 或 Shift 加滚轮设置大小；再按：涂出它的影子；再按：涂出其后背景的取样处；再按：涂出不弯曲的部分',
      paint_outline: '涂出属于它的部分 · Alt 去掉 · [ ] 设置大小 · M：它的影子',
      paint_shadow: '涂出随它移动的影子 · Alt 去掉 · M：背景的取样处',
      paint_fill_from: '涂出其后背景的取样处 · Alt 去掉 · M：坚硬的部分',
      paint_stiff: '涂出图钉不使其弯曲的部分，如外壳 · Alt 去掉 · M：对象',
      selectFirst: '请先选择对象：这是为单个对象涂的',
      nothingLeft: '对象需要包含图片的一部分：要删除它，请按 Delete',
    },
  },
  create: (/** @type {Editor} */ editor) => new BrushTool(editor),
});

/** @implements {Tool} */
class BrushTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.unfinished = false;
    this.hidesHint = true; // the status says what to do
    this.cursor = 'none';
    this.corrects = true;
    /** @type {typeof PAINTED[number]} */
    this.painted = PAINTED[0];
    /** CSS pixels. */
    this.radius = SIZES.first;
    /** The pointer's position, in pixels of the clip. @type {XY | null} */
    this.over = null;
    /** @type {{raster: Raster, doc: Readonly<Doc>, id: string | undefined, last: StageEvent} | null} */
    this.stroke = null;
  }

  /** @returns {string} */
  get status() {
    return brushTool.words[this.editor.locale][`paint_${this.painted}`];
  }

  /** Switches to the object's next area, or back to the first. */
  again() {
    this.cancel();
    this.painted = PAINTED[(PAINTED.indexOf(this.painted) + 1) % PAINTED.length];
    this.editor.notices.clear(); // so that it shows what is painted now
  }

  /** @returns {undefined} */
  hit() {
    return undefined;
  }

  /** Makes the brush larger (1) or smaller (-1). @param {number} by */
  resize(by) {
    this.radius = Math.min(Math.max(this.radius * SIZES.step ** by, SIZES.least), SIZES.most);
    this.editor.invalidate();
  }

  /** @param {StageEvent} event */
  down(event) {
    const { session, clip } = this.editor;
    const { object } = session;
    if (!object && this.painted !== PAINTED[0]) {
      this.editor.notices.warn(brushTool.words[this.editor.locale].selectFirst);
      return;
    }
    this.editor.player.rewind(); // what is painted belongs to the picture itself
    const raster = rasterOf(object ? this.#painted(object) : [], clip);
    this.stroke = { raster, doc: session.doc, id: object?.id, last: event };
    this.#paint(event);
  }

  /** @param {StageEvent} event */
  move(event) {
    this.over = event.p;
    if (this.stroke) this.#paint(event);
    this.editor.invalidate();
  }

  /** @param {StageEvent} event */
  up(event) {
    const { editor, stroke } = this;
    if (!stroke) return;
    this.#paint(event);
    this.stroke = null;
    if (this.painted !== PAINTED[0] || outlineOf(stroke.raster).length > 0) editor.commit();
    else {
      editor.session.cancel();
      if (stroke.id !== undefined) editor.notices.warn(brushTool.words[editor.locale].nothingLeft);
    }
    editor.invalidate();
  }

  /** A stroke ends when the button is released: there is nothing to end. @returns {boolean} */
  end() {
    return false;
  }

  /** @returns {boolean} whether there was something to cancel */
  cancel() {
    if (!this.stroke) return false;
    this.stroke = null;
    this.editor.session.cancel();
    return true;
  }

  /** Draws the brush. @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    if (!this.over || !this.editor.stage.inside) return;
    for (const [color, width] of /** @type {const} */ ([['rgba(0, 0, 0, 0.6)', 3], ['#fff', 1.2]])) {
      context.beginPath();
      context.arc(this.over.x, this.over.y, this.radius * px, 0, TURN);
      context.strokeStyle = color;
      context.lineWidth = width * px;
      context.stroke();
    }
  }

  /** What is painted so far; of a video's frame, the outline in it. @param {Readonly<MotionObject>} object */
  #painted(object) {
    const { picture, regions } = this.editor;
    const inFrame = picture.video && this.painted === PAINTED[0];
    return inFrame ? regions.outlineOf(object) : object[this.painted] ?? [];
  }

  /** @param {StageEvent} event */
  #paint(event) {
    const { editor, stroke } = this;
    if (!stroke) return;
    const { clip, session, px } = editor;
    const place = (/** @type {XY} */ { x, y }) => ({ x: x / clip.width, y: y / clip.height });
    const radius = (this.radius * px * (event.pressure ?? 1)) / Math.max(clip.width, clip.height);
    paintStroke(stroke.raster, place(stroke.last.p), place(event.p), radius, event.alt ? 0 : 1);
    stroke.last = event;
    const outline = outlineOf(stroke.raster);
    if (outline.length === 0 && this.painted === PAINTED[0]) return;
    if (stroke.id !== undefined) {
      const doc = this.painted === PAINTED[0] ? withOutline(editor, stroke.doc, stroke.id, outline)
        : updateObjects(stroke.doc, [stroke.id], { [this.painted]: outline });
      session.preview(doc, 'outline');
      return;
    }
    const { doc, ids: objects } = addObjects(stroke.doc, [{ outline, ...drawnNow(this.editor) }]);
    session.preview(doc, 'object');
    session.select({ objects });
  }
}
