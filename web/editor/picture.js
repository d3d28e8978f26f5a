/**
 * The picture under the drags, or the frame of a video at the playhead: loaded once per URL, drawn as the node fits it
 * into the clip.
 */

import { fitRects } from '../core/sizes.js';
import { Film } from './film.js';

/** @import {Size} from '../core/types.js' */
/** @import {Clip, Host} from './host.js' */

const LONGEST = [640, 960, 1280]; // pixels of a frame's longer side: the least is asked for that fills the canvas

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
    }, LONGEST[0]);
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
   * @param {Clip} clip
   * @param {number} scale of the screen's pixels to the clip's
   */
  seek(time, clip, scale) {
    const { film, size } = this;
    if (!film || !size) return;
    const { source, target } = fitRects(size, clip, clip.fit);
    const shown = Math.max(size.width, size.height) * (target.width / source.width) * scale;
    film.seek(time, clip.frames, LONGEST.find((side) => side >= shown) ?? LONGEST[LONGEST.length - 1]);
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
