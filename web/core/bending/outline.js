/**
 * Where what drags bend in a video goes while they are changed: as the server will have it once it has been asked. What
 * is seen of the thing in each frame, and its own motion, stay what the server said.
 */

import { beginsAlike } from '../composing/live.js';
import { isAnchor, positionFunction } from '../sampling.js';
import { motionBack, placeMoved } from '../objects/in_frames.js';
import { placesOn, ringOn } from './mesh.js';
import { bentBy, remembered, stiffnessOf } from './pins.js';

/** @import {Places} from '../composing/composition.js' */
/** @import {Affine, Doc, FoundOutline, FrameMesh, Region, Size, Track} from '../types.js' */
/** @import {RingOnMesh} from './mesh.js' */

const REST = 1e-3; // px

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
  return bentRings(region, region.mesh, tracks, frame, clip);
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
  const alike = are.length === were.length && are.every((track, k) => bendsAlike(track, were[k]));
  return alike && are.some((track, k) => track !== were[k]) ? are : null;
}

/** @param {Readonly<Track>} track @param {Readonly<Track>} was */
function bendsAlike(track, was) {
  return beginsAlike(track, was) && track.enabled
    && track.start === was.start && track.bend === was.bend && track.edit === was.edit;
}

/**
 * @param {Region} region
 * @param {FrameMesh} mesh
 * @param {readonly Readonly<Track>[]} tracks
 * @param {number} frame
 * @param {Size} clip
 * @returns {FoundOutline}
 */
function bentRings(region, mesh, tracks, frame, clip) {
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
    placesOn(ring, points).map((place) => {
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
    return ringOn(mesh, places);
  });
}
