/** A run's result, shown in place of the picture, with the drags over it. */

import { h } from './dom.js';
import { ResultMedia, keyOf } from './result_media.js';

/** @import {Clip, RunResult} from './host.js' */
/** @import {Editor} from './editor.js' */

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
    if (image) context.drawImage(image, 0, 0, clip.width, clip.height);
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
