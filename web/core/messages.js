/** The core's error messages in English; translations are in web/editor/strings/. */

/** @typedef {keyof typeof MESSAGES} MessageId */

/** @typedef {Readonly<Record<string, string | number>>} MessageValues */

export const MESSAGES = Object.freeze({
  unreadable: 'This cannot be read as a drawing. Run the workflow to see what is wrong with it.',
  impossible: 'This is not possible, and nothing has changed.',
  tooManyPointsInOne: 'One track can have at most {most} points.',
  tooManyPoints: 'All tracks and objects together can have at most {most} points, but they have {count}.',
  tooManyTracks: 'There can be at most {most} tracks.',
  tooManyObjects: 'There can be at most {most} objects.',
  tooManyOutlinePoints: 'The outline of an object can have at most {most} points in all, but it has {count}.',
  tooManyRings: 'The outline of an object can have at most {most} rings, but it has {count}.',
  noArea: 'An outline should enclose an area, but its {count} points do not.',
  drawingTooLong: 'The drawing is too large to be kept as text. Keep fewer tracks, or fewer points in each.',
  nothingToWrite: 'There is no track to copy. Draw a drag, or switch one on.',
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
