/**
 * The picture under the drags, or the frame of a video at the playhead: loaded once per URL, drawn as the node fits it
 * into the clip. The frames of a video are asked of the server a few at a time, and kept.
 */

import { BusyError } from '../core/errors.js';
import { fitRects } from '../core/sizes.js';

/** @import {Size} from '../core/types.js' */
/** @import {Clip, FilmFrames, FilmRequest, Host} from './host.js' */

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

class Film {
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
    /** Its number in the clip. */
    this.number = 0;
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
    this.number = this.wanted;
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

/** @typedef {{image: HTMLImageElement | ImageBitmap, size: Size}} PictureShown */

export class Picture {
  /**
   * @param {Pick<Host, 'filmFrames'>} host
   * @param {() => void} changed it is another one
   * @param {() => void} redraw frames of a video have come
   */
  constructor(host, changed, redraw) {
    this.host = host;
    this.changed = changed;
    this.redraw = redraw;
    /** A picture, or what stays until a video's first frame has come. @type {PictureShown | null} */
    this.still = null;
    /** @type {Film | null} */
    this.film = null;
    /** @type {string | null} */
    this.url = null;
    /** The URL, if a person chose the picture. @type {string | null} */
    this.chosen = null;
    /** @type {string | null} name of the file that could not be loaded */
    this.failed = null;
    /** Why a video could not be. @type {unknown} */
    this.reason = null;
    /** Of a video, the frame that is shown; null while there is none. @type {PictureShown['image'] | null} */
    this.image = null;
    /** In its own pixels; null while there is none. @type {Size | null} */
    this.size = null;
    /** Whether it is a video. */
    this.video = false;
    /** What a drawn frame depends on besides the image. */
    this.version = 0;
  }

  /**
   * Loads another picture. The current one stays until then, to avoid flicker.
   * @param {{url: string, name: string, chosen: boolean, video?: boolean} | null} source
   */
  show(source) {
    const url = source?.url ?? null;
    if (url === this.url) return;
    this.url = url;
    this.chosen = source?.chosen ? url : null;
    const { image: shown, size } = this;
    this.still = shown && size && { image: shown, size };
    this.film?.release();
    this.film = null;
    this.#update();
    if (!source) {
      this.#set(null, null);
      return;
    }
    if (source.video) {
      this.#load(source.name);
      return;
    }
    const image = new Image();
    image.decoding = 'async';
    image.onload = () => {
      const whole = { width: image.naturalWidth, height: image.naturalHeight };
      if (url === this.url) this.#set({ image, size: whole }, null);
    };
    image.onerror = () => url === this.url && this.#set(null, source.name);
    image.src = source.url;
  }

  /** @param {string} name of a video */
  #load(name) {
    const film = new Film((request, signal) => this.host.filmFrames(request, signal), {
      ready: () => this.film === film && this.#set(null, null),
      drawn: () => {
        if (this.film !== film) return;
        this.#update();
        this.redraw();
      },
      lost: (error) => this.film === film && this.#set(null, name, error),
    });
    this.film = film;
    this.#update();
  }

  #update() {
    const { film, failed, still } = this;
    this.video = film !== null;
    this.image = (failed === null && film?.image) || (still?.image ?? null);
    this.size = (failed === null && film?.size) || (still?.size ?? null);
    this.version = film?.version ?? 0;
  }

  /**
   * Moves a video to an instant; `redraw` is called where its frame comes later.
   * @param {number} time fraction of the clip
   * @param {number} frames of the clip
   */
  seek(time, frames) {
    if (!this.film) return;
    this.film.seek(time, frames);
    this.#update();
  }

  /** The number in the clip of the frame of a video that is shown; null where there is none. */
  get frame() {
    return this.failed === null && this.film?.image ? this.film.number : null;
  }

  /** After a failure, the next `show` retries the same URL. */
  retry() {
    if (this.failed !== null) this.url = null;
  }

  /**
   * Draws into a context whose unit is the clip's pixel.
   * @param {CanvasRenderingContext2D} context
   * @param {Clip} clip
   */
  draw(context, clip) {
    const { image, size } = this;
    if (!image || !size || size.width === 0) return;
    drawFitted(context, image, size, clip);
  }

  /** @param {PictureShown | null} still @param {string | null} failed @param {unknown} [reason] */
  #set(still, failed, reason = null) {
    Object.assign(this, { still, failed, reason });
    this.#update();
    this.changed();
  }
}

/**
 * Draws a picture, fitted to the clip, into a context whose unit is the clip's pixel.
 * @param {CanvasRenderingContext2D} context
 * @param {CanvasImageSource & Size} image
 * @param {Size} size of the picture, of which `image` may be a smaller copy
 * @param {Clip} clip
 */
export function drawFitted(context, image, size, clip) {
  const { source: s, target: t } = fitRects(size, clip, clip.fit);
  context.imageSmoothingQuality = 'high';
  if (clip.fit === 'pad') {
    context.fillStyle = '#000';
    context.fillRect(0, 0, clip.width, clip.height);
  }
  const [across, down] = [image.width / size.width, image.height / size.height]; // a video's frames come smaller
  const part = [s.x * across, s.y * down, s.width * across, s.height * down];
  context.drawImage(image, part[0], part[1], part[2], part[3], t.x, t.y, t.width, t.height);
}
