/** When a graph is run by itself, to refine what is drawn: the rules, without a page. */

export const REST_MS = 1000; // without a change, and with no hand on any drawing, before the graph is queued
export const MOST_SECONDS = 20; // that a run may take: a person who has stopped to look does not wait for longer
const MOST_KEPT = 8; // drawings that undo may come back to

/**
 * A drawing as the widget's text, and what else the result is of: the chosen picture, and the clip.
 * @typedef {{readonly text: unknown, readonly of: string}} Drawing
 */

/**
 * What the rules look at.
 * @typedef {object} Facts
 * @property {boolean} on whether a person wants it
 * @property {boolean} possible whether a run would use the drawing and make something of it
 * @property {boolean} refined whether a run has the drawing already, or will
 * @property {number | null} seconds that a run will take; null while that is not known
 * @property {boolean} learning whether a run goes on or waits that will tell it
 * @property {boolean} busy whether a hand is on a drawing, or nobody sees the page
 * @property {number} rested ms since the last change
 */

/**
 * `off`: nothing is to be done. `done`: a run has the drawing. `slow`: a run takes too long, so a person starts it.
 * `learning`: the first run will tell whether it does. `rest`: the drawing may still change. `queue`: now.
 * @typedef {'off' | 'done' | 'slow' | 'learning' | 'busy' | 'rest' | 'queue'} Step
 */

/** @param {Facts} facts @returns {Step} */
export function nextStep({ on, possible, refined, seconds, learning, busy, rested }) {
  if (!on || !possible) return 'off';
  if (refined) return 'done';
  if (seconds !== null && seconds > MOST_SECONDS) return 'slow';
  if (seconds === null && learning) return 'learning';
  if (busy) return 'busy';
  return rested < REST_MS ? 'rest' : 'queue';
}

/** The drawings of one editor that runs have been given, by whomever they were started. */
export class Refined {
  constructor() {
    /** Latest last. @type {readonly Drawing[]} */
    this.given = [];
    /** The text that was opened, until it has been changed: nobody has drawn it here. @type {unknown} */
    this.opened = undefined;
  }

  /** A workflow is opened, or its widget is made. @param {unknown} text */
  open(text) {
    this.opened = text;
  }

  /** A run is given a drawing. @param {Drawing} drawing */
  give(drawing) {
    this.given = [...this.given.filter((one) => !isSame(one, drawing)), drawing].slice(-MOST_KEPT);
  }

  /**
   * Whether a drawing needs no run. The last one given does not, whatever has changed around it: the run itself may
   * change that, and would be followed by another one for ever.
   * @param {Drawing} drawing
   */
  has(drawing) {
    const { text } = drawing;
    if (text !== this.opened) this.opened = undefined;
    return text === this.opened || text === this.given.at(-1)?.text || this.given.some((one) => isSame(one, drawing));
  }
}

/** @param {Drawing} one @param {Drawing} other */
const isSame = (one, other) => one.text === other.text && one.of === other.of;
