/** A round piece of the picture with a soft edge, drawn along a track while playing: a preview of the motion. */

/** @import {XY} from '../core/types.js' */
/** @import {Clip} from './host.js' */
/** @import {Picture} from './picture.js' */

const SIDE = 96; // pixels of the canvas that holds a piece

/** @type {WeakMap<object, {key: string, canvas: HTMLCanvasElement}>} */
const pieces = new WeakMap();

/**
 * @param {CanvasRenderingContext2D} context its unit is the clip's pixel
 * @param {object} owner the track; its piece is made once
 * @param {Picture} picture
 * @param {Clip} clip
 * @param {XY} from where the piece is taken
 * @param {XY} to where it is drawn
 */
export function drawGhost(context, owner, picture, clip, from, to) {
  if (!picture.image) return;
  const radius = Math.min(clip.width, clip.height) / 11;
  const piece = pieceOf(owner, picture, clip, from, radius);
  context.globalAlpha = 0.85;
  context.drawImage(piece, to.x - radius, to.y - radius, 2 * radius, 2 * radius);
  context.globalAlpha = 1;
}

/**
 * @param {object} owner
 * @param {Picture} picture
 * @param {Clip} clip
 * @param {XY} from
 * @param {number} radius
 */
function pieceOf(owner, picture, clip, from, radius) {
  const key = [picture.url, clip.width, clip.height, clip.fit, from.x, from.y].join();
  const known = pieces.get(owner);
  if (known?.key === key) return known.canvas;
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const scale = SIDE / (2 * radius);
  context.setTransform(scale, 0, 0, scale, scale * (radius - from.x), scale * (radius - from.y));
  picture.draw(context, clip);
  context.resetTransform();
  const soft = context.createRadialGradient(SIDE / 2, SIDE / 2, SIDE * 0.28, SIDE / 2, SIDE / 2, SIDE / 2);
  soft.addColorStop(0, '#000');
  soft.addColorStop(1, 'transparent');
  context.globalCompositeOperation = 'destination-in';
  context.fillStyle = soft;
  context.fillRect(0, 0, SIDE, SIDE);
  pieces.set(owner, { key, canvas });
  return canvas;
}
