/**
 * Linear systems of a mesh: symmetric, positive definite, with few values in a row. Numbered along the mesh, so that
 * neighbours are near one another (reverse Cuthill-McKee), the Cholesky factor lies in a narrow band beside the
 * diagonal.
 */

/**
 * A matrix by its rows: what each has at which column. The diagonal is always there.
 * @typedef {Map<number, number>[]} Rows
 */

/** @param {number} count @returns {Rows} */
export const emptyRows = (count) => Array.from({ length: count }, (_, k) => new Map([[k, 0]]));

/** @param {Rows} rows @param {number} row @param {number} column @param {number} value */
export function add(rows, row, column, value) {
  rows[row].set(column, (rows[row].get(column) ?? 0) + value);
}

/** The factor of a matrix, by which systems with it are solved. */
export class Factor {
  /** @param {Rows} rows symmetric */
  constructor(rows) {
    const count = rows.length;
    /** Where each row is in the band. */
    this.place = numbered(rows);
    /** The first column of each row that is not 0, and where that is in `values`. */
    this.first = new Int32Array(count);
    this.begin = new Int32Array(count + 1);
    const order = new Int32Array(count);
    this.place.forEach((place, row) => { order[place] = row; });
    for (let place = 0; place < count; place += 1) {
      let least = place;
      for (const column of rows[order[place]].keys()) least = Math.min(least, this.place[column]);
      this.first[place] = least;
      this.begin[place + 1] = this.begin[place] + place - least + 1;
    }
    this.values = new Float64Array(this.begin[count]);
    for (let place = 0; place < count; place += 1) {
      for (const [column, value] of rows[order[place]]) {
        const to = this.place[column];
        if (to <= place) this.values[this.begin[place] + to - this.first[place]] = value;
      }
    }
    this.#factorise();
  }

  #factorise() {
    const { first, begin, values } = this;
    for (let row = 0; row < first.length; row += 1) {
      const own = begin[row] - first[row];
      for (let column = first[row]; column <= row; column += 1) {
        const other = begin[column] - first[column];
        let sum = values[own + column];
        const from = Math.max(first[row], first[column]);
        for (let k = from; k < column; k += 1) sum -= values[own + k] * values[other + k];
        values[own + column] = column < row ? sum / values[other + column] : Math.sqrt(sum);
      }
    }
  }

  /**
   * Solves for two right sides at once.
   * @param {Float64Array} right x and y of each row; becomes the solution
   */
  solve(right) {
    const { first, begin, values, place } = this;
    const count = first.length;
    const sorted = new Float64Array(2 * count);
    for (let row = 0; row < count; row += 1) {
      sorted[2 * place[row]] = right[2 * row];
      sorted[2 * place[row] + 1] = right[2 * row + 1];
    }
    for (let row = 0; row < count; row += 1) {
      const own = begin[row] - first[row];
      let [x, y] = [sorted[2 * row], sorted[2 * row + 1]];
      for (let k = first[row]; k < row; k += 1) {
        x -= values[own + k] * sorted[2 * k];
        y -= values[own + k] * sorted[2 * k + 1];
      }
      sorted[2 * row] = x / values[own + row];
      sorted[2 * row + 1] = y / values[own + row];
    }
    for (let row = count - 1; row >= 0; row -= 1) {
      const own = begin[row] - first[row];
      const x = sorted[2 * row] / values[own + row];
      const y = sorted[2 * row + 1] / values[own + row];
      sorted[2 * row] = x;
      sorted[2 * row + 1] = y;
      for (let k = first[row]; k < row; k += 1) {
        sorted[2 * k] -= values[own + k] * x;
        sorted[2 * k + 1] -= values[own + k] * y;
      }
    }
    for (let row = 0; row < count; row += 1) {
      right[2 * row] = sorted[2 * place[row]];
      right[2 * row + 1] = sorted[2 * place[row] + 1];
    }
  }
}

/** The place of each row in the order in which neighbours are near one another. @param {Rows} rows */
function numbered(rows) {
  const place = new Int32Array(rows.length).fill(-1);
  let next = rows.length;
  for (let row = 0; row < rows.length; row += 1) {
    if (place[row] >= 0) continue;
    const all = layered(rows, row);
    const from = layered(rows, all[all.length - 1]); // one that is far from another one is at an end
    for (const each of from) place[each] = next -= 1;
  }
  return place;
}

/** What is connected with a row, the nearest first; of equally near ones, those with fewer neighbours. */
/** @param {Rows} rows @param {number} start */
function layered(rows, start) {
  const found = [start];
  const known = new Set(found);
  for (let at = 0; at < found.length; at += 1) {
    const beside = [...rows[found[at]].keys()].filter((column) => !known.has(column));
    beside.sort((one, other) => rows[one].size - rows[other].size || one - other);
    for (const each of beside) {
      known.add(each);
      found.push(each);
    }
  }
  return found;
}
