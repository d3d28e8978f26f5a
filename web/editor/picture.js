/**
 * The picture under the drags, or the frame of a video at the playhead: loaded once per URL, drawn as the node fits it
 * into the clip.
 */

import { fitRects } from '../core/picture_fit.js';
import { ResultMedia } from './result_media.js';

/** @import {Size} from '../core/types.js' */
/** @import {Clip} from './host.js' */

export class Picture {
  /** @param {() => void} changed it is another one @param {() => void} redraw a video's frame has come */
  constructor(changed, redraw) {
    this.changed = changed;
    this.redraw = redraw;
    /** Of a video, its latest frame. @type {HTMLImageElement | HTMLCanvasElement | null} */
    this.image = null;
    /** @type {ResultMedia | null} */
    this.media = null;
    /** @type {string | null} */
    this.url = null;
    /** The URL, if a person chose the picture. @type {string | null} */
    this.chosen = null;
    /** @type {string | null} name of the file that could not be loaded */
    this.failed = null;
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
    this.media?.release();
    this.media = null;
    if (!source) {
      this.#set(null, null);
      return;
    }
    if (source.video) {
      this.#film(source.url, source.name);
      return;
    }
    const image = new Image();
    image.decoding = 'async';
    image.onload = () => url === this.url && this.#set(image, null);
    image.onerror = () => url === this.url && this.#set(null, source.name);
    image.src = source.url;
  }

  /** @param {string} url @param {string} name */
  #film(url, name) {
    const media = new ResultMedia({ kind: 'video', urls: [url] }, {
      ready: () => this.media === media && this.#set(/** @type {HTMLCanvasElement} */ (media.images[0]), null),
      drawn: () => this.media === media && this.redraw(),
      lost: () => this.media === media && this.#set(null, name),
    });
    this.media = media;
  }

  /** Whether it is a video. */
  get video() {
    return this.media !== null;
  }

  /** In its own pixels; null while there is none. @returns {Size | null} */
  get size() {
    const { image } = this;
    if (!image) return null;
    if ('naturalWidth' in image) return { width: image.naturalWidth, height: image.naturalHeight };
    return { width: image.width, height: image.height };
  }

  /** What a drawn frame depends on besides the image. */
  get version() {
    return this.media?.version ?? 0;
  }

  /**
   * Moves a video to an instant; `redraw` is called when its frame has come.
   * @param {number} time fraction of the clip
   * @param {number} frames of the clip
   */
  seek(time, frames) {
    this.media?.seek(time, frames);
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
    const { source: s, target: t } = fitRects(size, clip, clip.fit);
    context.imageSmoothingQuality = 'high';
    if (clip.fit === 'pad') {
      context.fillStyle = '#000';
      context.fillRect(0, 0, clip.width, clip.height);
    }
    context.drawImage(image, s.x, s.y, s.width, s.height, t.x, t.y, t.width, t.height);
  }

  /** @param {HTMLImageElement | HTMLCanvasElement | null} image @param {string | null} failed */
  #set(image, failed) {
    this.image = image;
    this.failed = failed;
    this.changed();
  }
}
