/** A video's frames in the editor: what is said when one of them cannot be read. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Film } from '../../web/editor/film.js';

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

for (const decodedFirst of [true, false]) {
  test(`a frame that cannot be read stays an error, the first one decoded ${decodedFirst ? 'before' : 'after'} it`, async () => {
    /** @type {any[]} */
    const told = [];
    let decoded = () => {};
    const image = { width: 4, height: 4, closed: false, close() { this.closed = true; } };
    globalThis.createImageBitmap = /** @type {any} */ (() => new Promise((resolve) => { decoded = () => resolve(image); }));
    /** @type {(error: Error) => void} */
    let refuse = () => {};
    const ask = (/** @type {any} */ { first }) => (first === 0
      ? Promise.resolve({ size: { width: 4, height: 4 }, files: [new Blob()] })
      : new Promise((_, reject) => { refuse = reject; }));
    const film = new Film(/** @type {any} */ (ask), {
      ready: () => void told.push('ready'),
      drawn: () => void told.push('drawn'),
      lost: (error) => void told.push(/** @type {Error} */ (error).message),
    }, 640);
    await settled();
    const steps = [() => decoded(), () => refuse(new Error('unread'))];
    for (const step of decodedFirst ? steps : steps.reverse()) {
      step();
      await settled();
    }
    assert.equal(told.at(-1), 'unread');
    assert.equal(image.closed, !decodedFirst);
    film.release();
    delete (/** @type {any} */ (globalThis)).createImageBitmap;
  });
}
