/**
 * A video as the drawing edits it: what its frames consist of is asked of the server a few frames at a time, and drawn
 * over them here, so that a hand sees what it moves at once. The server is only asked anew where something else is
 * drawn on.
 */

import { editedFrame, neededFor } from '../core/composing/clip_frame.js';
import { cutsOf, withFrames } from '../core/composing/clip_layers.js';
import { movedOutlineIn, placementIn } from '../core/composing/clip_places.js';
import { isEmpty } from '../core/document.js';
import { BusyError } from '../core/errors.js';
import { placeMoved } from '../core/objects/in_frames.js';
import { DebouncedRequest, isBusy, isSmall } from './answers.js';

/** @import {ClipLayers, Patch} from '../core/composing/clip_layers.js' */
/** @import {Named} from '../core/composing/clip_places.js' */
/** @import {Placed} from '../core/composing/clip_frame.js' */
/** @import {Affine, Doc, FoundOutline, Region, Track, XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Clip, FrameRange} from './host.js' */

/**
 * What is drawn over a frame.
 * @typedef {object} EditedFrame
 * @property {ClipLayers} layers
 * @property {readonly {image: ImageBitmap, placed: Placed}[]} parts from back to front
 */

const CALM_MS = 450; // without changes before the server is asked, which is asked for outlines first
const BUSY_MS = 500; // until a busy server is asked again
const FEW = 2; // frames at first, so that something is shown soon
const AT_ONCE = 8;
const AHEAD = 8; // frames after the shown one whose pictures are decoded
const MOST_BYTES = 192e6; // of decoded pictures

export class EditedClip {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** What the server has said. @type {ClipLayers | null} */
    this.layers = null;
    /** Of which drawing, and of which one it is asked now. @type {Readonly<Doc> | null} */
    this.drawing = null;
    this.asked = this.drawing;
    /** The cuts of a drawing in which something bends: each change of that is another edit. */
    this.bent = '';
    /** @type {DebouncedRequest<ClipLayers>} */
    this.request = new DebouncedRequest(CALM_MS, (found, error) => this.#answered(found, error));
    /** Decoded pictures, the one used last at the end. @type {Map<Patch, ImageBitmap>} */
    this.images = new Map();
    this.bytes = 0;
    /** @type {Set<Patch>} */
    this.decoding = new Set();
    /** @type {{of: readonly unknown[], frame: EditedFrame | null}} */
    this.shown = { of: [], frame: null };
  }

  /** Drops what is known, and cancels what is asked. */
  forget() {
    this.request.forget();
    for (const image of this.images.values()) image.close();
    this.images.clear();
    this.decoding.clear();
    Object.assign(this, { layers: null, drawing: null, asked: null, bytes: 0, shown: { of: [], frame: null } });
  }

  /** The frame of the video that is shown, edited; null while that is not known. @returns {EditedFrame | null} */
  get frame() {
    const { layers, editor: { picture, tool, session: { now: { doc, playing } } } } = this;
    const { frame } = picture;
    if (!layers || frame === null || !this.holds || !this.#has(frame)) return null;
    if (tool.corrects && !playing) return null;
    const of = [layers, doc, frame];
    if (this.shown.frame && of.every((value, k) => value === this.shown.of[k])) return this.shown.frame;
    const parts = editedFrame(layers, doc, frame).map((placed) => ({ placed, image: this.images.get(placed.patch) }));
    if (parts.some(({ image }) => !image)) return null;
    this.shown = { of, frame: /** @type {EditedFrame} */ ({ layers, parts }) };
    return this.shown.frame;
  }

  /** Whether what is known holds for the drawing as it is now. */
  get holds() {
    const { layers, drawing, editor: { picture, locked, session: { now: { doc } } } } = this;
    if (!layers || !drawing || !picture.video || locked) return false;
    return !layers.bent || (doc.tracks === drawing.tracks && doc.objects === drawing.objects);
  }

  /** What is known, where it says how the drawing moves things. */
  get #moving() {
    return this.holds && !this.layers?.bent ? this.layers : null;
  }

  /**
   * Where a region goes in a frame, as the drawing is now.
   * @param {Region} region
   * @param {number} frame
   * @returns {FoundOutline | null} null where nobody knows it
   */
  movedOutline(region, frame) {
    const layers = this.#moving;
    return layers && movedOutlineIn(layers, this.editor.session.now.doc, region, frame);
  }

  /**
   * From where something was drawn to where the frame at the playhead is to show it, as the drawing is now.
   * @param {Named} named
   * @param {number} [time] as it is drawn at another instant
   * @returns {Affine | null} in fractions of the clip; null where nobody knows it
   */
  placement(named, time) {
    const { editor: { player, session } } = this;
    const layers = this.#moving;
    return layers && placementIn(layers, session.now.doc, named, player.frame, time);
  }

  /**
   * Where the place of a drag that moves along it is on the thing that the frame at the playhead shows.
   * @param {Readonly<Track>} track
   * @returns {XY | null} in pixels of the clip; null where nobody knows it
   */
  placeOn({ id, points: [begin] }) {
    const { clip } = this.editor;
    const placement = this.placement({ tracks: [id] });
    const there = placement && placeMoved(placement, begin);
    return there && { x: there.x * clip.width, y: there.y * clip.height };
  }

  /** How many frames are known, where somebody waits for the one that is shown; null where nobody does. */
  get progress() {
    const { layers, request, editor: { clip: { frames }, player } } = this;
    const asks = request.timer !== 0 || request.running !== null;
    if (!asks || (layers && this.drawing === this.asked && this.#has(player.frame))) return null;
    return { done: this.drawing === this.asked && layers ? layers.frames.size : 0, frames };
  }

  /** Asks for what is missing, and decodes what is shown soon. */
  follow() {
    const { editor, request } = this;
    if (!this.#asks) {
      if (request.about.length > 0) this.forget();
      return;
    }
    const about = this.#about(editor.session.doc);
    this.#decode();
    if (request.isAbout(about)) return;
    const [, ...around] = about;
    const { about: [, ...before] } = request;
    if (before.length > 0 && !AROUND.every((k) => around[k] === before[k])) this.forget(); // another video, or clip
    if (isBusy(editor)) return; // retried in the next frame
    request.forget();
    this.asked = editor.session.doc;
    this.#ask(CALM_MS);
  }

  /** What the answer depends on. @param {Readonly<Doc>} doc */
  #about(doc) {
    const { clip, picture, around: { followedBy } } = this.editor;
    const cuts = cutsOf(doc);
    const drawn = cuts === this.bent ? [doc.tracks, doc.objects] : [null, null];
    const { carries, radius } = followedBy ?? {};
    return [cuts, picture.url, clip.width, clip.height, clip.frames, clip.fit, carries, radius, ...drawn];
  }

  get #asks() {
    const { session: { now: { doc, problem } }, locked, picture, around } = this.editor;
    const isDrawn = !isEmpty(doc) && isSmall(doc.tracks) && !problem;
    return picture.video && picture.image !== null && !locked && isDrawn && around.followedBy !== null;
  }

  /** Asks for the next frames, from the one that is shown on. @param {number} calm ms */
  #ask(calm) {
    const { asked, request, editor: { host, around: { followedBy } } } = this;
    const range = this.#missing();
    if (!asked || !followedBy || !range) return;
    request.start(this.#about(asked), (signal) => host.clipLayers(asked, followedBy, range, signal), calm);
  }

  /** The frames that are asked for next. @returns {FrameRange | null} */
  #missing() {
    const { layers, drawing, asked, editor: { player, clip: { frames } } } = this;
    const known = drawing === asked ? layers?.frames : undefined;
    for (let k = 0; k < frames; k += 1) {
      const first = (player.frame + k) % frames;
      if (!known?.has(first)) {
        let last = first;
        const most = Math.min(frames, first + (known ? AT_ONCE : FEW));
        while (last + 1 < most && !known?.has(last + 1)) last += 1;
        return [first, last];
      }
    }
    return null;
  }

  /** @param {ClipLayers | null} found @param {unknown} error */
  #answered(found, error) {
    const { asked, editor, request } = this;
    if (found && asked) {
      const isMore = this.layers && this.drawing === asked;
      this.layers = isMore && this.layers ? withFrames(this.layers, found) : found;
      this.drawing = asked;
      if (found.bent) this.bent = cutsOf(asked);
      request.about = this.#about(asked);
      this.#ask(0);
    } else if (error instanceof BusyError) this.#ask(BUSY_MS); // any other error, a run or the outlines report
    editor.invalidate();
  }

  /** Whether a frame, and those whose things it shows, are known. @param {number} frame */
  #has(frame) {
    const { layers, editor: { session: { now: { doc } } } } = this;
    return layers !== null && [...neededFor(layers, doc, frame)].every((each) => layers.frames.has(each));
  }

  /** Decodes what the shown frame and the next ones need. */
  #decode() {
    const { layers, images, decoding, editor: { clip: { frames }, player, session: { now: { doc } } } } = this;
    if (!layers || !this.holds) return;
    /** @type {Set<Patch>} */
    const wanted = new Set();
    for (let k = 0; k <= AHEAD; k += 1) {
      const frame = (player.frame + k) % frames;
      if (this.#has(frame)) for (const { patch } of editedFrame(layers, doc, frame)) wanted.add(patch);
    }
    for (const patch of wanted) {
      const image = images.get(patch);
      if (image) {
        images.delete(patch);
        images.set(patch, image);
      } else if (!decoding.has(patch)) {
        decoding.add(patch);
        void this.#take(patch);
      }
    }
    for (const [patch, image] of images) {
      if (this.bytes <= MOST_BYTES || wanted.has(patch)) break;
      images.delete(patch);
      this.bytes -= bytesOf(image);
      image.close();
    }
  }

  /** @param {Patch} patch */
  async #take(patch) {
    const { editor, decoding } = this;
    try {
      const image = await decoded(patch);
      if (decoding.delete(patch)) {
        this.images.set(patch, image);
        this.bytes += bytesOf(image);
      } else image.close(); // forgotten meanwhile
    } catch (error) { // it stays among those that are decoded, so that nobody tries again
      editor.notices.warn(editor.reason(error));
    }
    editor.invalidate();
  }
}

const AROUND = [0, 1, 2, 3, 4]; // of what an answer depends on, without the cuts: the video and the clip

/** @param {Patch} patch */
async function decoded({ box: { left, top, right, bottom }, file }) {
  const image = await createImageBitmap(file);
  const [width, height] = [Math.round(right - left), Math.round(bottom - top)];
  if (image.width === width && image.height === height) return image;
  const found = `${image.width}x${image.height}`;
  image.close();
  throw new Error(`A part of a frame should have ${width}x${height} pixels; found ${found}. Load the page again.`);
}

/** @param {ImageBitmap} image */
const bytesOf = ({ width, height }) => 4 * width * height;

/**
 * Draws what is edited over a frame of the video, into a context whose unit is the clip's pixel.
 * @param {CanvasRenderingContext2D} context
 * @param {EditedFrame} edited
 * @param {Clip} clip
 */
export function paintEdited(context, { layers: { size, frame }, parts }, clip) {
  context.save();
  context.beginPath();
  context.rect(0, 0, clip.width, clip.height);
  context.clip();
  context.scale(clip.width / size.width, clip.height / size.height);
  context.beginPath();
  context.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
  context.clip();
  for (const { image, placed: { patch: { box }, move: [re, im, x, y] } } of parts) {
    context.save();
    context.transform(re, im, -im, re, x, y);
    context.drawImage(image, box.left, box.top);
    context.restore();
  }
  context.restore();
}
