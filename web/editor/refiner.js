/**
 * Has the graph run once a drawing has changed and the hand rests ("Refine when I stop"), and keeps what such a run
 * makes out of the hand's way: it is shown only if the drawing is still the one that it was made from.
 */

import { isBusy } from './answers.js';
import { h, showWords } from './dom.js';
import { MOST_SECONDS, REST_MS, nextStep } from './refine.js';
import { keyOf } from './result.js';

/** @import {Editor} from './editor.js' */
/** @import {RunResult} from './host.js' */
/** @import {Drawing, Step} from './refine.js' */
/** @import {StringId} from './strings/translator.js' */

export class Refiner {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /** @type {Step} */
    this.step = 'off';
    this.timer = 0;
    /** The document that was followed last, and the one that was queued last. */
    this.doc = editor.session.doc;
    /** @type {Editor['session']['doc'] | null} */
    this.queued = null;
    this.busy = false;
    /** Seconds of a run that were too many, and that a person was told of. @type {number | null} */
    this.explained = null;
    /** What is shown of runs: of which result that was decided last, and the one that was let through. */
    this.decided = '';
    /** @type {RunResult | null} */
    this.shown = null;
    /** Whether a result is there of which it is not decided yet. */
    this.undecided = false;
    const names = { class: 'dnw-refine', role: 'switch', 'data-testid': 'dragnuwa-refine' };
    this.button = h('button', { type: 'button', ...names, onclick: () => this.#toggle() }, t('refine'));
  }

  /** Whether a hand is on the drawing, or presses anything here, such as the timeline. */
  get #busy() {
    return isBusy(this.editor) || this.editor.root.matches(':active');
  }

  get #refining() {
    return this.editor.host.refining;
  }

  /** @returns {Drawing} */
  get drawing() {
    const { value: text, picture, clip } = this.editor;
    return { text, of: [picture.chosen, clip.width, clip.height, clip.frames, clip.fit].join(' ') };
  }

  /** The page queues the graph, by whomever that is started. */
  runPressed() {
    this.queued = this.editor.session.doc;
    this.#refining.queued(this.drawing);
  }

  /** Follows the drawing: starts a run, or takes one back that is outdated. */
  follow() {
    const { editor } = this;
    const { doc } = editor.session;
    const busy = this.#busy;
    if (busy || this.busy || doc !== this.doc) this.#refining.touch(busy);
    Object.assign(this, { doc, busy });
    if (this.undecided && !busy && this.#refining.refinedFrom !== null) editor.refresh();
    if (busy) this.#goOnLater();
    this.#forgetTimer();
    if (!this.#refining.on) this.step = 'off';
    else if (busy) this.#hold();
    else this.#go();
  }

  /** The node has gone. */
  forget() {
    this.#forgetTimer();
    Object.assign(this, { step: 'off', busy: false });
  }

  /** What is under the hand is not what waits in the queue. */
  #hold() {
    this.step = 'busy';
    if (this.queued !== null && this.doc !== this.queued) this.#refining.withdraw();
  }

  #go() {
    const { rested } = this.#refining;
    const refined = this.#refining.has(this.drawing);
    if (!refined) this.#refining.withdraw(); // first: what waits is of another drawing, and will tell nothing
    this.step = this.#next(refined, rested);
    if (this.step === 'slow') this.#explain();
    if (this.step === 'rest') this.timer = window.setTimeout(() => this.#go(), REST_MS - rested);
    if (this.step === 'busy') this.#goOnLater();
    if (this.step === 'queue') void this.#queue();
    this.render();
  }

  /** Once the hand has let go, or the page is seen again. */
  #goOnLater() {
    window.addEventListener('pointerup', this.#goOn, { once: true, capture: true });
    document.addEventListener('visibilitychange', this.#goOn, { once: true });
  }

  #goOn = () => this.editor.invalidate();

  /** Says that it waits for a person, once for each time that a run took. */
  #explain() {
    const { runLine: { seconds }, notices } = this.editor;
    if (seconds !== this.explained) notices.say(this.#forecast);
    this.explained = seconds;
  }

  /** @param {boolean} refined @param {number} rested ms */
  #next(refined, rested) {
    const { editor } = this;
    const { around, locked, notices, runLine: { run, seconds } } = editor;
    const refining = this.#refining;
    return nextStep({
      on: refining.on,
      possible: !locked && !around.unused && !around.conflict && !notices.isDragMissing,
      refined,
      seconds,
      learning: refining.learning || run.running !== null,
      busy: this.#busy || document.hidden,
      rested,
    });
  }

  async #queue() {
    try {
      if (!await this.#refining.queue()) this.#turnOff('refineRefused');
    } catch (error) {
      // Later: a page that is reloaded at this moment drops its requests, which is no reason to switch it off.
      setTimeout(() => this.#turnOff('refineError', { reason: this.editor.reason(error) }));
    }
  }

  /** A run that was started here has failed; the page shows why. */
  failed() {
    this.#turnOff('refineFailed');
  }

  /** @param {StringId} why @param {Record<string, string>} [values] */
  #turnOff(why, values) {
    this.#refining.turn(false);
    this.editor.warn(why, values);
  }

  #toggle() {
    this.#refining.turn(!this.#refining.on);
    this.editor.focus();
  }

  #forgetTimer() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  /**
   * What is shown of the last run's result: that of a run that was started here only if the drawing is what it was made
   * from. While a hand is on the drawing, or it is not known whose result it is, that is not decided.
   * @param {RunResult | null} made
   * @returns {RunResult | null}
   */
  letThrough(made) {
    const key = keyOf(made);
    this.undecided = false;
    if (key === this.decided) return this.shown;
    const { refinedFrom } = this.#refining;
    if (refinedFrom !== undefined && (refinedFrom === null || this.#busy)) {
      this.undecided = true;
      return this.shown;
    }
    this.decided = key;
    if (refinedFrom === undefined || refinedFrom === this.editor.value) this.shown = made;
    return this.shown;
  }

  /** How long a run takes, and what follows from that. */
  get #forecast() {
    const { t, runLine } = this.editor;
    const { seconds } = runLine;
    if (seconds === null) return t('refineUnknown');
    const time = runLine.time(seconds);
    if (seconds <= MOST_SECONDS) return t('refineTakes', { time });
    return t('refineSlow', { time, most: runLine.time(MOST_SECONDS) });
  }

  render() {
    const { button, editor } = this;
    const { on } = this.#refining;
    if (button.ariaChecked !== String(on)) button.ariaChecked = String(on);
    button.disabled = editor.locked;
    const title = `${editor.t('refineHint')}. ${this.#forecast}`;
    if (button.title !== title) button.title = title;
    showWords(button, editor.t('refine'));
  }
}
