/** The error of everything that the core refuses. */

import { message, textOf } from './messages.js';

/** @import {MessageId, MessageValues} from './messages.js' */

/**
 * A trajectories value, or a change of one, that is refused. `message` is the text in English; `said` is the same with
 * its id and values, from which `textOf` makes the text of another language.
 */
export class TrajectoryError extends Error {
  /**
   * @param {MessageId} id
   * @param {MessageValues} [values] for the names in braces
   */
  constructor(id, values) {
    const said = message(id, values);
    super(textOf(said));
    this.name = 'TrajectoryError';
    this.said = said;
  }
}
