/**
 * The canvas, drawn in layers: the picture and unselected drags, the moved picture, the selected drags, and what
 * changes every frame. Each layer is redrawn only if something on it has changed; drawing asks for nothing.
 */

import { compose } from '../core/compose.js';
import { isAnchor } from '../core/sampling.js';
import { h } from './dom.js';
import { paintEdited } from './edited_clip.js';
import { paintHover, paintMarker, paintPoints, paintTrack, markerPosition } from './paint.js';
import { paintPins } from './objects/bending.js';
import { paintRegions } from './objects/paint_regions.js';
import { paintPinHandles } from './objects/pin_handles.js';
import { poseTime } from './objects/look.js';
import { lookAt, paintAreas, paintHandles, paintObject, paintPose } from './objects/paint.js';
import { keyOf } from '../core/depth/camera.js';
import { DepthFrames } from './depth_frames.js';
import { Pointers } from './pointers.js';
import { bendsIn, sceneOf } from './scene.js';

/** @import {Composition} from '../core/composing/composition.js' */
/** @import {Selection, XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Scene} from './scene.js' */

/**
 * A pointer over the canvas.
 * @typedef {object} StageEvent
 * @property {XY} p pixels of the clip
 * @property {XY} stage CSS pixels of the canvas
 * @property {number} time ms, as of performance.now()
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
const PARTS_MS = 50; // between two times that what is around the canvas follows what is performed
const MOST_BYTES = 64e6; // of composed frames that are kept
/** @type {readonly any[]} */
const NONE = Object.freeze([]);

export class Stage {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t, noticesView: { roots: { hint, line, offer } } } = editor;
    this.editor = editor;
    this.base = h('canvas', { class: 'dnw-canvas' });
    this.moving = h('canvas', { class: 'dnw-canvas' });
    this.chosen = h('canvas', { class: 'dnw-canvas' });
    const names = { 'data-testid': 'dragnuwa-canvas', 'aria-label': t('canvas') };
    this.top = h('canvas', { class: 'dnw-canvas', role: 'img', ...names });
    const notes = h('div', { class: 'dnw-notes' }, hint, line);
    const offers = h('div', { class: 'dnw-offers' }, offer, editor.regions.root);
    const layers = [this.base, this.moving, this.chosen, this.top];
    const over = [editor.horizon.root, editor.result.root, offers, notes];
    this.root = h('div', { class: 'dnw-stage' }, ...layers, ...over);
    this.pointers = new Pointers(editor, this);
    this.inside = false;
    this.ratio = 1;
    /** The values that a layer was drawn from. @type {WeakMap<HTMLCanvasElement, readonly unknown[]>} */
    this.drawn = new WeakMap();
    /** A composed frame in its own pixels. */
    this.composed = h('canvas');
    /** Composed frames, by their numbers. @type {{of: Composition | null, frames: Map<number, ImageData>}} */
    this.kept = { of: null, frames: new Map() };
    this.filmed = new DepthFrames();
    /** Timer of what follows a frame. */
    this.later = 0;
    this.resizes = new ResizeObserver(() => editor.invalidate());
    /** What the page calls in its next frame. */
    this.frame = () => {
      editor.frameRequest = 0;
      this.draw();
    };
  }

  attach() {
    this.resizes.observe(this.root);
  }

  detach() {
    this.resizes.disconnect();
    clearTimeout(this.later);
    Object.assign(this, { later: 0, kept: { of: null, frames: new Map() }, filmed: new DepthFrames() });
  }

  /** Draws. While something is held, the canvas comes first, and what is around it as soon as that is on the screen. */
  draw() {
    const { editor } = this;
    if (this.root.clientWidth === 0) return;
    const { hold, playing } = editor.session.now;
    const first = hold !== null;
    if (!first || playing) editor.seek();
    this.measure();
    const { clip, picture, result, around: { depthCamera }, answers } = editor;
    const { composed, film, depth } = answers;
    const answered = { composed, film, depth, edited: picture.video ? editor.editedClip.frame : null };
    const scene = sceneOf(editor.session.now, { clip, picture, result, depthCamera }, answered);
    this.#drawBase(scene);
    this.#drawMoving(scene);
    this.#drawChosen(scene);
    this.#drawTop(scene);
    if (!first) this.#drawParts();
    else if (!this.later) this.later = window.setTimeout(() => this.#drawParts(), playing ? PARTS_MS : 0);
  }

  #drawParts() {
    clearTimeout(this.later);
    this.later = 0;
    this.editor.render();
    this.showCursor();
  }

  /** Measures the element, in CSS pixels before the graph's zoom, and the pixel ratio that the canvas needs. */
  measure() {
    const { viewport } = this.editor;
    const stage = { width: Math.max(1, this.root.clientWidth), height: Math.max(1, this.root.clientHeight) };
    const { width, height } = viewport.stage;
    if (stage.width !== width || stage.height !== height) viewport.take({ stage });
    this.ratio = this.#pixelRatio();
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
   * @returns {CanvasRenderingContext2D} cleared; its unit is the clip's pixel
   */
  #begin(canvas) {
    const { ratio, editor: { viewport } } = this;
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
    const { clip, viewport: { scale, offset, stage }, session: { now } } = this.editor;
    const drawn = [
      this.ratio, scale, offset.x, offset.y, stage.width, stage.height, clip.width, clip.height, clip.frames, clip.fit,
      now.problem, ...values,
    ];
    const before = this.drawn.get(layer);
    if (before?.length === drawn.length && drawn.every((value, k) => value === before[k])) return false;
    this.drawn.set(layer, drawn);
    return true;
  }

  /** The picture, or the edited frame of a video, and the unselected tracks and objects. @param {Scene} scene */
  #drawBase(scene) {
    const { editor } = this;
    const { overlays, edited, time } = scene;
    const { clip, picture, regions, result, session: { now }, viewport: { scale } } = editor;
    const px = 1 / scale;
    const resting = now.doc.tracks.filter((track) => !now.tracks.includes(track));
    const objects = now.doc.objects?.filter((object) => !now.objects.includes(object)) ?? NONE;
    const inFrame = picture.video ? regions.inFrame : NONE;
    const shown = overlays.has('regions') ? regions.shown : NONE;
    const look = result.shown ? result.look : '';
    const moved = result.shown && objects.length > 0 ? time : 0; // outlines go with what the result shows
    const seen = [overlays, picture.image, picture.version, look, now.grid, inFrame, edited, moved];
    if (!this.#isOutdated(this.base, [...seen, ...shown, ...objects, null, ...resting])) return;
    const context = this.#begin(this.base);
    context.fillStyle = GROUND;
    context.fillRect(0, 0, clip.width, clip.height);
    (result.visible ? result : picture).draw(context, clip);
    if (edited) paintEdited(context, edited, clip);
    if (now.problem) return;
    if (overlays.has('grid')) this.#drawGrid(context);
    for (const object of overlays.has('others') ? objects : NONE) {
      const own = regions.lookOf(object) ?? (moved > 0 ? lookAt(object, clip, scene) : undefined);
      paintObject(context, object, clip, px, false, own);
      paintPins(context, object, clip, px, false, regions.placementOf(object));
    }
    if (overlays.has('regions')) paintRegions(context, editor, px);
    for (const track of overlays.has('others') ? resting : NONE) {
      paintTrack(context, track, clip, px, false, picture.video && regions.isAway(track));
    }
  }

  /** The moved picture, which hides the layer behind it. @param {Scene} scene */
  #drawMoving({ composition, frame, film, seen }) {
    const hand = this.editor.session.now.hold !== null;
    const parts = [composition, frame, film, seen?.picture, seen?.frame, seen && keyOf(seen.moves), hand];
    if (!this.#isOutdated(this.moving, parts)) return;
    const { clip: { width, height } } = this.editor;
    const context = this.#begin(this.moving);
    context.imageSmoothingQuality = seen && hand ? 'low' : 'high'; // which takes a third of the time
    if (film) context.drawImage(film, 0, 0, width, height);
    if (composition) context.drawImage(this.#composed(composition, frame), 0, 0, width, height);
    if (seen) context.drawImage(this.filmed.frame(seen, hand), 0, 0, width, height);
  }

  /** @param {Composition} composition @param {number} frame */
  #composed(composition, frame) {
    if (this.kept.of !== composition) this.kept = { of: composition, frames: new Map() };
    const { composed, kept: { frames } } = this;
    const { size: { width, height }, frames: count } = composition;
    const made = frames.get(frame) ?? new ImageData(compose(composition, frame / (count - 1)), width, height);
    if ((frames.size + 1) * made.data.length <= MOST_BYTES) frames.set(frame, made);
    if (composed.width !== width || composed.height !== height) Object.assign(composed, { width, height });
    composed.getContext('2d')?.putImageData(made, 0, 0);
    return composed;
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawGrid(context) {
    const { clip, gridStep, px } = this.editor;
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
  #drawChosen(scene) {
    const { editor, chosen } = this;
    const { overlays, time, composition } = scene;
    const { clip, picture, regions, session: { now }, viewport: { scale } } = editor;
    const { shifted, objects, selection } = now;
    const { x, y } = shifted ?? { x: 0, y: 0 };
    const transform = shifted ? `translate(${x * clip.width * scale}px, ${y * clip.height * scale}px)` : '';
    if (chosen.style.transform !== transform) chosen.style.transform = transform;
    const inFrame = picture.video ? regions.inFrame : NONE;
    const posed = this.#posed(scene);
    const seen = [overlays, selection, objects.length > 0 && time, objects.length > 0 && composition, inFrame, posed];
    if (!this.#isOutdated(chosen, [...seen, ...objects, ...now.tracks])) return;
    const context = this.#begin(chosen);
    if (now.problem || !overlays.has('selected')) return;
    const px = 1 / scale;
    for (const object of objects) {
      const look = regions.lookOf(object) ?? lookAt(object, clip, scene);
      paintObject(context, object, clip, px, true, look);
      if (overlays.has('areas')) paintAreas(context, object, clip, px);
      if (overlays.has('pins')) paintPins(context, object, clip, px, true, regions.placementOf(object));
      if (look.posed && overlays.has('pose') && posed) paintPose(context, object, clip, time, px);
    }
    if (objects.length === 1 && overlays.has('handles')) paintHandles(context, objects[0], editor, posed);
    for (const track of now.tracks) {
      paintTrack(context, track, clip, px, true, picture.video && regions.isAway(track));
      if (overlays.has('points')) paintPoints(context, track, clip, px, chosenOf(selection, track.id));
    }
  }

  /**
   * Whether the selected objects are outlined at the instant that their handles edit: at the playhead, or at their end
   * while a hand is on a handle there. One outline of a thing is enough otherwise.
   * @param {Scene} scene
   */
  #posed({ view, time }) {
    const { tool, session: { now: { objects, hold } } } = this.editor;
    return view === 'held' || hold !== null || Boolean(tool.handle)
      || objects.every((object) => poseTime(object, time) === time);
  }

  /** What changes every frame. @param {Scene} scene */
  #drawTop({ overlays, time }) {
    const { editor } = this;
    const { clip, picture, session: { now }, viewport: { scale } } = editor;
    const px = 1 / scale;
    const hover = now.shifted || !overlays.has('hover') ? null : editor.hover;
    const context = this.#begin(this.top);
    if (now.problem) return;
    const over = hover && now.doc.tracks.find(({ id }) => id === hover.id);
    if (over) paintHover(context, over, hover, clip, px, hover.kind === 'curve' && now.tracks.includes(over));
    if (overlays.has('guides')) this.#drawGuides(context, px);
    const pinned = now.tracks.length === 1 && !now.playing && bendsIn(now, editor.regions.found);
    const place = pinned && picture.video ? editor.regions.placeOf(now.tracks[0]) : undefined;
    if (pinned && overlays.has('handles')) paintPinHandles(context, now.tracks[0], clip, now.time, px, place);
    if (overlays.has('tool')) editor.tool.paint(context, px);
    if (time > 0 && overlays.has('markers')) this.#drawMarkers(context);
  }

  /** @param {CanvasRenderingContext2D} context */
  #drawMarkers(context) {
    const { session: { now }, clip, px, picture, regions, editedClip, around: { depthCamera } } = this.editor;
    if (depthCamera?.inputs) return; // a camera takes the drags elsewhere
    for (const track of now.doc.tracks) {
      if (!track.enabled || isAnchor(track)) continue;
      const at = markerPosition(track, now.time, clip);
      const place = picture.video ? editedClip.placeOn(track) ?? regions.placeOf(track)(at) : at;
      paintMarker(context, track, place, at.visible, px);
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  #drawGuides(context, px) {
    const { session: { now: { guides } }, clip } = this.editor;
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

/** @param {Selection} selection @param {string} id */
function chosenOf(selection, id) {
  return new Set(selection.points.filter((point) => point.id === id).map(({ index }) => index));
}
