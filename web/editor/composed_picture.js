/**
 * The picture as a run moves it: drawn from the composition of the drawing, which is requested from the server once the
 * drawing stops changing. Until then, its things move as the drawing says under the hand.
 */

import { compose, frameAt } from '../core/compose.js';
import { withMotionsOf } from '../core/composing/live.js';
import { isBusy } from './asking.js';
import { DebouncedRequest, isSmall } from './debounced_request.js';
import { h } from './dom.js';

/** @import {Composition} from '../core/composing/composition.js' */
/** @import {Doc} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const CALM_MS = 300; // without changes before the server is asked
const SIZES = [320, 480, 640, 960, 1280]; // px of the longer side that are asked for
const MOST_BYTES = 64e6; // of composed frames that are kept

/** The server's answer, the drawing that it is about, and what else. */
/** @typedef {{composition: Composition, doc: Readonly<Doc>, around: readonly unknown[]}} Answer */

export class ComposedPicture {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Answer | null} */
    this.answer = null;
    /** The longer side that was asked for last. */
    this.longest = 0;
    /** The composition with the motions of a drawing. @type {{doc: Readonly<Doc>, composition: Composition} | null} */
    this.moved = null;
    /** Its composed frames, by their numbers. @type {{of: Composition | null, frames: Map<number, ImageData>}} */
    this.kept = { of: null, frames: new Map() };
    this.canvas = h('canvas');
    /** @type {DebouncedRequest<Answer>} */
    this.request = new DebouncedRequest(CALM_MS, (answer) => { // on an error, only drags are shown: a run reports it
      this.answer = answer;
      this.moved = null;
      this.editor.invalidate();
    });
  }

  /** That of the drawing as it is now; null while there is none. @returns {Composition | null} */
  get composition() {
    const { state: { doc }, clip } = this.editor;
    if (!this.answer || !isSame(this.answer.around, this.#around)) return null;
    if (this.moved?.doc !== doc) {
      this.moved = { doc, composition: withMotionsOf(this.answer.composition, this.answer.doc, doc, clip) };
    }
    return this.moved.composition;
  }

  /** What a drawn frame depends on; empty while there is nothing to draw. @param {number} time fraction of the clip */
  look(time) {
    const { composition } = this;
    return composition ? [composition, frameAt(composition, time)] : [];
  }

  /**
   * Draws into a context whose unit is the clip's pixel.
   * @param {CanvasRenderingContext2D} context
   * @param {number} time fraction of the clip
   */
  draw(context, time) {
    const { composition, canvas, editor: { clip } } = this;
    if (!composition) return;
    const { width, height } = composition.size;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    canvas.getContext('2d')?.putImageData(this.#frame(composition, frameAt(composition, time)), 0, 0);
    context.imageSmoothingQuality = 'high';
    context.drawImage(canvas, 0, 0, clip.width, clip.height);
  }

  /** @param {Composition} composition @param {number} frame */
  #frame(composition, frame) {
    if (this.kept.of !== composition) this.kept = { of: composition, frames: new Map() };
    const { frames } = this.kept;
    const { size: { width, height }, frames: count } = composition;
    const known = frames.get(frame);
    if (known) return known;
    const made = new ImageData(compose(composition, frame / (count - 1)), width, height);
    if ((frames.size + 1) * made.data.length <= MOST_BYTES) frames.set(frame, made);
    return made;
  }

  /** Drops the answer, and cancels a running request. */
  forget() {
    this.request.forget();
    Object.assign(this, { answer: null, moved: null, longest: 0, kept: { of: null, frames: new Map() } });
  }

  /** What the answer depends on besides the drawing. */
  get #around() {
    const { picture, clip: { width, height, frames, fit } } = this.editor;
    return [picture.url, width, height, frames, fit];
  }

  /** Checks whether a new request is needed. */
  follow() {
    const { state, picture, locked, host, depthCamera } = this.editor;
    const { doc } = state;
    const around = this.#around;
    if (this.answer && !isSame(this.answer.around, around)) this.forget();
    this.longest = Math.max(this.longest, this.#wanted);
    const { longest } = this;
    const about = [doc.tracks, doc.objects, Boolean(depthCamera?.inputs), longest, ...around];
    if (this.request.isAbout(about)) return;
    this.request.forget();
    if (isBusy(this.editor) || locked || state.problem || !picture.image || picture.video) return;
    const some = !depthCamera?.inputs && moves(doc);
    this.request.start(about, async (signal) => {
      const composition = some ? await host.composition(doc, longest, signal) : null;
      return composition && { composition, doc, around };
    });
  }

  /** The pixels of the canvas along the picture's longer side, or somewhat more. */
  get #wanted() {
    const { viewport, clip, stage } = this.editor;
    const shown = Math.max(clip.width, clip.height) * viewport.scale * stage.ratio;
    return SIZES.find((size) => size >= shown) ?? SIZES[SIZES.length - 1];
  }
}

/** @param {readonly unknown[]} one @param {readonly unknown[]} other */
const isSame = (one, other) => one.every((value, k) => value === other[k]);

/** Whether a drawing moves anything, and is not too large. @param {Readonly<Doc>} doc */
function moves({ tracks, objects }) {
  const drags = tracks.filter(({ enabled, points }) => enabled && points.length > 1);
  return (drags.length > 0 || (objects ?? []).some(({ enabled }) => enabled)) && isSmall(tracks);
}
