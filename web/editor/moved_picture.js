/**
 * The playback: the picture moved along the drags, as by DragNUWA Carry. It is requested from the server once the
 * drawing stops changing, so that it is ready when somebody presses play.
 */

/** @import {Doc} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const CALM_MS = 300; // without changes before the server is asked
const MOST_POINTS = 20_000; // larger drawings are not sent

export class MovedPicture {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Key of the current or next request. @type {readonly unknown[]} */
    this.about = [];
    /** Evenly spaced from the first frame to the last; empty if there is none. @type {readonly ImageBitmap[]} */
    this.frames = [];
    this.timer = 0;
    /** @type {AbortController | null} */
    this.request = null;
  }

  /** The picture at an instant. @param {number} time fraction of the clip */
  at(time) {
    return this.frames[Math.round(time * (this.frames.length - 1))] ?? null;
  }

  /** Drops the frames, and cancels a running request. */
  forget() {
    clearTimeout(this.timer);
    this.request?.abort();
    for (const frame of this.frames) frame.close();
    Object.assign(this, { about: [], frames: [], request: null });
  }

  /** Called every animation frame: checks whether a new request is needed. */
  follow() {
    const { state, clip, picture, stage, tool, locked } = this.editor;
    const { width, height, frames, fit } = clip;
    const about = [state.doc.tracks, state.doc.objects, picture.url, width, height, frames, fit];
    if (about.every((value, k) => value === this.about[k])) return;
    if (this.about.length > 0) this.forget();
    const busy = state.before !== null || stage.pointers.mode === 'tool' || tool.unfinished;
    if (busy || locked || state.problem || !picture.image || picture.video) return; // retried in the next frame
    this.about = about;
    if (moves(state.doc)) this.timer = window.setTimeout(() => this.#ask(state.doc), CALM_MS);
  }

  /** @param {Readonly<Doc>} doc */
  async #ask(doc) {
    const { editor } = this;
    const request = new AbortController();
    this.request = request;
    // On any error, only the drags are shown: a run will report it.
    const frames = await editor.host.played(doc, request.signal).catch(() => null);
    if (request !== this.request) {
      for (const frame of frames ?? []) frame.close();
      return;
    }
    this.request = null;
    this.frames = frames ?? [];
    editor.invalidate();
  }
}

/** Whether a drawing moves anything, and is not too large. @param {Readonly<Doc>} doc */
function moves({ tracks, objects }) {
  const drags = tracks.filter(({ enabled, points }) => enabled && points.length > 1);
  const some = drags.length > 0 || (objects ?? []).some(({ enabled }) => enabled);
  return some && tracks.reduce((sum, { points }) => sum + points.length, 0) <= MOST_POINTS;
}
