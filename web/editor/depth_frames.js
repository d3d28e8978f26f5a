/** What a camera sees of a picture with depth, frame by frame: kept while it plays, and at once while it is turned. */

import { cameraAt, keyOf } from '../core/depth/camera.js';
import { DepthRenderer } from '../core/depth/frame.js';
import { h } from './dom.js';

/** @import {Camera} from '../core/depth/camera.js' */
/** @import {DepthPicture} from '../core/depth/picture.js' */
/** @import {DepthView} from './scene.js' */

const MOST_BYTES = 64e6; // of frames that are kept
const SLOW = 22; // ms, in which a frame is drawn under a hand, or else the next ones are smaller: 11 are the browser's
const FAST = 0.8; // of that, in which a larger one would be, too
const FIRST = 12; // frames that are slow, because the engine compiles what draws them
const SCALES = [1, 0.75, 0.5]; // of those, against the picture
const SHARE = 0.3; // of the last frame in the mean of those before

export class DepthFrames {
  constructor() {
    this.canvas = h('canvas');
    /**
     * What draws a picture, by the scale of the frames.
     * @type {{of: DepthPicture['surface'] | null, by: Map<number, DepthRenderer>}}
     */
    this.renderers = { of: null, by: new Map() };
    /** How small frames under a hand are, an index of SCALES, the ms that they take, and how many those are of. */
    this.under = { level: 0, took: 0, count: 0 };
    /**
     * Frames by their numbers, and of which camera and picture they are.
     * @type {{of: string, picture: DepthPicture | null, frames: Map<number, ImageData>}}
     */
    this.kept = { of: '', picture: null, frames: new Map() };
  }

  /**
   * A frame, in a canvas of its own size.
   * @param {DepthView} seen
   * @param {boolean} hand whether it is gone the next moment, since a hand turns the camera
   */
  frame({ picture, moves, frame }, hand) {
    const camera = cameraAt(picture, moves, frame);
    if (hand) return this.#shown(this.#underHand(picture, camera, frame));
    const draw = () => this.#drawn(picture, camera, frame, 1, true);
    return this.#shown(this.#remembered(keyOf(moves), picture, frame, draw));
  }

  /** As large as it can be drawn while the hand moves. */
  /** @param {DepthPicture} picture @param {Camera} camera @param {number} frame */
  #underHand(picture, camera, frame) {
    const began = performance.now();
    const made = this.#drawn(picture, camera, frame, SCALES[this.under.level], false);
    this.#measured(performance.now() - began);
    return made;
  }

  /** Has the next frames be smaller, if this one was slow, or larger, if that is fast enough. @param {number} ms */
  #measured(ms) {
    const { under } = this;
    under.count += 1;
    if (under.count <= FIRST) return;
    under.took = under.count === FIRST + 1 ? ms : under.took + SHARE * (ms - under.took);
    const { level, took } = under;
    const larger = level > 0 ? took * (SCALES[level - 1] / SCALES[level]) ** 2 : Infinity;
    const next = took > SLOW ? Math.min(level + 1, SCALES.length - 1) : larger < FAST * SLOW ? level - 1 : level;
    if (next !== level) this.under = { level: next, took: 0, count: 0 };
  }

  /**
   * @param {DepthPicture} picture
   * @param {Camera} camera
   * @param {number} frame
   * @param {number} scale
   * @param {boolean} fine
   */
  #drawn(picture, camera, frame, scale, fine) {
    if (this.renderers.of !== picture.surface) {
      this.renderers = { of: picture.surface, by: new Map() };
      this.under = { level: 0, took: 0, count: 0 };
    }
    const { by } = this.renderers;
    const renderer = by.get(scale) ?? new DepthRenderer(picture, scale);
    renderer.picture = picture; // perhaps with other motions
    by.set(scale, renderer);
    const { width, height } = renderer.size;
    return new ImageData(renderer.draw(camera, frame, { fine, striped: true }), width, height);
  }

  /** @param {string} of @param {DepthPicture} picture @param {number} frame @param {() => ImageData} draw */
  #remembered(of, picture, frame, draw) {
    if (this.kept.of !== of || this.kept.picture !== picture) this.kept = { of, picture, frames: new Map() };
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
