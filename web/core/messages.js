/**
 * The texts of the core's errors. A message is an id with values, so that it can be shown in any language; a value may
 * be a message itself. The English texts are here, those of other languages in web/editor/strings/.
 */

/** @typedef {keyof typeof MESSAGES} MessageId */

/** What stands for a name in braces. @typedef {string | number | Message} MessageValue */

/** @typedef {Readonly<Record<string, MessageValue>>} MessageValues */

/** @typedef {{readonly id: MessageId, readonly values: MessageValues}} Message */

const SHOWN = 40; // characters of a found value that a message quotes

export const MESSAGES = Object.freeze({
  // Where an error is.
  trajectories: 'Trajectories',
  track: 'Track {index}',
  newTrack: 'New track {index}',
  pointOf: '{where}, point {index}',

  motionObject: 'Object {index}',
  newObject: 'New object {index}',
  ringOf: '{where}, ring {index}',
  keyOf: '{where}, key {index}',
  motionOf: '{where}, motion',

  // What it is about; fields of the format are named as they are written.
  theValue: 'the value',
  aTrack: 'a track',
  aPoint: 'a point',
  aMotionObject: 'an object',
  aRing: 'a ring',
  aKey: 'a key',
  visibleInterval: 'visible interval {index}',
  coordinateOf: '{axis} of {field}',
  sideOfCanvas: '{side} of the canvas',

  // What is expected.
  aNumber: 'a number from {low} to {high}',
  aWholeNumber: 'a whole number from {low} to {high}',
  oneOf: 'one of {options}',
  aText: 'a text',
  trueOrFalse: 'true or false',
  aColor: 'a colour such as "#1f77b4"',
  aPair: 'a pair [from, to]',
  anObjectInBraces: 'an object in braces { }',
  aListInBrackets: 'a list in brackets [ ]',

  // What was found.
  missing: 'missing',
  emptyText: 'an empty text',
  theText: 'the text "{text}"',
  aListOf: 'a list of {count}',
  anObject: 'an object',

  // Whole sentences.
  wrongValue: '{where}: {what} should be {expected}, but it is {found}.',
  unknownKey: '{where}: the key "{key}" is not known here.',
  tooManyItems: '{where}: {what} should have at most {most} items, but it has {count}.',
  textLength: '{where}: {what} should have {fewest} to {most} characters.',
  loneSurrogate: '{where}: {what} holds half of a character (a lone surrogate).',
  startNotBeforeEnd: '{where}: start should be earlier than end, but start is {start} and end is {end}.',
  anchorPoints: '{where}: an anchor should have exactly 1 point, but it has {count}.',
  timeNotLater: '{where}: t should be later than the t of the point before it.',
  noPoints: '{where}: it has no points.',
  intervalReversed: '{where}: {what} should not end before it begins, but it is [{from}, {to}].',
  notFinite: 'A number was expected, but it is {found}.',
  textTooLong: '{where}: the text should have at most {mebibytes} MiB.',
  tooManyValues: '{where}: the text should hold at most {most} values. Keep fewer tracks, or fewer points in each.',
  drawingTooLong:
    '{where}: the text should have at most {mebibytes} MiB. Keep fewer tracks, or fewer points in each.',
  nothingToWrite: 'There is no track to copy. Draw a drag, or switch one on.',
  textEmpty: 'The trajectories text is empty.',
  notJson: 'The trajectories text should be JSON, but it cannot be read: {reason}',
  notTrajectories: '{where}: an object with "type": "{type}" was expected, but there is {found}.',
  tooManyTracks: 'There can be at most {most} tracks.',
  tooManyPoints: '{where}: all tracks together should have at most {most} points, but they have {count}.',
  idTaken: '{where}: its id is already that of track {other}.',
  objectIdTaken: '{where}: its id is already that of object {other}.',
  objectsNeedVersion: '{where}: objects need the version {version}.',
  aOrB: '{a} or {b}',
  noRings: '{where}: its outline has no ring.',
  ringEnclosesNothing: '{where}: it should enclose an area, but its {count} points do not.',
  tooManyOutlinePoints: '{where}: its outline should have at most {most} points in all, but it has {count}.',
  pointsOrKeys: '{where}: it should have either points or keys.',
  noKeys: '{where}: it has no keys.',
  keyNotLater: '{where}: t should be later than the t of the key before it.',
  firstKeyMoved:
    '{where}: at the time 0 the object should be where the picture shows it, with x 0, y 0, rotation 0 and scale 1.',
  tooManyObjects: 'There can be at most {most} objects.',
  keyTwice: '{where}: one object has the same key twice, so it is not clear which one counts.',
  notChangeable: 'A track\'s "{key}" cannot be changed in this way.',
  objectNotChangeable: 'An object\'s "{key}" cannot be changed in this way.',
  insertIndex: 'A point can be put in at 0 to {count}, but not at {index}.',
  offCurve: 'A place on the curve lies from 0 to {last}, but it is {u}.',
});

/**
 * @param {MessageId} id
 * @param {MessageValues} [values] for the names in braces
 * @returns {Message}
 */
export const message = (id, values = {}) => ({ id, values });

/**
 * A message in words.
 * @param {Message} said
 * @param {Readonly<Record<MessageId, string>>} [texts] of the language
 * @returns {string}
 */
export function textOf({ id, values }, texts = MESSAGES) {
  const words = Object.entries(values).map(([name, value]) => {
    return [name, typeof value === 'object' ? textOf(value, texts) : value];
  });
  return filledIn(texts[id], Object.fromEntries(words));
}

/**
 * A text with its values in place of the names in braces; a name without a value stays as it is.
 * @param {string} template such as "{count} tracks"
 * @param {Readonly<Record<string, string | number>>} values
 * @returns {string}
 */
export function filledIn(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * What was found, in a few words, whatever its size.
 * @param {unknown} value
 * @returns {MessageValue}
 */
export function describe(value) {
  if (value === undefined || value === null) return message('missing');
  if (value === '') return message('emptyText');
  if (typeof value === 'string') return message('theText', { text: shorten(value) });
  if (Array.isArray(value)) return message('aListOf', { count: value.length });
  if (typeof value === 'object') return message('anObject');
  return shorten(String(value));
}

/**
 * The beginning of a text, on one line.
 * @param {string} value
 */
export function shorten(value) {
  const line = value.slice(0, SHOWN).replace(/\s+/g, ' ');
  return value.length <= SHOWN ? line : `${line}...`;
}
