/** The picture under the drags: loaded once per URL, drawn as the node fits it into the clip. */

import { fitRects } from '../core/picture_fit.js';

/** @import {Clip} from './host.js' */

export class Picture {
  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {HTMLImageElement | null} */
    this.image = null;
    /** @type {string | null} */
    this.url = null;
    /** The URL, if a person chose the picture. @type {string | null} */
    this.chosen = null;
    /** @type {string | null} name of the file that could not be loaded */
    this.failed = null;
  }

  /**
   * Loads another picture. The current one stays until then, to avoid flicker.
   * @param {{url: string, name: string, chosen: boolean} | null} source
   */
  show(source) {
    const url = source?.url ?? null;
    if (url === this.url) return;
    this.url = url;
    this.chosen = source?.chosen ? url : null;
    if (!source) {
      this.#set(null, null);
      return;
    }
    const image = new Image();
    image.decoding = 'async';
    image.onload = () => url === this.url && this.#set(image, null);
    image.onerror = () => url === this.url && this.#set(null, source.name);
    image.src = source.url;
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
    const { image } = this;
    if (!image || image.naturalWidth === 0) return;
    const size = { width: image.naturalWidth, height: image.naturalHeight };
    const { source: s, target: t } = fitRects(size, clip, clip.fit);
    context.imageSmoothingQuality = 'high';
    if (clip.fit === 'pad') {
      context.fillStyle = '#000';
      context.fillRect(0, 0, clip.width, clip.height);
    }
    context.drawImage(image, s.x, s.y, s.width, s.height, t.x, t.y, t.width, t.height);
  }

  /** @param {HTMLImageElement | null} image @param {string | null} failed */
  #set(image, failed) {
    this.image = image;
    this.failed = failed;
    this.changed();
  }
}
