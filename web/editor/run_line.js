/** The line under the timeline: size and length of the video that a run makes, how long the last run took, progress. */

import { videoSize } from '../core/sizes.js';
import { h, showWords } from './dom.js';

/** @import {Editor} from './editor.js' */
/** @import {RunState} from './host.js' */

export class RunLine {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {RunState} */
    this.run = { running: null, seconds: null };
    this.text = h('span', {});
    this.bar = h('div', { class: 'dnw-progress' });
    const names = { class: 'dnw-run', 'data-testid': 'dragnuwa-run-line' };
    this.root = h('div', names, this.bar, this.text);
  }

  /** Called while a run goes on, and at its end. @param {RunState} run */
  follow(run) {
    this.run = run;
    this.editor.invalidate();
  }

  render() {
    const { t } = this.editor;
    const { running, seconds } = this.run;
    const last = seconds === null ? [] : [t('lastRun', { time: this.time(seconds) })];
    const waits = this.editor.refiner.step === 'slow';
    const parts = running ? [this.#progress(running)]
      : waits ? [t('refineWaits'), ...last, ...this.#made()] // of which a narrow node shows the beginning
        : [...this.#made(), ...last];
    showWords(this.text, parts.join(' · '));
    this.bar.style.width = `${100 * (running?.fraction ?? 0)}%`;
  }

  /** @param {{title: string, fraction: number}} running */
  #progress({ title, fraction }) {
    const percent = Math.round(100 * fraction);
    return percent > 0 ? this.editor.t('running', { node: title, percent }) : `${title} …`;
  }

  /** Size and length. */
  #made() {
    const { clip, picture, around, t } = this.editor;
    const { enlarging, frames, rate } = around.video;
    const size = videoSize(enlarging, clip, picture.size);
    const length = rate === null ? t('frames', { count: frames })
      : t('videoLength', { seconds: rounded(frames / rate), rate: rounded(rate) });
    return size ? [`${size.width} × ${size.height}`, length] : [length];
  }

  /** @param {number} seconds */
  time(seconds) {
    const { t } = this.editor;
    if (seconds < 100) return t('seconds', { count: Math.max(1, Math.round(seconds)) });
    return t('minutes', { count: Math.round(seconds / 60) });
  }
}

/** @param {number} value @returns {number} with one decimal */
const rounded = (value) => Math.round(value * 10) / 10;
