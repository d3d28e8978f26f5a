/** Places on a thing that is followed in a video, and tracks there. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { addObjects, objectsOf } from '../../web/core/objects/edit.js';
import { motionBack, motionInPixels, placeMoved, trackMoved } from '../../web/core/objects/in_frames.js';
import { pinsToTracks, tracksToObjects, tracksToPins } from '../../web/core/objects/tracks.js';
import { docOf } from './drawing.js';

/** @type {import('../../web/core/types.js').Affine} */
const TURNED = [0, 2, -0.5, 0, 0.75, -0.25]; // by a quarter in a clip that is twice as wide as high
const CLIP = { width: 200, height: 100 };
const OUTLINE = [[{ x: 0.2, y: 0.2 }, { x: 0.8, y: 0.2 }, { x: 0.8, y: 0.8 }, { x: 0.2, y: 0.8 }]];

/** @param {{x: number, y: number}} place @param {number} x @param {number} y */
function near(place, x, y) {
  assert.ok(Math.hypot(place.x - x, place.y - y) < 1e-9, `${place.x}, ${place.y}`);
}

describe('a place on a thing in a video', () => {
  it('is moved with the thing, in fractions as in pixels', () => {
    near(placeMoved(TURNED, { x: 0.5, y: 0.5 }), 0.5, 0.75);
    near(placeMoved(motionInPixels(TURNED, CLIP), { x: 100, y: 50 }), 100, 75);
    const [a, b, c, d] = motionInPixels(TURNED, CLIP);
    assert.deepEqual([a, b, c, d], [0, 1, -1, 0]); // no stretch
  });

  it('is found where it was drawn', () => {
    const { x, y } = placeMoved(TURNED, { x: 0.1, y: 0.7 });
    near(placeMoved(motionBack(TURNED), { x, y }), 0.1, 0.7);
  });
});

describe('a track on a thing in a video', () => {
  const { tracks: [track] } = docOf({
    points: [{ x: 0.5, y: 0.5, out: { x: 0.1, y: 0 } }, { x: 0.6, y: 0.5, in: { x: 0, y: 0.1 } }], spline: 'bezier',
    bend: 'on',
  });

  it('keeps its handles, which turn with it', () => {
    const [first, last] = trackMoved(track, TURNED).points;
    near(first, 0.5, 0.75);
    near(last, 0.5, 0.95);
    near(/** @type {any} */ (first.out), 0, 0.2);
    near(/** @type {any} */ (last.in), -0.05, 0);
    assert.deepEqual([first.in, last.out], [undefined, undefined]);
  });

  it('is a pin as it was drawn there, and a drag again where it begins', () => {
    const { doc, ids: [id] } = addObjects(docOf(track), [{ outline: OUTLINE }]);
    const pinned = tracksToPins(doc, id, doc.tracks.map((each) => trackMoved(each, motionBack(TURNED))));
    assert.equal(pinned.tracks.length, 0);
    const [{ pins: [pin] = [] }] = objectsOf(pinned);
    near(placeMoved(TURNED, pin.points[0]), 0.5, 0.5);
    const { doc: { tracks: [again] } } = pinsToTracks(pinned, id, (each) => trackMoved(each, TURNED));
    assert.equal(again.bend, 'on');
    again.points.forEach(({ x, y }, k) => near(track.points[k], x, y));
  });

  it('says what becomes of the thing that it bends; an anchor does not', () => {
    const anchor = { points: track.points.slice(0, 1), kind: /** @type {const} */ ('anchor') };
    const doc = docOf(anchor, { ...track, id: 't2', edit: 'copied', delay: 0.25 });
    const seen = OUTLINE.map((ring) => ring.map(({ x, y }) => /** @type {const} */ ([x, y])));
    const tracks = doc.tracks.map(({ id }) => id);
    const region = { tracks, at: 0.5, seen: [seen, seen, seen], moved: [[], [], []], bends: true };
    const [made] = objectsOf(tracksToObjects(doc, [region]).doc);
    assert.deepEqual([made.edit, made.delay, made.at, made.pins?.length], ['copied', 0.25, 0.5, 2]);
  });
});
