/** Which notice each place shows, where several have something to say. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addTrack, updateTracks } from '../../web/core/document.js';
import { Notices } from '../../web/editor/notices.js';
import { Session } from '../../web/editor/session.js';
import { UNKNOWN } from '../../web/editor/surroundings.js';
import { LINE } from './drawing.js';

/** @import {Place} from '../../web/editor/notices.js' */

/** As much of an editor as notices look at; every text is its own id. @param {Record<string, any>} [changes] */
function noticesWith({ around = {}, ...changes } = {}) {
  const session = new Session(() => {});
  const editor = {
    session, around: { ...UNKNOWN, ...around }, clip: {}, toolId: 'pen', locked: false, invalidate: () => {},
    picture: { url: 'a', failed: null, reason: null }, tool: { status: null, hidesHint: false }, sendBehind: {},
    regions: { awaited: [] }, editedClip: { progress: null },
    pictureQuestion: { notice: null }, t: (/** @type {string} */ id) => id, reason: String, ...changes,
  };
  const notices = new Notices(/** @type {any} */ (editor));
  const words = (/** @type {Place} */ place) => notices.shown[place]?.text;
  return { notices, session, words };
}

test('of all that the line could say, it says the most important', () => {
  const around = { unused: 'muted', conflict: { nearest: null } };
  const tool = { status: 'what the tool expects', hidesHint: false };
  const failed = { url: 'a', failed: 'name', reason: null };
  assert.equal(noticesWith({ picture: { url: null, failed: null } }).words('line'), 'picture_unconnected');
  assert.equal(noticesWith({ around: { conflict: around.conflict } }).words('line'), 'conflict');
  assert.equal(noticesWith({ around: { conflict: around.conflict }, tool }).words('line'), tool.status);
  assert.equal(noticesWith({ around, tool }).words('line'), 'unused_muted');
  const { notices, words } = noticesWith({ around, tool, picture: failed });
  assert.equal(words('line'), 'pictureFailed');
  notices.say('what just happened');
  assert.equal(words('line'), 'what just happened');
  assert.equal(noticesWith({ around, tool, sendBehind: { active: true } }).words('line'), 'whatInFront');
});

test('what happened is no longer said of another drawing', () => {
  const { notices, session, words } = noticesWith();
  notices.warn('failed');
  assert.deepEqual([notices.shown.line?.text, notices.shown.line?.bad], ['failed', true]);
  session.apply(addTrack(session.doc, { points: LINE }).doc, 'draw');
  assert.equal(words('line'), undefined);
});

test('a question is closed by another drawing, and by its answer', () => {
  const { notices, session, words } = noticesWith({ focus: () => {} });
  let answered = 0;
  const choices = [{ id: 'yes', label: 'yes', run: () => { answered += 1; } }];
  notices.ask({ id: 'asked', text: 'really?', choices });
  assert.equal(words('question'), 'really?');
  notices.shown.question?.choices?.[0].run({ width: 1, height: 1 });
  assert.deepEqual([answered, words('question')], [1, undefined]);
  notices.ask({ id: 'asked', text: 'really?', choices });
  session.apply(addTrack(session.doc, { points: LINE }).doc, 'draw');
  assert.equal(words('question'), undefined);
});

test('an unreadable value covers what comes from another node', () => {
  const { session, words } = noticesWith({ around: { overridden: true }, locked: true, host: { parse: async () => '' } });
  assert.equal(words('cover'), 'overridden');
  session.load('not drags');
  assert.equal(words('cover'), 'badValue');
  assert.equal(words('hint'), undefined, 'nothing can be drawn');
});

test('a run without drags is a hint, until something is drawn', () => {
  const { notices, session } = noticesWith({ around: { motion: { needed: true, from: null } } });
  assert.deepEqual([notices.shown.hint?.text, notices.shown.hint?.bad], ['empty', false]);
  notices.runPressed();
  assert.deepEqual([notices.shown.hint?.text, notices.shown.hint?.bad], ['runWithoutDrags', true]);
  const { doc, id } = addTrack(session.doc, { points: LINE });
  session.apply(doc, 'draw');
  assert.equal(notices.shown.hint, undefined);
  session.apply(updateTracks(doc, [id], { enabled: false }), 'disable');
  assert.equal(notices.shown.line?.text, 'allDisabled');
});
