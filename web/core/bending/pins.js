/** A mesh that tracks bend as its pins, at any instant: as `dragnuwa/trajectory/bending.py` has it. */

import { HALF } from '../check.js';
import { around, shareOfKeys } from '../repeating.js';
import { interpolate, wayAt } from '../sampling.js';
import { atEdge, behind, beyond } from './mesh.js';
import { Solver } from './solver.js';

/** @import {Places} from '../composing/composition.js' */
/** @import {PinKey, Track} from '../types.js' */
/** @import {BendingMesh} from './mesh.js' */

/**
 * Tracks on a mesh.
 * @typedef {object} PinTracks
 * @property {readonly Readonly<Track>[]} tracks
 * @property {readonly Float64Array[]} ways x and y of each at all instants, in the mesh's pixels
 * @property {Float64Array} fractions of the clip, of the instants
 * @property {number} stiffness from 0, soft, to 1
 * @property {Uint8Array | null} stiff which points of the mesh hardly bend; null for none
 */

const REST = 1e-3; // px

/** The stiffness of what several pins bend: their mean. @param {readonly Readonly<Track>[]} pins */
export const stiffnessOf = (pins) => (
  pins.reduce((sum, { stiffness = HALF }) => sum + stiffness, 0) / pins.length);

/** That of each mesh, and what it was made for: a hand that goes on goes on from where the mesh is. */
/** @type {WeakMap<BendingMesh, {about: string, solver: Solver}>} */
const solvers = new WeakMap();

/** Places that are computed once for each instant, when they are asked for. @param {Places} at @returns {Places} */
export function remembered(at) {
  /** @type {Map<number, ReturnType<Places>>} */
  const known = new Map();
  return (instant) => {
    const found = known.get(instant) ?? at(instant);
    known.set(instant, found);
    return found;
  };
}

/**
 * The places of the mesh's points at an instant.
 * @param {BendingMesh} mesh
 * @param {PinTracks} pins
 * @returns {(instant: number) => Float64Array} x and y of each
 */
export function bentBy(mesh, pins) {
  const { ways, fractions, tracks } = pins;
  const solver = solverOf(mesh, pins);
  const turns = tracks.map(({ pin, loop, start, end }) => ({ keys: keysOf(pin, loop), loop, start, end }));
  return (instant) => solver.bend({
    moved: Float64Array.from(ways.flatMap((way) => [0, 1].map((axis) => way[2 * instant + axis] - way[axis]))),
    ...turned(turns, fractions[instant]),
  });
}

/** Whether a pin neither moves nor turns anything. @param {Readonly<Track>} track @param {Float64Array} way */
export const isAtRest = ({ pin }, way) => (
  !pin?.length && way.every((value, axis) => Math.abs(value - way[axis % 2]) < REST));

/** @param {BendingMesh} mesh @param {PinTracks} pins */
function solverOf(mesh, { tracks, ways, stiffness, stiff }) {
  const at = Float64Array.from(ways.flatMap((way) => [way[0], way[1]]));
  const turns = Uint8Array.from(tracks, ({ pin }) => (pin?.length ? 1 : 0));
  const rests = ways.map((way, k) => isAtRest(tracks[k], way));
  const about = JSON.stringify([[...at], [...turns], rests, tracks[0].stays, stiffness, stiff && [...stiff]]);
  const last = solvers.get(mesh);
  if (last?.about === about) return last.solver;
  const places = ways.map((way) => /** @type {const} */ ([way[0], way[1]]));
  const stays = ways.length === 1
    ? beyond(mesh, at[0], at[1], tracks[0].stays ?? HALF)
    : behind(mesh, places.filter((_, k) => !rests[k]), places.filter((_, k) => rests[k]));
  const solver = new Solver(mesh, { at, turns, stays, cut: atEdge(mesh) }, stiffness, stiff);
  solvers.set(mesh, { about, solver });
  return solver;
}

/** Whether the turns and scales of a pin end as they began. @param {readonly Readonly<PinKey>[]} pin its keys */
export function endsAtRest(pin) {
  const { turn, scale } = pin[pin.length - 1];
  return turn === 0 && scale === 1;
}

/**
 * Times, turns (radians) and scales of a pin's keys; null without any.
 * @param {Track['pin']} pin
 * @param {Track['loop']} loop
 */
function keysOf(pin, loop) {
  if (!pin?.length) return null;
  const whole = pin[0].at > 0 ? [{ at: 0, turn: 0, scale: 1 }, ...pin] : pin;
  const share = loop ? shareOfKeys(loop, endsAtRest(pin)) : 1;
  const earlier = (/** @type {Readonly<PinKey>} */ key) => ({ ...key, at: key.at * share });
  const keys = loop ? around(whole, share, { at: 1, turn: 0, scale: 1 }, earlier) : whole;
  return {
    at: Float64Array.from(keys, ({ at }) => at),
    turn: Float64Array.from(keys, ({ turn }) => (turn * Math.PI) / 180),
    scale: Float64Array.from(keys, ({ scale }) => scale),
  };
}

/**
 * @param {readonly {keys: ReturnType<typeof keysOf>, loop?: Track['loop'], start: number, end: number}[]} pins
 * @param {number} fraction of the clip
 */
function turned(pins, fraction) {
  const found = { turned: new Float64Array(pins.length).fill(NaN), scaled: new Float64Array(pins.length).fill(1) };
  pins.forEach(({ keys, loop, start, end }, k) => {
    if (!keys) return;
    const s = wayAt({ loop, start, end }, fraction);
    found.turned[k] = interpolate(s, keys.at, keys.turn);
    found.scaled[k] = interpolate(s, keys.at, keys.scale);
  });
  return found;
}
