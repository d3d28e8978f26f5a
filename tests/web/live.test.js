/** The things of a composition while the drawing is changed, against what the server makes of the changed drawing. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

import { compose } from '../../web/core/compose.js';
import { readComposition } from '../../web/core/composing/composition.js';
import { halved } from '../../web/core/composing/halved.js';
import { withMotionsOf } from '../../web/core/composing/live.js';
import { read, updatePoints, updateTracks, write } from '../../web/core/document.js';
import { objectsOf, updateObjects } from '../../web/core/objects/edit.js';

/** @import {Composition, Layer} from '../../web/core/composing/composition.js' */
/** @import {Doc, XY} from '../../web/core/types.js' */
/** @typedef {{name: string, text: string, composition: string}} Case */

/** @type {Case[]} */
const CASES = JSON.parse(readFileSync(new URL('./compositions.json', import.meta.url), 'utf8'));
const CLIP = { width: 120, height: 80, frames: 3 };
const CLOSE = 0.5; // px
const LEVELS = 2;
const FEW = 1e-3; // of all values

/** @param {string} name @returns {Promise<{composition: Composition, doc: Readonly<Doc>}>} */
async function opened(name) {
  const found = CASES.find((each) => each.name === name);
  assert.ok(found, name);
  const bytes = Uint8Array.from(atob(found.composition), (letter) => letter.charCodeAt(0));
  return { composition: await readComposition(bytes.buffer), doc: /** @type {Readonly<Doc>} */ (read(found.text)) };
}

/** The same drawing, of which nothing is known to be the same. @param {Readonly<Doc>} doc @returns {Readonly<Doc>} */
const again = (doc) => /** @type {Readonly<Doc>} */ (read(write(doc)));

/** @param {Readonly<Doc>} doc @param {number} index @param {XY} to */
const movedPoint = (doc, index, to) => updatePoints(doc, [{ id: 't1', index, changes: to }]);

/** @param {Layer} layer @returns {number[]} the last frame's factor and shift */
function lastMove({ motion }) {
  assert.equal(motion?.kind, 'similarity');
  return motion?.kind === 'similarity' ? [...motion.moves.subarray(-4)] : [];
}

describe('a composition moves as the drawing says', () => {
  for (const { name } of CASES.filter(({ text }) => text !== '')) {
    it(`which is as the server has it: ${name}`, async () => {
      const { composition, doc } = await opened(name);
      const live = withMotionsOf(composition, doc, again(doc), CLIP);
      live.layers.forEach((layer, k) => {
        const { motion, shown } = composition.layers[k];
        assert.deepEqual(layer.shown, shown);
        assert.equal(layer.motion?.kind, motion?.kind);
        if (layer.motion?.kind === 'mesh') assertBentAlike(layer, composition.layers[k], [0, 1, 2]);
        if (layer.motion?.kind === 'similarity' && motion?.kind === 'similarity' && motion.moves.length === 12) {
          assert.ok(alike(layer.motion.moves, motion.moves), `${layer.motion.moves} and ${motion.moves}`);
        }
      });
    });
  }

  it('and is itself for its own drawing', async () => {
    const { composition, doc } = await opened('one drag');
    assert.equal(withMotionsOf(composition, doc, doc, CLIP), composition);
  });

  it('with a camera whose drags are moved together, and not where one of them is', async () => {
    const { composition, doc } = await opened('the camera pans');
    const by = (/** @type {readonly string[]} */ ids) => updatePoints(doc, doc.tracks.flatMap(({ id, points }) => (
      ids.includes(id) ? [{ id, index: 1, changes: { x: points[0].x - 0.1, y: points[0].y } }] : [])));
    const all = withMotionsOf(composition, doc, by(doc.tracks.map(({ id }) => id)), CLIP);
    assert.ok(alike([.../** @type {any} */ (all.camera).moves.subarray(-4)], [1, 0, -12, 0]));
    const { camera } = withMotionsOf(composition, doc, again(doc), CLIP);
    assert.ok(alike(/** @type {any} */ (camera).moves, /** @type {any} */ (composition.camera).moves));
  });

  it('with a drag that ends elsewhere', async () => {
    const { composition, doc } = await opened('one drag');
    const [{ points: [begin] }] = doc.tracks;
    const moved = movedPoint(doc, 1, { x: begin.x - 0.25, y: begin.y + 0.1 });
    const [layer] = withMotionsOf(composition, doc, moved, CLIP).layers;
    assert.ok(alike(lastMove(layer), [1, 0, -30, 8]));
    const red = (/** @type {Composition} */ of) => compose(of, 1)[4 * (50 * 120 + 25)];
    assert.ok(red(composition) < 140 && red(withMotionsOf(composition, doc, moved, CLIP)) > 180, 'its pixels go along');
  });

  it('with an object that is dragged and turned', async () => {
    const { composition, doc } = await opened('with a shadow');
    const motion = /** @type {any} */ ({ keys: [{ t: 1, x: 0.1, y: 0, rotation: 90, scale: 1, ease: 'linear' }] });
    const turned = updateObjects(doc, ['o1'], { motion });
    const layers = withMotionsOf(composition, doc, turned, CLIP).layers;
    assert.deepEqual(layers.map((layer) => layer.shadow), [true, false]);
    const pivot = { x: 120 * objectsOf(doc)[0].pivot.x - 0.5, y: 80 * objectsOf(doc)[0].pivot.y - 0.5 };
    for (const layer of layers) {
      const [re, im, x0, y0] = lastMove(layer);
      const there = [re * pivot.x - im * pivot.y + x0, im * pivot.x + re * pivot.y + y0];
      assert.ok(alike([re, im, ...there], [0, 1, pivot.x + 12, pivot.y]));
    }
  });

  it('with an object that rested, of which nothing stays where it was', async () => {
    const { composition, doc } = await opened('one that rests before one that moves');
    const resting = objectsOf(doc)[0];
    assert.equal(composition.layers[0].motion, null);
    const motion = /** @type {any} */ ({ keys: [{ t: 1, x: 0.3, y: 0, rotation: 0, scale: 1, ease: 'linear' }] });
    const live = withMotionsOf(composition, doc, updateObjects(doc, [resting.id], { motion }), CLIP);
    assert.ok(alike(lastMove(live.layers[0]), [1, 0, 36, 0]));
    const red = (/** @type {Composition} */ of, /** @type {number} */ x) => compose(of, 1)[4 * (50 * 120 + x)];
    assert.ok(red(composition, 45) > 180 && red(live, 45) < 140, 'the ground is filled behind it');
    assert.ok(red(live, 90) > 180);
    assert.deepEqual(compose(withMotionsOf(composition, doc, again(doc), CLIP), 1), compose(composition, 1));
  });

  for (const name of ['bends at its neck', 'bends behind another']) {
    it(`and what is pulled on bends as in a run: ${name}`, async () => {
      const { composition, doc } = await opened(name);
      const { composition: made, doc: pulled } = await opened(`${name}, pulled on`);
      const live = withMotionsOf(composition, doc, pulled, CLIP);
      live.layers.forEach((layer, k) => assertBentAlike(layer, made.layers[k], [0, 1, 2]));
      for (const time of [0.5, 1]) {
        const [found, expected] = [compose(live, time), compose(made, time)];
        const beyond = found.filter((value, k) => Math.abs(value - expected[k]) > LEVELS).length;
        // Which part lies over which is asked of the server alone.
        assert.ok(beyond <= FEW * found.length, `${beyond} of ${found.length}`);
      }
      assert.notDeepEqual(compose(live, 1), compose(composition, 1));
    });
  }

  it('and what lies over another part of it is bent once, with it', async () => {
    const { composition, doc } = await opened('bends over itself');
    for (const { layers: [behind, front] } of [halved(composition), withMotionsOf(composition, doc, again(doc), CLIP)]) {
      assert.ok(behind.motion?.kind === 'mesh' && front.motion?.kind === 'mesh' && front.motion.inFront);
      assert.equal(front.motion.at, behind.motion.at);
      assert.equal(front.motion.mesh, behind.motion.mesh);
      assert.equal(front.motion.at(1), front.motion.at(1));
    }
  });

  it('but rests where it would be cut out of another place, or nothing moves it any more', async () => {
    const { composition, doc } = await opened('one drag');
    const [{ points: [begin] }] = doc.tracks;
    const changes = [
      movedPoint(doc, 0, { x: begin.x + 0.1, y: begin.y }),
      updateTracks(doc, ['t1'], { enabled: false }), { ...doc, tracks: [] },
    ];
    for (const changed of changes) {
      const [layer] = withMotionsOf(composition, doc, changed, CLIP).layers;
      assert.equal(layer.motion, null);
    }
    const { composition: made, doc: drawn } = await opened('an object turns and grows');
    const [{ outline }] = objectsOf(drawn);
    const other = updateObjects(drawn, ['o1'], { outline: [outline[0].slice(1)] });
    assert.equal(withMotionsOf(made, drawn, other, CLIP).layers[0].motion, null);
  });
});

/** Whether two layers bend alike in frames, in the middle of each exposure. */
/** @param {Layer} layer @param {Layer} expected @param {readonly number[]} frames */
function assertBentAlike({ motion }, { motion: wanted }, frames) {
  assert.equal(motion?.kind, wanted?.kind);
  if (motion?.kind !== 'mesh' || wanted?.kind !== 'mesh') return;
  for (const frame of frames) {
    const [found, expected] = [motion, wanted].map(({ first, at }) => (
      at(Math.floor((first[frame] + first[frame + 1] - 1) / 2))));
    const away = Math.max(...found.map((value, k) => Math.abs(value - expected[k])));
    assert.ok(away < CLOSE, `${away} px in frame ${frame}`);
  }
}

/** @param {ArrayLike<number>} found @param {ArrayLike<number>} expected */
function alike(found, expected) {
  return found.length === expected.length && Array.from(found).every((value, k) => Math.abs(value - expected[k]) < 1e-3);
}
