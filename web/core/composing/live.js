/**
 * A composition while its drawing is changed: its objects keep their cut, and move and bend as the drawing now says,
 * until the server has looked again. What is cut from another place then, such as where a drag begins, rests.
 */

import { bentBy, isAtRest, remembered, stiffnessOf } from '../bending/pins.js';
import { swaying } from '../bending/wave.js';
import { HALF } from '../check.js';
import { isInside } from '../objects/interior.js';
import { transformFunction } from '../objects/sampling.js';
import { isAnchor, isVisible, ownTime, positionFunction, sampleTrack } from '../sampling.js';
import { halved } from './halved.js';

/** @import {Doc, MotionObject, Ring, Size, Track, XY} from '../types.js' */
/** @import {Composition, Layer, Mesh, MeshMotion, Places} from './composition.js' */

/** @typedef {Size & {frames: number}} Clip */
/**
 * Factors and shifts in all frames, and in which the thing is shown.
 * @typedef {{moves: Float64Array, shown: Uint8Array}} Motions
 */

const REST = 1e-3; // px
const ROUNDED = 1e-5; // of the clip: a drawing is rounded when it is first changed
const COLLAPSED = 1e-3; // scale below which several drags have no direction
const MOST = 150_000; // px of what bends that are drawn at 30 frames a second
const FEWEST = 3; // drags that show a camera's motion
const STRAYS = 0.01; // of the diagonal: how far one that does may differ from it
const RIGID = 0.25; // of what bends: how long a pixel of what does not takes

/** Of compositions that are too large to be drawn under the hand. @type {WeakMap<Composition, Composition>} */
const light = new WeakMap();

/** A composition of at most as many moving pixels as can be drawn under the hand. */
/** @param {Composition} composition @returns {Composition} */
export function lightened(composition) {
  const pixels = composition.layers.reduce((sum, { box, motion }) => (
    sum + (box.right - box.left) * (box.bottom - box.top) * (motion?.kind === 'mesh' ? 1 : RIGID)), 0);
  const { camera, size: { width, height } } = composition;
  if (pixels + (camera ? width * height : 0) <= MOST) return composition;
  const found = light.get(composition) ?? lightened(halved(composition));
  light.set(composition, found);
  return found;
}

/**
 * @param {Composition} composition
 * @param {Readonly<Doc>} before of which it was made
 * @param {Readonly<Doc>} doc
 * @param {Clip} clip
 * @returns {Composition}
 */
export function withMotionsOf(composition, before, doc, clip) {
  if (before === doc) return composition;
  /** @type {Layer[]} */
  const layers = [];
  for (const layer of composition.layers) {
    const made = changed(layer, composition, before, doc, clip);
    const behind = layers.at(-1)?.motion;
    const isPart = made.motion?.kind === 'mesh' && made.motion.inFront && behind?.kind === 'mesh'; // of the same shape
    layers.push(isPart ? { ...made, motion: { ...behind, inFront: true } } : made);
  }
  const isLifted = layers.some((layer, k) => composition.layers[k].lifted !== null && layer.lifted === null);
  const camera = cameraOf(composition, before, doc, clip);
  return { ...composition, layers, camera, ground: isLifted ? composition.under : composition.ground };
}

/**
 * The camera, where the drags that it was found by are changed together.
 * @param {Composition} composition
 * @param {Readonly<Doc>} before
 * @param {Readonly<Doc>} doc
 * @param {Clip} clip
 */
function cameraOf(composition, before, doc, clip) {
  const { camera, layers, size } = composition;
  if (!camera) return null;
  const ofThings = new Set(layers.flatMap(({ tracks }) => tracks ?? []));
  const fractions = fractionsOf(composition, clip);
  const found = camera.moves.subarray(-4);
  const were = before.tracks.filter((track) => track.enabled && !ofThings.has(track.id) && !isAnchor(track)
    && isNear(unclampedPlaces(track, size, fractions), found, STRAYS * Math.hypot(size.width, size.height)));
  const are = were.map(({ id }) => doc.tracks.find((track) => track.id === id));
  const alike = are.every((track, k) => track?.enabled && beginsAlike(track, were[k]));
  if (were.length < FEWEST || !alike || are.every((track, k) => track === were[k])) return camera;
  const paths = are.map((track) => unclampedPlaces(/** @type {Readonly<Track>} */ (track), size, fractions));
  return { ...camera, moves: fitted(paths) };
}

/** Whether a path ends where a motion takes its beginning. */
/** @param {Float64Array} path @param {Float64Array} move @param {number} distance px */
function isNear(path, move, distance) {
  const [x, y] = movedBy(path.subarray(0, 2), move);
  const [lastX, lastY] = path.subarray(-2);
  return Math.hypot(lastX - x, lastY - y) <= distance;
}

/**
 * @param {Layer} layer
 * @param {Composition} composition
 * @param {Readonly<Doc>} before
 * @param {Readonly<Doc>} doc
 * @param {Clip} clip
 * @returns {Layer}
 */
function changed(layer, composition, before, doc, clip) {
  const { object, tracks } = layer;
  if (object !== undefined) {
    const [was, is] = [before, doc].map(({ objects }) => objects?.find(({ id }) => id === object));
    if (!was || was === is) return layer;
    if (!is?.enabled || !isCutAlike(was, is)) return resting(layer);
    const motions = motionsOfObject(is, composition, clip);
    if (!layer.motion && rests(motions)) return layer;
    const pins = is.pins?.filter(({ enabled }) => enabled) ?? [];
    if (layer.motion?.kind !== 'mesh' || !(pins.length || is.sway)) return moving(layer, motions);
    return { ...layer, shown: motions.shown, motion: bentObject(layer.motion, is, pins, composition, clip, motions) };
  }
  const ofDrawing = (/** @type {Readonly<Doc>} */ each) => (
    tracks?.map((id) => each.tracks.find((track) => track.id === id)) ?? []);
  const [were, are] = [ofDrawing(before), ofDrawing(doc)];
  if (were.every((track, k) => track === are[k])) return layer;
  if (!are.every((track, k) => track?.enabled && beginsAlike(track, were[k]))) return resting(layer);
  return ofTracks(layer, /** @type {Readonly<Track>[]} */ (are), composition, clip);
}

/** Whether two objects are cut out alike. @param {Readonly<MotionObject>} one @param {Readonly<MotionObject>} other */
function isCutAlike(one, other) {
  if (one.edge !== other.edge || one.grow !== other.grow || one.feather !== other.feather) return false;
  return one.outline === other.outline || isSame(one.outline.flat(), other.outline.flat());
}

/**
 * Whether a drag begins where it did, so that what it moves keeps its cut.
 * @param {Readonly<Track>} track
 * @param {Readonly<Track> | undefined} was
 */
export const beginsAlike = ({ points: [at] }, was) => was !== undefined && isSame([at], [was.points[0]]);

/** Whether places are the same but for rounding. @param {readonly XY[]} some @param {readonly XY[]} others */
function isSame(some, others) {
  return some.length === others.length && some.every(({ x, y }, k) => (
    Math.abs(x - others[k].x) < ROUNDED && Math.abs(y - others[k].y) < ROUNDED));
}

/** @param {Layer} layer @returns {Layer} */
const resting = (layer) => ({ ...layer, shown: layer.shown.map(() => 1), motion: null });

/** @param {Motions} motions */
function rests({ moves, shown }) {
  return !shown.includes(0) && moves.every((value, k) => Math.abs(value - (k % 4 === 0 ? 1 : 0)) < REST);
}

/** @param {Layer} layer @param {Motions} motions @returns {Layer} */
function moving(layer, { moves, shown }) {
  const motion = /** @type {const} */ ({ kind: 'similarity', first: counted(shown.length + 1), moves });
  return { ...layer, ...layer.lifted, lifted: null, shown, motion };
}

/** @param {number} count */
const counted = (count) => Int32Array.from({ length: count }, (_, k) => k);

/** Each frame as a fraction of the clip. @param {Pick<Composition, 'frames'>} composition @param {Clip} clip */
function fractionsOf({ frames }, clip) {
  const last = clip.frames - 1;
  return Float64Array.from({ length: frames }, (_, k) => Math.round((k / (frames - 1)) * last) / last);
}

/**
 * @param {Readonly<MotionObject>} object
 * @param {Composition} composition
 * @param {Clip} clip
 * @returns {Motions}
 */
function motionsOfObject(object, composition, clip) {
  const { width, height } = composition.size;
  const transform = transformFunction(object, width, height);
  const fractions = fractionsOf(composition, clip);
  const moves = new Float64Array(4 * fractions.length);
  fractions.forEach((fraction, k) => {
    const { re, im, x0, y0 } = transform(fraction); // about the picture's corner, which is half a pixel away
    moves.set([re, im, x0 + (re - 1 - im) / 2, y0 + (re - 1 + im) / 2], 4 * k);
  });
  return { moves, shown: Uint8Array.from(fractions, (fraction) => (isVisible(object, fraction) ? 1 : 0)) };
}

/**
 * An object that drags move.
 * @param {Layer} layer
 * @param {readonly Readonly<Track>[]} are
 * @param {Composition} composition
 * @param {Clip} clip
 * @returns {Layer}
 */
function ofTracks(layer, are, composition, clip) {
  const fractions = fractionsOf(composition, clip);
  const shown = Uint8Array.from(fractions, (fraction) => (are.some((track) => isVisible(track, fraction)) ? 1 : 0));
  const paths = are.map((track) => placesOf(track, composition, fractions, clip));
  const { motion } = layer;
  if (motion?.kind === 'mesh') {
    const pins = { tracks: are, ways: paths, fractions, stiffness: stiffnessOf(are), stiff: null };
    return { ...layer, shown, motion: bent(motion, bentBy(motion.mesh, pins)) };
  }
  if (motion?.kind === 'inverse') return { ...layer, shown, motion: { ...motion, tracks: joined(paths) } };
  return moving(layer, { moves: fitted(paths), shown });
}

/**
 * Where a drag is in each frame, without the drift of an anchor: x and y.
 * @param {Readonly<Track>} track
 * @param {Composition} composition
 * @param {Float64Array} fractions
 * @param {Clip} clip
 */
function placesOf(track, { size }, fractions, clip) {
  const { x, y } = sampleTrack(track, clip.frames, clip.width, clip.height);
  const places = new Float64Array(2 * fractions.length);
  fractions.forEach((fraction, k) => {
    const frame = isAnchor(track) ? 0 : Math.round(fraction * (clip.frames - 1));
    places[2 * k] = within((x[frame] + 0.5) * (size.width / clip.width) - 0.5, size.width);
    places[2 * k + 1] = within((y[frame] + 0.5) * (size.height / clip.height) - 0.5, size.height);
  });
  return places;
}

/** @param {number} value @param {number} side */
const within = (value, side) => Math.min(Math.max(value, 0), side - 1);

/** @param {readonly Float64Array[]} paths */
function joined(paths) {
  const all = new Float64Array(paths.length * paths[0].length);
  paths.forEach((path, k) => all.set(path, k * path.length));
  return all;
}

/**
 * The motion of a body: one drag shifts it, two also rotate it, three or more also scale it
 * (`dragnuwa.geometry.similarity.fit_similarity`).
 * @param {readonly Float64Array[]} paths
 */
export function fitted(paths) {
  const frames = paths[0].length / 2;
  const moves = new Float64Array(4 * frames);
  const begin = middle(paths, 0);
  const arms = paths.map((path) => ({ x: path[0] - begin.x, y: path[1] - begin.y }));
  const square = arms.reduce((sum, { x, y }) => sum + x * x + y * y, 0);
  for (let k = 0; k < frames; k += 1) {
    const now = middle(paths, k);
    let [re, im] = [1, 0];
    if (k > 0 && square >= REST * REST) {
      [re, im] = [0, 0];
      paths.forEach((path, number) => {
        const arm = arms[number];
        const [x, y] = [path[2 * k] - now.x, path[2 * k + 1] - now.y];
        re += (arm.x * x + arm.y * y) / square;
        im += (arm.x * y - arm.y * x) / square;
      });
      const length = Math.hypot(re, im);
      if (length < COLLAPSED) [re, im] = [1, 0];
      else if (paths.length < 3) [re, im] = [re / length, im / length];
    }
    moves.set([re, im, now.x - (re * begin.x - im * begin.y), now.y - (im * begin.x + re * begin.y)], 4 * k);
  }
  return moves;
}

/** @param {readonly Float64Array[]} paths @param {number} frame @returns {XY} */
function middle(paths, frame) {
  const sum = (/** @type {0 | 1} */ axis) => (
    paths.reduce((all, path) => all + path[2 * frame + axis], 0) / paths.length);
  return { x: sum(0), y: sum(1) };
}

/** @param {MeshMotion} motion @param {Places} at @returns {MeshMotion} without motion blur */
const bent = (motion, at) => ({ ...motion, first: counted(motion.first.length), at: remembered(at) });

/**
 * An object that its pins bend, that sways, and that then follows its own motion.
 * @param {MeshMotion} motion
 * @param {Readonly<MotionObject>} object
 * @param {readonly Readonly<Track>[]} tracks its pins
 * @param {Composition} composition
 * @param {Clip} clip
 * @param {Motions} motions
 */
function bentObject(motion, object, tracks, composition, clip, { moves }) {
  const fractions = fractionsOf(composition, clip);
  const { mesh } = motion;
  const { ways, at: pinned } = pinnedShape(mesh, object, tracks, composition.size, fractions);
  const { sway } = object;
  const held = ways.filter((_, k) => isAtRest(tracks[k], ways[k]));
  const own = sway ? swaying(mesh, sway, held, pinned, (instant) => ownTime(object, fractions[instant])) : pinned;
  return bent(motion, (instant) => movedBy(own(instant), moves.subarray(4 * instant, 4 * instant + 4)));
}

/**
 * What an object's pins make of its shape, the last time that they were changed.
 * @type {WeakMap<Mesh, {of: readonly unknown[], ways: Float64Array[], at: Places}>}
 */
const pinned = new WeakMap();

/**
 * Where its pins are, and the shape that they bend, before its own motion.
 * @param {Mesh} mesh
 * @param {Readonly<MotionObject>} object
 * @param {readonly Readonly<Track>[]} tracks its pins
 * @param {Size} size of the composition
 * @param {Float64Array} fractions
 */
function pinnedShape(mesh, object, tracks, size, fractions) {
  const of = [object.pins, object.stiffness, object.stiff, fractions.length];
  const known = pinned.get(mesh);
  if (known && of.every((value, k) => value === known.of[k])) return known;
  const ways = tracks.map((track) => unclampedPlaces(track, size, fractions));
  const stiff = object.stiff ? stiffPoints(mesh, object.stiff) : null;
  const at = tracks.length
    ? remembered(bentBy(mesh, { tracks, ways, fractions, stiffness: object.stiffness ?? HALF, stiff }))
    : () => mesh.rest;
  const made = { of, ways, at };
  pinned.set(mesh, made);
  return made;
}

/** @param {ArrayLike<number>} points @param {Float64Array} move factor and shift */
function movedBy(points, [re, im, x0, y0]) {
  const found = new Float64Array(points.length);
  for (let k = 0; k < points.length; k += 2) {
    found[k] = re * points[k] - im * points[k + 1] + x0;
    found[k + 1] = im * points[k] + re * points[k + 1] + y0;
  }
  return found;
}

/** Where a drag is at instants, though that be outside of the picture; one of a single point rests. */
/** @param {Readonly<Track>} track @param {Size} size @param {Float64Array} fractions */
function unclampedPlaces(track, { width, height }, fractions) {
  const position = positionFunction(track, width, height);
  const way = new Float64Array(2 * fractions.length);
  fractions.forEach((fraction, k) => {
    const { x, y } = position(isAnchor(track) ? 0 : fraction);
    way.set([x - 0.5, y - 0.5], 2 * k);
  });
  return way;
}

/** Which points of a mesh lie in an outline. @param {Mesh} mesh @param {readonly Ring[]} outline */
function stiffPoints({ rest, size }, outline) {
  return Uint8Array.from({ length: rest.length / 2 }, (_, k) => {
    const [x, y] = [Math.round(rest[2 * k]) + 0.5, Math.round(rest[2 * k + 1]) + 0.5];
    return isInside(outline, { x: x / size.width, y: y / size.height }) ? 1 : 0;
  });
}
