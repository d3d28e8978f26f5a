/**
 * Gestures on objects, from press to release: each function begins one. They show their effect as they go on; the tool
 * completes the undo step at the end.
 */

import { distance } from '../../core/geometry.js';
import { objectsOf } from '../../core/objects/edit.js';
import { setKey, setPath } from '../../core/objects/keys.js';
import { pointsOf } from '../../core/simplify.js';
import { paintArea } from '../paint.js';
import { poseOf, posedBy } from './commands.js';
import { handlesOf, posePivotOf } from './handles.js';
import { poseTime } from './look.js';

/** @import {MotionObject, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */

const STEP = 2; // CSS pixels between the places of a stroke
const SLACK = { drawn: 6, posed: 3, touch: 12 }; // CSS pixels: smaller movements are clicks; a finger is less steady
const SNAP = 15; // degrees, with Shift
const PREVIEWED = 48; // points of a path while it is drawn

/**
 * @typedef {object} Gesture
 * @property {(event: StageEvent) => void} move
 * @property {(event: StageEvent) => void} up
 * @property {(context: CanvasRenderingContext2D, px: number) => void} [paint]
 */

/**
 * Draws round a thing, with Shift a box that it is in; with Shift and Alt the box is the outline.
 * @param {Editor} editor
 * @param {StageEvent} from
 * @param {{drawn: (outline: XY[]) => void, boxed: (corners: XY[]) => void, clicked: (event: StageEvent) => void}} then
 *   `outline` and the four `corners` in pixels of the clip
 * @returns {Gesture}
 */
export function outlining(editor, from, { drawn, boxed, clicked }) {
  let outline = [from.p];
  let box = false;
  return {
    move(event) {
      box = event.shift && !event.alt;
      if (event.shift) outline = rectangle(from.p, event.p);
      else if (distance(event.p, outline[outline.length - 1]) > STEP * editor.px) outline.push(event.p);
    },
    up(event) {
      const far = outline.some((corner) => isFar(editor, from, corner, SLACK.drawn));
      if (far && outline.length > 2) (box ? boxed : drawn)(outline);
      else clicked(event);
    },
    paint: (context, px) => paintArea(context, outline, false, px),
  };
}

/**
 * Draws the path of the selected objects, or a straight one with Shift. The end of the pressed object's path snaps.
 * @param {Editor} editor
 * @param {StageEvent} from
 * @param {Readonly<MotionObject>} object that was pressed
 * @returns {Gesture}
 */
export function drawingPath(editor, from, object) {
  const { session, clip } = editor;
  const { doc } = session;
  const ids = session.objects.map(({ id }) => id);
  const stroke = [from.p];
  const snapped = snappingPivot(editor, from, { x: object.pivot.x * clip.width, y: object.pivot.y * clip.height });
  /** The end of the stroke: as drawn, and snapped. */
  let last = { straight: false, to: from.p };
  /** @param {readonly XY[]} places @param {'linear' | 'pchip'} spline */
  const show = (places, spline) => {
    const along = last.straight ? [from.p, last.to] : [...places.slice(0, -1), last.to];
    const path = along.map(({ x, y }) => ({ x: (x - from.p.x) / clip.width, y: (y - from.p.y) / clip.height }));
    session.preview(setPath(doc, ids, path, spline), 'path');
  };
  const far = () => stroke.some((place) => isFar(editor, from, place, SLACK.drawn));
  return {
    move(event) {
      last = { straight: event.shift, to: snapped(event) };
      if (distance(event.p, stroke[stroke.length - 1]) > STEP * editor.px) stroke.push(event.p);
      if (event.more || !far()) return;
      if (session.now.hold?.time === undefined) session.hold({ time: object.end });
      show(thinned(stroke, PREVIEWED), 'linear');
    },
    up() {
      if (far()) show(pointsOf(stroke, editor.px), 'pchip');
    },
  };
}

/**
 * Moves the selected objects at the current instant. The pressed one snaps.
 * @param {Editor} editor
 * @param {StageEvent} from
 * @param {Readonly<MotionObject>} object that was pressed
 * @returns {Gesture}
 */
export function movingPose(editor, from, object) {
  const { session, clip } = editor;
  const { doc, objects } = session;
  const snapped = snappingPivot(editor, from, posePivotOf(editor, object));
  const at = poseTime(object, editor.time);
  let moves = false;
  return {
    move(event) {
      if (!moves && isFar(editor, from, event.p, SLACK.posed)) {
        moves = true;
        session.hold({ time: at });
      }
      if (!moves || event.more) return;
      const to = snapped(event);
      const by = { x: (to.x - from.p.x) / clip.width, y: (to.y - from.p.y) / clip.height };
      session.preview(posedBy(editor, doc, objects, by), 'key');
    },
    up: () => {},
  };
}

/**
 * Snaps the pointer so that the moved object's pivot lies on what attracts it: the picture's edges and centre, the
 * grid, and the pivots of objects that do not move. Shift constrains the direction, Alt disables snapping.
 * @param {Editor} editor
 * @param {StageEvent} from
 * @param {XY} pivot at the start of the gesture, in pixels of the clip
 * @returns {(event: StageEvent) => XY}
 */
function snappingPivot(editor, from, pivot) {
  const { session } = editor;
  const moved = new Set(session.objects);
  const resting = objectsOf(session.doc).filter((object) => !moved.has(object));
  const pivots = resting.map((object) => posePivotOf(editor, object));
  return (event) => {
    const at = { x: pivot.x + event.p.x - from.p.x, y: pivot.y + event.p.y - from.p.y };
    const to = editor.snapped(at, event, pivot, pivots);
    return { x: from.p.x + to.x - pivot.x, y: from.p.y + to.y - pivot.y };
  };
}

/**
 * Rotates an object at the current instant.
 * @param {Editor} editor
 * @param {StageEvent} from
 * @param {Readonly<MotionObject>} object
 * @param {(event: StageEvent) => void} clicked the handle was pressed and not moved
 * @returns {Gesture}
 */
export function rotating(editor, from, object, clicked) {
  const pose = poseOf(editor, object);
  const { pivot } = handlesOf(editor, object);
  let last = direction(pivot, from.p);
  let turned = 0;
  return posing(editor, from, object, (event) => {
    const now = direction(pivot, event.p);
    turned += ((now - last + 540) % 360) - 180; // the shorter way round, so that full turns add up
    last = now;
    const rotation = pose.rotation + turned;
    return { rotation: event.shift ? Math.round(rotation / SNAP) * SNAP : rotation };
  }, clicked);
}

/**
 * Scales an object at the current instant.
 * @param {Editor} editor
 * @param {StageEvent} from
 * @param {Readonly<MotionObject>} object
 * @param {(event: StageEvent) => void} clicked the handle was pressed and not moved
 * @returns {Gesture}
 */
export function scaling(editor, from, object, clicked) {
  const pose = poseOf(editor, object);
  const { pivot } = handlesOf(editor, object);
  const before = Math.max(distance(from.p, pivot), editor.px);
  const scale = (/** @type {StageEvent} */ event) => pose.scale * (distance(event.p, pivot) / before);
  return posing(editor, from, object, (event) => ({ scale: scale(event) }), clicked);
}

/**
 * @param {Editor} editor
 * @param {StageEvent} from
 * @param {Readonly<MotionObject>} object
 * @param {(event: StageEvent) => import('../../core/objects/keys.js').KeyValues} values
 * @param {(event: StageEvent) => void} clicked
 * @returns {Gesture}
 */
function posing(editor, from, object, values, clicked) {
  const { session, clip, time } = editor;
  const { doc } = session;
  const at = poseTime(object, time);
  let moves = false;
  return {
    move(event) {
      if (!moves && isFar(editor, from, event.p, SLACK.posed)) {
        moves = true;
        session.hold({ time: at });
      }
      if (moves) session.preview(setKey(doc, object.id, at, values(event), clip), 'key');
    },
    up: (event) => !moves && clicked(event),
  };
}

/**
 * Whether the pointer has moved too far from the press for a click.
 * @param {Editor} editor
 * @param {StageEvent} from
 * @param {XY} place
 * @param {number} slack CSS pixels, for a mouse or a pen
 */
const isFar = (editor, from, place, slack) => distance(place, from.p) > (from.touch ? SLACK.touch : slack) * editor.px;

/** Degrees, clockwise from the right. @param {XY} from @param {XY} to */
const direction = (from, to) => Math.atan2(to.y - from.y, to.x - from.x) * (180 / Math.PI);

/** @param {XY} a @param {XY} c opposite corners */
const rectangle = (a, c) => [a, { x: c.x, y: a.y }, c, { x: a.x, y: c.y }];

/** Evenly chosen places, including the first and the last. @param {readonly XY[]} places @param {number} most */
function thinned(places, most) {
  const step = (places.length - 1) / Math.min(most - 1, places.length - 1);
  return Array.from({ length: Math.min(most, places.length) }, (_, k) => places[Math.round(k * step)]);
}
