/**
 * The object tool: a click picks the thing under the pointer, a box the thing inside, a stroke draws round one. An
 * object is dragged along its path, or at the playhead to a key, and has handles to turn and to scale it.
 */

import { findObject, objectsOf } from '../../core/objects/edit.js';
import { combined } from '../../core/objects/raster.js';
import { simplify } from '../../core/simplify.js';
import { addObject, selectAlone, selectObject } from '../objects/commands.js';
import { drawingPath, movingPose, outlining, scaling, rotating } from '../objects/gestures.js';
import { handleAt, handlesOf } from '../objects/handles.js';
import { PickPreview } from '../objects/pick_preview.js';
import { isUnder, poseTime, objectAt } from '../objects/look.js';
import { Picking } from '../objects/picking.js';

/** @import {Ring, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {Model, PickedThing} from '../host.js' */
/** @import {Gesture} from '../objects/gestures.js' */
/** @import {HandleKind} from '../objects/handles.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {Tool, ToolDefinition} from './contract.js' */

const LEAST_CHANGED = 0.01; // of what is lit: less would add nothing that one sees
const LEAST_LEFT = 0.15; // of the object after a part of it has been taken away
const TOLERANCE = 0.75; // CSS pixels between an outline as drawn and its corners

/** @satisfies {ToolDefinition} */
export const objectTool = Object.freeze({
  id: 'object',
  icon: 'M3.2 11 C0.6 8 2.4 3 6.5 3 C10.6 3 11.4 5.6 11 8 '
    + 'M3.2 11 C4.6 12.8 7 12.6 8 11.6 M6.5 8 L14 14 M14 10.4 V14 H10.4',
  key: 'B',
  words: {
    en: {
      label: 'Object: pick a thing and move it',
      keyHelp: 'Objects: click on a thing, draw round it, or draw a box with Shift (Alt, too: a rectangle), then ' +
        'drag it; [ and ], or Shift and the wheel, take a smaller or a larger thing',
      pick: 'Click on a thing, draw round it, or draw a box with Shift · [ ] smaller, larger',
      looking: 'Looking for the thing …',
      asking: 'The model is looking, as soon as the queue is free … · Esc cancels',
      nothing: 'Nothing was found here: click closer to the middle of a thing, or draw round it',
      move: 'Drag it along its path · Shift-click adds, Alt-click removes · [ ] smaller, larger',
      several: 'Drag them together · Ctrl+G groups them',
      noSmaller: 'There is no smaller thing here: Alt-click on what does not belong to it',
      noLarger: 'There is no larger thing here: Shift-click on what belongs to it',
      ground: 'This looks like ground: click again to take it, [ for a smaller thing, or draw round one',
    },
    zh: {
      label: '对象：选取一个东西并移动它',
      keyHelp: '对象：点击一个东西、圈出它，或按住 Shift 画框（Shift 加 Alt 为矩形），' +
        '再拖动；[ 和 ] 或 Shift 加滚轮换成更小或更大的东西',
      pick: '点击一个东西、圈出它，或按住 Shift 画框 · [ ] 更小、更大',
      looking: '正在查找……',
      asking: '模型正在查找，队列空闲后即开始…… · Esc 取消',
      nothing: '这里没有找到东西：请点击更靠近东西中间的位置，或圈出它',
      move: '沿路径拖动 · Shift 点击添加，Alt 点击去掉 · [ ] 更小、更大',
      several: '一起拖动 · Ctrl+G 编组',
      noSmaller: '这里没有更小的东西：用 Alt 点击不属于它的部分',
      noLarger: '这里没有更大的东西：用 Shift 点击属于它的部分',
      ground: '这里像是背景：再次点击可选取它，按 [ 换成更小的东西，或圈出一个东西',
    },
  },
  create: (/** @type {Editor} */ editor) => new ObjectTool(editor),
});

/** @implements {Tool} */
class ObjectTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.unfinished = false;
    this.hidesHint = true; // the status says what to do
    this.cursor = 'crosshair';
    this.corrects = false;
    /** The handle under the pointer. @type {HandleKind | undefined} */
    this.handle = undefined;
    /** @type {Gesture | null} */
    this.gesture = null;
    this.picking = new Picking(editor, () => objectTool.words[editor.locale]);
    this.preview = new PickPreview(editor);
  }

  /** @returns {string} */
  get status() {
    const words = objectTool.words[this.editor.locale];
    if (this.editor.segmenter.asking) return words.asking;
    if (this.picking.looking > 0) return words.looking;
    const { length } = this.editor.session.objects;
    return length === 0 ? words.pick : length === 1 ? words.move : words.several;
  }

  /** Tracks are left to the other tools: an object may lie under them. @returns {undefined} */
  hit() {
    return undefined;
  }

  /** @param {StageEvent} event */
  down(event) {
    this.picking.keepQuestionAt(this.#fraction(event.p));
    this.gesture = this.#begun(event);
    this.editor.invalidate();
  }

  /** @param {StageEvent} event @returns {Gesture} */
  #begun(event) {
    const { editor } = this;
    const { session, time } = editor;
    const handle = this.#handleAt(event);
    if (session.object && handle) {
      // A handle may lie over what a click is meant to correct.
      const clicked = (/** @type {StageEvent} */ at) => (at.shift || at.alt) && this.#click(at);
      return (handle === 'turn' ? rotating : scaling)(editor, event, session.object, clicked);
    }
    const object = event.shift || event.alt || event.mod ? undefined : this.#objectAt(event.p);
    if (!object) {
      if (!(event.shift || event.alt || event.mod)) editor.player.rewind();
      return outlining(editor, event, {
        drawn: (outline) => addObject(editor, { outline: [this.#ring(outline)] }),
        boxed: (corners) => this.#box(corners),
        clicked: (at) => this.#click(at),
      });
    }
    if (event.double) selectAlone(session, object.id);
    else if (!session.objects.includes(object)) selectObject(session, object.id);
    const drawn = session.objects.every(({ motion, start }) => 'points' in motion && time <= start);
    return (drawn ? drawingPath : movingPose)(editor, event, object);
  }

  /** The handle under the pointer; several objects have none. @param {StageEvent} event */
  #handleAt({ p, touch }) {
    const { session, px } = this.editor;
    const { objects: [object, other] } = session;
    return object && !other ? handleAt(handlesOf(this.editor, object), p, px, touch) : undefined;
  }

  /** The object under the pointer: a selected one where its handles have it, else the front one. @param {XY} p */
  #objectAt(p) {
    const { session, clip, time, regions } = this.editor;
    const seen = findObject(session.doc, regions.objectAt(p) ?? '');
    if (seen) return seen;
    const selected = session.objects.findLast((object) => isUnder(object, clip, p, poseTime(object, time)));
    return selected ?? objectAt(objectsOf(session.doc), clip, p, time);
  }

  /** @param {StageEvent} event */
  move(event) {
    const { editor, gesture } = this;
    if (gesture) {
      gesture.move(event);
      editor.invalidate();
      return;
    }
    const handle = this.#handleAt(event);
    if (handle !== this.handle) editor.invalidate();
    this.handle = handle;
    const corrects = !handle && editor.session.object !== undefined && event.shift !== event.alt;
    if (corrects !== this.corrects) editor.invalidate();
    this.corrects = corrects;
    this.cursor = handle === 'turn' ? 'grab' : handle ? 'nwse-resize' : this.#objectAt(event.p) ? 'move' : 'crosshair';
    const purpose = handle ? null : this.#purpose(event);
    const picks = purpose || (this.cursor === 'crosshair' && !(event.shift || event.alt || event.mod));
    // A model is too slow to follow the pointer, and what the own search would take is not what it takes.
    const isFree = purpose || !editor.regions.under(event);
    this.preview.follow(picks && !editor.segmenter.by && isFree ? event : null, purpose);
  }

  /**
   * With Shift, what is lit is added to the selected object, and with Alt taken away: not the object itself.
   * @param {StageEvent} event
   */
  #purpose({ shift, alt, mod }) {
    const { session: { object }, clip } = this.editor;
    if (!object || shift === alt || mod) return null;
    return {
      id: shift ? 'add' : 'remove',
      wanted: (/** @type {PickedThing} */ { outline }) => {
        const { changed, size } = combined(object.outline, outline, shift, clip);
        if (shift) return changed < LEAST_CHANGED ? 1 : 0;
        return size < LEAST_LEFT ? -1 : 0;
      },
    };
  }

  leave() {
    this.handle = undefined;
    this.corrects = false;
    this.preview.forget();
  }

  /** @param {StageEvent} event */
  up(event) {
    const { gesture } = this;
    this.gesture = null;
    gesture?.up(event);
    this.editor.commit();
    this.editor.invalidate();
  }

  /** Nothing is left open when the button is released. @returns {boolean} */
  end() {
    return false;
  }

  /** @returns {boolean} whether there was something to cancel */
  cancel() {
    this.preview.forget();
    this.picking.asked = null;
    if (!this.gesture) return this.editor.segmenter.cancel();
    this.gesture = null;
    this.editor.session.cancel();
    return true;
  }

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    if (!this.gesture) this.preview.paint(context, px);
    this.gesture?.paint?.(context, px);
  }

  /** @param {StageEvent} event */
  #click(event) {
    const { session } = this.editor;
    const under = this.#objectAt(event.p);
    if (under && event.mod) {
      selectObject(session, under.id, true);
      return;
    }
    if (under?.group && event.alt && session.objects.length !== 1) {
      selectAlone(session, under.id);
      return;
    }
    const place = this.#fraction(event.p);
    const { object } = session;
    const plain = !(event.shift || event.alt || event.mod);
    const carried = plain && this.editor.regions.under(event);
    if (carried) {
      this.editor.regions.makeObjects([carried]);
      return;
    }
    const lit = plain && this.preview.requestAt(event.p);
    const purpose = this.#purpose(event);
    const corrects = purpose && this.preview.litFor(event.p, purpose.id);
    this.preview.forget();
    if (object && corrects) this.picking.combine(object, corrects, event.shift);
    else if (object && (event.shift || event.alt)) void this.picking.correct(object, place, event.shift);
    else void this.picking.pick(lit || { points: [place], minus: [], ...this.#who });
  }

  /** What is in a box; the box itself where nothing is found. @param {XY[]} corners in pixels of the clip */
  #box(corners) {
    const [first, , last] = corners.map((corner) => this.#fraction(corner));
    void this.picking.pick({ points: [], minus: [], box: [first, last], ...this.#who }, [this.#ring(corners)]);
  }

  /** Who is asked. @returns {{by?: Model}} */
  get #who() {
    const { by } = this.editor.segmenter;
    return by ? { by } : {};
  }

  /** Takes a larger thing (1) or a smaller one (-1) in place of what is lit or selected. @param {number} by */
  resize(by) {
    const { session: { object }, stage: { pointers }, regions } = this.editor;
    if (this.preview.resize(by)) return;
    const { asked } = this.picking;
    if (object) void this.picking.resize(object, by);
    else if (asked) void this.picking.pick({ points: [asked], minus: [], step: by });
    else if (pointers.last) regions.resize(pointers.last, by);
  }

  /** @param {XY} p pixels of the clip @returns {XY} fractions of it */
  #fraction({ x, y }) {
    const { width, height } = this.editor.clip;
    return { x: x / width, y: y / height };
  }

  /** A drawn outline with few corners, in fractions of the clip. @param {XY[]} outline @returns {Ring} */
  #ring(outline) {
    const { clip, px } = this.editor;
    const scaled = outline.map(({ x, y }) => ({ x: x / px, y: y / px }));
    const kept = outline.length > 4 ? simplify(scaled, TOLERANCE, 'linear') : outline.map((_, k) => k);
    return kept.map((k) => ({ x: outline[k].x / clip.width, y: outline[k].y / clip.height }));
  }
}
