/** What is copied for other tools. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from '../../web/core/document.js';
import { toJson, toKJNodes, toSvg } from '../../web/core/formats.js';
import { textOr, written } from '../../web/editor/transfer.js';

/** @import {Doc} from '../../web/core/types.js' */

const CLIP = { width: 576, height: 320, frames: 5, fps: 5 };
const OUTLINE = [[{ x: 0.1, y: 0.4 }, { x: 0.9, y: 0.4 }, { x: 0.9, y: 0.6 }]];
const PINS = [{ points: [{ x: 0.8, y: 0.5 }, { x: 0.8, y: 0.7 }] }];

/** @param {object} [fields] of an object */
function editorWith(fields) {
  const thing = { outline: OUTLINE, motion: { points: [{ x: 0, y: 0 }, { x: 0.1, y: 0 }] }, ...fields };
  const value = { type: 'dragnuwa.trajectories', version: 2, tracks: [], objects: [thing] };
  const doc = /** @type {Readonly<Doc>} */ (read(JSON.stringify(value)));
  /** @type {string[][]} */
  const asked = [];
  const write = async (/** @type {string} */ text, /** @type {string} */ format) => {
    asked.push([text, format]);
    return `bent ${format}`;
  };
  return { editor: /** @type {any} */ ({ session: { doc }, clip: CLIP, host: { write } }), doc, asked };
}

test('an object with pins is written by Python, which knows how it bends', async () => {
  const { editor, doc, asked } = editorWith({ pins: PINS });
  assert.equal(await written(editor, 'kjnodes'), 'bent kjnodes');
  assert.equal(await written(editor, 'svg'), 'bent svg');
  assert.deepEqual(asked, [[toJson(doc), 'kjnodes'], [toJson(doc), 'svg']]);
  assert.equal(await written(editor, 'json'), toJson(doc)); // which has the pins
});

test('so is one that sways', async () => {
  const { editor, doc, asked } = editorWith({ sway: { amount: 0.1 } });
  assert.equal(await written(editor, 'kjnodes'), 'bent kjnodes');
  assert.deepEqual(asked, [[toJson(doc), 'kjnodes']]);
});

test('everything else is written by the page itself', async () => {
  for (const fields of [{}, { pins: PINS, enabled: false }]) {
    const { editor, doc, asked } = editorWith(fields);
    assert.equal(await written(editor, 'svg'), toSvg(doc, CLIP));
    if (!('enabled' in fields)) assert.equal(await written(editor, 'kjnodes'), toKJNodes(doc, 5, CLIP));
    assert.deepEqual(asked, []);
  }
});

test('a server that is away is no silent copy of what does not bend', async () => {
  const { editor } = editorWith({ pins: PINS });
  editor.host.write = async () => { throw new Error('offline'); };
  await assert.rejects(written(editor, 'kjnodes'), /offline/);
});

test('a file is text if it is UTF-8, and bytes for Python if it is not', () => {
  const buffer = (/** @type {number[]} */ ...bytes) => new Uint8Array(bytes).buffer;
  assert.equal(textOr(buffer(0x5b, 0x5d)), '[]');
  assert.equal(textOr(buffer(0xef, 0xbb, 0xbf, 0x5b, 0xc3, 0xbc, 0x5d)), '[ü]'); // with a byte order mark
  for (const bytes of [[0xff, 0xfe, 0x5b, 0x00], [0x5b, 0x00, 0x5d, 0x00], [0x93, 0x4e, 0x55], [0xfc]]) {
    assert.deepEqual(textOr(buffer(...bytes)), new Uint8Array(bytes)); // UTF-16, UTF-16 without a mark, NumPy, Latin-1
  }
});
