/** What a run made, as it is loaded: a video, of which the latest frame is kept, or an image for each frame. */

import { h } from './dom.js';

/** @import {RunResult} from './host.js' */

const SAME_FRAME = 0.5; // tolerance in frames between a video and an instant

/**
 * @typedef {object} Callbacks
 * @property {() => void} ready there is something to draw
 * @property {() => void} drawn another frame of a video has come
 * @property {() => void} lost the files cannot be loaded, such as after they were deleted
 */

export class ResultMedia {
  /** @param {RunResult} made @param {Callbacks} told */
  constructor(made, told) {
    this.key = keyOf(made);
    /** @type {HTMLVideoElement | null} */
    this.video = null;
    /** The frames; of a video, its latest one. @type {readonly (HTMLImageElement | HTMLCanvasElement)[]} */
    this.images = [];
    /** Counts the frames of a video that have come. */
    this.version = 0;
    if (made.kind === 'video') this.#loadVideo(made.urls[0], told);
    else this.#loadImages(made.urls, told);
  }

  get ready() {
    return this.images.length > 0;
  }

  get moves() {
    return this.video !== null || this.images.length > 1;
  }

  /** Index of the image at an instant. @param {number} time fraction of the clip */
  index(time) {
    return Math.round(time * (this.images.length - 1));
  }

  /**
   * Moves a video to an instant.
   * @param {number} time fraction of the clip
   * @param {number} frames of the video
   * @returns {boolean} whether a frame is on its way; `drawn` is called once it has come
   */
  seek(time, frames) {
    const { video } = this;
    if (!video || !Number.isFinite(video.duration)) return false;
    if (video.seeking) return true;
    const frame = video.duration / frames;
    const wanted = Math.min(time * (video.duration - frame) + frame / 2, video.duration);
    if (Math.abs(video.currentTime - wanted) <= SAME_FRAME * frame) return false;
    video.currentTime = wanted;
    return true;
  }

  /** Frees what it holds. */
  release() {
    this.video?.removeAttribute('src');
    this.video?.load();
    this.images = [];
  }

  /**
   * Copies each frame as it arrives: a seeking video has no frame to draw.
   * @param {string} url
   * @param {Callbacks} told
   */
  #loadVideo(url, { ready, drawn, lost }) {
    const video = h('video', { muted: true, playsInline: true, preload: 'auto' });
    const frame = h('canvas');
    const copy = () => frame.getContext('2d')?.drawImage(video, 0, 0);
    video.addEventListener('loadeddata', () => {
      Object.assign(frame, { width: video.videoWidth, height: video.videoHeight });
      copy();
      this.images = [frame];
      ready();
    });
    const show = () => {
      copy();
      this.version += 1;
      drawn();
    };
    // A frame may only be there some time after these events; where the browser tells of it, it is copied then, too.
    const presented = () => {
      if (this.images.length > 0) show();
      video.requestVideoFrameCallback?.(presented);
    };
    video.addEventListener('seeked', show);
    video.addEventListener('error', () => video.hasAttribute('src') && lost());
    video.src = url;
    video.requestVideoFrameCallback?.(presented);
    this.video = video;
  }

  /** @param {readonly string[]} urls @param {Callbacks} told */
  #loadImages(urls, { ready, lost }) {
    const images = urls.map((url) => Object.assign(new Image(), { src: url }));
    Promise.all(images.map((image) => image.decode())).then(() => {
      this.images = images;
      ready();
    }, lost);
  }
}

/** @param {RunResult | null} made @returns {string} the same for the same files */
export const keyOf = (made) => (made ? made.urls.join('\n') : '');
