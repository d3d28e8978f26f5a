/**
 * The playback: the picture moved along the drags, as by DragNUWA Carry. It is requested from the server once the
 * drawing stops changing, so that it is ready when somebody presses play.
 */

import { CalmRequest, isSmall } from './calm_request.js';

/** @import {Doc} from '../core/types.js' */
/** @import {DepthCamera} from './host.js' */
/** @import {Editor} from './editor.js' */

const CALM_MS = 300; // without changes before the server is asked

export class MovedPicture {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Evenly spaced from the first frame to the last; empty if there is none. @type {readonly ImageBitmap[]} */
    this.frames = [];
    /** @type {CalmRequest<ImageBitmap[]>} */
    this.request = new CalmRequest(CALM_MS, (frames) => { // on an error, only the drags are shown: a run will report it
      this.frames = frames ?? [];
      this.editor.invalidate();
    });
  }

  /** The picture at an instant. @param {number} time fraction of the clip */
  at(time) {
    return this.frames[Math.round(time * (this.frames.length - 1))] ?? null;
  }

  /** Drops the frames, and cancels a running request. */
  forget() {
    this.request.forget();
    for (const frame of this.frames) frame.close();
    this.frames = [];
  }

  /** Called every animation frame: checks whether a new request is needed. */
  follow() {
    const { state, clip, picture, stage, tool, locked, host, depthCamera: camera } = this.editor;
    const { width, height, frames, fit } = clip;
    const { tracks, objects, horizon } = state.doc;
    const about = [tracks, objects, horizon, JSON.stringify(camera), picture.url, width, height, frames, fit];
    if (this.request.isAbout(about)) return;
    if (this.request.about.length > 0) this.forget();
    const busy = state.before !== null || stage.pointers.mode === 'tool' || tool.unfinished;
    if (busy || locked || state.problem || !picture.image || picture.video) return; // retried in the next frame
    const { doc } = state;
    const some = moves(doc, camera);
    this.request.start(about, async (signal) => {
      return some ? unlessGone(await host.played(doc, camera, signal), signal) : [];
    });
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

/**
 * Whether a drawing moves anything, or a camera does, and is not too large.
 * @param {Readonly<Doc>} doc
 * @param {DepthCamera | null} camera
 */
function moves({ tracks, objects }, camera) {
  const drags = tracks.filter(({ enabled, points }) => enabled && points.length > 1);
  const some = drags.length > 0 || (objects ?? []).some(({ enabled }) => enabled);
  return (some || Boolean(camera?.inputs)) && isSmall(tracks);
}
