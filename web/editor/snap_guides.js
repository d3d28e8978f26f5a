/** Snapping in the editor: what attracts a point that is set or moved, and the guide lines that show it. */

import { snap } from '../core/snap_position.js';

/** @import {Guide, XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const REACH = 5; // CSS pixels
const GRID_LINES = 10; // over the height of the clip

export class SnapGuides {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Whether there is a grid, which is shown then. */
    this.grid = false;
    /** The lines to show. @type {Guide[]} */
    this.guides = [];
  }

  /** Pixels of the clip between two lines of the grid. */
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
   * A point that is moved: other points, edges, centre and grid attract it.
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
   * A new point: only edges, centre and grid attract it, since it marks something in the picture.
   * @param {XY} p pixels of the clip
   * @returns {XY}
   */
  placed(p) {
    const at = this.pressed(p);
    this.clear();
    return at;
  }

  /** The same while the button is down: the lines that attract it are shown. @param {XY} p @returns {XY} */
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
