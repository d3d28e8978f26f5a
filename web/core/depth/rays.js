/** Rays of a camera, and where they meet the planes of a surface's pixels (as in `dragnuwa/carry/depth/view.py`). */

import { bilinear } from '../compose.js';
import { between } from './camera.js';
import { STEP } from './surface.js';

/** @import {Camera} from './camera.js' */
/** @import {Surface} from './surface.js' */

const SAME_PLANE = STEP / 2; // part of the disparity by which two pixels of one object may differ from its plane
const HALF = 0.5; // px
const ROUNDS = 8; // in which the place of a surface is found that a ray meets
const FOUND = 2e-3; // part of the disparity by which the surface may differ from the plane that was intersected
const SOFT = 1.5; // px from an object's last pixel, where it may be seen in part

export class Rays {
  /** @param {Surface} surface @param {Camera} camera */
  constructor(surface, camera) {
    const { to, by, back, away } = between(surface.lens, camera);
    this.surface = surface;
    this.to = to;
    this.by = by;
    this.back = back;
    this.away = away;
    /** What was met last: its place, its disparity from the camera, and the number of its pixel. */
    this.x = 0.5;
    this.y = 0.5;
    this.nearness = 0.5;
    this.there = 0;
  }

  /**
   * Whether the ray of a place (x, y) of the camera's frame meets the plane of a pixel before it and in the picture.
   * @param {number} x
   * @param {number} y
   * @param {number} number of the pixel
   */
  #meets(x, y, number) {
    const { surface, back, away } = this;
    const { width, height } = surface;
    const a = surface.across[number];
    const b = surface.down[number];
    const c = surface.constant[number];
    const toX = back[0] * x + back[1] * y + back[2];
    const toY = back[3] * x + back[4] * y + back[5];
    const ahead = back[6] * x + back[7] * y + back[8];
    const nearness = (a * toX + b * toY + c * ahead) / (a * away[0] + b * away[1] + c * away[2] + 1);
    const scale = 1 / (ahead - away[2] * nearness);
    const foundX = (toX - away[0] * nearness) * scale;
    const foundY = (toY - away[1] * nearness) * scale;
    if (!(nearness >= 0 && foundX > -HALF && foundY > -HALF && foundX < width - HALF && foundY < height - HALF)) {
      return false;
    }
    this.x = foundX;
    this.y = foundY;
    this.nearness = nearness;
    this.there = ((foundY + HALF) | 0) * width + ((foundX + HALF) | 0);
    return true;
  }

  /**
   * Whether it meets the object of that pixel there, too.
   * @param {number} x
   * @param {number} y
   * @param {number} number
   */
  meet(x, y, number) {
    return this.#meets(x, y, number) && this.#isAlike(this.there, number) && this.#isNear(number, HALF);
  }

  /**
   * Where it meets the object of that pixel: 2 where the picture shows it, 1 where in part, 0 nowhere; `there` is then
   * a pixel of the object.
   * @param {number} x
   * @param {number} y
   * @param {number} number
   * @param {Int32Array} beside
   */
  meetSoftly(x, y, number, beside) {
    if (!this.#meets(x, y, number)) return 0;
    if (this.#isAlike(this.there, number) && this.#isNear(number, HALF)) return 2;
    const last = this.there + beside[this.there];
    if (last === this.there || !this.#isAlike(last, number) || !this.#isNear(number, SOFT)) return 0;
    this.there = last;
    return 1;
  }

  /** Whether it meets a surface without steps, as `seen_surface` finds it. @param {number} x @param {number} y */
  meetSurface(x, y) {
    const { surface: { disparity, width, height }, back, away } = this;
    const to = [0, 3, 6].map((row) => back[row] * x + back[row + 1] * y + back[row + 2]);
    let own = disparity[disparity.length >> 1];
    for (let round = 0; round <= ROUNDS; round += 1) {
      this.nearness = (own * to[2]) / (1 + own * away[2]);
      const scale = 1 / (to[2] - away[2] * this.nearness);
      this.x = (to[0] - away[0] * this.nearness) * scale;
      this.y = (to[1] - away[1] * this.nearness) * scale;
      const found = bilinear(disparity, width, height, this.x, this.y);
      const isFound = Math.abs(found - own) <= FOUND * own;
      own = found;
      if (round === ROUNDS && !isFound) return false;
    }
    this.there = this.surface.number(this.x, this.y);
    return this.nearness >= 0 && this.x > -HALF && this.y > -HALF && this.x < width - HALF && this.y < height - HALF;
  }

  /** Whether one pixel shows the object of another one, by their disparity. @param {number} there @param {number} of */
  #isAlike(there, of) {
    if (there === of) return true;
    const { disparity, width, across, down } = this.surface;
    const row = Math.floor(there / width);
    const own = Math.floor(of / width);
    const dx = there - row * width - (of - own * width);
    const dy = row - own;
    const expected = disparity[of] + across[of] * dx + down[of] * dy;
    const found = disparity[there];
    return Math.abs(found - expected) <= SAME_PLANE * Math.max(found, expected);
  }

  /** Whether what was met is as near to a pixel as its slopes are known. @param {number} of @param {number} reach */
  #isNear(of, reach) {
    const thin = this.surface.thin[of];
    if (thin === 0) return true;
    const row = Math.floor(of / this.surface.width);
    const column = of - row * this.surface.width;
    return !((thin & 1 && Math.abs(this.x - column) > reach) || (thin & 2 && Math.abs(this.y - row) > reach));
  }
}
