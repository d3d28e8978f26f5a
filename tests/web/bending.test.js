/** Drags that bend what they lie on: their keys, what becomes of them in operations, and as pins of objects. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  copyTracks, duplicateTracks, findTrack, mirrorTracks, paste, read, reverseTracks, updateTracks, write,
} from '../../web/core/document.js';
import { addObjects, mirrorObjects, objectsOf, updateObjects } from '../../web/core/objects/edit.js';
import { pinsToTracks, tracksToObjects, tracksToPins } from '../../web/core/objects/tracks.js';
import { pinAt, withPinKey } from '../../web/editor/objects/bending.js';
import { LINE, docOf } from './drawing.js';

/** @import {Doc, TrackDraft} from '../../web/core/types.js' */

/** @type {TrackDraft} */
const BENT = {
  points: LINE, bend: 'on', stays: 0.25, over: 'front', stiffness: 0.75,
  pin: [{ at: 0.25, turn: 10, scale: 1 }, { at: 1, turn: 40, scale: 2 }],
};
const OUTLINE = [[{ x: 0, y: 0 }, { x: 0.6, y: 0 }, { x: 0.3, y: 0.6 }]];

/** @param {Readonly<Doc>} doc @param {number} [k] */
function bendingOf(doc, k = 0) {
  const { bend, stays, over, stiffness, pin } = doc.tracks[k];
  return { bend, stays, over, stiffness, pin };
}

describe('the fields', () => {
  const doc = docOf(BENT);
  const own = bendingOf(doc);

  it('are saved, copied and pasted', () => {
    assert.deepEqual({ points: BENT.points, ...own }, BENT);
    assert.deepEqual(read(write(doc)), doc);
    assert.deepEqual(bendingOf(duplicateTracks(doc, ['t1']).doc, 1), own);
    assert.deepEqual(bendingOf(paste(doc, copyTracks(doc, ['t1'])).doc, 1), own);
  });

  it('are left out where they have their defaults', () => {
    const plain = updateTracks(doc, ['t1'], { bend: '', stays: 0.5, over: '', stiffness: 0.5, pin: [] });
    assert.deepEqual(plain, docOf({ points: LINE }));
    assert.ok(!/bend|stays|over|stiffness|pin"/.test(write(plain)));
  });

  it('of another form are refused', () => {
    for (const changes of /** @type {any[]} */ ([{ stays: 2 }, { over: 'above' }, { pin: [{ at: 2, turn: 0, scale: 1 }] }])) {
      assert.throws(() => updateTracks(doc, ['t1'], changes));
    }
  });

  it('are mirrored and reversed', () => {
    assert.deepEqual(mirrorTracks(doc, ['t1'], 'h').tracks[0].pin?.map(({ turn }) => turn), [-10, -40]);
    const reversed = reverseTracks(doc, ['t1']).tracks[0].pin;
    assert.deepEqual(reversed?.map(({ at, turn }) => [at, turn]), [[0, 40], [0.75, 10]]);
    assert.deepEqual(bendingOf(mirrorTracks(mirrorTracks(doc, ['t1'], 'v'), ['t1'], 'v')), own);
  });
});

describe('the keys of a pin', () => {
  const track = { ...docOf(BENT).tracks[0], start: 0.2, end: 0.6 };

  it('are linear between each other, from the picture at time 0', () => {
    /** @param {number} time */
    const at = (time) => Object.values(pinAt(track, time)).map((value) => Math.round(value * 1000) / 1000);
    assert.deepEqual(at(0.25), [0.125, 5, 1]);
    assert.deepEqual(at(0.45), [0.625, 25, 1.5]);
    assert.deepEqual(at(0.6), [1, 40, 2]);
    assert.deepEqual(at(0.9), [1, 40, 2]);
    assert.deepEqual(at(0), [1, 40, 2], 'it begins as the picture shows it: the end is meant');
    assert.deepEqual(pinAt({ ...track, pin: undefined }, 0.4), { at: 0.5, turn: 0, scale: 1 });
  });

  it('are added in order, or changed', () => {
    const added = withPinKey(track, 0.4, { turn: -7 });
    assert.deepEqual(added.map(({ at }) => at), [0.25, 0.5, 1]);
    assert.equal(added[1].turn, -7);
    assert.deepEqual(withPinKey({ ...track, pin: added }, 0.4, { scale: 3 })[1], { ...added[1], scale: 3 });
    assert.equal(withPinKey(track, 0.4, { scale: 1e9 })[1].scale, 100);
  });
});

describe('pins of an object', () => {
  const drawn = addObjects(docOf(BENT, { points: LINE.slice(0, 1), kind: 'anchor', bend: 'auto' }), [{ outline: OUTLINE }]);
  const { doc, ids: [id] } = drawn;

  it('are what drags on it were, and are drags again', () => {
    const pinned = tracksToPins(doc, id, doc.tracks);
    assert.deepEqual([pinned.tracks.length, objectsOf(pinned)[0].pins?.map((pin) => pin.id)], [0, ['p1', 'p2']]);
    assert.deepEqual(read(write(pinned)), pinned);
    assert.ok(!write(pinned).includes('"bend"'));
    const { doc: released, ids } = pinsToTracks(pinned, id);
    assert.deepEqual(ids.map((each) => findTrack(released, each)?.bend), ['on', 'on']);
    assert.deepEqual(released.tracks.map(({ points, pin }) => ({ points, pin })),
      doc.tracks.map(({ points, pin }) => ({ points, pin })));
    assert.ok(!('pins' in objectsOf(released)[0]));
  });

  it('have ids of their own when more are taken', () => {
    const once = tracksToPins(doc, id, doc.tracks.slice(0, 1));
    assert.deepEqual(objectsOf(tracksToPins(once, id, once.tracks))[0].pins?.map((pin) => pin.id), ['p1', 'p2']);
    assert.equal(tracksToPins(doc, id, []), doc);
  });

  it('are mirrored with it', () => {
    const pinned = tracksToPins(doc, id, doc.tracks.slice(0, 1));
    const [{ pins: [pin] = [] }] = objectsOf(mirrorObjects(pinned, [id], 'h'));
    assert.deepEqual([pin.points[0].x, pin.pin?.[0].turn], [0.5, -10]);
  });

  it('come with its stiffness and its stiff areas', () => {
    const stiff = updateObjects(doc, [id], { stiffness: 0.25, stiff: OUTLINE });
    assert.deepEqual(read(write(stiff)), stiff);
    assert.deepEqual(updateObjects(stiff, [id], { stiffness: 0.5, stiff: [] }), doc);
  });

  it('are the drags that bend a thing which becomes an object', () => {
    const seen = OUTLINE.map((ring) => ring.map(({ x, y }) => /** @type {const} */ ([x, y])));
    const region = { tracks: ['t1', 't2'], at: 0, seen: [seen], moved: [[]], bends: true };
    const made = tracksToObjects(docOf(BENT, { points: LINE.slice(0, 1), kind: 'anchor' }), [region]).doc;
    const [{ pins, motion, stiffness }] = objectsOf(made);
    assert.deepEqual([made.tracks.length, pins?.length, 'points' in motion && motion.points.length], [0, 2, 1]);
    assert.equal(stiffness, 0.625, 'the mean of theirs');
  });
});
