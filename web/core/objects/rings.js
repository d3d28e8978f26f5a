/** The rings around cells of a grid, with the cells on their right. */

/**
 * The sides of a cell that border no other cell.
 * @param {number} x
 * @param {number} y
 * @param {(x: number, y: number) => boolean} isCell
 * @param {(x0: number, y0: number, x1: number, y1: number) => void} edge called for each, from corner to corner
 */
export function edgesOfCell(x, y, isCell, edge) {
  if (!isCell(x, y - 1)) edge(x, y, x + 1, y);
  if (!isCell(x + 1, y)) edge(x + 1, y, x + 1, y + 1);
  if (!isCell(x, y + 1)) edge(x + 1, y + 1, x, y + 1);
  if (!isCell(x - 1, y)) edge(x, y + 1, x, y);
}

/**
 * Joins edges into rings.
 * @template K
 * @param {Map<K, K[]>} next from a corner to those that follow it; emptied
 * @returns {K[][]} corners in order
 */
export function joinedRings(next) {
  const rings = [];
  for (const start of next.keys()) {
    for (let ring = ringFrom(start, next); ring.length > 0; ring = ringFrom(start, next)) rings.push(ring);
  }
  return rings;
}

/**
 * Extracts one ring from the edges.
 * @template K
 * @param {K} start
 * @param {Map<K, K[]>} next
 */
function ringFrom(start, next) {
  const ring = [];
  for (let to = next.get(start)?.pop(); to !== undefined; to = next.get(to)?.pop()) {
    ring.push(to);
    if (to === start) break;
  }
  return ring;
}
