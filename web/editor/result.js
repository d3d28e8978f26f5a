/** What the last run made of the drags, shown in place of the picture, with the drags over it. */

import { h } from './dom.js';

/** @import {Clip} from './host.js' */
/** @import {Editor} from './editor.js' */

const SAME_FRAME = 0.5; // frames that a video may be away from the instant that is shown

export class Result {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    this.key = '';
    /** Address of the picture that it was made of, where that was chosen. @type {string | null} */
    this.of = null;
    /** @type {HTMLVideoElement | null} */
    this.video = null;
    /** The frames of pictures; of a video, the one that came last. @type {(HTMLImageElement | HTMLCanvasElement)[]} */
    this.images = [];
    this.shown = false;
    /** Counts what has been drawn anew. */
    this.version = 0;
    const button = (/** @type {boolean} */ result, /** @type {string} */ label, /** @type {string} */ id) => h(
      'button',
      { type: 'button', onclick: () => this.#choose(result), 'data-testid': `dragnuwa-show-${id}` },
      label,
    );
    this.buttons = [button(false, t('showPicture'), 'picture'), button(true, t('showResult'), 'result')];
    this.root = h('div', { class: 'dnw-result', role: 'group', hidden: true }, ...this.buttons);
  }

  /** What a frame of it depends on; empty while the picture is shown. */
  get look() {
    return this.shown ? `${this.version} ${this.#frame}` : '';
  }

  /**
   * The instant of the frame that is nearest: between two frames a result has nothing to show, and all that is drawn
   * there would make the page busy for nothing. Without a result, the same instant.
   * @param {number} time
   */
  nearest(time) {
    if (!this.shown) return time;
    const last = Math.max(this.#frames, this.images.length) - 1;
    return Math.round(time * last) / last;
  }

  /** Whether nobody has chosen another picture since. */
  get #isOfPicture() {
    const { chosen } = this.editor.picture;
    return this.of === null || chosen === null || this.of === chosen;
  }

  /** Whether there is something to show. */
  get ready() {
    return this.images.length > 0 && this.#isOfPicture;
  }

  /**
   * Takes over what a run has made, and shows and plays it at once.
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

  /** Back to the picture, as for drawing. */
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

  /** Asks a video for the frame at the instant that is shown. Whether it is coming; then all is drawn with it. */
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
   * Into a context whose unit is the clip's pixel.
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

  /** Frames of a video that is made of the clip. */
  get #frames() {
    const { frames, between } = this.editor.clip;
    return (frames - 1) * between + 1;
  }

  /** Which of `images` is shown. */
  get #frame() {
    return Math.round(this.editor.time * (this.images.length - 1));
  }

  get #moves() {
    return this.video !== null || this.images.length > 1;
  }

  /**
   * Each frame is copied as it comes: a video that seeks has no frame to draw.
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
    // of a file that is gone there is nothing to show
    Promise.all(images.map((image) => image.decode())).then(() => done(images), () => {});
  }
}
