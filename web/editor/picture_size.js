/**
 * Sets the clip to the picture's aspect ratio, by a button, for a new node's first picture, and whenever it matched the
 * previous picture; and to a video's length, by the button and for a new node.
 */

import { showsWhole, sizeLike } from '../core/sizes.js';

/** @import {Size} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const MOST_FRAMES = 1024; // of a clip
const LONGEST = 480; // CSS pixels of the clip's longer side for which there should be room

export class PictureSize {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Size of the previous picture. @type {Size | null} */
    this.last = null;
    /** The number of frames of the video; null for a picture, or while it is not known. @type {number | null} */
    this.frames = null;
  }

  /** Called when another picture is shown. */
  pictureChanged() {
    const { host, clip } = this.editor;
    const picture = this.#shown();
    if (!picture) return;
    const follows = this.last ? showsWhole(this.last, clip) : host.isNew();
    this.last = picture;
    void this.#measure(host.isNew());
    if (follows && !showsWhole(picture, clip)) this.#resize(sizeLike(picture, clip), false);
  }

  /** The button's action: the drags stay on the picture. */
  take() {
    const { editor } = this;
    const picture = this.#shown();
    if (!picture) editor.warn('picture_unconnected');
    else if (!this.#resize(this.#wanted(picture), true)) editor.warn('sizeLinked');
  }

  /**
   * Sets the clip, and makes the node higher where a tall clip would be too small to draw on.
   * @param {Size & {frames?: number}} size
   * @param {boolean} byHand
   */
  #resize(size, byHand) {
    const { host, viewport, dialog, stage } = this.editor;
    const inNode = !dialog && stage.root.clientWidth > 0;
    if (inNode) stage.measure();
    return host.resize(size, byHand, inNode ? viewport.missingHeight(size, LONGEST) : 0);
  }

  /** @param {Size} picture */
  #wanted(picture) {
    return { ...sizeLike(picture, this.editor.clip), ...(this.frames && { frames: this.frames }) };
  }

  /** Asks for the length of a video, which a new node takes. @param {boolean} isNew */
  async #measure(isNew) {
    const { host, picture } = this.editor;
    this.frames = null;
    if (!picture.video) return;
    const { url } = picture;
    const frames = await host.videoFrames().catch(() => null); // the canvas says what is wrong with it
    if (!frames || url !== picture.url) return;
    this.frames = Math.min(MOST_FRAMES, Math.max(2, frames));
    const shown = this.#shown();
    if (isNew && shown) this.#resize(this.#wanted(shown), false);
    this.editor.invalidate();
  }

  /** Whether the clip has another number of frames than the video. */
  get lengthDiffers() {
    return this.frames !== null && this.frames !== this.editor.clip.frames;
  }

  /** Whether the clip crops the picture so much that a hint is needed. */
  get cuts() {
    const picture = this.#shown();
    return picture !== null && this.editor.clip.fit === 'crop' && !showsWhole(picture, this.editor.clip);
  }

  /** @returns {Size | null} */
  #shown() {
    return this.editor.picture.size;
  }
}
