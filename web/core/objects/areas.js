/**
 * The areas of earlier versions, tracks "area 1", "area 2", ... on a grid that all move alike, as objects. They are
 * only converted on request: an area has more tracks than an object, and no outline.
 */

import { addObjects } from './edit.js';
import { removeTracks } from '../document.js';
import { edgesOfCell, joinedRings } from './rings.js';

/** @import {Doc, ObjectDraft, Size, Track, XY} from '../types.js' */

const NAME = /^area (\d+)$/;
const SAME = 1e-6; // fractions of the picture: tolerance between the motions of one area
const ALONE = 20; // pixels: side of the square around the only track of an area

/**
 * The areas among the tracks: ids of tracks that follow each other, are numbered from 1, and move alike.
 * @param {Readonly<Doc>} doc
 * @returns {string[][]}
 */
export function areasIn(doc) {
  /** @type {Readonly<Track>[][]} */
  const areas = [];
  doc.tracks.forEach((track, k) => {
    const number = Number(track.name.match(NAME)?.[1]);
    const last = areas[areas.length - 1];
    if (number === 1) areas.push([track]);
    else if (number > 1 && last && last.at(-1) === doc.tracks[k - 1] && alike(last[0], track)) last.push(track);
  });
  return areas.map((tracks) => tracks.map(({ id }) => id));
}

/**
 * Replaces an area by an object: the grid cells around its tracks, with the same motion.
 * @param {Readonly<Doc>} doc
 * @param {readonly string[]} ids of the area's tracks
 * @param {Size} size of the picture
 * @returns {{doc: Readonly<Doc>, id: string | undefined}} the object's id; undefined if none of the tracks exists
 */
export function areaToObject(doc, ids, size) {
  const tracks = doc.tracks.filter(({ id }) => ids.includes(id));
  if (tracks.length === 0) return { doc, id: undefined };
  const added = addObjects(removeTracks(doc, ids), [draftOf(tracks, size)]);
  return { doc: added.doc, id: added.ids[0] };
}

/**
 * @param {readonly Readonly<Track>[]} tracks that move alike
 * @param {Size} size
 * @returns {ObjectDraft}
 */
function draftOf(tracks, { width, height }) {
  const [{ color, enabled, start, end, visible, spline, timing, ease, points }] = tracks;
  const x = axis(tracks.map((track) => track.points[0].x), ALONE / width);
  const y = axis(tracks.map((track) => track.points[0].y), ALONE / height);
  const cells = new Set(tracks.map((track) => `${x.cell(track.points[0].x)},${y.cell(track.points[0].y)}`));
  const outline = outlineOf(cells).map((ring) => ring.map((corner) => ({ x: x.edge(corner.x), y: y.edge(corner.y) })));
  return { name: 'area', color, enabled, start, end, visible, outline, motion: { spline, timing, ease, points } };
}

/**
 * The grid cells along one axis, centred on the tracks' first points.
 * @param {readonly number[]} values
 * @param {number} alone the cell's side if there is only one
 */
function axis(values, alone) {
  const sorted = [...values].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((value, k) => value - sorted[k]).filter((gap) => gap > SAME);
  const step = gaps.length > 0 ? Math.min(...gaps) : alone;
  return {
    /** @param {number} value */
    cell: (value) => Math.round((value - sorted[0]) / step),
    /** @param {number} index of the edge to the left of, or above, the cell with that index */
    edge: (index) => sorted[0] + (index - 0.5) * step,
  };
}

/**
 * The rings around a set of cells "column,row".
 * @param {ReadonlySet<string>} cells
 * @returns {XY[][]}
 */
function outlineOf(cells) {
  /** @type {Map<string, string[]>} */
  const next = new Map();
  const isCell = (/** @type {number} */ x, /** @type {number} */ y) => cells.has(`${x},${y}`);
  for (const cell of cells) {
    const [column, row] = placeOf(cell);
    edgesOfCell(column, row, isCell, (x0, y0, x1, y1) => {
      const key = `${x0},${y0}`;
      next.set(key, [...(next.get(key) ?? []), `${x1},${y1}`]);
    });
  }
  return joinedRings(next).map((ring) => ring.map(placeOf).map(([x, y]) => ({ x, y })));
}

/** @param {string} key "column,row" */
const placeOf = (key) => key.split(',').map(Number);

/**
 * Whether tracks have the same motion at the same time.
 * @param {Readonly<Track>} a
 * @param {Readonly<Track>} b
 */
function alike(a, b) {
  const settings = /** @type {const} */ (['kind', 'spline', 'timing', 'ease', 'start', 'end', 'enabled']);
  if (settings.some((name) => a[name] !== b[name]) || a.points.length !== b.points.length) return false;
  if (JSON.stringify(a.visible) !== JSON.stringify(b.visible)) return false;
  return a.points.every((point, k) => {
    const other = b.points[k];
    const away = [point.x - a.points[0].x - other.x + b.points[0].x, point.y - a.points[0].y - other.y + b.points[0].y];
    const rest = JSON.stringify([point.t, point.in, point.out]) === JSON.stringify([other.t, other.in, other.out]);
    return rest && away.every((distance) => Math.abs(distance) < SAME);
  });
}
