/** Draws the regions of a drawing on a canvas whose unit is the clip's pixel. */

import { findObject } from '../../core/objects/edit.js';
import { isAnchor } from '../../core/sampling.js';
import { DARK, LIGHT, line } from '../paint.js';
import { paintBentEnd, paintPin, pinPlace } from './bending.js';

/** @import {Region} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */

/** @param {CanvasRenderingContext2D} context @param {Editor} editor @param {number} px length of one CSS pixel in it */
export function paintRegions(context, editor, px) {
  const { regions, session, picture } = editor;
  const active = new Set(session.active);
  for (const { region, seen } of regions.shown.filter((each) => regions.isThing(each.region))) {
    context.globalAlpha = region.tracks?.some((id) => active.has(id)) ? 0.9 : 0.5;
    if (!region.surroundings) line(context, seen, DARK, 2.4 * px);
    context.setLineDash(region.surroundings ? [1.5 * px, 4 * px] : [5 * px, 4 * px]);
    line(context, seen, LIGHT, 1.2 * px);
    context.setLineDash([]);
    if (region.bends) paintPinsOf(context, editor, region, px);
  }
  context.globalAlpha = 1;
  if (picture.video && regions.wanted) paintMoved(context, editor, px);
}

/**
 * The pins of what drags bend: in a picture where they begin, in a video where they are in the frame that is shown. And
 * until they move, its outline at the end.
 * @param {CanvasRenderingContext2D} context
 * @param {Editor} editor
 * @param {Region} region
 * @param {number} px
 */
function paintPinsOf(context, { regions, session: { now }, clip, picture: { video } }, region, px) {
  const tracks = now.doc.tracks.filter(({ id }) => region.tracks?.includes(id));
  // Until a video's pins move, their handles edit where they end.
  const rests = !video || tracks.every(({ start }) => now.time <= start);
  if (rests) paintBentEnd(context, regions.atEnd(region), clip, px);
  for (const track of tracks) {
    const at = pinPlace(track, clip, video ? now.time : 0);
    paintPin(context, video ? regions.placeOf(track)(at) : at, track.color, px);
  }
}

/**
 * Where the regions of a video go.
 * @param {CanvasRenderingContext2D} context
 * @param {Editor} editor
 * @param {number} px
 */
function paintMoved(context, { regions, session: { doc } }, px) {
  for (const { region, seen, moved } of regions.inFrame) {
    const tracks = doc.tracks.filter(({ id }) => region.tracks?.includes(id));
    const of = findObject(doc, region.object ?? '') ?? tracks.find((track) => !isAnchor(track)) ?? tracks[0];
    context.setLineDash([1.5 * px, 4 * px]);
    if (!region.object && !regions.isThing(region)) line(context, seen, LIGHT, 1.4 * px);
    context.setLineDash([5 * px, 4 * px]);
    line(context, moved, DARK, 3 * px);
    line(context, moved, of?.color ?? LIGHT, 1.8 * px);
    context.setLineDash([]);
  }
}
