/** A request to the server that depends on the drawing: sent once that stops changing, cancelled when it goes on. */

/** @import {Track} from '../core/types.js' */

const MOST_POINTS = 20_000;

/** Whether a drawing is small enough to be sent at each change. @param {readonly Readonly<Track>[]} tracks */
export const isSmall = (tracks) => tracks.reduce((sum, { points }) => sum + points.length, 0) <= MOST_POINTS;

/** @template T */
export class DebouncedRequest {
  /**
   * @param {number} calm ms without changes before the server is asked
   * @param {(answer: T | null, error: unknown) => void} answered called unless something has changed; one is null
   */
  constructor(calm, answered) {
    this.calm = calm;
    this.answered = answered;
    /** What the current or next request is about. @type {readonly unknown[]} */
    this.about = [];
    this.timer = 0;
    /** @type {AbortController | null} */
    this.running = null;
  }

  /** Whether this is what the last request is about. @param {readonly unknown[]} about */
  isAbout(about) {
    return about.length === this.about.length && about.every((value, k) => value === this.about[k]);
  }

  /** Cancels the request. */
  forget() {
    clearTimeout(this.timer);
    this.running?.abort();
    Object.assign(this, { about: [], timer: 0, running: null });
  }

  /**
   * Asks after a while.
   * @param {readonly unknown[]} about
   * @param {(signal: AbortSignal) => Promise<T | null>} ask
   */
  start(about, ask) {
    this.about = about;
    this.timer = window.setTimeout(() => this.#ask(ask), this.calm);
  }

  /** @param {(signal: AbortSignal) => Promise<T | null>} ask */
  async #ask(ask) {
    const request = new AbortController();
    Object.assign(this, { timer: 0, running: request });
    try {
      const answer = await ask(request.signal);
      if (request === this.running) this.#end(answer, null);
    } catch (error) {
      if (request === this.running) this.#end(null, error);
    }
  }

  /** @param {T | null} answer @param {unknown} error */
  #end(answer, error) {
    this.running = null;
    this.answered(answer, error);
  }
}
