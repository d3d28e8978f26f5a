/**
 * The canvas, drawn in layers: the picture and unselected drags, what moves during playback, the selected drags, and
 * what changes every frame. Each layer is redrawn only if something on it has changed.
 */

import { h } from './dom.js';
import { paintHover, paintMarker, paintPoints, paintTrack, markerPosition } from './paint.js';
import { MovedPicture } from './moved_picture.js';
import { objectsOf } from '../core/objects/edit.js';
import { paintPins } from './objects/bending.js';
import { CarriedThings } from './objects/carried.js';
import { Cutouts } from './objects/cutouts.js';
import { paintPinHandles } from './objects/pin_handles.js';
import { FollowedThings } from './objects/followed.js';
import { MaskOffer } from './objects/offer.js';
import { paintAreas, paintHandles, paintObject, paintPose } from './objects/paint.js';
import { Pointers } from './pointers.js';

/** @import {XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

/**
 * A pointer over the canvas.
 * @typedef {object} StageEvent
 * @property {XY} p pixels of the clip
 * @property {XY} stage CSS pixels of the canvas
 * @property {boolean} shift
 * @property {boolean} alt
 * @property {boolean} mod Ctrl or Cmd
 * @property {boolean} [more] further positions of the same move follow immediately, so nothing has to be shown yet
 * @property {boolean} [double] of a press: the second of two
 * @property {number} [pressure] of a pen, where 1 is firm
 * @property {boolean} touch a finger, which is less precise than a mouse or a pen
 */

const GROUND = '#7a7a7a'; // where there is no picture
const MAX_SIDE = 8192; // of a canvas

export class Stage {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    this.base = h('canvas', { class: 'dnw-canvas' });
    this.moving = h('canvas', { class: 'dnw-canvas' });
    this.chosen = h('canvas', { class: 'dnw-canvas' });
    const names = { 'data-testid': 'dragnuwa-canvas', 'aria-label': t('canvas') };
    this.top = h('canvas', { class: 'dnw-canvas', role: 'img', ...names });
    const notes = h('div', { class: 'dnw-notes' }, editor.hint.root, editor.status.root);
    this.offer = new MaskOffer(editor);
    this.carried = new CarriedThings(editor);
    this.followed = new FollowedThings(editor);
    const offers = h('div', { class: 'dnw-offers' }, this.offer.root, this.carried.root);
    const layers = [this.base, this.moving, this.chosen, this.top];
    const over = [editor.horizon.root, editor.result.root, offers, notes];
    this.root = h('div', { class: 'dnw-stage' }, ...layers, ...over);
    this.pointers = new Pointers(editor, this);
    this.cutouts = new Cutouts(editor);
    this.moved = new MovedPicture(editor);
    this.inside = false;
    this.ratio = 1;
    /** The values that a layer was drawn from. @type {WeakMap<HTMLCanvasElement, readonly unknown[]>} */
    this.drawn = new WeakMap();
    this.resizes = new ResizeObserver(() => editor.invalidate());
  }

  attach() {
    this.resizes.observe(this.root);
  }

  detach() {
    this.resizes.disconnect();
    for (const each of [this.carried, this.followed, this.moved]) each.forget();
  }

  /** Measures the element, in CSS pixels before the graph's zoom, and the pixel ratio that the canvas needs. */
  measure() {
    const { viewport } = this.editor;
    viewport.stage = { width: Math.max(1, this.root.clientWidth), height: Math.max(1, this.root.clientHeight) };
    this.ratio = this.#pixelRatio();
  }

  /**
   * A pointer's position, in CSS pixels of the canvas.
   * @param {{clientX: number, clientY: number}} event
   * @returns {XY}
   */
  place(event) {
    const box = this.top.getBoundingClientRect();
    const { stage } = this.editor.viewport;
    return {
      x: ((event.clientX - box.left) / (box.width || 1)) * stage.width,
      y: ((event.clientY - box.top) / (box.height || 1)) * stage.height,
    };
  }

  draw() {
    const { editor } = this;
    this.followed.follow();
    this.carried.render();
    this.moved.follow();
    this.editor.picture.seek(this.editor.time, this.editor.clip.frames);
    this.#drawBase();
    this.#drawMoving();
    this.#drawChosen();
    this.#drawTop();
    editor.horizon.render();
    editor.hint.render();
    editor.status.render();
    this.offer.render();
    this.showCursor();
  }

  showCursor() {
    const { cursor } = this.pointers;
    if (this.top.style.cursor !== cursor) this.top.style.cursor = cursor;
  }

  /** Canvas pixels per CSS pixel: the screen's, times the graph's zoom. */
  #pixelRatio() {
    const box = this.root.getBoundingClientRect();
    const { stage } = this.editor.viewport;
    const zoom = box.width > 0 ? box.width / stage.width : 1;
    const wanted = Math.min(4, Math.max(1, (globalThis.devicePixelRatio || 1) * zoom));
    return Math.min(wanted, MAX_SIDE / Math.max(stage.width, stage.height));
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} ratio
   * @returns {CanvasRenderingContext2D} cleared; its unit is the clip's pixel
   */
  #begin(canvas, ratio) {
    const { viewport } = this.editor;
    const width = Math.round(viewport.stage.width * ratio);
    const height = Math.round(viewport.stage.height * ratio);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    else {
      context.resetTransform();
      context.clearRect(0, 0, width, height);
    }
    const scale = viewport.scale * ratio;
    const { x, y } = viewport.offset;
    context.setTransform(scale, 0, 0, scale, x * ratio, y * ratio);
    return context;
  }

  /**
   * Whether a layer has to be redrawn, because the view or one of these values has changed.
   * @param {HTMLCanvasElement} layer
   * @param {readonly unknown[]} values
   */
  #isOutdated(layer, values) {
    const { clip, viewport: { scale, offset, stage }, state } = this.editor;
    const drawn = [
      this.ratio, scale, offset.x, offset.y, stage.width, stage.height, clip.width, clip.height, clip.frames, clip.fit,
      state.problem, ...values,
    ];
    const before = this.drawn.get(layer);
    if (before?.length === drawn.length && drawn.every((value, k) => value === before[k])) return false;
    this.drawn.set(layer, drawn);
    return true;
  }

  /** The picture and the unselected tracks. */
  #drawBase() {
    const { editor } = this;
    const { clip, picture, result, state } = editor;
    const active = new Set(state.active);
    const resting = state.doc.tracks.filter((track) => !active.has(track.id));
    const selected = new Set(state.objects);
    const objects = objectsOf(state.doc).filter((object) => !selected.has(object));
    const { followed, carried: { shown } } = this;
    const seen = [picture.image, picture.version, result.look];
    const look = [...seen, editor.snapGuides.grid, followed.things, ...shown, ...objects, null, ...resting];
    if (!this.#isOutdated(this.base, look)) return;
    const context = this.#begin(this.base, this.ratio);
    context.fillStyle = GROUND;
    context.fillRect(0, 0, clip.width, clip.height);
    (result.visible ? result : picture).draw(context, clip);
    if (state.problem) return;
    this.#drawGrid(context);
    for (const object of objects) {
      paintObject(context, object, clip, editor.px, false, followed.lookOf(object));
      paintPins(context, object, clip, editor.px, false);
    }
    this.carried.paint(context, editor.px);
    if (!result.shown) followed.paint(context, editor.px);
    for (const track of resting) paintTrack(context, track, clip, editor.px, false);
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawGrid(context) {
    const { clip, snapGuides, px } = this.editor;
    const gridStep = snapGuides.step;
    if (!gridStep) return;
    const lines = new Path2D();
    for (let x = gridStep; x < clip.width; x += gridStep) lines.rect(x, 0, 0, clip.height);
    for (let y = gridStep; y < clip.height; y += gridStep) lines.rect(0, y, clip.width, 0);
    context.lineWidth = px;
    context.strokeStyle = 'rgba(255, 255, 255, 0.35)';
    context.stroke(lines);
  }

  /** The selected tracks. While they are moved together, their layer is shifted without redrawing. */
  #drawChosen() {
    const { clip, state, px, viewport } = this.editor;
    const { x, y } = state.shifted ?? { x: 0, y: 0 };
    const move = `translate(${x * clip.width * viewport.scale}px, ${y * clip.height * viewport.scale}px)`;
    const transform = state.shifted ? move : '';
    if (this.chosen.style.transform !== transform) this.chosen.style.transform = transform;
    const active = new Set(state.active);
    const tracks = state.doc.tracks.filter((track) => active.has(track.id));
    const { objects } = state;
    const { time, player: { playing } } = this.editor;
    const pose = objects.length > 0 && time;
    const { followed } = this;
    if (!this.#isOutdated(this.chosen, [state.selection, pose, followed.things, ...objects, ...tracks])) return;
    const context = this.#begin(this.chosen, this.ratio);
    if (state.problem) return;
    for (const object of objects) {
      const look = followed.lookOf(object);
      paintObject(context, object, clip, px, true, look ?? { filled: time === 0 });
      if (!playing) paintAreas(context, object, clip, px);
      if (!playing) paintPins(context, object, clip, px, true);
      if (!playing && !look) paintPose(context, object, clip, time, px);
    }
    if (objects.length === 1 && !playing) paintHandles(context, objects[0], clip, time, px);
    for (const track of tracks) {
      paintTrack(context, track, clip, px, true);
      paintPoints(context, track, clip, px, chosenOf(state.selection, track.id));
    }
  }

  #drawTop() {
    const { editor } = this;
    const { clip, state, px } = editor;
    const hover = state.shifted ? null : editor.hover;
    const context = this.#begin(this.top, this.ratio);
    if (state.problem) return;
    const active = new Set(state.active);
    const over = hover && state.track(hover.id);
    if (over && hover) paintHover(context, over, hover, clip, px, hover.kind === 'curve' && active.has(over.id));
    this.#drawGuides(context);
    paintPinHandles(context, editor);
    editor.tool.paint(context, px);
    if (editor.time > 0 && !editor.depthCamera?.inputs) this.#drawMarkers(context); // a camera takes them elsewhere
  }

  /** The moved picture; until it is available, the objects. */
  #drawMoving() {
    const { state, clip, picture, result, time } = this.editor;
    const shown = time > 0 && !result.shown && !picture.video; // a result and a video show the motion themselves
    const moved = this.moved.at(time);
    const look = moved ? [moved] : [time, picture.image, state.doc, this.cutouts.ground];
    if (!this.#isOutdated(this.moving, shown ? look : [])) return;
    const context = this.#begin(this.moving, this.ratio);
    if (!shown || state.problem) return;
    if (moved) context.drawImage(moved, 0, 0, clip.width, clip.height);
    else this.cutouts.draw(context, time);
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawMarkers(context) {
    const { state, clip, time, px } = this.editor;
    for (const track of state.doc.tracks) {
      if (!track.enabled || track.points.length === 1) continue;
      const at = markerPosition(track, time, clip);
      paintMarker(context, track, at, at.visible, px);
    }
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawGuides(context) {
    const { snapGuides: { guides }, clip, px } = this.editor;
    context.lineWidth = px;
    context.strokeStyle = '#ff5fa2';
    for (const { axis, at } of guides) {
      context.beginPath();
      context.moveTo(axis === 'x' ? at : 0, axis === 'x' ? 0 : at);
      context.lineTo(axis === 'x' ? at : clip.width, axis === 'x' ? clip.height : at);
      context.stroke();
    }
  }
}

/** @param {import('../core/types.js').Selection} selection @param {string} id */
function chosenOf(selection, id) {
  return new Set(selection.points.filter((point) => point.id === id).map(({ index }) => index));
}
