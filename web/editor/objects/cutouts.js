/** Playback of objects: moving cut-outs of the picture over a background without them. */

import { isVisible } from '../../core/sampling.js';
import { objectsOf } from '../../core/objects/edit.js';
import { objectLook } from './look.js';

/** @import {MotionObject, Ring} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */

const MARGIN = 8; // pixels of the clip: the background is shown this far around the objects' places

export class Cutouts {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** The background, shown only where objects were. @type {HTMLCanvasElement | null} */
    this.ground = null;
    /** Key of the background's request. */
    this.key = '';
  }

  /** The objects to draw: all enabled ones, if any of them leaves its place. */
  get objects() {
    const { state, clip } = this.editor;
    const enabled = objectsOf(state.doc).filter((object) => object.enabled);
    return enabled.some((object) => objectLook(object, clip).leaves) ? enabled : [];
  }

  /**
   * Draws into a context whose unit is the clip's pixel.
   * @param {CanvasRenderingContext2D} context
   * @param {number} time fraction of the clip
   */
  draw(context, time) {
    const { editor, objects } = this;
    const { clip, picture } = editor;
    if (objects.length === 0 || !picture.image || picture.video) return;
    this.#fetchGround(objects);
    if (this.ground) context.drawImage(this.ground, 0, 0, clip.width, clip.height);
    const frame = Math.round(time * (clip.frames - 1)) / (clip.frames - 1);
    for (const object of objects) {
      if (!isVisible(object, frame)) continue;
      const { outline, transform } = objectLook(object, clip);
      const { re, im, x0, y0 } = transform(frame);
      context.save();
      context.transform(re, im, -im, re, x0, y0);
      context.clip(outline, 'evenodd');
      picture.draw(context, clip);
      context.restore();
    }
  }

  /**
   * Requests the background, once per picture and outlines.
   * @param {readonly Readonly<MotionObject>[]} objects
   */
  #fetchGround(objects) {
    const { host, picture, clip } = this.editor;
    const outlines = objects.map(({ outline }) => outline);
    const key = [picture.url, clip.width, clip.height, clip.fit, ...outlines.map(textOf)].join(' ');
    if (key === this.key) return;
    this.key = key;
    this.ground = null;
    host.ground(outlines).then(
      (image) => {
        if (key !== this.key || !image) return;
        this.ground = this.#masked(image, objects);
        this.editor.invalidate();
      },
      () => {}, // the cut-outs move without it, and a run reports what is wrong
    );
  }

  /**
   * The background where objects were, with a margin.
   * @param {ImageBitmap} image
   * @param {readonly Readonly<MotionObject>[]} objects
   */
  #masked(image, objects) {
    const { clip } = this.editor;
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: image.width, height: image.height });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.scale(image.width / clip.width, image.height / clip.height);
    context.lineWidth = 2 * MARGIN;
    context.lineJoin = 'round';
    for (const object of objects) {
      const { outline } = objectLook(object, clip);
      context.fill(outline, 'evenodd');
      context.stroke(outline);
    }
    context.resetTransform();
    context.globalCompositeOperation = 'source-in';
    context.drawImage(image, 0, 0);
    return canvas;
  }
}

/** Outlines as text, cached, because they are compared every frame. @type {WeakMap<object, string>} */
const texts = new WeakMap();

/** @param {readonly Ring[]} outline */
function textOf(outline) {
  const text = texts.get(outline) ?? JSON.stringify(outline);
  texts.set(outline, text);
  return text;
}
