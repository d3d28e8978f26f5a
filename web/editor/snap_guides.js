/** Snapping in the editor: what attracts a new or moved point, and the guide lines that show it. */

import { snap } from '../core/snap_position.js';

/** @import {Guide, XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const REACH = 5; // CSS pixels
const GRID_LINES = 10; // over the height of the clip

export class SnapGuides {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Whether the grid is on (and shown). */
    this.grid = false;
    /** The guide lines to show. @type {Guide[]} */
    this.guides = [];
  }

  /** Pixels of the clip between two grid lines. */
  get step() {
    return this.grid ? this.editor.clip.height / GRID_LINES : undefined;
  }

  toggleGrid() {
    this.grid = !this.grid;
    this.editor.invalidate();
  }

  /** Removes the lines: the gesture is over. */
  clear() {
    this.guides = [];
  }

  /**
   * Snaps a moved point to other points, edges, centre and grid.
   * @param {XY} p pixels of the clip
   * @param {readonly XY[]} points that attract
   * @returns {XY}
   */
  moved(p, points) {
    const { guides, ...at } = this.#snap(p, points);
    this.guides = guides;
    return at;
  }

  /**
   * Snaps a new point only to edges, centre and grid, since it marks something in the picture.
   * @param {XY} p pixels of the clip
   * @returns {XY}
   */
  placed(p) {
    const at = this.pressed(p);
    this.clear();
    return at;
  }

  /** The same while the button is down, showing the guide lines. @param {XY} p @returns {XY} */
  pressed(p) {
    const { guides, ...at } = this.#snap(p, []);
    this.guides = guides;
    return at;
  }

  /** @param {XY} p @param {readonly XY[]} points */
  #snap(p, points) {
    const { clip, px } = this.editor;
    return snap(p, { points, size: clip, distance: REACH * px, grid: this.step });
  }
}
