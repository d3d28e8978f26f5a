/** The line under the timeline: size and length of the video that a run makes, how long it will take, its progress. */

import { NOTHING_KNOWN, forecast, workOf } from '../core/forecast.js';
import { videoSize } from '../core/sizes.js';
import { h, showWords } from './dom.js';

/** @import {Forecast, Task} from '../core/forecast.js' */
/** @import {Editor} from './editor.js' */
/** @import {RunState} from './host.js' */

const LONG = 60; // seconds of a run above which the line says so in full
const TICK = 500; // ms between two movements of the bar
const NEARLY = 0.97; // of the bar, while the run takes longer than was forecast

export class RunLine {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {RunState} */
    this.run = { running: null, times: NOTHING_KNOWN };
    /** What was forecast of the run that goes on. @type {Forecast | null} */
    this.expected = null;
    this.timer = 0;
    this.text = h('span', {});
    this.bar = h('div', { class: 'dnw-progress' });
    const names = { class: 'dnw-run', 'data-testid': 'dragnuwa-run-line' };
    this.root = h('div', names, this.bar, this.text);
  }

  /** Called while a run goes on, and at its end. @param {RunState} run */
  follow(run) {
    if (run.running && !this.run.running) this.expected = this.forecast;
    this.run = run;
    this.editor.invalidate();
  }

  /** What a run of this graph has to do, with the drawing as it is. @returns {readonly (Task & {id: string})[]} */
  get tasks() {
    const { clip, around } = this.editor;
    const video = this.#size ?? clip;
    return around.tasks.map(({ id, kind, steps, isOfVideo }) => {
      const made = isOfVideo ? { ...video, frames: around.video.frames } : clip;
      return { id, kind, work: workOf(kind, made, steps) };
    });
  }

  /** How long a run will take; null if that is not known. */
  get forecast() {
    return forecast(this.tasks, this.run.times);
  }

  /** The same by runs of this machine alone, in seconds. @returns {number | null} */
  get seconds() {
    const found = this.forecast;
    return found?.measured ? found.seconds : null;
  }

  render() {
    clearTimeout(this.timer);
    const { t } = this.editor;
    const { running } = this.run;
    const waits = this.editor.refiner.step === 'slow';
    const parts = running ? this.#progress(running)
      : waits ? [t('refineWaits'), ...this.#expects(), ...this.#made()] // of which a narrow node shows the beginning
        : [...this.#made(), ...this.#expects()];
    showWords(this.text, parts.join(' · '));
    this.bar.style.width = `${100 * (running ? this.#done(running) : 0)}%`;
    if (running) this.timer = window.setTimeout(() => this.editor.invalidate(), TICK);
  }

  /** How long a run will take. */
  #expects() {
    const { t } = this.editor;
    const found = this.forecast;
    if (!found) return [];
    const time = this.time(found.seconds);
    if (!found.measured) return [t('onTwoCores', { time })];
    return [t(found.seconds > LONG ? 'longRun' : 'shortRun', { time })];
  }

  /** The part of the run that is done: by its forecast, or else that of the node. @param {RunningNode} running */
  #done({ fraction, began }) {
    const { expected } = this;
    return expected ? Math.min(NEARLY, elapsed(began) / Math.max(expected.seconds, 1)) : fraction;
  }

  /** @param {RunningNode} running */
  #progress({ title, fraction, began }) {
    const { editor: { t }, expected } = this;
    const percent = Math.round(100 * fraction);
    const left = expected ? expected.seconds - elapsed(began) : 0;
    const node = percent > 0 ? t('running', { node: title, percent }) : `${title} …`;
    return left >= 1 ? [node, t('timeLeft', { time: this.time(left) })] : [node];
  }

  get #size() {
    const { clip, picture, around } = this.editor;
    return videoSize(around.video.enlarging, clip, picture.size);
  }

  /** Size and length. */
  #made() {
    const { around, t } = this.editor;
    const { frames, rate } = around.video;
    const size = this.#size;
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

/** @typedef {NonNullable<RunState['running']>} RunningNode */

/** @param {number} began ms @returns {number} seconds since then */
const elapsed = (began) => (performance.now() - began) / 1000;

/** @param {number} value @returns {number} with one decimal */
const rounded = (value) => Math.round(value * 10) / 10;
