/**
 * What a click would pick, lit under the pointer: the server is asked as soon as the pointer rests, for a guess of the
 * click network first, and for what a click takes if it stays. Shift and the wheel go through smaller and larger
 * things; a click takes what is lit. With a purpose, it is what would be added to an object, or taken from it.
 */

import { distance } from '../../core/geometry.js';
import { inPixels, isInside } from '../../core/objects/interior.js';
import { DARK, LIGHT, line } from '../paint.js';
import { drawnNow, inFrame } from './commands.js';
import { pathOf } from './look.js';

/** @import {XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {PickRequest, PickedThing} from '../host.js' */
/** @import {StageEvent} from '../stage.js' */

/**
 * In pixels of the clip; `guess`: what a click takes is still looked for.
 * @typedef {{request: PickRequest, found: PickedThing, rings: XY[][], path: Path2D, guess: boolean}} Shown
 */

const STAY_MS = 40; // that the pointer rests before the server is asked for what a click takes
const MOST_GUESSES = 2; // at once: more would queue up while the pointer moves; with one, the last would wait for it
const SLACK = 4; // CSS pixels that a resting pointer may move
const FILL = 'rgba(255, 255, 255, 0.28)';

/**
 * What would be lit is too large (-1), too small (1), or right (0).
 * @typedef {(found: PickedThing) => -1 | 0 | 1} Wanted
 */

const MOST_STEPS = 4; // to another size that are tried by themselves

export class PickPreview {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Where the pointer rests, in pixels of the clip. @type {XY | null} */
    this.at = null;
    /** What is done with it, and which size is looked for. @type {{id: string, wanted: Wanted} | null} */
    this.purpose = null;
    this.step = 0;
    this.timer = 0;
    /** Guesses that are under way. */
    this.guesses = 0;
    /** Where the last of them is. @type {XY | null} */
    this.guessed = null;
    /** @type {AbortController | null} */
    this.asking = null;
    /** @type {Shown | null} */
    this.shown = null;
  }

  /**
   * Follows the pointer.
   * @param {StageEvent | null} event null where a click would pick nothing
   * @param {{id: string, wanted: Wanted} | null} [purpose] null for a new object
   */
  follow(event, purpose = null) {
    const { editor } = this;
    const isWatched = editor.hasKeyboard && !editor.player.playing && !editor.result.shown;
    if (!event || event.touch || !editor.picture.image || !isWatched) {
      this.forget();
      return;
    }
    const isSame = purpose?.id === this.purpose?.id;
    if (isSame && this.#isAt(event.p)) return;
    this.#stop();
    Object.assign(this, { at: event.p, purpose, step: 0 });
    if (this.shown && (!isSame || !isInside(this.shown.rings, event.p))) this.#show(null);
    if (!editor.segmenter.learned || purpose) this.timer = window.setTimeout(() => this.#ask(), STAY_MS);
    else void this.#guess();
  }

  forget() {
    this.#stop();
    this.at = null;
    if (this.shown) this.#show(null);
  }

  #stop() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = null;
  }

  /** @param {Shown | null} shown */
  #show(shown) {
    this.shown = shown;
    this.editor.invalidate();
  }

  /** What a click here has to ask for to get what is lit; null where nothing is. @param {XY} p */
  requestAt(p) {
    return this.#isAt(p) && this.shown ? this.shown.request : null;
  }

  /** What is lit here for a purpose, in fractions of the clip. @param {XY} p @param {string} id */
  litFor(p, id) {
    const isMeant = this.#isAt(p) && this.purpose?.id === id;
    return isMeant && this.shown && !this.shown.guess ? this.shown.found.outline : null;
  }

  /** Whether the pointer still rests here. @param {XY} p */
  #isAt(p) {
    return this.at !== null && distance(p, this.at) <= SLACK * this.editor.px;
  }

  /** Lights a larger thing (1) or a smaller one (-1). @param {number} by @returns {boolean} whether anything is lit */
  resize(by) {
    if (!this.shown || !this.at) return false;
    const left = by > 0 ? this.shown.found.larger : this.shown.found.smaller;
    if (!this.asking && left !== 0) {
      this.step += by;
      void this.#ask();
    }
    return true;
  }

  /** Guesses where the pointer is; while the most are under way, the next of them that comes back asks again. */
  async #guess() {
    const { at } = this;
    if (!at || at === this.guessed || this.guesses === MOST_GUESSES) return;
    this.guessed = at;
    this.guesses += 1;
    const guess = await this.#found(at, 'guess');
    this.guesses -= 1;
    if (at !== this.at) {
      void this.#guess();
      return;
    }
    if (guess?.found.outline.length) this.#show(guess);
    this.timer = window.setTimeout(() => this.#ask(), STAY_MS);
  }

  async #ask() {
    const { at } = this;
    if (!at) return;
    const asking = new AbortController();
    this.asking = asking;
    const shown = await (this.purpose ? this.#wanted(at, this.purpose.wanted, asking)
      : this.#found(at, this.step === 0, asking.signal));
    if (asking !== this.asking) return;
    this.asking = null;
    this.#show(shown);
  }

  /**
   * By itself, the size that the purpose wants; by the wheel, any.
   * @param {XY} at
   * @param {Wanted} wanted
   * @param {AbortController} asking
   */
  async #wanted(at, wanted, asking) {
    const byHand = this.step !== 0;
    for (let tries = 0; tries <= MOST_STEPS; tries += 1) {
      const shown = await this.#found(at, false, asking.signal);
      if (!shown?.found.outline.length || asking !== this.asking) return null;
      const by = wanted(shown.found);
      if (by === 0 || byHand) return shown;
      if ((by < 0 ? shown.found.smaller : shown.found.larger) === 0) return null;
      this.step += by;
    }
    return null;
  }

  /**
   * Nobody has asked for this: whatever is wrong, nothing is lit, and a click says what it is.
   * @param {XY} at
   * @param {boolean | 'guess'} preview
   * @param {AbortSignal} [signal]
   * @returns {Promise<Shown | null>}
   */
  async #found(at, preview, signal) {
    const { editor, step } = this;
    const { width, height } = editor.clip;
    const clicked = { points: [{ x: at.x / width, y: at.y / height }], minus: [] };
    const request = { ...clicked, step };
    const asked = preview ? { ...clicked, preview } : request;
    const found = await editor.host.pick(inFrame(asked, drawnNow(editor).at), signal).catch(() => null);
    if (!found) return null;
    const rings = inPixels(found.outline, { width, height });
    return { request, found, rings, path: pathOf(rings), guess: preview === 'guess' };
  }

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    if (!this.shown) return;
    const { path, found, guess } = this.shown;
    if (!found.ground && !guess) {
      context.fillStyle = FILL;
      context.fill(path, 'evenodd');
    }
    line(context, path, DARK, 3 * px);
    if (found.ground) context.setLineDash([2 * px, 4 * px]);
    line(context, path, LIGHT, 1.5 * px);
    context.setLineDash([]);
  }
}
