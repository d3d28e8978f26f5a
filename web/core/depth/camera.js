/**
 * The moves of a camera as a photographer names them, and the camera that they make, as
 * `dragnuwa/carry/depth/path.py` has it: angles are degrees, ways are parts of the distance to the focus.
 */

import { eased, ownTime } from '../sampling.js';
import { within } from '../numbers.js';
import { amountsAt, readKeys } from './keyed_path.js';
import { applied, product, transposed } from './matrices.js';

/** @import {Size} from '../types.js' */
/** @import {DepthPicture} from './picture.js' */
/** @import {Matrix} from './matrices.js' */

/** Focal lengths across and down, and the centre, in pixels. @typedef {readonly number[]} Lens */

/**
 * A point X is at rotation X + translation for it; both are against the camera that took the picture.
 * @typedef {{rotation: Matrix, translation: readonly number[], lens: Lens}} Camera
 */

const MOST_PATH = 20_000; // characters of a path that is read anew for each frame
const STILL = Object.freeze([0, 0, 0]);
/** Names of moves, and how far each may go. */
export const MOVES = Object.freeze({
  pan: [-89, 89], tilt: [-89, 89], roll: [-360, 360], truck: [-5, 5], pedestal: [-5, 5], dolly: [-5, 0.9],
  orbit: [-89, 89], rise: [-89, 89], zoom: [-0.9, 10],
});

/** @typedef {keyof typeof MOVES} Move */
/** @typedef {Record<Move, number>} Amounts */

/** @type {Readonly<Amounts>} */
const NO_MOVES = Object.freeze({
  pan: 0, tilt: 0, roll: 0, truck: 0, pedestal: 0, dolly: 0, orbit: 0, rise: 0, zoom: 0,
});

/**
 * The inputs of a DragNUWA Camera in Depth that say how it moves.
 * @typedef {Amounts & {handheld: number, dolly_zoom: boolean, focus_x: number, focus_y: number, path: string,
 *   ease: 'linear' | 'ease_in' | 'ease_out' | 'ease_in_out', start: number, end: number}} Moves
 */

const RADIANS = Math.PI / 180;
const AT_REST = 1e-12;

/** The camera that took a picture. @param {Pick<DepthPicture, 'lens'>} picture @returns {Camera} */
export const ownCamera = ({ lens }) => ({ rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0], lens });

/**
 * The camera in a frame.
 * @param {DepthPicture} picture
 * @param {Moves} moves
 * @param {number} frame of those that the picture has times for
 * @returns {Camera}
 */
export function cameraAt(picture, moves, frame) {
  const focus = picture.pointAt(moves.focus_x, moves.focus_y);
  const part = eased(moves.ease, ownTime(moves, picture.times[frame]));
  const hand = picture.sway.subarray(3 * frame, 3 * frame + 3).map((angle) => angle * moves.handheld);
  return moved(baseOf(picture, moves.path, focus, frame), focus, moves, part, hand);
}

/**
 * Where the moves start from: a path that is written by hand, as it is now, or else as the server has read it.
 * @param {DepthPicture} picture
 * @param {string} path
 * @param {readonly number[]} focus
 * @param {number} frame
 */
function baseOf(picture, path, focus, frame) {
  const own = ownCamera(picture);
  const keys = path.length <= MOST_PATH ? readKeys(path) : null;
  if (keys?.length === 0) return own;
  if (keys === null) return picture.base?.[frame] ?? own;
  const amounts = { ...NO_MOVES, ...amountsAt(keys, picture.times[frame]) };
  return moved(own, focus, { ...amounts, dolly_zoom: false }, 1, STILL);
}

/**
 * @param {Camera} base
 * @param {readonly number[]} focus a point
 * @param {Amounts & {dolly_zoom: boolean}} moves
 * @param {number} part of them that is done
 * @param {ArrayLike<number>} hand degrees of pan, tilt and roll of an unsteady one
 * @returns {Camera}
 */
function moved(base, focus, moves, part, hand) {
  const around = product(turnRight(part * moves.orbit), turnUp(part * moves.rise));
  const way = [moves.truck, -moves.pedestal, moves.dolly].map((amount) => part * focus[2] * amount);
  const there = applied(base.rotation, focus).map((value, k) => value + base.translation[k]);
  const [from, by] = [applied(around, there), applied(around, way)];
  const centre = there.map((value, k) => value - from[k] + by[k]);
  const own = product(rolled(part * moves.roll + hand[2]), turnUp(part * moves.tilt + hand[1]));
  const turn = product(product(own, turnRight(part * moves.pan + hand[0])), transposed(around));
  const larger = (1 + part * moves.zoom) * (moves.dolly_zoom ? 1 - part * moves.dolly : 1);
  const [across, down, x, y] = base.lens;
  return {
    rotation: product(turn, base.rotation),
    translation: applied(turn, base.translation.map((value, k) => value - centre[k])),
    lens: [across * larger, down * larger, x, y],
  };
}

/** Whether a camera sees what the one that took the picture did. */
/** @param {Camera} camera @param {Pick<DepthPicture, 'lens'>} picture */
export function isAtRest({ rotation, translation, lens }, picture) {
  const own = ownCamera(picture);
  const away = (/** @type {readonly number[]} */ some, /** @type {readonly number[]} */ others) => (
    Math.max(...some.map((value, k) => Math.abs(value - others[k]))));
  return away(rotation, own.rotation) + away(translation, own.translation) + away(lens, own.lens) < AT_REST;
}

/** The same camera with frames of another size. */
/** @param {Camera} camera @param {Size} from @param {Size} to @returns {Camera} */
export function scaled(camera, from, to) {
  const [across, down] = [to.width / from.width, to.height / from.height];
  const [focalX, focalY, x, y] = camera.lens;
  return { ...camera, lens: [focalX * across, focalY * down, (x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5] };
}

/**
 * What brings places of a picture to a camera, and back: `to` and `by` give x, y and 1, times what is ahead, of a place
 * (x, y, 1) and its disparity; `back` and `away` the same of a pixel of the camera, and of its disparity, less.
 * @param {Lens} lens of the picture
 * @param {Camera} camera
 */
export function between(lens, { rotation, translation, lens: other }) {
  const back = transposed(rotation);
  return {
    to: product(product(kernel(other), rotation), inverse(lens)),
    by: applied(kernel(other), translation),
    back: product(product(kernel(lens), back), inverse(other)),
    away: applied(kernel(lens), applied(back, translation)),
  };
}

/** @param {Lens} lens @returns {Matrix} */
const kernel = ([across, down, x, y]) => [across, 0, x, 0, down, y, 0, 0, 1];

/** @param {Lens} lens @returns {Matrix} */
const inverse = ([across, down, x, y]) => [1 / across, 0, -x / across, 0, 1 / down, -y / down, 0, 0, 1];

/** @param {number} degrees @returns {Matrix} */
function turnRight(degrees) {
  const [c, s] = [Math.cos(RADIANS * degrees), Math.sin(RADIANS * degrees)];
  return [c, 0, -s, 0, 1, 0, s, 0, c];
}

/** @param {number} degrees @returns {Matrix} */
function turnUp(degrees) {
  const [c, s] = [Math.cos(RADIANS * degrees), Math.sin(RADIANS * degrees)];
  return [1, 0, 0, 0, c, s, 0, -s, c];
}

/** @param {number} degrees @returns {Matrix} */
function rolled(degrees) {
  const [c, s] = [Math.cos(RADIANS * degrees), Math.sin(RADIANS * degrees)];
  return [c, s, 0, -s, c, 0, 0, 0, 1];
}

/** How far a hand turns a camera until the server is asked anew what comes into view (`REACH` in depth.py there). */
const REACH = Object.freeze({
  pan: 12, tilt: 10, truck: 0.25, pedestal: 0.15, dolly: 0.3, orbit: 15, rise: 10,
});
const OF_MOVES = new Set(['roll', 'dolly_zoom', 'handheld', 'ease', 'start', 'end', 'focus_x', 'focus_y']);

/**
 * What a picture with depth depends on, of the inputs of a camera: not on how it moves, as long as it stays near.
 * @param {Record<string, unknown>} inputs
 */
export function unturned(inputs) {
  const parts = Object.entries(REACH).map(([name, most]) => Math.abs(Number(inputs[name])) / most);
  if (inputs.path || Number(inputs.zoom) < 0 || parts.reduce((sum, part) => sum + part, 0) > 1) return inputs;
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !(name in MOVES || OF_MOVES.has(name))));
}

/** A text that is the same for the same moves. @param {Moves} moves */
export const keyOf = (moves) => [...Object.keys(MOVES), ...OF_MOVES, 'path'].map((name) => (
  moves[/** @type {keyof Moves} */ (name)])).join();

/** An amount of a move, as far as it may go. @param {Move} move @param {number} amount */
export const limited = (move, amount) => within(amount, MOVES[move][0], MOVES[move][1]);
