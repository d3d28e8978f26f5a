/** The video under the drags: its frames as a run gets them, asked of the server a few at a time, and kept. */

import { BusyError } from '../core/errors.js';

/** @import {Size} from '../core/types.js' */
/** @import {FilmFrames, FilmRequest} from './host.js' */

const LONGEST = 1280; // pixels of a frame's longer side
const AHEAD = 12; // frames asked for at once, and how many are there before they are needed
const FEW = 3; // after a jump, so that something is shown soon
const BUSY_MS = 500; // until a busy server is asked again
const KEPT = 64; // frames of at most 5 MB each

/**
 * @typedef {object} Callbacks
 * @property {() => void} ready the first frame is there
 * @property {() => void} drawn further frames have come
 * @property {(error: unknown) => void} lost the video cannot be read
 */

export class Film {
  /**
   * @param {(request: FilmRequest, signal: AbortSignal) => Promise<FilmFrames | null>} ask
   * @param {Callbacks} told
   */
  constructor(ask, told) {
    this.ask = ask;
    this.told = told;
    /** Of whole frames, in pixels; null until the first has come. @type {Size | null} */
    this.size = null;
    /** The frame that is shown. @type {ImageBitmap | null} */
    this.image = null;
    /** Counts the frames that were shown. */
    this.version = 0;
    this.frames = 2; // of the clip; its first frame is the video's, however long the clip is
    this.wanted = 0;
    this.lastAsked = -1;
    this.over = false;
    /** By their numbers in the clip, the one used last at the end. @type {Map<number, ImageBitmap>} */
    this.kept = new Map();
    /** @type {AbortController | null} */
    this.running = null;
    void this.#fetch(0, 0);
  }

  /**
   * Moves to an instant. Where its frame has not come yet, the one before stays, and `drawn` is called later.
   * @param {number} time fraction of the clip
   * @param {number} frames of the clip
   */
  seek(time, frames) {
    if (!this.size || this.over) return;
    if (frames !== this.frames) this.#restart(frames);
    this.wanted = Math.round(time * (frames - 1));
    this.#show();
    this.#follow();
  }

  /** Frees what it holds, but for the frame that is shown. */
  release() {
    this.over = true;
    this.running?.abort();
    this.running = null;
    this.#forget(0);
  }

  /** Another length of the clip: other frames have its numbers. @param {number} frames */
  #restart(frames) {
    this.running?.abort();
    this.running = null;
    this.frames = frames;
    this.lastAsked = -1;
    const first = this.kept.get(0);
    this.kept.delete(0);
    this.#forget(0);
    if (first) this.kept.set(0, first);
  }

  #show() {
    const image = this.kept.get(this.wanted);
    if (!image) return;
    this.kept.delete(this.wanted);
    this.kept.set(this.wanted, image);
    if (image === this.image) return;
    const before = this.image;
    this.image = image;
    this.version += 1;
    if (before && ![...this.kept.values()].includes(before)) before.close();
  }

  /** Asks for what is missing at the wanted frame and soon after it. */
  #follow() {
    if (this.running) return;
    let first = this.wanted;
    while (this.kept.has(first)) first += 1;
    if (first >= this.frames || first - this.wanted >= AHEAD) return;
    const goesOn = first > this.wanted || first === this.lastAsked + 1;
    void this.#fetch(first, Math.min(this.frames, first + (goesOn ? AHEAD : FEW)) - 1);
  }

  /** @param {number} first @param {number} last */
  async #fetch(first, last) {
    const request = new AbortController();
    this.running = request;
    try {
      const found = await this.ask({ frames: this.frames, first, last, longest: LONGEST }, request.signal);
      if (this.running !== request) for (const image of found?.images ?? []) image.close();
      else if (found) this.#take(found, first, last);
    } catch (error) {
      if (this.running !== request) return;
      if (error instanceof BusyError) setTimeout(() => this.#again(request, first, last), BUSY_MS);
      else this.#end(error);
    }
  }

  /**
   * Asks once more, unless something else is wanted by now.
   * @param {AbortController} request
   * @param {number} first
   * @param {number} last
   */
  #again(request, first, last) {
    if (this.running === request) void this.#fetch(first, last);
  }

  /** @param {unknown} error */
  #end(error) {
    this.over = true;
    this.running = null;
    this.told.lost(error);
  }

  /** @param {FilmFrames} found @param {number} first @param {number} last */
  #take({ size, images }, first, last) {
    this.running = null;
    this.lastAsked = last;
    images.forEach((image, k) => this.kept.set(first + k, image));
    this.#forget(KEPT);
    const isFirst = !this.size;
    this.size = size;
    this.#show();
    if (isFirst) this.told.ready();
    else this.told.drawn();
  }

  /** Keeps the frames that were used last. @param {number} most */
  #forget(most) {
    for (const [number, image] of this.kept) {
      if (this.kept.size <= most) return;
      this.kept.delete(number);
      if (image !== this.image) image.close();
    }
  }
}
