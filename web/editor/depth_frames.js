/** What a camera sees of a picture with depth, frame by frame: kept while it plays, and at once while it is turned. */

import { cameraAt, keyOf } from '../core/depth/camera.js';
import { DepthRenderer } from '../core/depth/frame.js';
import { h } from './dom.js';

/** @import {DepthPicture} from '../core/depth/picture.js' */
/** @import {DepthView} from './scene.js' */

const MOST_BYTES = 64e6; // of frames that are kept

export class DepthFrames {
  constructor() {
    this.canvas = h('canvas');
    /** @type {DepthRenderer | null} */
    this.renderer = null;
    /** Frames by their numbers, and of which camera they are. @type {{of: string, frames: Map<number, ImageData>}} */
    this.kept = { of: '', frames: new Map() };
  }

  /**
   * A frame, in a canvas of its own size.
   * @param {DepthView} seen
   * @param {boolean} hand whether it is gone the next moment, since a hand turns the camera
   */
  frame({ picture, moves, frame }, hand) {
    const renderer = this.#renderer(picture);
    const { size: { width, height } } = picture;
    const draw = (/** @type {boolean} */ fine) => (
      new ImageData(renderer.draw(cameraAt(picture, moves, frame), frame, { fine, striped: true }), width, height));
    return this.#shown(hand ? draw(false) : this.#remembered(keyOf(moves), frame, () => draw(true)));
  }

  /** @param {DepthPicture} picture */
  #renderer(picture) {
    if (this.renderer?.picture === picture) return this.renderer;
    this.renderer = new DepthRenderer(picture);
    this.kept = { of: '', frames: new Map() };
    return this.renderer;
  }

  /** @param {string} of @param {number} frame @param {() => ImageData} draw */
  #remembered(of, frame, draw) {
    if (this.kept.of !== of) this.kept = { of, frames: new Map() };
    const { frames } = this.kept;
    const made = frames.get(frame) ?? draw();
    if ((frames.size + 1) * made.data.length <= MOST_BYTES) frames.set(frame, made);
    return made;
  }

  /** @param {ImageData} made */
  #shown(made) {
    const { canvas } = this;
    const { width, height } = made;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.getContext('2d')?.putImageData(made, 0, 0);
    return canvas;
  }
}
