/** The mesh of a shape that bends: places on it, and ways along it. As `dragnuwa/geometry/bending/mesh.py` has it. */

/**
 * A mesh at rest, as the server makes it of a mask.
 * @typedef {object} BendingMesh
 * @property {Float64Array} rest x and y of its points
 * @property {Int32Array} triangles three points each, all turned alike
 * @property {Int32Array} part the number of the connected part of each point
 * @property {Int32Array} edges two points each
 * @property {Float64Array} weights of the edges
 * @property {Int32Array} links six points each: three pairs by which two parts are tied, the first of each pair first
 * @property {number} step px between neighbours
 * @property {import('../types.js').Size} size of the picture
 */

/** @import {XY} from '../types.js' */

const APART = 6; // px between the corners of an outline that bends, as in dragnuwa/carry/outlines.py
const INSIDE = -1e-9; // least share of a corner that is inside
const FURTHER = 0.2; // of the way from where points stay to the furthest one, that an area which stays reaches
const DETOUR = 1.2; // times the way from a moved pin: up to here, a way past one that holds its place counts as the way

/**
 * The triangle of each place and its barycentric coordinates there. What lies outside of the mesh is at the nearest
 * place on it.
 * @param {BendingMesh} mesh
 * @param {ArrayLike<number>} places x and y of each
 * @returns {{corners: Int32Array, shares: Float64Array}} three of each place
 */
export function located({ rest, triangles }, places) {
  const count = places.length / 2;
  const corners = new Int32Array(3 * count);
  const shares = new Float64Array(3 * count);
  for (let place = 0; place < count; place += 1) {
    const [x, y] = [places[2 * place], places[2 * place + 1]];
    let [best, least, own] = [0, Infinity, [1, 0, 0]];
    for (let number = 0; number < triangles.length && least > 0; number += 3) {
      const ends = triangleAt(rest, triangles, number);
      const inside = coordinates(ends, x, y);
      const nearest = Math.min(...inside) >= INSIDE ? { way: 0, shares: inside } : onBorder(ends, x, y);
      if (nearest.way < least) [best, least, own] = [number, nearest.way, nearest.shares];
    }
    corners.set(triangles.subarray(best, best + 3), 3 * place);
    shares.set(own.map((share) => Math.min(Math.max(share, 0), 1)), 3 * place);
  }
  return { corners, shares };
}

/**
 * The corners of a ring on a mesh: three points of it each, their shares, and how far it lies beside them, in px.
 * @typedef {ReturnType<typeof located> & {beside: XY[]}} RingOnMesh
 */

/**
 * A closed ring on a mesh, with more corners where its straight edges may bend.
 * @param {BendingMesh} mesh
 * @param {readonly XY[]} ring
 * @returns {RingOnMesh}
 */
export function ringOn(mesh, ring) {
  const corners = withMoreCorners(ring);
  const at = { ...located(mesh, corners.flatMap(({ x, y }) => [x, y])), beside: corners.map(() => ({ x: 0, y: 0 })) };
  const nearest = placesOn(at, mesh.rest);
  return { ...at, beside: corners.map(({ x, y }, k) => ({ x: x - nearest[k].x, y: y - nearest[k].y })) };
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
export function placesOn({ corners, shares, beside }, points) {
  return beside.map((away, place) => {
    let { x, y } = away;
    for (let k = 3 * place; k < 3 * place + 3; k += 1) {
      x += shares[k] * points[2 * corners[k]];
      y += shares[k] * points[2 * corners[k] + 1];
    }
    return { x, y };
  });
}

/** @param {Float64Array} rest @param {Int32Array} triangles @param {number} number of its first corner */
function triangleAt(rest, triangles, number) {
  const [a, b, c] = [triangles[number], triangles[number + 1], triangles[number + 2]];
  return [rest[2 * a], rest[2 * a + 1], rest[2 * b], rest[2 * b + 1], rest[2 * c], rest[2 * c + 1]];
}

/** @param {number[]} ends x and y of three corners @param {number} x @param {number} y */
function coordinates([ax, ay, bx, by, cx, cy], x, y) {
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  const u = ((x - ax) * (cy - ay) - (y - ay) * (cx - ax)) / area;
  const v = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / area;
  return [1 - u - v, u, v];
}

/** The nearest place on the border of a triangle. @param {number[]} ends @param {number} x @param {number} y */
function onBorder(ends, x, y) {
  let found = { way: Infinity, shares: [1, 0, 0] };
  for (let from = 0; from < 3; from += 1) {
    const to = (from + 1) % 3;
    const [dx, dy] = [ends[2 * to] - ends[2 * from], ends[2 * to + 1] - ends[2 * from + 1]];
    const along = ((x - ends[2 * from]) * dx + (y - ends[2 * from + 1]) * dy) / (dx * dx + dy * dy);
    const part = Math.min(Math.max(along, 0), 1);
    const way = Math.hypot(ends[2 * from] + part * dx - x, ends[2 * from + 1] + part * dy - y);
    if (way >= found.way) continue;
    const shares = [0, 0, 0];
    shares[from] = 1 - part;
    shares[to] = part;
    found = { way, shares };
  }
  return found;
}

/** The number of the point that is nearest to a place. @param {BendingMesh} mesh @param {number} x @param {number} y */
export function nearestPoint({ rest }, x, y) {
  let [nearest, least] = [0, Infinity];
  for (let k = 0; k < rest.length; k += 2) {
    const way = (rest[k] - x) ** 2 + (rest[k + 1] - y) ** 2;
    if (way < least) [nearest, least] = [k / 2, way];
  }
  return nearest;
}

/**
 * What stays by itself when a single pin bends a shape: the points that are further from it, along the mesh, than a
 * part (0..1) of the furthest; at least the furthest one. Of several areas of such points, one none of whose points are
 * `FURTHER` goes along.
 * @param {BendingMesh} mesh
 * @param {number} x of the pin
 * @param {number} y
 * @param {number} part
 * @returns {number[]} points
 */
export function beyond(mesh, x, y, part) {
  const beside = neighboursIn(mesh);
  const way = waysFrom(beside, nearestPoint(mesh, x, y));
  const most = way.reduce((sum, each) => Math.max(sum, each), 0);
  const share = way.map((each) => each / Math.max(most, Number.MIN_VALUE));
  const stays = new Set(beside.map((_, point) => point).filter((point) => share[point] > part || share[point] === 1));
  const furthest = FURTHER * (1 - part) + part;
  /** @type {number[]} */
  const found = [];
  for (const start of stays) {
    const area = [start];
    stays.delete(start);
    for (let at = 0; at < area.length; at += 1) {
      for (const [point] of beside[area[at]]) if (stays.delete(point)) area.push(point);
    }
    if (area.some((point) => share[point] >= furthest)) found.push(...area);
  }
  return found.sort((one, other) => one - other);
}

/**
 * What rests by itself since it lies behind pins that hold their places: the points to which the way from every moved
 * pin, along the mesh, leads past one that is held.
 * @param {BendingMesh} mesh
 * @param {readonly (readonly [number, number])[]} moved places of pins
 * @param {readonly (readonly [number, number])[]} held
 * @returns {number[]} points
 */
export function behind(mesh, moved, held) {
  if (!moved.length || !held.length) return [];
  const beside = neighboursIn(mesh);
  const holds = held.map(([x, y]) => nearestPoint(mesh, x, y));
  const past = holds.map((hold) => waysFrom(beside, hold));
  const starts = moved.map(([x, y]) => waysFrom(beside, nearestPoint(mesh, x, y)));
  return beside.map((_, point) => point).filter((point) => starts.every((way) => holds.some((hold, k) => (
    way[point] >= way[hold] && way[hold] + past[k][point] <= DETOUR * way[point]))));
}

/** The points at the edge of the picture. @param {BendingMesh} mesh */
export function atEdge({ rest, step, size }) {
  const points = Array.from({ length: rest.length / 2 }, (_, k) => k);
  return points.filter((k) => Math.min(
    rest[2 * k], rest[2 * k + 1], size.width - 1 - rest[2 * k], size.height - 1 - rest[2 * k + 1]) < step / 2);
}

/** The neighbours of each point, along edges and links, and how far they are. @param {BendingMesh} mesh */
function neighboursIn({ rest, edges, links }) {
  /** @type {[number, number][][]} */
  const beside = Array.from({ length: rest.length / 2 }, () => []);
  const tie = (/** @type {number} */ one, /** @type {number} */ other) => {
    const way = Math.hypot(rest[2 * one] - rest[2 * other], rest[2 * one + 1] - rest[2 * other + 1]);
    beside[one].push([other, way]);
    beside[other].push([one, way]);
  };
  for (let k = 0; k < edges.length; k += 2) tie(edges[k], edges[k + 1]);
  for (let k = 0; k < links.length; k += 6) {
    for (let pair = k; pair < k + 3; pair += 1) tie(links[pair], links[pair + 3]);
  }
  return beside;
}

/**
 * How far each point is from the nearest of some, along a mesh.
 * @param {BendingMesh} mesh
 * @param {readonly number[]} sources points
 */
export const distances = (mesh, sources) => waysFrom(neighboursIn(mesh), ...sources);

/** How far each point is from the nearest of some (Dijkstra). */
/** @param {[number, number][][]} beside @param {...number} from */
function waysFrom(beside, ...from) {
  const way = new Float64Array(beside.length).fill(Infinity);
  for (const point of from) way[point] = 0;
  const open = new Set(from);
  while (open.size) {
    let next = -1;
    for (const point of open) if (next < 0 || way[point] < way[next]) next = point;
    open.delete(next);
    for (const [point, length] of beside[next]) {
      if (way[next] + length >= way[point]) continue;
      way[point] = way[next] + length;
      open.add(point);
    }
  }
  return way;
}
