/** Draws objects on a canvas whose unit is the clip's pixel; `px` is the length of one CSS pixel in it. */

import { bentOutline } from '../../core/composing/bent_outline.js';
import { OBJECT_AREAS } from '../../core/limits.js';
import { inPixels } from '../../core/objects/interior.js';
import { DARK, DISABLED, LIGHT, line } from '../paint.js';
import { handlesOf } from './handles.js';
import { poseTime, objectLook, outlineAt, pathOf } from './look.js';

/** @import {MotionObject, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {Clip} from '../host.js' */
/** @import {Scene} from '../scene.js' */

const TURN = 2 * Math.PI;
const ARROW = 9; // CSS pixels
const AREA_FILLS = Object.freeze({
  shadow: 'rgba(10, 10, 40, 0.35)', fill_from: 'rgba(60, 220, 110, 0.25)', stiff: 'rgba(255, 190, 60, 0.3)',
});
const AREA_LINES = Object.freeze({ shadow: '#c9c9ff', fill_from: '#7dffa6', stiff: '#ffd37d' });

/**
 * How an object is painted: with another outline, as of a frame of a video; not `filled` while it is shown elsewhere;
 * and whether the pose that its handles edit is `posed` beside it.
 * @typedef {{outline?: Path2D, filled?: boolean, posed?: boolean}} Look
 */

/**
 * The object's outline and path.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @param {number} px
 * @param {boolean} emphasis whether it is selected
 * @param {Look} [look]
 */
export function paintObject(context, object, clip, px, emphasis, look = {}) {
  const { path, moves, outline: own } = objectLook(object, clip);
  const { outline = own, filled = true } = look;
  context.globalAlpha = object.enabled ? 1 : DISABLED;
  context.lineJoin = 'round';
  context.lineCap = 'round';
  context.fillStyle = `${object.color}${emphasis ? '38' : '1c'}`;
  if (filled) context.fill(outline, 'evenodd');
  line(context, outline, DARK, (emphasis ? 4 : 3) * px);
  line(context, outline, object.color, (emphasis ? 2 : 1.4) * px);
  if (moves) paintPath(context, path, object.color, px, emphasis);
  context.globalAlpha = 1;
}

/**
 * How a selected object is painted at the instant of a scene: where it is then, and not filled.
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @param {Scene} scene
 * @returns {Look}
 */
export function lookAt(object, clip, { time, composition, frame }) {
  if (time === 0) return { posed: true };
  const bent = composition && bentOutline(composition, object, frame, clip);
  return { outline: pathOf(bent ?? outlineAt(object, clip, time)), filled: false, posed: !bent };
}

/**
 * A selected object's shadow, the area from which the background behind it is copied, and where it is stiff.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @param {number} px
 */
export function paintAreas(context, object, clip, px) {
  for (const key of OBJECT_AREAS) {
    const area = pathOf(inPixels(object[key] ?? [], clip));
    context.fillStyle = AREA_FILLS[key];
    context.fill(area, 'evenodd');
    line(context, area, DARK, 3 * px);
    context.setLineDash([2 * px, 4 * px]);
    line(context, area, AREA_LINES[key], 1.6 * px);
    context.setLineDash([]);
  }
}

/**
 * A selected object at the instant that its handles edit.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @param {number} time that is shown
 * @param {number} px
 */
export function paintPose(context, object, clip, time, px) {
  const moved = pathOf(outlineAt(object, clip, poseTime(object, time)));
  context.setLineDash([5 * px, 4 * px]);
  line(context, moved, DARK, 3 * px);
  line(context, moved, object.color, 1.6 * px);
  context.setLineDash([]);
}

/**
 * The handles of the selected object.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<MotionObject>} object
 * @param {Editor} editor
 * @param {boolean} boxed whether the box is shown that they belong to
 */
export function paintHandles(context, object, editor, boxed) {
  const { px } = editor;
  const handles = handlesOf(editor, object);
  const box = pathOf([handles.corners]);
  const arm = new Path2D();
  arm.moveTo(handles.top.x, handles.top.y);
  arm.lineTo(handles.turn.x, handles.turn.y);
  for (const path of boxed ? [box, arm] : []) {
    line(context, path, DARK, 2.5 * px);
    line(context, path, LIGHT, px);
  }
  dot(context, handles.turn, 5.5 * px, object.color, px);
  square(context, handles.scale, 5 * px, object.color, px);
  cross(context, handles.pivot, 5 * px, px);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {readonly XY[]} places
 * @param {string} color
 * @param {number} px
 * @param {boolean} emphasis
 */
function paintPath(context, places, color, px, emphasis) {
  const path = new Path2D();
  places.forEach(({ x, y }, k) => (k === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  const end = places[places.length - 1];
  const before = places.findLast(({ x, y }) => Math.hypot(end.x - x, end.y - y) > 3 * px);
  if (!before) return; // it only rotates or scales
  const heading = Math.atan2(end.y - before.y, end.x - before.x);
  for (const side of [-1, 1]) {
    const angle = heading + Math.PI + side * 0.45;
    path.moveTo(end.x, end.y);
    path.lineTo(end.x + ARROW * px * Math.cos(angle), end.y + ARROW * px * Math.sin(angle));
  }
  line(context, path, DARK, (emphasis ? 6 : 5) * px);
  line(context, path, LIGHT, (emphasis ? 4.2 : 3.4) * px);
  line(context, path, color, (emphasis ? 2.8 : 2) * px);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {number} radius
 * @param {string} color
 * @param {number} px
 */
function dot(context, at, radius, color, px) {
  const path = new Path2D();
  path.arc(at.x, at.y, radius, 0, TURN);
  knob(context, path, color, px);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {number} half
 * @param {string} color
 * @param {number} px
 */
function square(context, at, half, color, px) {
  const path = new Path2D();
  path.rect(at.x - half, at.y - half, 2 * half, 2 * half);
  knob(context, path, color, px);
}

/** @param {CanvasRenderingContext2D} context @param {Path2D} path @param {string} color @param {number} px */
function knob(context, path, color, px) {
  line(context, path, DARK, 4 * px);
  context.fillStyle = LIGHT;
  context.fill(path);
  line(context, path, color, 2 * px);
}

/** @param {CanvasRenderingContext2D} context @param {XY} at @param {number} half @param {number} px */
function cross(context, { x, y }, half, px) {
  const path = new Path2D();
  path.moveTo(x - half, y);
  path.lineTo(x + half, y);
  path.moveTo(x, y - half);
  path.lineTo(x, y + half);
  line(context, path, DARK, 3.5 * px);
  line(context, path, LIGHT, 1.5 * px);
}
