/** Whether drags bend the thing that they lie on: commands of the key, the button and the panels, and pins as shown. */

import { updateTracks } from '../../core/document.js';
import { frameAt } from '../../core/objects/corrections.js';
import { AT_PLACE, motionBack, trackMoved } from '../../core/objects/in_frames.js';
import { pinsToTracks, tracksToPins } from '../../core/objects/tracks.js';
import { inPixels, isInside } from '../../core/objects/interior.js';
import { endsAtRest } from '../../core/bending/pins.js';
import { shareOfKeys } from '../../core/repeating.js';
import { isAnchor, wayAt } from '../../core/sampling.js';
import { tidy, within } from '../../core/numbers.js';
import { MAX_ROTATION, MAX_SCALE, MIN_SCALE } from '../../core/limits.js';
import { DARK, LIGHT, line, lookOf, markerPosition, paintTrack } from '../paint.js';
import { bendsIn } from '../scene.js';
import { pathOf } from './look.js';

/** @import {Affine, Bend, MotionObject, PinKey, Ring, Track, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {Clip} from '../host.js' */

const RING = 7; // CSS pixels, radius of a pin
const SAME = 1e-6; // of a track's time: two keys there are one

/**
 * What new drags and anchors have: in a picture, where they begin decides whether they bend the thing there. In a
 * video, a drag moves the thing, which may walk or turn, until a person says otherwise; an anchor holds what others
 * bend.
 * @param {Editor} editor
 * @param {boolean} [anchors] whether it is an anchor
 * @returns {{bend?: Bend}}
 */
export const newBend = ({ picture }, anchors = false) => (picture.video && !anchors ? {} : { bend: 'auto' });

/**
 * Bends what the selected drags carry, or, where they bend it, moves it whole and each pin's part by itself.
 * @param {Editor} editor
 */
export function toggleBend(editor) {
  const { session, regions } = editor;
  if (session.active.length === 0) {
    editor.warn('selectDrag');
    return;
  }
  const bent = bends(editor);
  const joined = regions.ofSelected.flatMap(({ region }) => (region.bends ? region.tracks ?? [] : []));
  const ids = bent ? [...new Set([...session.active, ...joined])] : session.active;
  editor.change(updateTracks(session.doc, ids, { bend: bent ? 'off' : 'on' }), 'bend');
  editor.say(bent ? 'movesWhole' : beginTogether(editor) ? 'bendsNow' : 'bendsApart');
}

/** Whether the selected drags begin in the same frame of a video: what they lie on is looked for there. */
/** @param {Editor} editor */
function beginTogether({ session: { now: { tracks } }, picture, clip }) {
  return !picture.video || new Set(tracks.map(({ start }) => frameAt(start, clip.frames))).size < 2;
}

/** Whether the selected drags bend what they carry. @param {Editor} editor */
export const bends = ({ session, regions }) => bendsIn(session.now, regions.shown.map(({ region }) => region));

/**
 * How a pin turns and scales what is around it at an instant; at the beginning of its motion, how it does at the end,
 * since it begins as the picture shows it.
 * @param {Readonly<Track>} track
 * @param {number} time fraction of the clip
 * @returns {Readonly<PinKey>}
 */
export function pinAt({ pin = [], loop, start, end }, time) {
  const share = loop && pin.length ? shareOfKeys(loop, endsAtRest(pin)) : 1;
  const at = time <= start ? 1 : tidy(Math.min(wayAt({ loop, start, end }, time) / share, 1));
  const keys = pin.length > 0 && pin[0].at > 0 ? [{ at: 0, turn: 0, scale: 1 }, ...pin] : pin;
  const next = keys.findIndex((key) => key.at >= at);
  if (next <= 0) return { turn: 0, scale: 1, ...(next === 0 ? keys[0] : keys.at(-1)), at };
  const [before, after] = [keys[next - 1], keys[next]];
  const part = (at - before.at) / (after.at - before.at);
  const between = (/** @type {'turn' | 'scale'} */ key) => before[key] + part * (after[key] - before[key]);
  return { at, turn: between('turn'), scale: between('scale') };
}

/**
 * The keys of a pin with one at an instant.
 * @param {Readonly<Track>} track
 * @param {number} time fraction of the clip
 * @param {{turn?: number, scale?: number}} changes
 * @returns {Readonly<PinKey>[]}
 */
export function withPinKey(track, time, changes) {
  const key = { ...pinAt(track, time), ...changes };
  const clamped = {
    at: key.at, turn: within(key.turn, -MAX_ROTATION, MAX_ROTATION), scale: within(key.scale, MIN_SCALE, MAX_SCALE),
  };
  const others = (track.pin ?? []).filter(({ at }) => Math.abs(at - key.at) > SAME);
  return [...others, clamped].sort((one, other) => one.at - other.at);
}

/**
 * Makes the drags and anchors that begin on an object its pins.
 * @param {Editor} editor
 */
export function takePins(editor) {
  const { session, regions } = editor;
  const { object } = session;
  if (!object) return;
  const pins = session.doc.tracks.flatMap((track) => pinOn(editor, object, track) ?? []);
  if (pins.length === 0) editor.warn(regions.following ? 'following' : 'noPinsHere');
  else editor.change(tracksToPins(session.doc, object.id, pins), 'pins');
}

/**
 * A track that begins on an object, as it is in the frame of a video in which the object was drawn; null if it does not
 * begin there, or nobody knows where the object is in the frame in which it begins.
 * @param {Editor} editor
 * @param {Readonly<MotionObject>} object
 * @param {Readonly<Track>} track
 */
function pinOn({ picture, clip, regions }, object, track) {
  const frame = frameAt(track.start, clip.frames);
  const outline = picture.video ? regions.outlineOf(object, frame) : object.outline;
  const motion = picture.video ? regions.motionOf(object, frame) : AT_PLACE;
  const [{ x, y }] = track.points;
  if (!motion || !isInside(inPixels(outline, clip), { x: x * clip.width, y: y * clip.height })) return null;
  return motion === AT_PLACE ? track : trackMoved(track, motionBack(motion));
}

/** Makes the pins of the selected object drags again. @param {Editor} editor */
export function releasePins(editor) {
  const { session, picture, clip, regions } = editor;
  const { object } = session;
  if (!object?.pins) {
    editor.warn('noPinsHere');
    return;
  }
  const { doc, ids: tracks } = pinsToTracks(session.doc, object.id, (pin) => {
    const motion = picture.video ? regions.motionOf(object, frameAt(pin.start, clip.frames)) : null;
    return motion && motion !== AT_PLACE ? trackMoved(pin, motion) : pin;
  });
  editor.change(doc, 'pins');
  session.select({ tracks });
}

/**
 * The outline of what is bent, at the end.
 * @param {CanvasRenderingContext2D} context
 * @param {readonly Ring[]} outline
 * @param {Clip} clip
 * @param {number} px
 */
export function paintBentEnd(context, outline, clip, px) {
  context.setLineDash([2 * px, 3 * px]);
  line(context, pathOf(inPixels(outline, clip)), LIGHT, px);
  context.setLineDash([]);
}

/**
 * The pins of an object: their paths and handles.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @param {number} px
 * @param {boolean} emphasis
 * @param {{motion: Affine | null, time: number}} [shown] in a video: the object's motion to the frame that is shown
 */
export function paintPins(context, { pins = [] }, clip, px, emphasis, shown) {
  for (const pin of pins) {
    const there = shown?.motion ? trackMoved(pin, shown.motion) : pin;
    paintTrack(context, there, clip, px, emphasis);
    paintPin(context, pinPlace(there, clip, shown?.time ?? 0), pin.color, px);
  }
}

/**
 * Where a pin is at an instant.
 * @param {Readonly<Track>} track
 * @param {Clip} clip
 * @param {number} time fraction of the clip
 * @returns {XY}
 */
export function pinPlace(track, clip, time) {
  const { points } = lookOf(track, clip);
  return isAnchor(track) || time <= track.start ? points[0] : markerPosition(track, time, clip);
}

/**
 * A round handle.
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {string} color
 * @param {number} px
 */
export function paintPin(context, at, color, px) {
  const ring = new Path2D();
  ring.arc(at.x, at.y, RING * px, 0, 2 * Math.PI);
  line(context, ring, DARK, 5 * px);
  line(context, ring, LIGHT, 3.4 * px);
  line(context, ring, color, 1.8 * px);
}
