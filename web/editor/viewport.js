/** The view: where the clip lies on the stage, and the mapping from CSS pixels of the stage to pixels of the clip. */

/** @import {Size, XY} from '../core/types.js' */

const MARGIN = 10; // CSS pixels around the whole clip, for points that stick out
const MAX_ZOOM = 40;
const MIN_ZOOM = 0.5;

export class Viewport {
  constructor() {
    /** @type {Size} */
    this.clip = { width: 1, height: 1 };
    /** @type {Size} */
    this.stage = { width: 1, height: 1 };
    /** Zoom factor; 1 shows the whole clip. */
    this.zoom = 1;
    /** The point of the clip at the centre of the stage, in fractions of the clip. */
    this.middle = { x: 0.5, y: 0.5 };
    /** CSS pixels per pixel of the clip. */
    this.scale = 1;
    /** The clip's top left corner on the stage. */
    this.offset = { x: 0, y: 0 };
  }

  /** Takes the size of the clip, or that of the stage. @param {{clip?: Size, stage?: Size}} sizes */
  take({ clip = this.clip, stage = this.stage }) {
    Object.assign(this, { clip, stage });
    this.#show(this.zoom, this.middle);
  }

  /** @param {number} zoom @param {XY} middle */
  #show(zoom, middle) {
    const { clip, stage } = this;
    const room = (/** @type {number} */ side) => Math.max(8, side - 2 * MARGIN);
    const scale = zoom * Math.min(room(stage.width) / clip.width, room(stage.height) / clip.height);
    const place = (/** @type {number} */ all, /** @type {number} */ at) => all / 2 - at * scale;
    const offset = {
      x: place(stage.width, middle.x * clip.width), y: place(stage.height, middle.y * clip.height),
    };
    Object.assign(this, { zoom, middle, scale, offset });
  }

  /**
   * By how much the stage has to be higher for a clip's longer side to be shown that long, as far as the width allows.
   * @param {Size} clip
   * @param {number} longest CSS pixels
   * @returns {number} CSS pixels
   */
  missingHeight(clip, longest) {
    const { stage } = this;
    const across = Math.max(8, stage.width - 2 * MARGIN) / clip.width;
    const scale = Math.min(longest / Math.max(clip.width, clip.height), across);
    return Math.max(0, Math.ceil(scale * clip.height + 2 * MARGIN - stage.height));
  }

  /** @param {XY} p CSS pixels of the stage @returns {XY} pixels of the clip */
  toClip(p) {
    const { scale, offset } = this;
    return { x: (p.x - offset.x) / scale, y: (p.y - offset.y) / scale };
  }

  /** Shows the whole clip. */
  fit() {
    this.#show(1, { x: 0.5, y: 0.5 });
  }

  /**
   * @param {XY} at the fixed point on the stage
   * @param {number} factor
   */
  zoomAt(at, factor) {
    const before = this.toClip(at);
    this.#show(Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, this.zoom * factor)), this.middle);
    const after = this.toClip(at);
    this.#moveMiddle(before.x - after.x, before.y - after.y);
  }

  /**
   * @param {number} dx CSS pixels
   * @param {number} dy
   */
  pan(dx, dy) {
    this.#moveMiddle(-dx / this.scale, -dy / this.scale);
  }

  /** @param {number} dx pixels of the clip @param {number} dy */
  #moveMiddle(dx, dy) {
    const keep = (/** @type {number} */ value) => Math.min(1.2, Math.max(-0.2, value));
    const { zoom, middle: { x, y }, clip } = this;
    this.#show(zoom, { x: keep(x + dx / clip.width), y: keep(y + dy / clip.height) });
  }
}
