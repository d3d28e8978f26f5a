/**
 * Sets the clip to the picture's aspect ratio: by a button, for a new node's first picture, and whenever it matched the
 * previous picture.
 */

import { showsWhole, sizeLike } from '../core/clip_size.js';

/** @import {Size} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

export class PictureSize {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Size of the previous picture. @type {Size | null} */
    this.last = null;
  }

  /** Called when another picture is shown. */
  pictureChanged() {
    const { host, clip } = this.editor;
    const picture = this.#shown();
    if (!picture) return;
    const follows = this.last ? showsWhole(this.last, clip) : host.isNew();
    this.last = picture;
    if (follows && !showsWhole(picture, clip)) host.resize(sizeLike(picture, clip), false);
  }

  /** The button's action: the drags stay on the picture. */
  take() {
    const { editor } = this;
    const picture = this.#shown();
    if (!picture) editor.warn('picture_unconnected');
    else if (!editor.host.resize(sizeLike(picture, editor.clip), true)) editor.warn('sizeLinked');
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
