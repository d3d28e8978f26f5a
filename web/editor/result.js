/** A run's result, shown in place of the picture, with the drags over it. */

import { h } from './dom.js';
import { drawFitted } from './picture.js';

/** @import {Editor} from './editor.js' */
/** @import {Clip, RunResult} from './host.js' */

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

/**
 * A result, and the URL of the picture that it was made from, if a person chose that.
 * @typedef {{media: ResultMedia, of: string | null}} Loaded
 */

export class Result {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    this.key = '';
    /** @type {Loaded | null} */
    this.loaded = null;
    /** What was shown before it, to compare. @type {Loaded | null} */
    this.before = null;
    this.shown = false;
    /** Whether what was shown before, or else the picture, is shown for as long as a key is held. */
    this.comparing = false;
    const button = (/** @type {boolean} */ result, /** @type {string} */ label, /** @type {string} */ id) => h(
      'button',
      { type: 'button', onclick: () => this.#choose(result), 'data-testid': `dragnuwa-show-${id}` },
      label,
    );
    this.buttons = [button(false, t('showPicture'), 'picture'), button(true, t('showResult'), 'result')];
    this.root = h('div', { class: 'dnw-result', role: 'group', hidden: true }, ...this.buttons);
  }

  /** What is drawn in place of the picture. @returns {ResultMedia | null} */
  get visible() {
    if (!this.shown) return null;
    const { loaded, before } = this;
    if (!this.comparing) return loaded?.media ?? null;
    return before && this.#isOfPicture(before) ? before.media : null;
  }

  /** What a drawn frame depends on; empty while the picture is shown. */
  get look() {
    const { visible, editor } = this;
    return visible ? `${visible.key} ${visible.version} ${visible.index(editor.time)}` : '';
  }

  /**
   * The instant of the nearest frame: a result has nothing to show between two frames, and drawing there would waste
   * time. Without a result, the instant itself.
   * @param {number} time
   */
  nearest(time) {
    if (!this.shown) return time;
    const last = Math.max(this.#frames, this.loaded?.media.images.length ?? 0) - 1;
    return Math.round(time * last) / last;
  }

  /** Whether no other picture has been chosen since. @param {Loaded} loaded */
  #isOfPicture({ of }) {
    const { chosen } = this.editor.picture;
    return of === null || chosen === null || of === chosen;
  }

  /** Whether there is something to show. */
  get ready() {
    const { loaded } = this;
    return loaded !== null && loaded.media.ready && this.#isOfPicture(loaded);
  }

  /** Takes over a run's result, then shows and plays it. @param {RunResult | null} made */
  take(made) {
    const key = keyOf(made);
    if (key === this.key) return;
    this.key = key;
    if (this.loaded?.media.ready) this.#keepToCompare(this.loaded);
    this.loaded = null;
    this.shown = false;
    this.editor.invalidate();
    if (!made) return;
    const isWanted = () => this.loaded?.media === media;
    const media = new ResultMedia(made, {
      ready: () => isWanted() && this.#choose(true),
      drawn: () => this.editor.invalidate(),
      lost: () => this.editor.takes.lost(key),
    });
    this.loaded = { media, of: this.editor.picture.chosen };
  }

  /** @param {Loaded} loaded */
  #keepToCompare(loaded) {
    this.before?.media.release();
    this.before = loaded;
  }

  /** Shows what was shown before, or the picture, as long as a key is held. @param {boolean} held */
  compare(held) {
    if (this.comparing === held) return;
    this.comparing = held;
    this.editor.invalidate();
  }

  /** Back to the picture, for example for drawing. */
  hide() {
    if (!this.shown) return;
    this.shown = false;
    this.editor.player.stop();
    this.editor.invalidate();
  }

  render() {
    if (!this.ready && this.shown) this.hide();
    this.root.hidden = !this.ready;
    this.buttons.forEach((button, k) => button.setAttribute('aria-pressed', String(this.shown === (k === 1))));
  }

  /** Moves a video to the current instant. Returns whether a frame is on its way, with which all is drawn. */
  seek() {
    return this.visible?.seek(this.editor.time, this.#frames) ?? false;
  }

  /**
   * Draws into a context whose unit is the clip's pixel.
   * @param {CanvasRenderingContext2D} context
   * @param {Clip} clip
   */
  draw(context, clip) {
    const { visible } = this;
    const image = visible?.images[visible.index(this.editor.time)];
    if (image) drawFitted(context, image, image, clip); // at full size it may show more of the picture than the clip
  }

  /** @param {boolean} result */
  #choose(result) {
    const { player } = this.editor;
    this.shown = result;
    if (!result) player.stop();
    else if (!player.playing && this.loaded?.media.moves) player.start();
    this.editor.invalidate();
  }

  /** Shows the result again that was taken over last. */
  show() {
    if (this.ready) this.#choose(true);
  }

  /** Frames of a video made from the clip. */
  get #frames() {
    const { frames, between } = this.editor.clip;
    return (frames - 1) * between + 1;
  }
}
