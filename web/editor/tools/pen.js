/**
 * The pen tool. A click away from all tracks begins a track or adds a point to the one being drawn; press and drag
 * draws freehand, also over other tracks. Dragging a point or handle of the selected track moves it instead, and a
 * click on a track selects it, unless a track is being drawn or Ctrl is held.
 */

import { addTrack, insertPoint, updateTracks } from '../../core/document.js';
import { pointsOf } from '../../core/simplify.js';
import { newBend } from '../objects/bending.js';
import { hitAt, radiusOf } from '../hits.js';
import { lookOf, paintRubber } from '../paint.js';
import { Grab } from './grab.js';

/** @import {Doc, History, Hit, Size, Timing, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {Tool, ToolDefinition} from './contract.js' */

const SLACK = { mouse: 4, touch: 9 }; // CSS pixels that the pointer may move during a click
const STEP = 1.5; // CSS pixels between the places of a stroke
const FORESEEN = 16; // CSS pixels of a stroke from which it will be a drag

/** @satisfies {ToolDefinition} */
export const penTool = Object.freeze({
  id: 'pen',
  icon: 'M2 14 L3 10.5 L10.5 3 L13 5.5 L5.5 13 Z M9 4.5 L11.5 7',
  key: 'P',
  words: {
    en: {
      label: 'Draw',
      keyHelp: 'Draw: click adds a point, press and drag draws freehand',
      drawing: 'Click adds a point · Enter ends · Esc cancels',
      onePoint: 'A single point holds its spot. Draw a second one to move it.',
    },
    zh: {
      label: '绘制',
      keyHelp: '绘制：单击添加点，按住拖动手绘',
      drawing: '单击添加点 · Enter 结束 · Esc 取消',
      onePoint: '单个点会固定该处。再画一个点即可移动它。',
    },
  },
  create: (/** @type {Editor} */ editor) => new PenTool(editor),
});

/** @implements {Tool} */
class PenTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.grab = new Grab(editor);
    /**
     * The track being drawn, and the history from before it.
     * @type {{id: string, before: Readonly<History>} | null}
     */
    this.draft = null;
    /**
     * `hit` is what was pressed: a click applies to it, a stroke does not.
     * @type {{from: StageEvent, at: XY, stroke: XY[], freehand: boolean, hit: Hit | undefined,
     *   foreseen: Readonly<Doc> | null} | null}
     */
    this.press = null;
    /** @type {StageEvent | null} */
    this.hover = null;
    this.cursor = 'crosshair';
  }

  /** The track being drawn, if it still exists after an undo. */
  get track() {
    const track = this.draft && this.editor.session.track(this.draft.id);
    if (!track) this.draft = null;
    return track ?? null;
  }

  /** @returns {string | null} */
  get status() {
    return this.track ? penTool.words[this.editor.locale].drawing : null;
  }

  /** Each click is an undo step of the editor, the whole track one of the page. */
  get unfinished() {
    return this.track !== null;
  }

  get hidesHint() {
    return this.press !== null;
  }

  get foreseen() {
    return this.press?.foreseen ?? null;
  }

  /** What a press grabs. @param {StageEvent} event */
  hit(event) {
    return this.track || event.mod ? undefined : hitAt(this.editor, event);
  }

  /** @param {StageEvent} event */
  down(event) {
    const { track } = this;
    const hit = this.hit(event);
    if (hit && this.#isOfSelected(hit)) {
      this.grab.down(event, hit);
    } else if (track && this.#onLastPoint(event)) {
      this.end();
    } else {
      this.press = { from: event, at: this.#place(event), stroke: [event.p], freehand: false, hit, foreseen: null };
      if (!track && !hit) this.editor.player.rewind();
    }
  }

  /** Whether a hit is a handle or a point of the selected track. @param {Hit} hit */
  #isOfSelected({ kind, id }) {
    return kind === 'handle' || (kind === 'point' && this.editor.session.active.includes(id));
  }

  /** @param {StageEvent} event */
  move(event) {
    this.hover = event;
    if (this.grab.active) {
      this.grab.move(event);
      return;
    }
    const { press, editor } = this;
    if (press) {
      const far = Math.hypot(event.stage.x - press.from.stage.x, event.stage.y - press.from.stage.y);
      const freehand = press.freehand || far > (event.touch ? SLACK.touch : SLACK.mouse);
      if (freehand && press.hit) editor.player.rewind();
      Object.assign(press, { freehand, hit: freehand ? undefined : press.hit });
      const last = press.stroke[press.stroke.length - 1];
      if (Math.hypot(event.p.x - last.x, event.p.y - last.y) > STEP * editor.px) press.stroke.push(event.p);
      if (freehand && far > FORESEEN && !this.track) press.foreseen ??= this.#added(this.#ofStroke(press.stroke)).doc;
    }
    if (press || this.track) editor.invalidate();
  }

  /** @param {StageEvent} event */
  up(event) {
    if (this.grab.active) {
      this.grab.up(event);
      return;
    }
    const { press } = this;
    this.press = null;
    if (!press) return;
    if (press.hit) {
      this.grab.down(press.from, press.hit);
      this.grab.up(event);
      return;
    }
    if (press.freehand) this.#addStroke(press.stroke);
    else this.#addPoints([press.at]);
    this.editor.commit(true);
  }

  /** A track with a single point becomes an anchor. @returns {boolean} whether a track was being drawn */
  end() {
    const { track, editor } = this;
    this.draft = null;
    this.press = null;
    if (track && track.kind === 'path' && track.points.length === 1) {
      editor.session.apply(updateTracks(editor.session.doc, [track.id], { kind: 'anchor' }), 'draw');
      editor.notices.say(penTool.words[editor.locale].onePoint);
    }
    if (track) editor.commit(true);
    editor.invalidate();
    return track !== null;
  }

  /** @returns {boolean} whether there was something to cancel */
  cancel() {
    if (this.grab.active) {
      this.grab.cancel();
      return true;
    }
    const { draft, press, track } = this;
    this.press = null;
    this.draft = null;
    if (track && draft && !press?.freehand) this.editor.session.cancel(draft.before);
    else if (track) this.draft = draft;
    if (track) this.editor.commit(true);
    this.editor.invalidate();
    return Boolean(track || press);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    const { track, press, hover, editor } = this;
    const color = track?.color ?? '#fff';
    const points = track && lookOf(track, editor.clip).points;
    const last = points?.[points.length - 1];
    if (press?.freehand) {
      const [first, ...rest] = press.stroke;
      if (last) paintRubber(context, last, first, color, px);
      context.lineCap = 'round';
      context.lineJoin = 'round';
      const path = new Path2D();
      path.moveTo(first.x, first.y);
      for (const p of rest) path.lineTo(p.x, p.y);
      for (const [style, width] of /** @type {[string, number][]} */ ([['rgba(0, 0, 0, 0.6)', 4.5], [color, 2.5]])) {
        context.strokeStyle = style;
        context.lineWidth = width * px;
        context.stroke(path);
      }
    } else if (last && hover && !hover.touch && editor.stage.inside) {
      paintRubber(context, last, this.#place(hover), color, px);
    }
  }

  /** @param {XY[]} stroke pixels of the clip */
  #addStroke(stroke) {
    const isNew = !this.track;
    this.#addPoints(...this.#ofStroke(stroke));
    if (isNew) this.end();
  }

  /**
   * Points are denser where the stroke bends: equal times between them would slow it down there.
   * @param {XY[]} stroke
   * @returns {[XY[], Timing]}
   */
  #ofStroke(stroke) {
    return [pointsOf(stroke, this.editor.px), 'arc_length'];
  }

  /** @param {XY[]} places pixels of the clip @param {Timing} timing of a new track */
  #addPoints(places, timing = 'points') {
    const { track, editor: { session, clip } } = this;
    if (track) {
      const points = fractionsOf(places, clip);
      const doc = points.reduce((now, p, k) => insertPoint(now, track.id, track.points.length + k, p), session.doc);
      session.apply(doc, 'draw');
      return;
    }
    const before = session.history;
    const { doc, id } = this.#added([places, timing]);
    session.apply(doc, 'draw');
    session.select({ tracks: [id] });
    this.draft = { id, before };
  }

  /** The drawing with a new track. @param {[XY[], Timing]} track */
  #added([places, timing]) {
    const { editor } = this;
    const draft = { points: fractionsOf(places, editor.clip), timing, ...newBend(editor), ...editor.player.begins };
    return addTrack(editor.session.doc, draft);
  }

  /** @param {StageEvent} event @returns {XY} */
  #place(event) {
    const { track, editor } = this;
    const points = track && lookOf(track, editor.clip).points;
    const last = points?.[points.length - 1];
    return editor.snapped(event.p, event, last);
  }

  /** @param {StageEvent} event */
  #onLastPoint(event) {
    const { track, editor } = this;
    if (!track) return false;
    const { points } = lookOf(track, editor.clip);
    const last = points[points.length - 1];
    return Math.hypot(event.p.x - last.x, event.p.y - last.y) <= radiusOf(editor, event.touch).point * 0.8;
  }
}

/** @param {XY[]} places pixels of the clip @param {Size} clip */
const fractionsOf = (places, { width, height }) => places.map(({ x, y }) => ({ x: x / width, y: y / height }));
