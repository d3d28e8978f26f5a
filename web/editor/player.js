/** Plays the clip: moves the playhead. */

import { tidy } from '../core/numbers.js';

/** @import {Editor} from './editor.js' */

const PAUSE = 0.4; // seconds of pause on the last frame before the clip restarts

export class Player {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.loop = true;
    this.request = 0;
  }

  /** The current instant, a fraction of the clip. */
  get time() {
    return this.editor.session.now.time;
  }

  get playing() {
    return this.editor.session.now.playing;
  }

  /** The current frame, from 0. */
  get frame() {
    return Math.round(this.time * (this.editor.clip.frames - 1));
  }

  /**
   * When what is drawn now begins: over a video, at the frame that is shown; in a picture, with the clip.
   * @returns {{start?: number}}
   */
  get begins() {
    const last = this.editor.clip.frames - 1;
    return this.at ? { start: tidy(Math.min(this.frame, last - 1) / last) } : {};
  }

  /** The part of a video at which the shown frame is, if that is not the first one. */
  get at() {
    const { picture, clip } = this.editor;
    return picture.video && this.frame > 0 ? tidy(this.frame / (clip.frames - 1)) : undefined;
  }

  /** @param {number} frame */
  goTo(frame) {
    const last = this.editor.clip.frames - 1;
    this.editor.session.change({ time: Math.min(1, Math.max(0, frame / last)) });
  }

  /** Back to the picture itself, for drawing; a video stays at its frame. */
  rewind() {
    if (this.playing) this.stop();
    if (!this.editor.picture.video) this.goTo(0);
  }

  toggle() {
    if (this.playing) this.stop();
    else this.start();
  }

  start() {
    const { editor } = this;
    if (!editor.unsubscribe) return; // a run's result may come after its node has gone
    const begin = performance.now() - (this.time >= 1 ? 0 : this.time) * this.seconds * 1000;
    const step = (/** @type {number} */ now) => {
      const elapsed = Math.max(0, now - begin) / 1000;
      const ended = !this.loop && elapsed >= this.seconds;
      const fraction = ended ? 1 : Math.min(1, (elapsed % (this.seconds + PAUSE)) / this.seconds);
      const before = this.time;
      const time = editor.result.nearest(fraction);
      editor.session.update({ time, playing: !ended });
      this.request = ended ? 0 : requestAnimationFrame(step);
      if (ended || (time !== before && !editor.result.seek())) editor.stage.draw();
    };
    this.request = requestAnimationFrame(step);
    editor.session.change({ playing: true });
  }

  stop() {
    cancelAnimationFrame(this.request);
    this.request = 0;
    this.editor.session.change({ playing: false, time: this.frame / (this.editor.clip.frames - 1) });
  }

  /** Length of the clip. */
  get seconds() {
    const { frames, rate } = this.editor.clip;
    return (frames - 1) / rate;
  }
}
