/** The core's error messages in English; translations are in web/editor/strings/. */

/** @typedef {keyof typeof MESSAGES} MessageId */

/** @typedef {Readonly<Record<string, string | number>>} MessageValues */

export const MESSAGES = Object.freeze({
  unreadable: 'This cannot be read as a drawing. Run the workflow to see what is wrong with it.',
  impossible: 'This is not possible, and nothing has changed.',
  tooManyPointsInOne: 'One drag can have at most {most} points.',
  tooManyPoints: 'All drags and objects together can have at most {most} points, but they have {count}.',
  tooManyTracks: 'There can be at most {most} drags.',
  tooManyObjects: 'There can be at most {most} objects.',
  tooManyOutlinePoints: 'The outline of an object can have at most {most} corners in all, but it has {count}.',
  tooManyRings: 'An object can have at most {most} separate parts and holes, but it has {count}.',
  noArea: 'The outline needs at least three corners that do not lie on one line.',
  drawingTooLong: 'The drawing is too large to be kept as text. Keep fewer drags, or fewer points in each.',
  nothingToWrite: 'There is no drag to copy. Draw one, or enable one.',
});

/**
 * Fills in the names in braces; a name without a value stays as it is.
 * @param {string} template such as "{count} tracks"
 * @param {MessageValues} values
 * @returns {string}
 */
export function filledIn(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
