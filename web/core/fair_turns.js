/** How often somebody may go before others: so many times in so long. */

export class FairTurns {
  /**
   * @param {number} most times
   * @param {number} within ms
   * @param {() => number} now the time in ms
   */
  constructor(most, within, now = () => performance.now()) {
    this.most = most;
    this.within = within;
    this.now = now;
    /** When turns were taken, of those that still count. @type {number[]} */
    this.taken = [];
  }

  /** Takes a turn. @returns {boolean} false if there is none now */
  take() {
    const now = this.now();
    this.taken = this.taken.filter((then) => now - then < this.within);
    if (this.taken.length >= this.most) return false;
    this.taken.push(now);
    return true;
  }
}
