/**
 * The canvas, drawn in layers: the picture and unselected drags, the moved picture, the selected drags, and what
 * changes every frame. Each layer is redrawn only if something on it has changed; drawing asks for nothing.
 */

import { h } from './dom.js';
import { paintHover, paintMarker, paintPoints, paintTrack, markerPosition } from './paint.js';
import { CameraFilm } from './camera_film.js';
import { ComposedPicture } from './composed_picture.js';
import { objectsOf } from '../core/objects/edit.js';
import { paintPins } from './objects/bending.js';
import { CarriedThings } from './objects/carried.js';
import { paintPinHandles } from './objects/pin_handles.js';
import { FollowedThings } from './objects/followed.js';
import { MaskOffer } from './objects/offer.js';
import { lookAt, paintAreas, paintHandles, paintObject, paintPose } from './objects/paint.js';
import { Pointers } from './pointers.js';
import { sceneOf } from './scene.js';

/** @import {XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Scene} from './scene.js' */

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
    this.composed = new ComposedPicture(editor);
    this.cameraFilm = new CameraFilm(editor);
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
    for (const each of this.answers) each.forget();
  }

  /** What the server says of the drawing. */
  get answers() {
    return [this.followed, this.carried, this.composed, this.cameraFilm];
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
    const scene = sceneOf(editor);
    this.carried.render();
    this.#drawBase(scene);
    this.#drawMoving(scene);
    this.#drawChosen(scene);
    this.#drawTop(scene);
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

  /** The picture, and the unselected tracks and objects. @param {Scene} scene */
  #drawBase({ overlays }) {
    const { editor } = this;
    const { clip, picture, result, state, px } = editor;
    const active = new Set(state.active);
    const resting = state.doc.tracks.filter((track) => !active.has(track.id));
    const selected = new Set(state.objects);
    const objects = objectsOf(state.doc).filter((object) => !selected.has(object));
    const { followed, carried: { shown } } = this;
    const seen = [overlays, picture.image, picture.version, result.look, editor.snapGuides.grid, followed.things];
    if (!this.#isOutdated(this.base, [...seen, ...shown, ...objects, null, ...resting])) return;
    const context = this.#begin(this.base, this.ratio);
    context.fillStyle = GROUND;
    context.fillRect(0, 0, clip.width, clip.height);
    (result.visible ? result : picture).draw(context, clip);
    if (state.problem) return;
    if (overlays.has('grid')) this.#drawGrid(context);
    for (const object of overlays.has('others') ? objects : []) {
      paintObject(context, object, clip, px, false, followed.lookOf(object));
      paintPins(context, object, clip, px, false);
    }
    if (overlays.has('regions')) {
      this.carried.paint(context, px);
      followed.paint(context, px);
    }
    for (const track of overlays.has('others') ? resting : []) paintTrack(context, track, clip, px, false);
  }

  /** The moved picture, which hides the layer behind it. @param {Scene} scene */
  #drawMoving({ moving, look, time }) {
    if (!this.#isOutdated(this.moving, [moving, ...look])) return;
    const context = this.#begin(this.moving, this.ratio);
    moving?.draw(context, time);
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

  /**
   * The selected tracks and objects. While they are moved together, their layer is shifted without redrawing.
   * @param {Scene} scene
   */
  #drawChosen({ overlays, time }) {
    const { clip, state, px, viewport } = this.editor;
    const { x, y } = state.shifted ?? { x: 0, y: 0 };
    const move = `translate(${x * clip.width * viewport.scale}px, ${y * clip.height * viewport.scale}px)`;
    const transform = state.shifted ? move : '';
    if (this.chosen.style.transform !== transform) this.chosen.style.transform = transform;
    const active = new Set(state.active);
    const tracks = state.doc.tracks.filter((track) => active.has(track.id));
    const { objects } = state;
    const { followed } = this;
    const seen = [overlays, state.selection, objects.length > 0 && time, followed.things];
    if (!this.#isOutdated(this.chosen, [...seen, ...objects, ...tracks])) return;
    const context = this.#begin(this.chosen, this.ratio);
    if (state.problem) return;
    for (const object of overlays.has('selected') ? objects : []) {
      const look = followed.lookOf(object);
      paintObject(context, object, clip, px, true, look ?? lookAt(object, clip, time));
      if (overlays.has('areas')) paintAreas(context, object, clip, px);
      if (overlays.has('pins')) paintPins(context, object, clip, px, true);
      if (!look && overlays.has('pose')) paintPose(context, object, clip, time, px);
    }
    if (objects.length === 1 && overlays.has('handles')) paintHandles(context, objects[0], clip, time, px);
    for (const track of overlays.has('selected') ? tracks : []) {
      paintTrack(context, track, clip, px, true);
      if (overlays.has('points')) paintPoints(context, track, clip, px, chosenOf(state.selection, track.id));
    }
  }

  /** What changes every frame. @param {Scene} scene */
  #drawTop({ overlays, time }) {
    const { editor } = this;
    const { clip, state, px } = editor;
    const hover = state.shifted || !overlays.has('hover') ? null : editor.hover;
    const context = this.#begin(this.top, this.ratio);
    if (state.problem) return;
    const active = new Set(state.active);
    const over = hover && state.track(hover.id);
    if (over && hover) paintHover(context, over, hover, clip, px, hover.kind === 'curve' && active.has(over.id));
    if (overlays.has('guides')) this.#drawGuides(context);
    if (overlays.has('handles')) paintPinHandles(context, editor);
    editor.tool.paint(context, px);
    const elsewhere = editor.depthCamera?.inputs; // a camera takes the drags elsewhere
    if (time > 0 && overlays.has('markers') && !elsewhere) this.#drawMarkers(context);
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
