/** What is copied for other tools. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from '../../web/core/document.js';
import { toJson, toKJNodes, toSvg } from '../../web/core/formats.js';
import { written } from '../../web/editor/transfer.js';

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
