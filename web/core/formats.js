/** Export to text. Import is done by Python, which reads all formats. */

import { TrajectoryError } from './errors.js';
import { allTracks } from './objects/tracks.js';
import { ordered } from './text.js';
import { fitCurve, sampleTrack } from './sampling.js';

/** @import {Clip} from './objects/tracks.js' */
/** @import {Doc, Size, Track} from './types.js' */

const PIXEL_DIGITS = 1e6; // per pixel, as in sampling
const SVG_DIGITS = 3;

/**
 * The value as indented JSON, for people.
 * @param {Readonly<Doc>} doc
 * @returns {string}
 */
export function toJson(doc) {
  return JSON.stringify(ordered(doc), null, 2);
}

/**
 * Coordinates as KJNodes writes them: [[{"x", "y"}, one for each frame], one list for each enabled track, then those of
 * the enabled objects], in pixels. A single track has no outer list, because some nodes read only that.
 * @param {Readonly<Doc>} doc
 * @param {number} frames 2 or more
 * @param {Size} size
 * @returns {string}
 * @throws {TrajectoryError} if no track is enabled, since nodes fail on an empty list
 */
export function toKJNodes(doc, frames, { width, height }) {
  const tracks = allTracks(doc, { width, height, frames }).map((track) => {
    const { x, y } = sampleTrack(track, frames, width, height);
    return Array.from(x, (_, i) => ({ x: rounded(x[i]), y: rounded(y[i]) }));
  });
  if (tracks.length === 0) throw new TrajectoryError('nothingToWrite');
  return JSON.stringify(tracks.length === 1 ? tracks[0] : tracks);
}

/**
 * The paths of the enabled tracks and objects as an SVG picture: cubic Bezier curves, to which all splines convert
 * exactly; a dot for a single point.
 * @param {Readonly<Doc>} doc
 * @param {Clip} clip
 * @returns {string}
 */
export function toSvg(doc, { width, height, frames }) {
  const shapes = allTracks(doc, { width, height, frames }).map((track) => `  ${shape(track, { width, height })}\n`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">\n`,
    ...shapes,
    '</svg>\n',
  ].join('');
}

/** @param {number} value */
const rounded = (value) => Math.round(value * PIXEL_DIGITS) / PIXEL_DIGITS;

/** @param {number} value */
const decimal = (value) => String(Number(value.toFixed(SVG_DIGITS)));

/**
 * @param {Readonly<Track>} track
 * @param {Size} size
 */
function shape(track, { width, height }) {
  const title = `<title>${escaped(track.name || track.id)}</title>`;
  const color = escaped(track.color);
  const [{ x, y }] = track.points;
  if (track.points.length === 1) {
    return `<circle cx="${decimal(x * width)}" cy="${decimal(y * height)}" r="3" fill="${color}">${title}</circle>`;
  }
  return `<path d="${pathData(track, width, height)}" fill="none" stroke="${color}" stroke-width="2">${title}</path>`;
}

/**
 * @param {Readonly<Track>} track
 * @param {number} width
 * @param {number} height
 */
function pathData(track, width, height) {
  const curve = fitCurve(track, width, height);
  const commands = Array.from({ length: curve[0].length / 4 }, (_, k) => {
    const [x, y] = curve.map((coefficients) => bezier(coefficients.subarray(4 * k, 4 * k + 4)));
    const places = x.map((value, i) => `${decimal(value)} ${decimal(y[i])}`);
    return k === 0 ? `M ${places[0]} C ${places.slice(1).join(', ')}` : `C ${places.slice(1).join(', ')}`;
  });
  return commands.join(' ');
}

/**
 * The four control values of one segment's cubic.
 * @param {Float64Array} coefficients a0 to a3
 */
function bezier([a0, a1, a2, a3]) {
  return [a3, a3 + a2 / 3, a3 + (2 * a2 + a1) / 3, a3 + a2 + a1 + a0];
}

/**
 * Escapes text for an element or an attribute; characters that XML does not allow become the replacement character.
 * @param {string} text
 */
function escaped(text) {
  const entities = new Map([
    ['&', '&amp;'],
    ['<', '&lt;'],
    ['>', '&gt;'],
    ['"', '&quot;'],
    ["'", '&#39;'],
  ]);
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (character) => entities.get(character) ?? character);
}
