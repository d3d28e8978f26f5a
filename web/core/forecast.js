/**
 * How long a run will take: by what nodes of the same class, with the same model files, have taken in this browser's
 * last runs, and by their work. Nodes of which nothing is known are never guessed from others.
 */

/** @import {Size} from './types.js' */

/**
 * A node that will run.
 * @typedef {object} Task
 * @property {string} kind its class, and the files that it loads
 * @property {number} work what its time is proportional to, as of `workOf`: pixels times frames times steps
 */

/** What a node has taken. @typedef {{readonly work: number, readonly seconds: number}} Measured */

/** By kind; the latest are the last. @typedef {ReadonlyMap<string, readonly Measured[]>} Times */

/**
 * `measured`: by runs of this browser; otherwise, some nodes are taken from `ON_TWO_CORES`.
 * @typedef {{seconds: number, measured: boolean}} Forecast
 */

const MOST_KINDS = 200;
const MOST_MEASURED = 4; // of a kind
const SAME = 1.25; // ratio of works below which a new measurement replaces the old one
const SHORTEST = 1e-4; // seconds
const MOST_SECONDS = 7 * 24 * 3600;

const FAR = Math.log(8); // beyond this, a run of a small video tells less of a large one than another machine's does
const GROWTH = 0.85; // power of the work by which the time grows beyond what is known: a part of it is the same for all

/** How many frames a node could make in the time that it takes before the first: it finds, cuts out and fills. */
const BEFORE_FRAMES = new Map([['DragNUWAMovePicture', 20]]);

/** @param {number} one @param {number} other */
const apart = (one, other) => Math.abs(Math.log(one / other));

/** @type {Times} */
export const NOTHING_KNOWN = new Map();

const SMALL = 'dragnuwa-tiny.safetensors'; // the model that comes with the pack, with which a template opens

/**
 * What runs on the processor alone, in the first run of a server that has just started, before this browser has seen a
 * run of it (benchmarks/run_forecasts.py).
 * @type {Times}
 */
const ON_TWO_CORES = new Map(Object.entries({
  DragNUWAMovePicture: [{ work: 12e6, seconds: 4 }, { work: 50e6, seconds: 5 }, { work: 130e6, seconds: 8 }],
  DragNUWAEditVideo: [{ work: 11e6, seconds: 27 }, { work: 168e6, seconds: 115 }],
  DragNUWACameraInDepth: [{ work: 9e6, seconds: 5 }, { work: 44e6, seconds: 16 }, { work: 168e6, seconds: 72 }],
  DragNUWATrajectoryEditor: [{ work: 1e6, seconds: 0.05 }],
  GetImageSize: [{ work: 1e6, seconds: 0.002 }],
  PrimitiveInt: [{ work: 1e6, seconds: 0.002 }],
  CreateVideo: [{ work: 10e6, seconds: 0.02 }],
  SaveVideo: [{ work: 10e6, seconds: 0.6 }],
  [`DragNUWALoadCheckpoint ${SMALL}`]: [{ work: 1e5, seconds: 0.7 }, { work: 1e8, seconds: 0.7 }],
  [`CLIPTextEncode ${SMALL}`]: [{ work: 1e6, seconds: 0.04 }],
  DragNUWAEncodeTrajectories: [{ work: 1e6, seconds: 0.03 }],
  [`DragNUWAConditioning ${SMALL}`]: [{ work: 1e5, seconds: 0.01 }],
  [`DragNUWAApply ${SMALL}`]: [{ work: 1e5, seconds: 0.07 }],
  [`VideoLinearCFGGuidance ${SMALL}`]: [{ work: 1e6, seconds: 0.004 }],
  [`KSampler ${SMALL}`]: [{ work: 5.3e5, seconds: 1 }, { work: 2.1e6, seconds: 3.5 }],
  [`VAEDecode ${SMALL}`]: [{ work: 1.3e5, seconds: 0.6 }],
  [`DragNUWACarry ${SMALL}`]: [{ work: 1.3e5, seconds: 2.4 }],
  DragNUWARestoreDetail: [{ work: 14e6, seconds: 3.2 }, { work: 25e6, seconds: 4.8 }],
}));

/**
 * @param {string} kind of a task
 * @param {Size & {frames: number}} video
 * @param {number} steps
 * @returns {number} the work of such a task
 */
export function workOf(kind, { width, height, frames }, steps) {
  return width * height * (frames + (BEFORE_FRAMES.get(kind) ?? 0)) * steps;
}

/**
 * @param {readonly Task[]} tasks
 * @param {Times} times
 * @returns {Forecast | null} null if nothing is known of one of them
 */
export function forecast(tasks, times) {
  let [seconds, measured] = [0, true];
  for (const task of tasks) {
    const isOwn = farFrom(task, times) <= Math.max(FAR, farFrom(task, ON_TWO_CORES));
    const found = secondsOf(task, isOwn ? times : ON_TWO_CORES);
    if (found === null) return null;
    seconds += found;
    measured &&= isOwn;
  }
  return { seconds, measured };
}

/**
 * How far the nearest work is that is known of a kind, as the logarithm of the ratio: infinitely, if none is.
 * @param {Task} task
 * @param {Times} times
 */
const farFrom = ({ kind, work }, times) => Math.min(...(times.get(kind) ?? []).map((one) => apart(one.work, work)));

/**
 * Between the works that are known, their times are interpolated on logarithmic scales.
 * @param {Task} task
 * @param {Times} times
 * @returns {number | null}
 */
function secondsOf({ kind, work }, times) {
  const known = times.get(kind)?.toSorted((one, other) => one.work - other.work);
  if (!known) return null;
  const next = known.findIndex((one) => one.work >= work);
  const [below, above] = [known.at(next - 1), known[next]];
  if (next <= 0 || !below) {
    const near = above ?? known[known.length - 1];
    return near.seconds * (work / near.work) ** GROWTH;
  }
  const part = Math.log(work / below.work) / Math.log(above.work / below.work);
  return Math.max(below.seconds, SHORTEST) ** (1 - part) * Math.max(above.seconds, SHORTEST) ** part;
}

/**
 * What is known after a node has run.
 * @param {Times} times
 * @param {Task} task
 * @param {number} seconds
 * @returns {Times}
 */
export function learned(times, { kind, work }, seconds) {
  const others = (times.get(kind) ?? []).filter((one) => apart(one.work, work) > Math.log(SAME));
  const kinds = [...times].filter(([name]) => name !== kind);
  const measured = Object.freeze([...others, { work, seconds }].slice(-MOST_MEASURED));
  return new Map([...kinds, /** @type {const} */ ([kind, measured])].slice(-MOST_KINDS));
}

/** @param {Times} times */
export const writeTimes = (times) => JSON.stringify([...times]);

/** @param {string | null} text from outside @returns {Times} without what is no measurement */
export function readTimes(text) {
  let value;
  try {
    value = JSON.parse(text ?? '[]');
  } catch {
    return NOTHING_KNOWN; // somebody else's: it is written anew with the next run
  }
  const rows = Array.isArray(value) ? value.filter(isRow).slice(-MOST_KINDS) : [];
  return new Map(rows.map(([kind, known]) => [kind, known.slice(-MOST_MEASURED)]));
}

/** @param {any} row @returns {row is [string, Measured[]]} */
const isRow = (row) => (
  Array.isArray(row) && typeof row[0] === 'string' && Array.isArray(row[1]) && row[1].length > 0
  && row[1].every(isMeasured));

/** @param {any} one */
const isMeasured = (one) => (
  Number.isFinite(one?.work) && one.work > 0 && one.seconds >= 0 && one.seconds < MOST_SECONDS);
