/**
 * Where what drags bend in a video goes while they are changed: as the server will have it once it has been asked. What
 * is seen of the thing in each frame, and its own motion, stay what the server said.
 */

import { isAnchor, positionFunction } from '../sampling.js';
import { motionBack, placeMoved } from '../objects/in_frames.js';
import { located } from './mesh.js';
import { bentBy, remembered, stiffnessOf } from './pins.js';

/** @import {Places} from '../composing/composition.js' */
/** @import {Affine, Doc, FoundOutline, FrameMesh, Region, Track, XY} from '../types.js' */

const APART = 6; // px between the corners of an outline that bends, as in dragnuwa/carry/outlines.py
const REST = 1e-3; // px
const SAME = 1e-5; // of the clip: a drawing is rounded when it is first changed

/** @typedef {{readonly width: number, readonly height: number}} Size */
/**
 * The corners of a ring on a mesh: three points of it each, their shares, and how far it lies beside them, in px.
 * @typedef {ReturnType<typeof located> & {beside: XY[]}} RingOnMesh
 */

/** The outlines of regions on their meshes, by the frame. @type {WeakMap<Region, Map<number, RingOnMesh[]>>} */
const rings = new WeakMap();

/** How meshes were bent last. @type {WeakMap<FrameMesh, {tracks: readonly Readonly<Track>[], at: Places}>} */
const bent = new WeakMap();

/**
 * @param {Region} region
 * @param {number} frame
 * @param {Readonly<Doc> | null} before the drawing that the server was asked about
 * @param {Readonly<Doc>} doc as it is now
 * @param {Size} clip
 * @returns {FoundOutline} [] where it stays, or is not to be seen
 */
export function movedIn(region, frame, before, doc, clip) {
  const tracks = region.mesh && before ? changedTracks(region, before, doc) : null;
  if (!region.mesh || !tracks) return region.moved[frame] ?? [];
  return bentOutline(region, region.mesh, tracks, frame, clip);
}

/**
 * The drags of a region; null if they are as they were, or bend another thing, or something else.
 * @param {Region} region
 * @param {Readonly<Doc>} before
 * @param {Readonly<Doc>} doc
 * @returns {Readonly<Track>[] | null}
 */
function changedTracks({ tracks: ids = [] }, before, doc) {
  if (before.tracks === doc.tracks) return null;
  const [were, are] = [before, doc].map(({ tracks }) => (
    ids.flatMap((id) => tracks.find((each) => each.id === id) ?? [])));
  const alike = are.length === were.length && are.every((track, k) => beginsAlike(track, were[k]));
  return alike && are.some((track, k) => track !== were[k]) ? are : null;
}

/** @param {Readonly<Track>} track @param {Readonly<Track>} was */
function beginsAlike(track, was) {
  const [here, there] = [track.points[0], was.points[0]];
  const same = Math.abs(here.x - there.x) < SAME && Math.abs(here.y - there.y) < SAME;
  return same && track.enabled && track.start === was.start && track.bend === was.bend && track.edit === was.edit;
}

/**
 * @param {Region} region
 * @param {FrameMesh} mesh
 * @param {readonly Readonly<Track>[]} tracks
 * @param {number} frame
 * @param {Size} clip
 * @returns {FoundOutline}
 */
function bentOutline(region, mesh, tracks, frame, clip) {
  const { seen, own, placed, removed } = region;
  const last = seen.length - 1;
  const delay = Math.round((tracks.find((track) => !isAnchor(track))?.delay ?? 0) * last);
  const source = Math.min(Math.max(frame - delay, 0), last);
  const onto = placed?.[frame];
  if (removed || !onto) return [];
  const points = pointsAt(mesh, tracks, last, clip)(frame);
  const rests = points.every((value, k) => Math.abs(value - mesh.rest[k]) < REST);
  if (rests && onto.every((value, k) => value === own?.[frame]?.[k])) return [];
  return ringsOn(region, mesh, source).map((ring) => (
    placesOf(ring, points).map((place) => {
      const { x, y } = placeMoved(onto, placeMoved(mesh.onto, place));
      return /** @type {const} */ ([x, y]);
    })));
}

/**
 * @param {FrameMesh} mesh
 * @param {readonly Readonly<Track>[]} tracks
 * @param {number} last frame
 * @param {Size} clip
 * @returns {Places} by the frame
 */
function pointsAt(mesh, tracks, last, { width, height }) {
  const known = bent.get(mesh);
  if (known?.tracks.every((track, k) => track === tracks[k])) return known.at;
  const fractions = Float64Array.from({ length: last + 1 }, (_, k) => k / last);
  const back = motionBack(mesh.onto);
  const ways = tracks.map((track) => {
    const position = positionFunction(track, width, height);
    return Float64Array.from([...fractions].flatMap((fraction) => {
      const { x, y } = position(isAnchor(track) ? 0 : fraction);
      const place = placeMoved(back, { x: x / width, y: y / height });
      return [place.x, place.y];
    }));
  });
  const at = remembered(bentBy(mesh, { tracks, ways, fractions, stiffness: stiffnessOf(tracks), stiff: null }));
  bent.set(mesh, { tracks, at });
  return at;
}

/**
 * What a frame shows of a region, on its mesh.
 * @param {Region} region
 * @param {FrameMesh} mesh
 * @param {number} frame
 */
function ringsOn(region, mesh, frame) {
  /** @type {Map<number, RingOnMesh[]>} */
  const known = rings.get(region) ?? new Map();
  rings.set(region, known);
  const from = region.own?.[frame];
  const found = known.get(frame) ?? (from ? ringsBack(region.seen[frame], from, mesh) : []);
  known.set(frame, found);
  return found;
}

/**
 * @param {FoundOutline} outline in a frame
 * @param {Affine} from the thing's motion to that frame
 * @param {FrameMesh} mesh
 * @returns {RingOnMesh[]}
 */
function ringsBack(outline, from, mesh) {
  const [back, inPixels] = [motionBack(from), motionBack(mesh.onto)];
  return outline.map((ring) => {
    const places = ring.map(([x, y]) => placeMoved(inPixels, placeMoved(back, { x, y })));
    const corners = withMoreCorners(places);
    const at = { ...located(mesh, corners.flatMap(({ x, y }) => [x, y])), beside: corners.map(() => ({ x: 0, y: 0 })) };
    const nearest = placesOf(at, mesh.rest);
    return { ...at, beside: corners.map(({ x, y }, k) => ({ x: x - nearest[k].x, y: y - nearest[k].y })) };
  });
}

/** A closed ring with corners so close that its straight edges can bend. @param {readonly XY[]} ring @returns {XY[]} */
function withMoreCorners(ring) {
  return ring.flatMap((place, k) => {
    const next = ring[(k + 1) % ring.length];
    const [dx, dy] = [next.x - place.x, next.y - place.y];
    const parts = Math.max(1, Math.ceil(Math.hypot(dx, dy) / APART));
    const shares = Array.from({ length: parts }, (_, part) => part / parts);
    return shares.map((share) => ({ x: place.x + dx * share, y: place.y + dy * share }));
  });
}

/**
 * Places on a mesh that is bent, and beside it.
 * @param {RingOnMesh} ring
 * @param {ArrayLike<number>} points of the mesh, x and y of each
 * @returns {XY[]}
 */
function placesOf({ corners, shares, beside }, points) {
  return beside.map((away, place) => {
    let { x, y } = away;
    for (let k = 3 * place; k < 3 * place + 3; k += 1) {
      x += shares[k] * points[2 * corners[k]];
      y += shares[k] * points[2 * corners[k] + 1];
    }
    return { x, y };
  });
}
