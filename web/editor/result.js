/** The last run's result, shown in place of the picture, with the drags over it. */

import { h } from './dom.js';

/** @import {Clip} from './host.js' */
/** @import {Editor} from './editor.js' */

const SAME_FRAME = 0.5; // tolerance in frames between a video and the current instant

export class Result {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    this.key = '';
    /** URL of the picture that it was made from, if a person chose that. @type {string | null} */
    this.of = null;
    /** @type {HTMLVideoElement | null} */
    this.video = null;
    /**
     * The frames of an image result; for a video, its latest frame.
     * @type {(HTMLImageElement | HTMLCanvasElement)[]}
     */
    this.images = [];
    this.shown = false;
    /** Counts redraws. */
    this.version = 0;
    const button = (/** @type {boolean} */ result, /** @type {string} */ label, /** @type {string} */ id) => h(
      'button',
      { type: 'button', onclick: () => this.#choose(result), 'data-testid': `dragnuwa-show-${id}` },
      label,
    );
    this.buttons = [button(false, t('showPicture'), 'picture'), button(true, t('showResult'), 'result')];
    this.root = h('div', { class: 'dnw-result', role: 'group', hidden: true }, ...this.buttons);
  }

  /** What a drawn frame depends on; empty while the picture is shown. */
  get look() {
    return this.shown ? `${this.version} ${this.#frame}` : '';
  }

  /**
   * The instant of the nearest frame: a result has nothing to show between two frames, and drawing there would waste
   * time. Without a result, the instant itself.
   * @param {number} time
   */
  nearest(time) {
    if (!this.shown) return time;
    const last = Math.max(this.#frames, this.images.length) - 1;
    return Math.round(time * last) / last;
  }

  /** Whether no other picture has been chosen since. */
  get #isOfPicture() {
    const { chosen } = this.editor.picture;
    return this.of === null || chosen === null || this.of === chosen;
  }

  /** Whether there is something to show. */
  get ready() {
    return this.images.length > 0 && this.#isOfPicture;
  }

  /**
   * Takes over a run's result, then shows and plays it.
   * @param {import('./host.js').RunResult | null} made
   */
  take(made) {
    const key = made ? made.urls.join('\n') : '';
    if (key === this.key) return;
    this.key = key;
    this.of = this.editor.picture.chosen;
    this.video = null;
    this.images = [];
    this.shown = false;
    this.editor.invalidate();
    if (!made) return;
    const done = (/** @type {Result['images']} */ images) => {
      if (key !== this.key) return;
      this.images = images;
      this.version += 1;
      this.#choose(true);
    };
    if (made.kind === 'video') this.#loadVideo(made.urls[0], done);
    else this.#loadImages(made.urls, done);
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
    this.seek();
    this.root.hidden = !this.ready;
    this.buttons.forEach((button, k) => button.setAttribute('aria-pressed', String(this.shown === (k === 1))));
  }

  /**
   * Seeks a video to the current instant. Returns whether a frame is on its way; everything is drawn once it arrives.
   */
  seek() {
    const { video, editor: { time } } = this;
    if (!this.shown || !video || !Number.isFinite(video.duration)) return false;
    if (video.seeking) return true;
    const frame = video.duration / this.#frames;
    const wanted = Math.min(time * (video.duration - frame) + frame / 2, video.duration);
    if (Math.abs(video.currentTime - wanted) <= SAME_FRAME * frame) return false;
    video.currentTime = wanted;
    return true;
  }

  /**
   * Draws into a context whose unit is the clip's pixel.
   * @param {CanvasRenderingContext2D} context
   * @param {Clip} clip
   */
  draw(context, clip) {
    const image = this.images[this.#frame];
    if (image) context.drawImage(image, 0, 0, clip.width, clip.height);
  }

  /** @param {boolean} result */
  #choose(result) {
    const { player } = this.editor;
    this.shown = result;
    if (!result) player.stop();
    else if (!player.playing && this.#moves) player.start();
    this.editor.invalidate();
  }

  /** Frames of a video made from the clip. */
  get #frames() {
    const { frames, between } = this.editor.clip;
    return (frames - 1) * between + 1;
  }

  /** Index of the image shown. */
  get #frame() {
    return Math.round(this.editor.time * (this.images.length - 1));
  }

  get #moves() {
    return this.video !== null || this.images.length > 1;
  }

  /**
   * Copies each frame as it arrives: a seeking video has no frame to draw.
   * @param {string} url
   * @param {(images: Result['images']) => void} done
   */
  #loadVideo(url, done) {
    const video = h('video', { muted: true, playsInline: true, preload: 'auto' });
    const frame = h('canvas');
    const copy = () => frame.getContext('2d')?.drawImage(video, 0, 0);
    video.addEventListener('loadeddata', () => {
      Object.assign(frame, { width: video.videoWidth, height: video.videoHeight });
      copy();
      done([frame]);
    });
    video.addEventListener('seeked', () => {
      copy();
      this.version += 1;
      this.editor.invalidate();
    });
    video.src = url;
    this.video = video;
  }

  /** @param {string[]} urls @param {(images: Result['images']) => void} done */
  #loadImages(urls, done) {
    const images = urls.map((url) => Object.assign(new Image(), { src: url }));
    // a missing file has nothing to show
    Promise.all(images.map((image) => image.decode())).then(() => done(images), () => {});
  }
}
