/** What frames of a video consist of, how a drawing moves that, and what is drawn over each frame. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { editedFrame, neededFor } from '../../web/core/composing/clip_frame.js';
import { cutsOf, readClipLayers, withFrames } from '../../web/core/composing/clip_layers.js';
import { movedOutlineIn, placementIn } from '../../web/core/composing/clip_places.js';
import { read } from '../../web/core/document.js';

const FRAMES = 5;
const RING = [{ x: 0.1, y: 0.1 }, { x: 0.3, y: 0.1 }, { x: 0.3, y: 0.5 }];
const THING = { id: 'o1', outline: [RING], motion: { keys: [{ t: 0 }] } };

/** @param {{tracks?: object[], objects?: object[]}} drawn */
function docOf({ tracks = [], objects = [] }) {
  const doc = read(JSON.stringify({ type: 'dragnuwa.trajectories', version: 2, tracks, objects }));
  return /** @type {NonNullable<typeof doc>} */ (doc);
}

/** @param {object} [fields] */
const drag = (fields) => ({
  id: 't1', points: [{ x: 0.2, y: 0.3 }, { x: 0.4, y: 0.3 }], spline: 'linear', ...fields,
});

/**
 * The answer on a video of 100x50 pixels, of which the clip shows the middle half, in which a thing goes 2 px to the
 * right in each frame.
 * @param {Record<string, unknown>} thing who it is
 * @param {number[]} [numbers] of frames
 */
function layersOf(thing, numbers = [0, 1, 2, 3, 4]) {
  const own = Array.from({ length: FRAMES }, (_, k) => [1, 0, 2 * k, 0]);
  const known = own.map(() => true);
  const told = {
    size: [100, 50], onto: [1 / 50, 0, 0, 1 / 50, -0.5, 0], bent: false, files: numbers.flatMap(() => [2, 3, 4]),
    objects: [
      { at: 0, pivot: [35 - 0.5, 15 - 0.5], own, known, ...thing }, { at: 0, pivot: [0, 0], own, known },
    ],
    frames: numbers.map((number) => ({
      number,
      objects: [
        { of: 0, ground: { box: [30, 5, 50, 25] }, pieces: [{ box: [31, 6, 49, 24], onto: [1, 0, 0, 0] }] },
        { of: 1, ground: null, pieces: [{ box: [80, 5, 90, 25], onto: [1, 0, 0, 0] }] },
      ],
    })),
  };
  const text = new TextEncoder().encode(JSON.stringify(told));
  const answer = new Uint8Array(4 + text.length + 9 * numbers.length);
  new DataView(answer.buffer).setUint32(0, text.length);
  answer.set(text, 4);
  return readClipLayers(answer.buffer);
}

/** @param {readonly number[]} found @param {readonly number[]} expected */
function near(found, expected) {
  assert.ok(found.every((value, k) => Math.abs(value - expected[k]) < 1e-9), `${found} is not ${expected}`);
}

describe('the layers of a video', () => {
  it('lie in the part of the frames that the clip shows', async () => {
    const { size, frame, things: [thing], frames } = layersOf({ tracks: ['t1'] });
    assert.deepEqual(size, { width: 50, height: 50 });
    assert.deepEqual(frame, { left: -25, top: 0, right: 75, bottom: 50 });
    assert.deepEqual([thing.pivot, thing.own[1]], [{ re: 10, im: 15 }, [1, 0, 2, 0]]);
    const { things: [{ ground, pieces: [piece] }] } = /** @type {any} */ (frames.get(0));
    assert.deepEqual(ground.box, { left: 5, top: 5, right: 25, bottom: 25 });
    assert.deepEqual([ground.file.size, piece.file.size], [2, 3]);
  });

  it('grow by further answers', () => {
    const both = withFrames(layersOf({}, [0]), layersOf({}, [3, 4]));
    assert.deepEqual([...both.frames.keys()], [0, 3, 4]);
  });

  it('hold while what is cut out stays', () => {
    const before = cutsOf(docOf({ tracks: [drag()], objects: [THING] }));
    const same = [
      { tracks: [drag({ points: [{ x: 0.2, y: 0.3 }, { x: 0.9, y: 0.9 }], edit: 'absolute', delay: 0.5, color: '#ffffff' })],
        objects: [{ ...THING, motion: { keys: [{ t: 1, x: 0.5 }] }, edit: 'still' }] },
    ];
    for (const drawn of same) assert.equal(cutsOf(docOf(drawn)), before);
    const others = [
      { tracks: [drag({ points: [{ x: 0.21, y: 0.3 }, { x: 0.4, y: 0.3 }] })], objects: [THING] },
      { tracks: [drag({ start: 0.25 })], objects: [THING] },
      { tracks: [drag({ enabled: false })], objects: [THING] },
      { tracks: [drag()], objects: [{ ...THING, outline: [RING.slice().reverse()] }] },
      { tracks: [drag()], objects: [{ ...THING, at: 0.5 }] },
      { tracks: [drag({ edit: 'copied' })], objects: [THING] },
      { tracks: [drag()], objects: [{ ...THING, edit: 'copied' }] },
      { tracks: [drag()], objects: [{ ...THING, feather: 0.01 }] },
      { tracks: [drag()] },
    ];
    for (const drawn of others) assert.notEqual(cutsOf(docOf(drawn)), before, JSON.stringify(drawn));
  });

  it('depend on all of what may bend', () => {
    const [one, other] = [0.4, 0.5].map((x) => (
      cutsOf(docOf({ tracks: [drag({ bend: 'on', points: [{ x: 0.2, y: 0.3 }, { x, y: 0.3 }] })] }))));
    assert.notEqual(one, other);
  });
});

describe('an edited frame', () => {
  /** What is drawn over a frame: the places of the pieces' corners. @param {object} track @param {number} frame */
  function drawn(track, frame, thing = {}) {
    const [layers, doc] = [layersOf({ tracks: ['t1'], ...thing }), docOf({ tracks: [drag(track)] })];
    return editedFrame(layers, doc, frame).map(({ patch: { box, file }, move }) => [file.size, box.left + move[2], box.top + move[3]]);
  }

  it('has the ground, the thing on top of its own motion, and what may stand before it', () => {
    assert.deepEqual(drawn({}, 0), [], 'where nothing is moved');
    assert.deepEqual(drawn({}, 4), [[2, 5, 5], [3, 6 + 10, 6], [4, 55, 5]]);
    assert.deepEqual(drawn({}, 2), [[2, 5, 5], [3, 6 + 5, 6], [4, 55, 5]]);
  });

  it('has no thing that has left the video for good, unless it is held', () => {
    const left = { known: [true, true, true, false, false] };
    assert.deepEqual(drawn({}, 4, left), [[2, 5, 5]]);
    assert.deepEqual(drawn({ delay: 0.5 }, 4, left), [[2, 5, 5], [3, 6 + 10, 6], [4, 55, 5]]);
    assert.deepEqual(drawn({ edit: 'still' }, 4, left), [[2, 5, 5], [3, 6 - 8, 6], [4, 55, 5]]);
  });

  it('has the thing where it is moved otherwise', () => {
    assert.deepEqual(drawn({ edit: 'absolute' }, 4), [[2, 5, 5], [3, 6 + 10 - 8, 6], [4, 55, 5]]);
    assert.deepEqual(drawn({ edit: 'still' }, 4), [[2, 5, 5], [3, 6 - 8, 6], [4, 55, 5]]);
    assert.deepEqual(drawn({ edit: 'copied' }, 4), [[3, 6 + 10, 6], [4, 55, 5]]);
    assert.deepEqual(drawn({ edit: 'removed' }, 4), [[2, 5, 5]]);
    assert.deepEqual(drawn({ visible: [[0, 0.5]] }, 4), [[2, 5, 5]]);
    assert.deepEqual(drawn({ enabled: false }, 4), []);
    assert.deepEqual(drawn({ kind: 'anchor', points: [{ x: 0.2, y: 0.3 }] }, 4), [[2, 5, 5], [3, 6 - 8, 6], [4, 55, 5]]);
  });

  it('shows another frame of a thing that is delayed', () => {
    const [layers, doc] = [layersOf({ tracks: ['t1'] }), docOf({ tracks: [drag({ delay: 0.5 })] })];
    assert.deepEqual([...neededFor(layers, doc, 3)], [3, 1]);
    assert.deepEqual([...neededFor(layers, doc, 1)], [1, 0], 'the ends are held');
  });

  it('turns and scales an object about where its own motion has taken it', () => {
    const layers = layersOf({ object: 'o1' });
    const motion = { keys: [{ t: 1, x: 0.1, rotation: 90, scale: 2 }] };
    const doc = docOf({ objects: [{ id: 'o1', outline: [RING], pivot: { x: 0.2, y: 0.3 }, motion }] });
    const [, { move: [re, im, x, y] }] = editedFrame(layers, doc, 4);
    near([re, im], [0, 2]);
    near([re * 18 - im * 15 + x, im * 18 + re * 15 + y], [18 + 5, 15]); // the pivot, which has gone 8 px
  });
});

describe('places on what is edited', () => {
  const [layers, doc] = [layersOf({ tracks: ['t1'] }), docOf({ tracks: [drag()] })];

  it('go along with the thing', () => {
    near(placementIn(layers, doc, { tracks: ['t1'] }, 4) ?? [], [1, 0, 0, 1, (8 + 10) / 50, 0]);
    near(placementIn(layers, doc, { tracks: ['t1'] }, 4, 0) ?? [], [1, 0, 0, 1, 8 / 50, 0]);
    assert.equal(placementIn(layers, doc, { tracks: ['t2'] }, 4), null);
  });

  it('have the outline of a region with them', () => {
    const seen = Array.from({ length: FRAMES }, (_, k) => [[[0.1 + 0.04 * k, 0.1], [0.2, 0.1], [0.2, 0.4]]]);
    const region = /** @type {any} */ ({ tracks: ['t1'], at: 0, seen, moved: [] });
    const [[[x, y]]] = /** @type {any} */ (movedOutlineIn(layers, doc, region, 4));
    near([x, y], [0.1 + 0.16 + 0.2, 0.1]);
    assert.deepEqual(movedOutlineIn(layers, doc, region, 0), []);
    assert.equal(movedOutlineIn(layers, doc, { ...region, tracks: ['t2'] }, 4), null);
  });
});
