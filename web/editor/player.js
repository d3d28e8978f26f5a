/** Plays the clip: holds the instant that is shown. */

/** @import {Editor} from './editor.js' */

const PAUSE = 0.4; // seconds that the last frame stays before the clip begins again

export class Player {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** The instant that is shown, a fraction of the clip. */
    this.time = 0;
    this.loop = true;
    this.request = 0;
  }

  get playing() {
    return this.request !== 0;
  }

  /** The frame that is shown, from 0. */
  get frame() {
    return Math.round(this.time * (this.editor.clip.frames - 1));
  }

  /** @param {number} frame */
  goTo(frame) {
    const last = this.editor.clip.frames - 1;
    this.time = Math.min(1, Math.max(0, frame / last));
    this.editor.invalidate();
  }

  toggle() {
    if (this.playing) this.stop();
    else this.start();
  }

  start() {
    const { editor } = this;
    const begin = performance.now() - (this.time >= 1 ? 0 : this.time) * this.seconds * 1000;
    const step = (/** @type {number} */ now) => {
      const elapsed = Math.max(0, now - begin) / 1000;
      const round = this.seconds + PAUSE;
      if (!this.loop && elapsed >= this.seconds) {
        this.time = 1;
        this.request = 0;
      } else {
        this.time = Math.min(1, (elapsed % round) / this.seconds);
        this.request = requestAnimationFrame(step);
      }
      editor.render();
    };
    this.request = requestAnimationFrame(step);
    editor.invalidate();
  }

  stop() {
    cancelAnimationFrame(this.request);
    this.request = 0;
    this.time = this.frame / (this.editor.clip.frames - 1);
    this.editor.invalidate();
  }

  /** Length of the clip. */
  get seconds() {
    const { frames, rate } = this.editor.clip;
    return (frames - 1) / rate;
  }
}
