/** Whether drags bend the thing that they lie on: commands of the key, the button and the panels, and pins as shown. */

import { updateTracks } from '../../core/document.js';
import { pinsToTracks, tracksToPins } from '../../core/objects/tracks.js';
import { inPixels, isInside } from '../../core/objects/interior.js';
import { endsAtRest } from '../../core/bending/pins.js';
import { shareOfKeys } from '../../core/repeating.js';
import { wayAt } from '../../core/sampling.js';
import { tidy, within } from '../../core/numbers.js';
import { MAX_ROTATION, MAX_SCALE, MIN_SCALE } from '../../core/limits.js';
import { DARK, LIGHT, line, paintTrack } from '../paint.js';
import { bendsIn } from '../scene.js';
import { pathOf } from './look.js';

/** @import {Bend, MotionObject, PinKey, Region, Track, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {Clip} from '../host.js' */

const RING = 7; // CSS pixels, radius of a pin
const SAME = 1e-6; // of a track's time: two keys there are one

/**
 * What new drags and anchors have: in a picture, where they begin decides whether they bend the thing there.
 * @param {Editor} editor
 * @returns {{bend?: Bend}}
 */
export const newBend = ({ picture }) => (picture.video ? {} : { bend: 'auto' });

/**
 * Bends what the selected drags carry, or, where they bend it, moves it whole and each pin's part by itself.
 * @param {Editor} editor
 */
export function toggleBend(editor) {
  const { session, picture, regions } = editor;
  if (session.active.length === 0 || picture.video) {
    editor.warn(picture.video ? 'bendInPictures' : 'selectDrag');
    return;
  }
  const bent = bends(editor);
  const joined = regions.chosen.flatMap(({ region }) => (region.bends ? region.tracks ?? [] : []));
  const ids = bent ? [...new Set([...session.active, ...joined])] : session.active;
  editor.change(updateTracks(session.doc, ids, { bend: bent ? 'off' : 'on' }), 'bend');
  editor.say(bent ? 'movesWhole' : 'bendsNow');
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
  const { session, clip } = editor;
  const { object } = session;
  if (!object) return;
  const rings = inPixels(object.outline, clip);
  /** @param {Readonly<Track>} track */
  const begins = ({ points: [{ x, y }] }) => isInside(rings, { x: x * clip.width, y: y * clip.height });
  const ids = session.doc.tracks.filter(begins).map(({ id }) => id);
  if (ids.length === 0) editor.warn('noPinsHere');
  else editor.change(tracksToPins(session.doc, object.id, ids), 'pins');
}

/** Makes the pins of the selected object drags again. @param {Editor} editor */
export function releasePins(editor) {
  const { session } = editor;
  if (!session.object?.pins) {
    editor.warn('noPinsHere');
    return;
  }
  const { doc, ids: tracks } = pinsToTracks(session.doc, session.object.id);
  editor.change(doc, 'pins');
  session.select({ tracks });
}

/**
 * The pins of what drags bend, and its outline at the end.
 * @param {CanvasRenderingContext2D} context
 * @param {Region} region
 * @param {readonly Readonly<Track>[]} tracks of the drawing
 * @param {Clip} clip
 * @param {number} px
 */
export function paintBent(context, { moved, tracks: ids }, tracks, clip, px) {
  const last = moved.at(-1) ?? [];
  const rings = last.map((ring) => ring.map(([x, y]) => ({ x: x * clip.width, y: y * clip.height })));
  context.setLineDash([2 * px, 3 * px]);
  line(context, pathOf(rings), LIGHT, px);
  context.setLineDash([]);
  const own = new Set(ids);
  for (const track of tracks) if (own.has(track.id)) paintPin(context, track, clip, px);
}

/**
 * The pins of an object: their paths and handles.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<MotionObject>} object
 * @param {Clip} clip
 * @param {number} px
 * @param {boolean} emphasis
 */
export function paintPins(context, { pins = [] }, clip, px, emphasis) {
  for (const pin of pins) {
    paintTrack(context, pin, clip, px, emphasis);
    paintPin(context, pin, clip, px);
  }
}

/**
 * A round handle where a track begins.
 * @param {CanvasRenderingContext2D} context
 * @param {Readonly<Track>} track
 * @param {Clip} clip
 * @param {number} px
 */
function paintPin(context, { points: [{ x, y }], color }, clip, px) {
  /** @type {XY} */
  const at = { x: x * clip.width, y: y * clip.height };
  const ring = new Path2D();
  ring.arc(at.x, at.y, RING * px, 0, 2 * Math.PI);
  line(context, ring, DARK, 5 * px);
  line(context, ring, LIGHT, 3.4 * px);
  line(context, ring, color, 1.8 * px);
}
