/**
 * What play shows: the picture moved along the drags, as DragNUWA Carry moves it. The server is asked once the drawing
 * has come to rest, so that it is there when somebody presses play.
 */

/** @import {Doc} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const CALM_MS = 300; // that the drawing rests before the server is asked
const MOST_POINTS = 20_000; // of drawings for which it is

export class MovedPicture {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** What the server was asked about, or will be. @type {readonly unknown[]} */
    this.about = [];
    /** Evenly spaced from the first frame to the last; empty while there is nothing. @type {readonly ImageBitmap[]} */
    this.frames = [];
    this.timer = 0;
    /** @type {AbortController | null} */
    this.request = null;
  }

  /** The picture that is shown at an instant. @param {number} time fraction of the clip */
  at(time) {
    return this.frames[Math.round(time * (this.frames.length - 1))] ?? null;
  }

  /** Drops what is there, and what the server still makes. */
  forget() {
    clearTimeout(this.timer);
    this.request?.abort();
    for (const frame of this.frames) frame.close();
    Object.assign(this, { about: [], frames: [], request: null });
  }

  /** With every frame of the page: sees whether there is something new to ask. */
  follow() {
    const { state, clip, picture, stage, tool, locked } = this.editor;
    const { width, height, frames, fit } = clip;
    const about = [state.doc.tracks, state.doc.objects, picture.url, width, height, frames, fit];
    if (about.every((value, k) => value === this.about[k])) return;
    if (this.about.length > 0) this.forget();
    const busy = state.before !== null || stage.pointers.mode === 'tool' || tool.unfinished;
    if (busy || locked || state.problem || !picture.image) return; // with the next frame this is asked again
    this.about = about;
    if (moves(state.doc)) this.timer = window.setTimeout(() => this.#ask(state.doc), CALM_MS);
  }

  /** @param {Readonly<Doc>} doc */
  async #ask(doc) {
    const { editor } = this;
    const request = new AbortController();
    this.request = request;
    // Whatever is wrong, the drags are shown alone: a run says what is wrong with them.
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

/** Whether a drawing has something that moves, and not too much of it. @param {Readonly<Doc>} doc */
function moves({ tracks, objects }) {
  const drags = tracks.filter(({ enabled, points }) => enabled && points.length > 1);
  const some = drags.length > 0 || (objects ?? []).some(({ enabled }) => enabled);
  return some && tracks.reduce((sum, { points }) => sum + points.length, 0) <= MOST_POINTS;
}
