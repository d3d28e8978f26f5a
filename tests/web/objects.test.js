/** Objects: held to the library by the shared table of cases, and the operations on them. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TrajectoryError, addTracks, copyTracks, emptyDoc, paste, read, updateTracks, write } from '../../web/core/document.js';
import * as histories from '../../web/core/history.js';
import { areaToObject, areasIn } from '../../web/core/objects/areas.js';
import { drawnOutline, withDrawnOutline, withoutCorrection } from '../../web/core/objects/corrections.js';
import * as editing from '../../web/core/objects/edit.js';
import { allTracks, tracksToObjects } from '../../web/core/objects/tracks.js';
import { freeGroup, withGroups } from '../../web/core/objects/edit.js';
import { moveKey, removeKeys, setKey, setPath } from '../../web/core/objects/keys.js';
import { interiorPoints } from '../../web/core/objects/interior.js';
import { movedPivot, transformFunction } from '../../web/core/objects/sampling.js';
import { movedTo } from '../../web/core/placement.js';
import { isVisible, sampleTrack } from '../../web/core/sampling.js';
import { objectOperations } from './arbitraries_of_objects.js';
import { SIZE, docOf } from './drawing.js';

/** @import {Doc, MotionObject} from '../../web/core/types.js' */

const TABLE = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8'));
const SQUARE = [{ x: 0.2, y: 0.2 }, { x: 0.4, y: 0.2 }, { x: 0.4, y: 0.6 }, { x: 0.2, y: 0.6 }];
/** A region in a picture, without what moves it. */
const REGION = {
  at: 0, seen: [[SQUARE.map(({ x, y }) => /** @type {const} */ ([x, y]))]], moved: [],
};
const { width, height } = SIZE;

/** @param {Partial<MotionObject>[]} fields */
const withObjects = (...fields) => {
  return editing.addObjects(emptyDoc(SIZE), fields.map((each) => ({ outline: [SQUARE], ...each }))).doc;
};

describe('as the library', () => {
  test('texts are read', () => {
    assert.ok(TABLE.object_texts.length > 80);
    for (const { text, objects, horizon } of TABLE.object_texts) {
      const doc = read(text);
      assert.deepEqual(doc && editing.objectsOf(doc), objects, text.slice(0, 300));
      assert.equal(doc?.horizon, horizon, text.slice(0, 300));
      if (doc) assert.deepEqual(read(write(doc)), doc, text.slice(0, 300));
    }
  });

  test('objects move, and become tracks', () => {
    assert.ok(TABLE.objects.length > 60);
    for (const { name, object, frames, transform, places, ids, tracks, visible, ...size } of TABLE.objects) {
      const found = transformFunction(object, size.width, size.height);
      const seen = [];
      for (let i = 0; i < frames; i += 1) {
        const { re, im, x0, y0 } = found(i / (frames - 1));
        [re, im, x0, y0].forEach((value, k) => {
          assert.ok(Math.abs(value - transform[i][k]) < 1e-8, `${name}, frame ${i}: ${value}, not ${transform[i][k]}`);
        });
        seen.push(isVisible(object, i / (frames - 1)) ? 1 : 0);
      }
      const spots = interiorPoints(object.outline, size.width, size.height).map(({ x, y }) => [x, y]);
      assertNear(spots.flat(), places.flat(), 1e-8, `${name}: places`);
      const shown = { ...emptyDoc(SIZE), objects: [{ ...object, enabled: true }] };
      const made = allTracks(shown, { ...size, frames });
      assert.deepEqual(made.map(({ id }) => id), ids, name);
      for (const [k, track] of made.entries()) {
        const { x, y } = sampleTrack(track, frames, size.width, size.height);
        assertNear([...x].flatMap((value, i) => [value, y[i]]), tracks[k].flat(), 1.5e-6, `${name}: track ${k + 1}`);
        assert.deepEqual(visible[k], seen, name);
      }
    }
  });
});

/** @param {number[]} found @param {number[]} expected @param {number} tolerance @param {string} what */
function assertNear(found, expected, tolerance, what) {
  assert.equal(found.length, expected.length, what);
  found.forEach((value, k) => assert.ok(Math.abs(value - expected[k]) <= tolerance, `${what}: ${value}, ${expected[k]}`));
}

describe('any sequence of operations', () => {
  test('gives documents that are read back unchanged, frozen throughout, and undone to the very values', () => {
    fc.assert(fc.property(objectOperations, (sequence) => {
      /** @type {Readonly<Doc>[]} */
      const docs = [emptyDoc(SIZE)];
      for (const { apply } of sequence) docs.push(apply(docs[docs.length - 1]));
      let history = histories.create(docs[0]);
      for (const doc of docs) {
        assert.deepEqual(read(write(doc)), doc);
        for (const { outline, pivot, motion, visible } of editing.objectsOf(doc)) {
          const parts = [doc.objects, outline, pivot, motion, visible, ...outline, ...outline.flat()];
          parts.push(...('keys' in motion ? [motion.keys, ...motion.keys] : [motion.points, ...motion.points]));
          assert.ok(parts.every(Object.isFrozen));
        }
        history = histories.push(history, doc, 'step');
      }
      while (histories.canUndo(history)) history = histories.undo(history);
      assert.equal(history.present.doc, docs[0]);
    }), { numRuns: 60 });
  });
});

test('a drawing without objects stays version 1, whatever was done to it', () => {
  const plain = docOf({ points: [{ x: 0.1, y: 0.1 }] });
  const { doc, ids } = editing.addObjects(plain, [{ outline: [SQUARE] }]);
  assert.equal(doc.version, 2);
  const again = editing.removeObjects(doc, ids);
  assert.equal(write(again), write(plain));
  assert.doesNotMatch(write(plain), /objects|"version":2/);
});

test('operations on tracks leave objects alone, and the clipboard takes either', () => {
  const drawn = addTracks(withObjects({}), [{ points: [{ x: 0.5, y: 0.5 }] }]).doc;
  const objects = editing.objectsOf(drawn);
  assert.equal(editing.objectsOf(updateTracks(drawn, ['t1'], { name: 'a' })), objects);
  assert.deepEqual(editing.objectsOf(copyTracks(drawn, ['t1'])), []);
  const copied = editing.copyObjects(drawn, ['o1']);
  assert.deepEqual([copied.tracks.length, editing.objectsOf(copied)], [0, objects]);
  const pasted = editing.pasteObjects(paste(drawn, copyTracks(drawn, ['t1'])).doc, copied, { x: 0.1, y: 0 });
  assert.deepEqual(pasted.ids, ['o2']);
  assert.equal(editing.findObject(pasted.doc, 'o2')?.pivot.x, 0.4);
});

test('a new object rests where it is, with its pivot in the middle and a colour of its own', () => {
  const doc = withObjects({}, { motion: { keys: [{ t: 1, x: 0.1, y: 0, rotation: 0, scale: 1, ease: 'linear' }] } });
  const [first, second] = editing.objectsOf(doc);
  assert.deepEqual([first.id, first.pivot, first.motion], [
    'o1', { x: 0.3, y: 0.4 }, { spline: 'pchip', timing: 'points', ease: 'linear', points: [{ x: 0.3, y: 0.4 }] },
  ]);
  assert.notEqual(first.color, second.color);
  assert.deepEqual(transformFunction(first, width, height)(0.7), { re: 1, im: 0, x0: 0, y0: 0 });
});

test('objects are copied in front of their originals, and put in another order', () => {
  const { doc, ids } = editing.duplicateObjects(withObjects({}, {}), ['o1'], { x: 0.1, y: 0 });
  assert.deepEqual([ids, doc.objects?.map(({ id }) => id)], [['o3'], ['o1', 'o3', 'o2']]);
  const ordered = editing.orderObject(doc, 'o1', 99);
  assert.deepEqual(ordered.objects?.map(({ id }) => id), ['o3', 'o2', 'o1']);
  assert.deepEqual(editing.orderObject(ordered, 'o1', -3).objects?.map(({ id }) => id), ['o1', 'o3', 'o2']);
});

test('a mirrored object turns the other way, and mirrored twice it is as before', () => {
  const keys = [{ t: 1, x: 0.1, y: 0.2, rotation: 40, scale: 2, ease: /** @type {const} */ ('linear') }];
  const doc = withObjects({ motion: { keys }, pivot: { x: 0.25, y: 0.3 } });
  const mirrored = editing.mirrorObjects(doc, ['o1'], 'h');
  const [object] = editing.objectsOf(mirrored);
  assert.deepEqual(object.pivot, { x: 0.35, y: 0.3 });
  assert.deepEqual(object.motion, { keys: [{ ...keys[0], x: -0.1, rotation: -40 }] });
  assert.deepEqual(editing.mirrorObjects(mirrored, ['o1'], 'h'), doc);
});

test('a change of the clip moves objects with the picture', () => {
  const doc = withObjects({ motion: { points: [{ x: 0.3, y: 0.4 }, { x: 0.5, y: 0.4 }], spline: 'linear', timing: 'points',
    ease: 'linear' } });
  const to = { x: 0.25, y: 0, width: 0.5, height: 1 };
  const [object] = editing.objectsOf(movedTo(doc, { x: 0, y: 0, width: 1, height: 1 }, to));
  assert.deepEqual([object.pivot, object.outline[0][0]], [{ x: 0.4, y: 0.4 }, { x: 0.35, y: 0.2 }]);
  const { x0 } = transformFunction(object, 100, 100)(1);
  assert.ok(Math.abs(x0 - 10) < 1e-9);
});

test('an edge that is as drawn stays with the object, and the default is written as if there were none', () => {
  const before = withObjects({}, { edge: 'snap' });
  const exact = editing.updateObjects(before, ['o1', 'o2'], { edge: 'exact' });
  assert.equal(write(exact).match(/"edge":"exact"/g)?.length, 2);
  const { doc, ids } = editing.duplicateObjects(editing.moveObjects(exact, ['o1'], 0.1, 0), ['o1']);
  assert.equal(editing.findObject(doc, ids[0])?.edge, 'exact');
  assert.doesNotMatch(write(before), /edge/);
  assert.equal(write(editing.updateObjects(exact, ['o1', 'o2'], { edge: 'snap' })), write(before));
});

test('what finishes a cut stays with the object, and its lengths become longer with it', () => {
  const before = withObjects({});
  const finish = { grow: -0.01, feather: 0.02, shutter: 0.5 };
  const doc = editing.updateObjects(before, ['o1'], finish);
  assert.match(write(doc), /"grow":-0.01,"feather":0.02,"shutter":0.5\}/);
  assert.deepEqual(read(write(doc)), doc);
  /** @param {Doc} changed @param {string} id */
  const of = (changed, id = 'o1') => {
    const { grow, feather, shutter } = editing.findObject(changed, id) ?? {};
    return { grow, feather, shutter };
  };
  const { doc: twice, ids } = editing.duplicateObjects(doc, ['o1'], { x: 0.1, y: 0 });
  const { doc: pasted, ids: [copy] } = editing.pasteObjects(doc, editing.copyObjects(doc, ['o1']));
  const mirrored = editing.mirrorObjects(editing.moveObjects(doc, ['o1'], 0.1, 0), ['o1'], 'h');
  for (const [changed, id] of /** @type {const} */ ([[twice, ids[0]], [pasted, copy], [mirrored, 'o1'],
    [setKey(doc, 'o1', 1, { rotation: 90 }, SIZE), 'o1']])) assert.deepEqual(of(changed, id), finish);
  const whole = { x: 0, y: 0, width: 1, height: 1 };
  const scaled = editing.scaleObjects(doc, ['o1'], whole, { ...whole, width: 2, height: 0.5 });
  assert.deepEqual(of(scaled), finish);
  const larger = editing.scaleObjects(doc, ['o1'], whole, { ...whole, width: 200, height: 200 });
  assert.deepEqual(of(larger), { grow: -1, feather: 1, shutter: 0.5 });
  assert.deepEqual(of(movedTo(doc, whole, { x: 0.25, y: 0, width: 0.5, height: 0.5 })), { grow: -0.005, feather: 0.01, shutter: 0.5 });
  assert.equal(write(editing.updateObjects(doc, ['o1'], { grow: 0, feather: 0, shutter: 0 })), write(before));
  assert.throws(() => editing.updateObjects(doc, ['o1'], { shutter: 1.5 }), TrajectoryError);
});

describe('keys', () => {
  test('are set at the playhead, with the other values as they were there', () => {
    let doc = setKey(withObjects({}), 'o1', 1, { rotation: 90 }, SIZE);
    doc = setKey(doc, 'o1', 0.5, { x: 0.25 }, SIZE);
    const [object] = editing.objectsOf(doc);
    assert.ok('keys' in object.motion);
    assert.deepEqual(object.motion.keys.map(({ t, x, rotation }) => [t, x, rotation]), [[0, 0, 0], [0.5, 0.25, 45], [1, 0, 90]]);
    assert.equal(setKey(doc, 'o1', 0, { x: 0.1 }, SIZE), doc, 'at the start it is where the picture shows it');
    const { x, y } = movedPivot(object, transformFunction(object, width, height)(0.5), width, height);
    assert.ok(Math.hypot(x - 0.55 * width, y - 0.4 * height) < 1e-6);
    assert.deepEqual(moveKey(doc, 'o1', 1, 0.7).objects?.[0].motion, {
      keys: object.motion.keys.map((key, k) => (k === 1 ? { ...key, t: 0.7 } : key)),
    });
    assert.deepEqual(removeKeys(doc, 'o1', [0, 1, 2]).objects?.[0].motion, editing.objectsOf(withObjects({}))[0].motion);
  });

  test('of a drawn path go along it', () => {
    const points = [{ x: 0.3, y: 0.4 }, { x: 0.5, y: 0.1 }, { x: 0.9, y: 0.4 }];
    const motion = /** @type {const} */ ({ points, spline: 'pchip', timing: 'arc_length', ease: 'ease_in' });
    const [object] = editing.objectsOf(withObjects({ motion, start: 0.2, end: 0.8 }));
    const doc = setKey(withObjects({ motion, start: 0.2, end: 0.8 }), 'o1', 0.2, {}, SIZE);
    const [along, by] = [object, editing.objectsOf(doc)[0]].map((each) => transformFunction(each, width, height));
    for (let f = 0; f <= 1; f += 0.01) assert.ok(Math.hypot(along(f).x0 - by(f).x0, along(f).y0 - by(f).y0) < 1.5);
  });
});

test('the areas of earlier versions become objects that move as they did', () => {
  const places = [120, 160, 200].flatMap((y) => [120, 160, 200].map((x) => ({ x: x / width, y: y / height })));
  const drafts = [{ x: 57.6 / width, y: -32 / height }, { x: 5 / width, y: 9 / height }].flatMap((by) => {
    return places.map(({ x, y }, k) => ({ name: `area ${k + 1}`, points: [{ x, y }, { x: x + by.x, y: y + by.y }] }));
  });
  const doc = addTracks(emptyDoc(SIZE), [{ points: [{ x: 0, y: 0 }] }, ...drafts]).doc;
  const areas = areasIn(doc);
  assert.deepEqual(areas.map((ids) => ids.length), [9, 9]);
  const { doc: changed, id } = areaToObject(doc, areas[0], SIZE);
  assert.equal(changed.tracks.length, 10);
  const object = editing.findObject(changed, id ?? '');
  const around = object?.outline.flat().map(({ x, y }) => [Math.round(x * width), Math.round(y * height)]);
  for (const [x, y] of around ?? []) assert.ok(x >= 100 && x <= 220 && y >= 100 && y <= 220);
  assert.ok(around?.some(([x, y]) => x === 100 && y === 100) && around.some(([x, y]) => x === 220 && y === 220));
  assert.ok(object);
  const { x0, y0 } = transformFunction(object, width, height)(1);
  assert.ok(Math.hypot(x0 - 57.6, y0 + 32) < 1e-6);
  assert.equal(areaToObject(doc, ['not there'], SIZE).id, undefined);
});

test('a model that knows tracks only gets those of drags and objects that are switched on', () => {
  const doc = addTracks(withObjects({}, { enabled: false }), [{ points: [{ x: 0.5, y: 0.5 }] }]).doc;
  const tracks = allTracks(doc, { ...SIZE, frames: 5 });
  assert.deepEqual(tracks.map(({ id }) => id), ['t1', ...tracks.slice(1).map((_, k) => `o1.${k + 1}`)]);
  assert.ok(tracks.length >= 4 && tracks.length <= 9);
});

describe('groups', () => {
  const grouped = withObjects({ group: 'g1' }, {}, { group: 'g1' }, { group: 'birds' });

  test('one of a group stands for all of it', () => {
    assert.deepEqual(withGroups(grouped, ['o3']), ['o1', 'o3']);
    assert.deepEqual(withGroups(grouped, ['o2', 'o4']), ['o2', 'o4']);
  });

  test('copies are a group of their own, and a copy of one alone is in none', () => {
    const { doc, ids } = editing.duplicateObjects(grouped, ['o1', 'o3', 'o4']);
    const groups = ids.map((id) => editing.findObject(doc, id)?.group);
    assert.deepEqual(groups, ['g2', 'g2', undefined]);
    assert.deepEqual(withGroups(doc, ['o1']), ['o1', 'o3']);
    const pasted = editing.pasteObjects(grouped, editing.copyObjects(grouped, ['o1', 'o3']));
    assert.deepEqual(withGroups(pasted.doc, [pasted.ids[0]]), pasted.ids);
  });

  test('without its group an object is written as if it never had one', () => {
    const before = withObjects({});
    const inGroup = editing.updateObjects(before, ['o1'], { group: freeGroup(before) });
    assert.match(write(inGroup), /"group":"g1"/);
    assert.equal(write(editing.updateObjects(inGroup, ['o1'], { group: '' })), write(before));
  });

  test('they go along one way, each from its own place', () => {
    const two = withObjects({}, { outline: [SQUARE.map(({ x, y }) => ({ x: x + 0.5, y }))] });
    const doc = setPath(two, ['o1', 'o2'], [{ x: 0, y: 0 }, { x: 0.1, y: 0.2 }], 'pchip');
    for (const object of editing.objectsOf(doc)) {
      const { re, im, x0, y0 } = transformFunction(object, width, height)(1);
      assertNear([re, im, x0, y0], [1, 0, 0.1 * width, 0.2 * height], 1e-6, object.id);
    }
  });
});

describe('objects in place of the tracks that carry them', () => {
  const points = [{ x: 0.3, y: 0.4 }, { x: 0.5, y: 0.7 }];

  test('one track gives its path, its times and its look', () => {
    const doc = docOf({ points, name: 'pull', color: '#112233', start: 0.2, visible: [[0, 0.5]] }, { points });
    const made = tracksToObjects(doc, [{ tracks: ['t1'], ...REGION }]);
    assert.deepEqual(made.doc.tracks, [doc.tracks[1]]);
    const { name, color, start, visible, motion } = editing.objectsOf(made.doc)[0];
    assert.deepEqual({ name, color, start, visible }, { name: 'pull', color: '#112233', start: 0.2, visible: [[0, 0.5]] });
    assert.deepEqual('points' in motion && motion.points, points);
  });

  test('several give keys, and are visible when one of them is', () => {
    const doc = docOf({ points, visible: [[0, 0.5]] }, { points, visible: [[0, 0.2], [0.8, 1]] });
    const keys = [{ t: 1, x: 0.1, y: 0, rotation: 20, scale: 1, ease: /** @type {const} */ ('linear') }];
    const made = tracksToObjects(doc, [{ tracks: ['t1', 't2'], ...REGION, keys }]);
    const [{ motion, visible }] = editing.objectsOf(made.doc);
    assert.deepEqual([made.doc.tracks, motion, visible], [[], { keys }, [[0, 0.5], [0, 0.2], [0.8, 1]]]);
  });

  test('where a track is gone, nothing is made', () => {
    const doc = docOf({ points });
    assert.equal(tracksToObjects(doc, [{ tracks: ['t1', 't9'], ...REGION }]).doc, doc);
  });
});

test('an outline in another frame of a video is a correction, which moves with the object and goes again', () => {
  const ring = (/** @type {number} */ x) => [{ x, y: 0.1 }, { x: x + 0.2, y: 0.1 }, { x: x + 0.2, y: 0.3 }];
  const object = (/** @type {Readonly<Doc>} */ of) => /** @type {MotionObject} */ (editing.findObject(of, 'o1'));
  const lefts = (/** @type {Readonly<Doc>} */ of) => [0, 4, 8].map((frame) => drawnOutline(object(of), frame, 9)?.[0][0].x);
  let doc = withObjects({ outline: [ring(0.1)], at: 0.5 });
  doc = withDrawnOutline(doc, object(doc), [ring(0.2)], 8, 9);
  doc = withDrawnOutline(doc, object(doc), [ring(0.3)], 0, 9);
  doc = withDrawnOutline(doc, object(doc), [ring(0.4)], 8, 9); // instead of the first one
  doc = withDrawnOutline(doc, object(doc), [ring(0.5)], 4, 9); // the frame that it was drawn in
  assert.deepEqual(object(doc).followed?.outlines.map(({ at }) => at), [0, 1]);
  assert.deepEqual(lefts(doc), [0.3, 0.5, 0.4]);
  assert.equal(drawnOutline(object(doc), 2, 9), undefined);
  assert.deepEqual(read(write(doc)), doc);
  assert.deepEqual(lefts(editing.moveObjects(doc, ['o1'], 0.1, 0)), [0.4, 0.6, 0.5]);
  const less = withoutCorrection(doc, object(doc), 0, 9);
  assert.equal(withoutCorrection(less, object(less), 3, 9), less);
  assert.equal(object(withoutCorrection(less, object(less), 8, 9)).followed, undefined);
});
