/** Snapping of a dragged position: to points, edges, the centre, a grid, or one of eight directions. */

/** @import {Guide, Size, XY} from './types.js' */

/** A line to snap to along one axis. @typedef {Pick<Guide, 'at' | 'kind'>} Line */

/**
 * `p` snapped to the nearest of `points` if one is within `distance`; otherwise each axis separately to a line through
 * a point, an edge or the centre, or, if none is near enough, to the nearest grid line at any distance, so that with a
 * grid both axes are always on it.
 * @param {XY} p
 * @param {object} to
 * @param {readonly XY[]} [to.points] excluding those being dragged
 * @param {Size} [to.size] of the picture, for its edges and centre
 * @param {number} [to.grid] spacing
 * @param {number} to.distance within which it snaps, in the unit of the points
 * @returns {{x: number, y: number, guides: Guide[]}} the place, and the lines to draw through it
 */
export function snap(p, { points = [], size, grid, distance }) {
  const nearest = nearestPoint(p, points, distance);
  if (nearest) {
    const guide = /** @param {'x' | 'y'} axis @returns {Guide} */ (axis) => ({
      axis,
      at: nearest[axis],
      kind: 'point',
    });
    return { x: nearest.x, y: nearest.y, guides: [guide('x'), guide('y')] };
  }
  const x = snapAxis(p, 'x', points, size?.width, grid, distance);
  const y = snapAxis(p, 'y', points, size?.height, grid, distance);
  /** @type {Guide[]} */
  const guides = [];
  if (x) guides.push({ axis: 'x', ...x });
  if (y) guides.push({ axis: 'y', ...y });
  return { x: x?.at ?? p.x, y: y?.at ?? p.y, guides };
}

/**
 * `p` moved onto the nearest of the eight directions (0, 45, 90, ... degrees) from `origin`.
 * @param {XY} origin
 * @param {XY} p
 * @returns {{x: number, y: number}}
 */
export function lockAngle(origin, p) {
  const [dx, dy] = [p.x - origin.x, p.y - origin.y];
  const [wide, high] = [Math.abs(dx), Math.abs(dy)];
  const slope = Math.tan(Math.PI / 8); // halfway between an axis and a diagonal
  if (high <= wide * slope) return { x: p.x, y: origin.y };
  if (wide <= high * slope) return { x: origin.x, y: p.y };
  const side = (wide + high) / 2; // the foot of the perpendicular on the diagonal
  return { x: origin.x + Math.sign(dx) * side, y: origin.y + Math.sign(dy) * side };
}

/**
 * @param {XY} p
 * @param {readonly XY[]} points
 * @param {number} distance
 * @returns {XY | undefined}
 */
function nearestPoint(p, points, distance) {
  /** @type {XY | undefined} */
  let nearest;
  let least = distance;
  for (const point of points) {
    const away = Math.hypot(point.x - p.x, point.y - p.y);
    if (away <= least) [nearest, least] = [point, away];
  }
  return nearest;
}

/**
 * @param {XY} p
 * @param {'x' | 'y'} axis
 * @param {readonly XY[]} points
 * @param {number | undefined} side
 * @param {number | undefined} grid
 * @param {number} distance
 * @returns {Line | undefined}
 */
function snapAxis(p, axis, points, side, grid, distance) {
  const value = p[axis];
  /** @type {Line | undefined} */
  let nearest;
  let least = distance;
  /** @param {number} at @param {Line['kind']} kind */
  const consider = (at, kind) => {
    const away = Math.abs(at - value);
    if (away <= least) [nearest, least] = [{ at, kind }, away]; // ties: the last one, of the picture, wins
  };
  for (const point of points) consider(point[axis], 'point');
  if (side !== undefined) {
    consider(0, 'edge');
    consider(side / 2, 'centre');
    consider(side, 'edge');
  }
  if (nearest || !grid) return nearest;
  return { at: Math.round(value / grid) * grid, kind: 'grid' };
}
