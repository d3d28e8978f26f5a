/**
 * What a DragNUWA Camera in Depth sees of the picture and what moves in it: small frames, requested from the server
 * once the drawing stops changing.
 */

import { isBusy } from './asking.js';
import { DebouncedRequest, isSmall } from './debounced_request.js';

/** @import {Editor} from './editor.js' */

const CALM_MS = 300; // without changes before the server is asked

export class CameraFilm {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Evenly spaced from the first frame to the last; empty if there is none. @type {readonly ImageBitmap[]} */
    this.frames = [];
    /** @type {DebouncedRequest<ImageBitmap[]>} */
    this.request = new DebouncedRequest(CALM_MS, (frames) => { // on an error, only drags are shown: a run reports it
      this.frames = frames ?? [];
      this.editor.invalidate();
    });
  }

  /** What a drawn frame depends on; empty while there is nothing to draw. @param {number} time fraction of the clip */
  look(time) {
    const { frames } = this;
    return frames.length > 0 ? [frames[Math.round(time * (frames.length - 1))]] : [];
  }

  /**
   * Draws into a context whose unit is the clip's pixel.
   * @param {CanvasRenderingContext2D} context
   * @param {number} time fraction of the clip
   */
  draw(context, time) {
    const { clip: { width, height } } = this.editor;
    const [frame] = this.look(time);
    if (frame) context.drawImage(frame, 0, 0, width, height);
  }

  /** Drops the frames, and cancels a running request. */
  forget() {
    this.request.forget();
    for (const frame of this.frames) frame.close();
    this.frames = [];
  }

  /** Checks whether a new request is needed. */
  follow() {
    const { state, clip, picture, locked, host, depthCamera } = this.editor;
    const { width, height, frames, fit } = clip;
    const { doc } = state;
    const about = [
      doc.tracks, doc.objects, doc.horizon, JSON.stringify(depthCamera), picture.url, width, height, frames, fit,
    ];
    if (this.request.isAbout(about)) return;
    if (this.request.about.length > 0) this.forget();
    const camera = depthCamera?.inputs;
    if (isBusy(this.editor) || locked || state.problem || !picture.image || picture.video) return;
    this.request.start(about, async (signal) => (
      camera && isSmall(doc.tracks) ? unlessGone(await host.played(doc, camera, signal), signal) : []));
  }
}

/**
 * @param {ImageBitmap[] | null} frames closed where nobody waits for them any longer
 * @param {AbortSignal} signal
 */
function unlessGone(frames, signal) {
  if (signal.aborted) for (const frame of frames ?? []) frame.close();
  return frames;
}
