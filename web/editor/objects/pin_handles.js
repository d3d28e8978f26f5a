/**
 * The handles of a drag that bends its thing: a round one turns what is around the pin, a square one scales it, at the
 * playhead; in the first frame, at the end of its motion.
 */

import { updateTracks } from '../../core/document.js';
import { distance } from '../../core/geometry.js';
import { DARK, LIGHT, line, lookOf, markerPosition } from '../paint.js';
import { bends, pinAt, withPinKey } from './bending.js';

/** @import {Doc, Hit, Track, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {Clip} from '../host.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {Place} from './regions.js' */

const ARM = 32; // CSS pixels from the pin to its handles
const REACH = 11; // CSS pixels around a handle within which a press hits it
const KNOB = 5; // CSS pixels
const SNAP = 15; // degrees, with Shift
const SIDES = /** @type {const} */ (['turn', 'scale']);

/**
 * Those that are shown: of a single selected drag that bends its object.
 * @param {Editor} editor
 */
function shownHandles(editor) {
  const { session: { now }, clip, px, picture, regions } = editor;
  const [track, other] = now.tracks;
  if (!track || other || now.playing || !bends(editor)) return null;
  return handlesOf(track, clip, now.time, px, picture.video ? regions.placeOf(track) : undefined);
}

/**
 * Where they are, in pixels of the clip.
 * @param {Readonly<Track>} track
 * @param {Clip} clip
 * @param {number} time shown
 * @param {number} px
 * @param {Place} [place] in a video
 * @returns {{track: Readonly<Track>, pin: XY, turn: XY, scale: XY} | null}
 */
function handlesOf(track, clip, time, px, place = (p) => p) {
  const drawn = time <= track.start ? lookOf(track, clip).points.at(-1) : markerPosition(track, time, clip);
  if (!drawn) return null;
  const pin = place(drawn);
  const angle = (pinAt(track, time).turn * Math.PI) / 180;
  const [x, y] = [ARM * px * Math.cos(angle), ARM * px * Math.sin(angle)];
  return { track, pin, turn: { x: pin.x + y, y: pin.y - x }, scale: { x: pin.x + x, y: pin.y + y } };
}

/** The one under the pointer. @param {Editor} editor @param {StageEvent} event @returns {Hit | undefined} */
export function pinHandleAt(editor, { p, touch }) {
  const handles = shownHandles(editor);
  if (!handles) return undefined;
  const reach = REACH * editor.px * (touch ? 2 : 1);
  const side = SIDES.find((each) => distance(handles[each], p) <= reach);
  if (!side) return undefined;
  const away = distance(handles[side], p);
  return { kind: 'handle', id: handles.track.id, index: 0, side, u: 0, ...handles[side], distance: away };
}

/** Whether a hit is one of these handles. @param {Hit} hit */
export const isPinHandle = ({ side }) => side === 'turn' || side === 'scale';

/**
 * The drawing while a handle is dragged.
 * @param {Editor} editor
 * @param {Readonly<Doc>} doc from before
 * @param {Hit} hit where it was pressed
 * @param {XY} to where the pointer is now
 * @param {boolean} snaps to steps of 15 degrees
 */
export function movedPinHandle(editor, doc, hit, to, snaps) {
  const track = doc.tracks.find(({ id }) => id === hit.id);
  const pin = shownHandles(editor)?.pin;
  if (!track || !pin) return doc;
  const before = pinAt(track, editor.time);
  const turned = ((direction(pin, to) - direction(pin, hit) + 540) % 360) - 180; // the shorter way round
  const turn = snaps ? Math.round((before.turn + turned) / SNAP) * SNAP : before.turn + turned;
  const scale = before.scale * (distance(pin, to) / Math.max(distance(pin, hit), editor.px));
  const changes = hit.side === 'turn' ? { turn } : { scale };
  return updateTracks(doc, [hit.id], { pin: withPinKey(track, editor.time, changes) });
}

/** Degrees, clockwise from the right. @param {XY} from @param {XY} to */
const direction = (from, to) => Math.atan2(to.y - from.y, to.x - from.x) * (180 / Math.PI);

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<Track>} track
 * @param {Clip} clip
 * @param {number} time shown
 * @param {number} px
 * @param {Place} [place] in a video
 */
export function paintPinHandles(context, track, clip, time, px, place) {
  const handles = handlesOf(track, clip, time, px, place);
  if (!handles) return;
  const { pin, turn, scale } = handles;
  const arms = new Path2D();
  for (const end of [turn, scale]) {
    arms.moveTo(pin.x, pin.y);
    arms.lineTo(end.x, end.y);
  }
  const knobs = new Path2D();
  knobs.arc(turn.x, turn.y, KNOB * px, 0, 2 * Math.PI);
  knobs.rect(scale.x - KNOB * px, scale.y - KNOB * px, 2 * KNOB * px, 2 * KNOB * px);
  line(context, arms, DARK, 2.5 * px);
  line(context, arms, LIGHT, px);
  line(context, knobs, DARK, 4 * px);
  context.fillStyle = LIGHT;
  context.fill(knobs);
  line(context, knobs, track.color, 2 * px);
}
