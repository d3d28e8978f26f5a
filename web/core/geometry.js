/** Distances, hits and selection rectangles, in the caller's unit: pixels of the screen or of the picture. */

/** @import {Hit, PointRef, Polyline, Rect, Shape, XY} from './types.js' */

/**
 * @param {XY} a
 * @param {XY} b
 */
export function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/**
 * The point of a curve nearest to `p`; the first one if several are equally near. Its segment lies between the control
 * points `segment` and `segment + 1`; splitSegment(doc, id, u) inserts a point there.
 * @param {Polyline} polyline one place or more
 * @param {XY} p
 * @returns {{x: number, y: number, u: number, segment: number, distance: number}}
 */
export function nearestOnCurve({ x, y, u }, p) {
  const last = x.length - 1;
  let best = { squared: squaredDistance(x[0], y[0], p), piece: 0, d: 0 };
  for (let i = 0; i < last; i += 1) {
    const d = nearestFraction(p.x, p.y, x[i], y[i], x[i + 1], y[i + 1]);
    const squared = squaredDistance(x[i] + (x[i + 1] - x[i]) * d, y[i] + (y[i + 1] - y[i]) * d, p);
    if (squared < best.squared) best = { squared, piece: i, d };
  }
  const { piece: i, d } = best;
  const next = Math.min(i + 1, last);
  const at = u[i] + (u[next] - u[i]) * d;
  return {
    x: x[i] + (x[next] - x[i]) * d,
    y: y[i] + (y[next] - y[i]) * d,
    u: at,
    segment: Math.max(0, Math.min(Math.floor(at), u[last] - 1)),
    distance: Math.sqrt(best.squared),
  };
}

/**
 * Everything under the pointer: handles before points before curves, then the nearest first, then the topmost (last)
 * shape first.
 * @param {readonly Shape[]} shapes in the order they are drawn
 * @param {XY} p
 * @param {{readonly point: number, readonly curve: number}} radius largest distance from a point or handle, and from a
 *   curve
 * @returns {Hit[]}
 */
export function hitTest(shapes, p, radius) {
  /** @type {Hit[][]} */
  const [handles, points, curves] = [[], [], []];
  for (const shape of [...shapes].reverse()) {
    handles.push(...handleHits(shape, 'in', p, radius.point), ...handleHits(shape, 'out', p, radius.point));
    points.push(...pointHits(shape, p, radius.point));
    if (isNear(shape.curve, p, radius.curve)) {
      const { segment, ...place } = nearestOnCurve(shape.curve, p);
      if (place.distance <= radius.curve) curves.push({ kind: 'curve', id: shape.id, index: segment, ...place });
    }
  }
  return [handles, points, curves].flatMap((hits) => hits.sort((a, b) => a.distance - b.distance));
}

/**
 * The smallest rectangle around points.
 * @param {Iterable<XY>} points
 * @returns {Rect | undefined} undefined if there are no points
 */
export function bounds(points) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of points) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return left <= right ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
}

/**
 * @param {XY} a a corner
 * @param {XY} b the opposite one
 * @returns {Rect}
 */
export function rectBetween(a, b) {
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/**
 * Whether a point lies in a rectangle, borders included.
 * @param {Rect} rect
 * @param {XY} p
 */
function contains(rect, p) {
  return p.x >= rect.x && p.x <= rect.x + rect.width && p.y >= rect.y && p.y <= rect.y + rect.height;
}

/**
 * The contents of a selection rectangle.
 * @param {readonly Shape[]} shapes
 * @param {Rect} rect
 * @returns {{points: PointRef[], tracks: string[]}} all control points in it, and the tracks that lie in it with all
 *   their points
 */
export function marquee(shapes, rect) {
  const points = shapes.flatMap(({ id, points: control }) => {
    return control.flatMap((point, index) => (contains(rect, point) ? [{ id, index }] : []));
  });
  const tracks = shapes.filter((shape) => shape.points.every((point) => contains(rect, point))).map(({ id }) => id);
  return { points, tracks };
}

/**
 * @param {Shape} shape
 * @param {'in' | 'out'} side
 * @param {XY} p
 * @param {number} radius
 * @returns {Hit[]}
 */
function handleHits({ id, handlesIn = [], handlesOut = [] }, side, p, radius) {
  return (side === 'in' ? handlesIn : handlesOut).flatMap((handle, index) => {
    if (!handle || distance(handle, p) > radius) return [];
    return [
      {
        kind: /** @type {const} */ ('handle'),
        id,
        index,
        side,
        u: index,
        x: handle.x,
        y: handle.y,
        distance: distance(handle, p),
      },
    ];
  });
}

/**
 * @param {Shape} shape
 * @param {XY} p
 * @param {number} radius
 * @returns {Hit[]}
 */
function pointHits({ id, points }, p, radius) {
  return points.flatMap((point, index) => {
    if (Math.abs(point.x - p.x) > radius || distance(point, p) > radius) return [];
    return [
      {
        kind: /** @type {const} */ ('point'),
        id,
        index,
        u: index,
        x: point.x,
        y: point.y,
        distance: distance(point, p),
      },
    ];
  });
}

/**
 * Whether `p` is near the box around a curve: a cheap test that avoids the exact one for most curves.
 * @param {Polyline} curve
 * @param {XY} p
 * @param {number} radius
 */
function isNear({ x, y }, p, radius) {
  let [left, top, right, bottom] = [x[0], y[0], x[0], y[0]];
  for (let i = 1; i < x.length; i += 1) {
    if (x[i] < left) left = x[i];
    else if (x[i] > right) right = x[i];
    if (y[i] < top) top = y[i];
    else if (y[i] > bottom) bottom = y[i];
  }
  return p.x >= left - radius && p.x <= right + radius && p.y >= top - radius && p.y <= bottom + radius;
}

/**
 * Fraction 0..1 of the way from a to b that is nearest to p.
 * @param {number} px
 * @param {number} py
 * @param {number} ax
 * @param {number} ay
 * @param {number} bx
 * @param {number} by
 */
export function nearestFraction(px, py, ax, ay, bx, by) {
  const [dx, dy] = [bx - ax, by - ay];
  const squared = dx * dx + dy * dy;
  if (squared === 0) return 0;
  return Math.min(Math.max(((px - ax) * dx + (py - ay) * dy) / squared, 0), 1);
}

/**
 * @param {number} x
 * @param {number} y
 * @param {XY} p
 */
function squaredDistance(x, y, p) {
  return (x - p.x) * (x - p.x) + (y - p.y) * (y - p.y);
}
