/** What dragging with the camera tool makes of the inputs of a camera in depth, and its undo. */

import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';

import { Session } from '../../web/editor/session.js';
import { cameraTool } from '../../web/editor/tools/camera.js';
import { LINE, docOf } from './drawing.js';

/** @import {Editor} from '../../web/editor/editor.js' */
/** @import {StageEvent} from '../../web/editor/stage.js' */

const CLIP = { width: 500, height: 300, frames: 14, fit: 'crop', rate: 7, between: 1 };
const INPUTS = { path: '', orbit: 1, rise: 0, truck: 0.1, pedestal: 0, pan: 0, tilt: 0, dolly: 0.15 };
const DEPTH = { picture: { lens: [500, 500, 250, 150], size: { width: 500, height: 300 } } };

/** @param {Record<string, any>} [changes] */
function editorWith(changes = {}) {
  const session = new Session(() => {});
  const said = mock.fn();
  const inputs = { ...INPUTS };
  const editor = {
    clip: CLIP, locale: 'en', session, said, notices: { warn: said }, invalidate: () => {},
    around: { depthCamera: { byHand: true, inputs } }, answers: { depth: DEPTH },
    get time() {
      return session.now.time;
    },
    player: { playing: false, goTo: (/** @type {number} */ frame) => session.change({ time: frame / 13 }) },
    host: { turnCamera: mock.fn((/** @type {object} */ values) => Object.assign(inputs, values)) },
    commit: mock.fn((/** @type {boolean} */ changed) => changed), ...changes,
  };
  return /** @type {Editor & {said: typeof said, host: {turnCamera: any}, commit: any}} */ (
    /** @type {unknown} */ (editor));
}

/** @param {number} x @param {number} y @param {Partial<StageEvent>} [keys] @returns {StageEvent} */
const at = (x, y, keys = {}) => ({
  p: { x, y }, stage: { x, y }, shift: false, alt: false, time: 0, mod: false, touch: false, ...keys,
});

/** @param {Editor} editor @param {[number, number]} by @param {Partial<StageEvent>} [keys] */
function drag(editor, [dx, dy], keys) {
  const tool = cameraTool.create(editor);
  tool.down(at(100, 100, keys));
  tool.move(at(100 + dx / 2, 100 + dy / 2, keys));
  tool.move(at(100 + dx, 100 + dy, keys));
  const { turned } = editor.session.now;
  tool.up();
  return turned;
}

describe('the camera tool', () => {
  test('goes around the focus, so that what is before it follows the hand', () => {
    const editor = editorWith();
    assert.deepEqual(drag(editor, [100, 50]), { orbit: -8, rise: 4.5 });
    assert.deepEqual(editor.host.turnCamera.mock.calls[0].arguments, [{ orbit: -8, rise: 4.5 }]);
    assert.deepEqual([editor.session.now.turned, editor.time], [null, 1]);
    assert.equal(editor.commit.mock.calls[0].arguments[0], true);
  });

  test('moves sideways, pans and comes nearer by keys', () => {
    assert.deepEqual(drag(editorWith(), [50, 25], { shift: true }), { truck: 0, pedestal: 0.05 });
    assert.deepEqual(drag(editorWith(), [-500, 500], { alt: true }), { pan: 45, tilt: 45 });
    assert.deepEqual(drag(editorWith(), [0, -50], { mod: true }), { dolly: 0.25 });
    assert.deepEqual(drag(editorWith(), [0, -5000], { mod: true }), { dolly: 0.9 });
  });

  test('in the first frame, the focus is dragged', () => {
    const editor = editorWith({ px: 0.5 });
    Object.assign(editor.around.depthCamera?.inputs ?? {}, { focus_x: 0.2, focus_y: 1 / 3 });
    assert.deepEqual(drag(editor, [100, -50]), { focus_x: 0.4, focus_y: 0.167 });
    assert.deepEqual(editor.host.turnCamera.mock.calls[0].arguments, [{ focus_x: 0.4, focus_y: 0.167 }]);
    assert.equal(editor.time, 0);
    assert.deepEqual(drag(editor, [100, 0]), { orbit: -8, rise: 0 }); // it is elsewhere now
  });

  test('a click changes nothing', () => {
    const editor = editorWith();
    assert.equal(drag(editor, [2, 1]), null);
    assert.deepEqual([editor.host.turnCamera.mock.callCount(), editor.session.canUndo], [0, false]);
  });

  test('each gesture is one step of undo, among those of the drawing', () => {
    const editor = editorWith();
    const { session } = editor;
    session.apply(docOf({ points: LINE }), 'draw');
    const drawn = session.doc;
    drag(editor, [100, 0]);
    drag(editor, [0, 50]);
    session.apply(docOf({ points: LINE }, { points: LINE }), 'draw');
    assert.equal(session.undo(), undefined);
    assert.equal(session.doc, drawn);
    assert.deepEqual(session.undo(), { rise: 0 });
    assert.deepEqual(session.undo(), { orbit: 1 });
    assert.equal(session.doc, drawn);
    assert.equal(session.undo(), undefined);
    assert.deepEqual([session.doc.tracks.length, session.canUndo, session.undo()], [0, false, undefined]);
    assert.equal(session.redo(), undefined);
    assert.deepEqual([session.redo(), session.redo()], [{ orbit: -8 }, { rise: 4.5 }]);
    assert.equal(session.redo(), undefined);
    assert.equal(session.doc.tracks.length, 2);
  });

  test('the drawing\'s steps go on after a reload, and the camera stays as it is', () => {
    const editor = editorWith();
    const { session } = editor;
    drag(editor, [100, 0]);
    assert.ok(!session.steps);
    session.apply(docOf({ points: LINE }), 'draw');
    drag(editor, [100, 0]);
    const kept = /** @type {Session} */ (session).steps;
    assert.deepEqual([kept?.texts.length, kept?.at], [2, 1]);
  });

  test('between the ends it sets a line of the path, and the end stays', () => {
    const editor = editorWith();
    editor.session.change({ time: 0.5 });
    const lines = '0.5: orbit -9, rise 4.5\n1: orbit 0, rise 0';
    assert.deepEqual(drag(editor, [100, 50]), { path: lines });
    assert.equal(editor.time, 0.5);
    assert.deepEqual(editor.host.turnCamera.mock.calls[0].arguments, [{ path: lines }]);
    const further = drag(editor, [50, 0], { shift: true });
    const more = '0.5: orbit -9, rise 4.5, truck -0.1, pedestal 0\n1: orbit 0, rise 0, truck 0, pedestal 0';
    assert.deepEqual(further, { path: more });
    assert.deepEqual([editor.session.undo(), editor.session.undo()], [{ path: lines }, { path: '' }]);
  });

  test('a path out of a file is left alone', () => {
    const editor = editorWith();
    Object.assign(editor.around.depthCamera?.inputs ?? {}, { path: '[[1, 0, 0, 0]]' });
    editor.session.change({ time: 0.5 });
    assert.deepEqual(drag(editor, [100, 50]), { orbit: -8, rise: 4.5 });
    assert.equal(editor.time, 1);
  });

  test('keys turn it by steps', () => {
    const editor = editorWith();
    const tool = cameraTool.create(editor);
    assert.equal(tool.nudge(2, 0), true);
    tool.resize(1);
    assert.deepEqual(editor.host.turnCamera.mock.calls.map((/** @type {any} */ call) => call.arguments[0]), [
      { orbit: 0.1 }, { dolly: 0.17 },
    ]);
  });

  test('says why nothing can be turned', () => {
    const { words } = cameraTool;
    for (const [changes, text] of /** @type {const} */ ([
      [{ around: { depthCamera: null } }, words.en.none],
      [{ around: { depthCamera: { inputs: null } } }, words.en.later], [{ answers: { depth: null } }, words.en.waiting],
    ])) {
      const editor = editorWith(changes);
      const tool = cameraTool.create(editor);
      assert.equal(tool.status, text);
      tool.down(at(100, 100));
      tool.move(at(200, 200));
      tool.up();
      tool.resize(1);
      assert.deepEqual(editor.said.mock.calls.map((call) => call.arguments[0]), [text, text]);
      assert.equal(editor.host.turnCamera.mock.callCount(), 0);
    }
  });
});
