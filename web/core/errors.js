/** The error of everything that the core refuses. */

import { MESSAGES, filledIn } from './messages.js';

/** @import {MessageId, MessageValues} from './messages.js' */

/** A change of a drawing, or its export, that is refused. `message` is the text in English. */
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
