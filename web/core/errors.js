/** The error for everything that the core refuses, and the one of a server that has too much to do. */

import { MESSAGES, filledIn } from './messages.js';

/** @import {MessageId, MessageValues} from './messages.js' */

/** A change to a drawing, or an export, is refused. `message` is the English text. */
export class TrajectoryError extends Error {
  /**
   * @param {MessageId} id
   * @param {MessageValues} [values] for the names in braces
   */
  constructor(id, values = {}) {
    super(filledIn(MESSAGES[id], values));
    this.name = 'TrajectoryError';
    this.id = id;
    this.values = values;
  }
}

/** Others are asking, too: the same may be asked again a little later. */
export class BusyError extends Error {}
