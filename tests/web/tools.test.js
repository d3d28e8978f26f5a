/** What holds for every tool of the registry; see web/editor/tools/contract.js. */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, mock, test } from 'node:test';
import { write } from '../../web/core/document.js';
import { BINDINGS } from '../../web/editor/key_bindings.js';
import { Session } from '../../web/editor/session.js';
import { DEFAULT_TOOL, TOOLS } from '../../web/editor/tools/registry.js';
import { LINE, docOf } from './drawing.js';

/** @import {Editor} from '../../web/editor/editor.js' */
/** @import {StageEvent} from '../../web/editor/stage.js' */

const WEB = new URL('../../web/', import.meta.url);
const FOLDER = new URL('editor/tools/', WEB);
const CLIP = { width: 576, height: 320, frames: 14, fit: 'crop', rate: 7, between: 1 };
/** Files of the folder that are no tools. */
const SHARED = ['contract.js', 'grab.js', 'registry.js'];

/** Node has no paths to draw, and no test here draws. */
class NoPath {
  moveTo() {}

  closePath() {}

  lineTo() {}
}
Object.assign(globalThis, { Path2D: NoPath });

/** As much of an editor as a tool needs, over an empty drawing or one of a single track; nothing lies under the pointer. */
function editorWith(doc = docOf()) {
  const session = new Session(() => {});
  session.load(write(doc));
  const place = (/** @type {{x: number, y: number}} */ p) => p;
  const editor = {
    clip: CLIP, px: 1, time: 0, locale: 'en', session,
    stage: { inside: true },
    regions: { near: () => undefined, under: () => undefined, objectAt: () => undefined, shown: [] },
    snapped: place,
    notices: { say: () => {}, warn: () => {}, clear: () => {} },
    player: { rewind: () => {}, goTo: () => {} },
    around: { depthCamera: { byHand: true, inputs: { orbit: 0, rise: 0, path: '' } } },
    answers: { depth: { picture: { lens: [576, 576, 288, 160], size: { width: 576, height: 320 } } } },
    host: { turnCamera: () => {} },
    picture: { image: null },
    segmenter: { by: undefined, asking: null, cancel: () => false },
    invalidate: () => {}, commit: () => session.finish(),
    change: (/** @type {typeof doc} */ changed, /** @type {string} */ label) => session.apply(changed, label),
  };
  return /** @type {Editor} */ (/** @type {unknown} */ (editor));
}

/** @param {number} x pixels of the clip @param {number} y @returns {StageEvent} */
const at = (x, y) => ({ p: { x, y }, stage: { x, y }, shift: false, alt: false, time: 0, mod: false, touch: false });

test('ids, keys and buttons are unique, and no key is another command\'s', () => {
  for (const property of /** @type {const} */ (['id', 'key', 'icon'])) {
    assert.equal(new Set(TOOLS.map((tool) => tool[property])).size, TOOLS.length, property);
  }
  const keys = BINDINGS.flatMap((binding) => binding.keys);
  assert.equal(new Set(keys).size, keys.length);
  for (const { key } of TOOLS) assert.ok(/^[A-Z]$/.test(key) && keys.includes(key), key);
});

test('the keys that people know stay', () => {
  for (const [id, key] of [['select', 'V'], ['pen', 'P'], ['anchor', 'A'], ['object', 'B']]) {
    assert.equal(TOOLS.find((tool) => tool.id === id)?.key, key, id);
  }
  assert.equal(DEFAULT_TOOL, 'pen');
});

test('a stroke of the pen is known before it ends', () => {
  const editor = editorWith();
  const pen = /** @type {import('../../web/editor/tools/contract.js').Tool} */ (
    TOOLS.find(({ id }) => id === 'pen')?.create(editor));
  pen.down(at(300, 40));
  pen.move(at(310, 40));
  assert.equal(pen.foreseen, null, 'too short to be a drag');
  pen.move(at(340, 40));
  const foreseen = /** @type {typeof editor.session.doc} */ (/** @type {unknown} */ (pen.foreseen));
  pen.move(at(400, 90));
  assert.equal(pen.foreseen, foreseen, 'it is asked for once');
  assert.equal(editor.session.doc.tracks.length, 0);
  pen.up(at(400, 90));
  assert.equal(pen.foreseen, null);
  const [[before], [after]] = [foreseen.tracks, editor.session.doc.tracks];
  assert.deepEqual([after.id, after.points[0], after.bend], [before.id, before.points[0], before.bend]);
});

test('every module of the folder is in the registry', async () => {
  for (const file of readdirSync(FOLDER).filter((name) => !SHARED.includes(name))) {
    const definitions = Object.values(await import(new URL(file, FOLDER).href));
    assert.ok(definitions.length === 1 && TOOLS.includes(definitions[0]), file);
  }
});

test('outside of the folder only registry and contract are known', () => {
  for (const file of readdirSync(WEB, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.js') || file.startsWith('editor/tools/')) continue;
    for (const [path] of readFileSync(new URL(file, WEB), 'utf8').matchAll(/tools\/\w+\.js/g)) {
      assert.ok(['tools/registry.js', 'tools/contract.js'].includes(path), `${file} names ${path}`);
    }
  }
});

for (const { id, icon, words, create } of TOOLS) {
  describe(id, () => {
    test('has an icon, and its words in both languages', () => {
      assert.match(icon, /^M[MLHVCAZ0-9. ]+$/);
      assert.deepEqual(Object.keys(words.zh), Object.keys(words.en));
      for (const text of [words.en.label, words.en.keyHelp, ...Object.values(words.en), ...Object.values(words.zh)]) {
        assert.ok(typeof text === 'string' && text.trim() !== '');
      }
    });

    test('has nothing to end or cancel before it is used', () => {
      const tool = create(editorWith());
      assert.deepEqual([tool.end(), tool.cancel()], [false, false]);
      assert.ok(!tool.hidesHint || tool.status !== null, 'the status says what the hint would');
      assert.ok(tool.cursor);
      assert.equal(tool.hit(at(50, 50)), undefined);
      assert.ok(tool.status === null || Object.values(words.en).includes(tool.status));
    });

    test('what begins a drawing goes back to the first frame', () => {
      const editor = editorWith();
      const rewind = mock.method(editor.player, 'rewind');
      create(editor).down(at(300, 40));
      assert.equal(rewind.mock.callCount(), ['select', 'camera'].includes(id) ? 0 : 1);
    });

    test('a cancelled gesture leaves the drawing as it was', () => {
      const editor = editorWith(docOf({ points: LINE }));
      const before = editor.session.doc;
      const tool = create(editor);
      const { hidesHint } = tool;
      tool.down(at(300, 40));
      for (const x of [310, 340, 390]) tool.move(at(x, 60));
      assert.equal(tool.cancel(), true);
      assert.deepEqual([tool.cancel(), tool.end(), tool.hidesHint], [false, false, hidesHint]);
      tool.move(at(400, 60));
      tool.up(at(400, 60));
      assert.equal(editor.session.doc, before);
    });

    test('after a gesture and its end nothing is under way', () => {
      const editor = editorWith();
      const tool = create(editor);
      const { hidesHint } = tool;
      tool.down(at(300, 40));
      for (const [x, y] of [[340, 40], [340, 90], [300, 90]]) tool.move(at(x, y));
      tool.up(at(300, 90));
      if (!tool.end()) tool.cancel();
      assert.deepEqual([tool.end(), tool.cancel(), tool.hidesHint], [false, false, hidesHint]);
      assert.equal(editor.session.previewed, null);
    });
  });
}
