/** Objects as tracks, identical to the library's, for models that only know tracks. */

import { MAX_NAME } from '../limits.js';
import { interiorPoints } from './interior.js';
import { applied, pathTrack, transformFunction } from './sampling.js';

/** @import {Doc, MotionObject, Point, Track} from '../types.js' */

const REST = 1e-9; // tolerance, in pixels and scale, for an object at rest

/** @typedef {{readonly width: number, readonly height: number, readonly frames: number}} Clip */

/**
 * The enabled tracks, followed by those of the enabled objects.
 * @param {Readonly<Doc>} doc
 * @param {Clip} clip
 * @returns {Readonly<Track>[]}
 */
export function allTracks({ tracks, objects = [] }, clip) {
  const drawn = tracks.filter((track) => track.enabled);
  return [...drawn, ...objects.filter((object) => object.enabled).flatMap((object) => objectTracks(object, clip))];
}

/**
 * The tracks of one object, one for each of its places. Along a drawn path they are curves like it; by keys they have
 * one point per frame.
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @returns {Readonly<Track>[]}
 */
function objectTracks(object, clip) {
  return moved(object, clip).map((track, k) => ({
    ...track,
    id: `${[...object.id].slice(0, MAX_NAME - 4).join('')}.${k + 1}`,
  }));
}

/**
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @returns {Readonly<Track>[]}
 */
function moved(object, { width, height, frames }) {
  const places = interiorPoints(object.outline, width, height);
  const { motion } = object;
  if ('points' in motion) {
    const path = pathTrack(object, motion);
    const [first] = path.points;
    return places.map(({ x, y }) => {
      const [dx, dy] = [x / width - first.x, y / height - first.y];
      return { ...path, points: path.points.map((point) => ({ ...point, x: point.x + dx, y: point.y + dy })) };
    });
  }
  const transform = transformFunction(object, width, height);
  const steps = Array.from({ length: frames }, (_, i) => transform(i / (frames - 1)));
  const rests = steps.every(({ re, im, x0, y0 }) => {
    return Math.hypot(re - 1, im) < REST && Math.hypot(x0, y0) < REST;
  });
  return places.map((place) => {
    const points = (rests ? steps.slice(0, 1) : steps).map((step) => {
      const { x, y } = applied(step, place);
      return /** @type {Point} */ ({ x: x / width, y: y / height });
    });
    return sampledTrack(object, points);
  });
}

/**
 * @param {Readonly<MotionObject>} object
 * @param {readonly Readonly<Point>[]} points
 * @returns {Readonly<Track>}
 */
function sampledTrack(object, points) {
  const path = pathTrack(object, { spline: 'linear', points, timing: 'points', ease: 'linear' });
  return { ...path, start: 0, end: 1 };
}
