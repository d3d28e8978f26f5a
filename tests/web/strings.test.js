/** The editor's words: in both languages, with the same values, and all of them used. */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { TrajectoryError } from '../../web/core/errors.js';
import { BENDS, EASES, EDITS, KINDS, LOOPS, OUTLINE_EDGES, OVERS, SPLINES, TIMINGS } from '../../web/core/limits.js';
import { MESSAGES, filledIn } from '../../web/core/messages.js';
import { PRESETS } from '../../web/core/presets.js';
import { EN } from '../../web/editor/strings/en.js';
import { errorText, localeOf, translator } from '../../web/editor/strings/translator.js';
import { ZH } from '../../web/editor/strings/zh.js';
import { ZH_MESSAGES } from '../../web/editor/strings/zh_messages.js';
import { TOOLS } from '../../web/editor/tools/registry.js';

const WEB = new URL('../../web/', import.meta.url);

/** All code of web/ without the tables of words. */
const CODE = readdirSync(WEB, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js') && !/strings\/(en|zh|zh_messages)\.js$/.test(file))
  .map((file) => readFileSync(new URL(file, WEB), 'utf8'))
  .join('\n')
  .replace(/export const MESSAGES[^]*?\n\}\);/, '');

/** @param {string} text */
const names = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

for (const [what, en, zh] of /** @type {[string, Record<string, string>, Record<string, string>][]} */ ([
  ['word', EN, ZH],
  ['message', MESSAGES, ZH_MESSAGES],
  ...TOOLS.map(({ id, words }) => [`word of ${id}`, words.en, words.zh]),
])) {
  test(`every ${what} is there in both languages, with the same values`, () => {
    assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
    for (const [id, text] of Object.entries(en)) assert.deepEqual(names(zh[id]), names(text), id);
  });
}

test('every id is used', () => {
  const lists = {
    kind: KINDS, spline: SPLINES, timing: TIMINGS, ease: EASES, edge: OUTLINE_EDGES,
    bend: BENDS.map((bend) => bend || 'none'), over: OVERS.map((over) => over || 'none'),
    edit: EDITS.flatMap((edit) => [edit, `${edit}_hint`]), repeats: LOOPS.flatMap((mode) => [mode, `${mode}_hint`]),
    picture: ['unconnected', 'later', 'outside', 'muted'], unused: ['bypassed', 'muted', 'around'],
  };
  const families = Object.entries(lists);
  const built = new Set([
    ...families.flatMap(([family, values]) => values.map((value) => `${family}_${value}`)),
    ...PRESETS.map(({ id }) => `preset_${id}`),
  ]);
  for (const id of built) assert.ok(id in EN, `${id} has no words`);
  for (const id of [...Object.keys(EN), ...Object.keys(MESSAGES)]) {
    assert.ok(built.has(id) || CODE.includes(`'${id}'`), `${id} is not used`);
  }
});

test('an error of the core is in the language of the page', () => {
  const error = new TrajectoryError('tooManyTracks', { most: 3 });
  assert.equal(errorText(error, 'en'), 'There can be at most 3 drags.');
  assert.equal(errorText(error, 'zh'), '最多可有 3 条轨迹。');
  assert.equal(errorText(new Error('404 Not Found'), 'en'), '404 Not Found');
  assert.equal(errorText(new Error('404 Not Found'), 'zh'), 'ComfyUI 无法处理，英文说明：404 Not Found');
  assert.equal(errorText(new TypeError('Failed to fetch'), 'en'), 'ComfyUI does not answer. Is it still running?');
  assert.equal(errorText(new TypeError('Failed to fetch'), 'zh'), 'ComfyUI 没有回应。它还在运行吗？');
});

test('braces in a value are no names', () => {
  const values = { text: '{text} {low}', low: 1 };
  assert.equal(filledIn('the text "{text}"', values), 'the text "{text} {low}"');
});

test('Chinese of every region is Chinese, all else English', () => {
  assert.deepEqual(['zh', 'zh-TW', 'ZH_CN', 'en', 'de', undefined].map(localeOf), ['zh', 'zh', 'zh', 'en', 'en', 'en']);
  assert.equal(translator('en')('imported', { count: 2 }), '2 drags imported');
  assert.equal(translator('en')('importedOne'), '1 drag imported');
});
