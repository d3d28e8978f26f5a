/**
 * The frames of a video, asked of the server a few at a time and kept as files; those around the playhead are decoded,
 * so that a step to the next one waits for nobody.
 */

import { BusyError } from '../core/errors.js';

/** @import {Size} from '../core/types.js' */
/** @import {FilmFrames, FilmRequest} from './host.js' */

const FEW = 3; // frames asked for after a jump, so that something is shown soon
const FIRST_MORE = 12; // and then, twice as many each time: the server decodes from a key frame on
const MOST_AT_ONCE = 48;
const AHEAD = 48; // frames that are there before they are needed
const DECODED_AHEAD = 8;
const BUSY_MS = 500; // until a busy server is asked again
const MOST_FILE_BYTES = 96e6;
const MOST_BYTES = 128e6; // of decoded frames

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
   * @param {number} longest pixels of a frame's longer side
   */
  constructor(ask, told, longest) {
    this.ask = ask;
    this.told = told;
    this.longest = longest;
    /** Of whole frames, in pixels; null until the first has come. @type {Size | null} */
    this.size = null;
    /** The same, once the server has said it. @type {Size | null} */
    this.found = null;
    /** The frame that is shown. @type {ImageBitmap | null} */
    this.image = null;
    /** Its number in the clip. */
    this.number = 0;
    /** Counts the frames that were shown. */
    this.version = 0;
    this.frames = 2; // of the clip; its first frame is the video's, however long the clip is
    this.wanted = 0;
    this.atOnce = FEW;
    this.over = false;
    /** By their numbers in the clip, the one used last at the end. @type {Kept<Blob>} */
    this.files = new Kept(MOST_FILE_BYTES, ({ size }) => size);
    /** @type {Kept<ImageBitmap>} */
    this.images = new Kept(MOST_BYTES, ({ width, height }) => 4 * width * height, (image) => {
      if (image !== this.image) image.close();
    });
    /** @type {Set<Blob>} */
    this.decoding = new Set();
    /** @type {{request: AbortController, first: number, last: number} | null} */
    this.running = null;
    void this.#fetch(0, 0);
  }

  /**
   * Moves to an instant. Where its frame has not come yet, the one before stays, and `drawn` is called later.
   * @param {number} time fraction of the clip
   * @param {number} frames of the clip
   * @param {number} longest pixels of a frame's longer side; smaller ones than are there are not asked for
   */
  seek(time, frames, longest) {
    if (!this.size || this.over) return;
    if (frames !== this.frames || longest > this.longest) this.#restart(frames, Math.max(longest, this.longest));
    this.wanted = Math.round(time * (frames - 1));
    this.#show();
    this.#follow();
  }

  /** Frees what it holds, but for the frame that is shown. */
  release() {
    this.over = true;
    this.#stop();
    this.#forget();
  }

  #stop() {
    this.running?.request.abort();
    this.running = null;
  }

  #forget() {
    this.files.clear();
    this.images.clear();
    this.decoding.clear();
  }

  /** Another length of the clip, in which other frames have its numbers, or larger frames. */
  /** @param {number} frames @param {number} longest */
  #restart(frames, longest) {
    this.#stop();
    const first = longest === this.longest ? this.files.get(0) : undefined;
    this.#forget();
    Object.assign(this, { frames, longest, atOnce: FEW });
    if (first) this.files.put(0, first);
  }

  #show() {
    const image = this.images.use(this.wanted);
    if (!image) return;
    this.number = this.wanted;
    if (image === this.image) return;
    const before = this.image;
    this.image = image;
    this.version += 1;
    if (before && !this.images.has(before)) before.close();
  }

  /** Asks for what is missing at the wanted frame and soon after it, and decodes that. */
  #follow() {
    this.#decode();
    const { wanted, running, files } = this;
    let first = wanted;
    while (files.get(first)) first += 1;
    if (running) {
      const comes = first > wanted || (running.first <= wanted && wanted <= running.last);
      if (comes) return;
      this.#stop(); // something else is wanted by now
    }
    if (first >= this.frames || first - wanted >= AHEAD) return;
    if (first === wanted) this.atOnce = FEW;
    let last = first;
    while (last + 1 < Math.min(this.frames, first + this.atOnce) && !files.get(last + 1)) last += 1;
    this.atOnce = Math.min(MOST_AT_ONCE, Math.max(FIRST_MORE, 2 * this.atOnce));
    void this.#fetch(first, last);
  }

  /** @param {number} first @param {number} last */
  async #fetch(first, last) {
    const request = new AbortController();
    this.running = { request, first, last };
    try {
      const { frames, longest } = this;
      const found = await this.ask({ frames, first, last, longest }, request.signal);
      if (this.running?.request === request && found) this.#take(found, first);
    } catch (error) {
      if (this.running?.request !== request) return;
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
    if (this.running?.request === request) void this.#fetch(first, last);
  }

  /** @param {unknown} error */
  #end(error) {
    this.over = true;
    this.running = null;
    this.decoding.clear(); // a first frame that is there only now must not say that all is well
    this.told.lost(error);
  }

  /** @param {FilmFrames} found @param {number} first */
  #take({ size, files }, first) {
    this.running = null;
    files.forEach((file, k) => this.files.put(first + k, file));
    this.found = size;
    this.#follow();
  }

  /** Decodes the wanted frame and the next ones. */
  #decode() {
    const last = Math.min(this.frames - 1, this.wanted + DECODED_AHEAD);
    for (let number = this.wanted; number <= last; number += 1) {
      const file = this.files.use(number);
      if (file && !this.images.use(number) && !this.decoding.has(file)) void this.#open(file, number);
    }
  }

  /** @param {Blob} file @param {number} number */
  async #open(file, number) {
    this.decoding.add(file);
    try {
      const image = await createImageBitmap(file);
      if (!this.decoding.delete(file)) image.close(); // forgotten meanwhile
      else this.#opened(image, number);
    } catch (error) {
      if (this.decoding.delete(file)) this.#end(error);
    }
  }

  /** @param {ImageBitmap} image @param {number} number */
  #opened(image, number) {
    this.images.put(number, image);
    const isFirst = !this.size;
    this.size = this.found;
    this.#show();
    if (isFirst) this.told.ready();
    else if (number === this.wanted) this.told.drawn();
  }
}

/** Values by number, of a size together that is bounded: those used last. @template T */
class Kept {
  /** @param {number} most @param {(value: T) => number} sizeOf @param {(value: T) => void} [dropped] */
  constructor(most, sizeOf, dropped = () => {}) {
    this.most = most;
    this.sizeOf = sizeOf;
    this.dropped = dropped;
    this.size = 0;
    /** @type {Map<number, T>} */
    this.values = new Map();
  }

  /** @param {number} number */
  get(number) {
    return this.values.get(number);
  }

  /** The same, which is then the one used last. @param {number} number */
  use(number) {
    const value = this.values.get(number);
    if (value === undefined) return undefined;
    this.values.delete(number);
    this.values.set(number, value);
    return value;
  }

  /** @param {T} value */
  has(value) {
    return [...this.values.values()].includes(value);
  }

  /** @param {number} number @param {T} value */
  put(number, value) {
    this.#drop(number);
    this.values.set(number, value);
    this.size += this.sizeOf(value);
    for (const [oldest] of this.values) {
      if (this.size <= this.most || oldest === number) return;
      this.#drop(oldest);
    }
  }

  clear() {
    for (const number of [...this.values.keys()]) this.#drop(number);
  }

  /** @param {number} number */
  #drop(number) {
    const value = this.values.get(number);
    if (value === undefined) return;
    this.values.delete(number);
    this.size -= this.sizeOf(value);
    this.dropped(value);
  }
}
