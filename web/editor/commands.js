/** Commands of buttons and keys on the selection. Each command is one undo step. */

import {
  addTrack, addTracks, copyTracks, duplicateTracks, insertPoint, mirrorTracks, moveSelection, nextColor,
  removeSelection, removeTracks, reverseTracks, splitSegment, updateEachTrack, updateTracks, write,
} from '../core/document.js';
import { copyObjects, objectsOf, removeObjects } from '../core/objects/edit.js';
import { withKind } from '../core/kinds.js';
import { newBend } from './objects/bending.js';
import { duplicateSelected, mirrorSelected, nudgeSelected, removeSelected, selectAlone } from './objects/commands.js';
import { isUnder } from './objects/look.js';
import { withRoundHandles } from './handles.js';
import { hitsAt } from './hits.js';
import { NOTHING } from './session.js';

/** @import {Doc, Kind, Track, TrackChanges, TrackDraft} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const NEW_POINT = 24; // pixels of the clip, to the right of the last one
const COPY_OFFSET = 12; // pixels of the clip, so that a copy does not hide its original

/** Applies the same changes to everything selected. @param {Editor} editor @param {TrackChanges} changes */
export function setProperties(editor, changes) {
  const { session, clip } = editor;
  editor.change(updateTracks(session.doc, session.active, changes, clip), Object.keys(changes)[0]);
}

/**
 * Applies changes that depend on the drag to each that is selected, in one step.
 * @param {Editor} editor
 * @param {(track: Readonly<Track>, index: number) => TrackChanges} changes
 */
export function setEach(editor, changes) {
  const { session, clip } = editor;
  editor.change(updateEachTrack(session.doc, session.active, changes, clip), 'timing');
}

/**
 * Sets a value from one of the panel's lists, for everything selected.
 * @param {Editor} editor
 * @param {'kind' | 'spline' | 'timing' | 'ease'} key
 * @param {string} value
 */
export function setChoice(editor, key, value) {
  const { session, clip } = editor;
  const ids = session.active;
  if (key === 'kind') {
    const step = { x: NEW_POINT / clip.width, y: 0 };
    editor.change(withKind(session.doc, ids, /** @type {Kind} */ (value), step, () => session.earlierDocs()), key);
    return;
  }
  const doc = updateTracks(session.doc, ids, { [key]: value }, clip);
  editor.change(value === 'bezier' ? withRoundHandles(doc, ids) : doc, key);
}

/**
 * Adds tracks that belong together: with one colour, and selected.
 * @param {Editor} editor
 * @param {readonly TrackDraft[]} drafts
 * @param {string} label
 */
export function addGroup(editor, drafts, label) {
  const { session } = editor;
  const color = nextColor(session.doc);
  const { doc, ids } = addTracks(session.doc, drafts.map((draft) => ({ color, ...draft })));
  editor.change(doc, label);
  session.select({ tracks: ids });
}

/**
 * Deletes the selected tracks and points, or objects; or the last step of what is being drawn.
 * @param {Editor} editor
 */
export function remove(editor) {
  const { session } = editor;
  if (editor.tool.back?.()) return;
  if (session.object) removeSelected(editor);
  else if (session.active.length > 0) editor.change(removeSelection(session.doc, session.selection), 'remove');
}

/** Removes all tracks and objects, as one step. @param {Editor} editor */
export function clear(editor) {
  editor.change(emptied(editor.session.doc), 'clear');
  editor.say('cleared');
}

/** A drawing without its drags and objects. @param {Readonly<Doc>} doc @returns {Readonly<Doc>} */
export function emptied(doc) {
  const objects = objectsOf(doc).map(({ id }) => id);
  return removeTracks(removeObjects(doc, objects), doc.tracks.map(({ id }) => id));
}

/** @param {Editor} editor */
export function duplicate(editor) {
  const { session, clip } = editor;
  if (session.object) duplicateSelected(editor);
  if (session.active.length === 0) return;
  const offset = { x: COPY_OFFSET / clip.width, y: COPY_OFFSET / clip.height };
  const { doc, ids } = duplicateTracks(session.doc, session.active, offset);
  editor.change(doc, 'duplicate');
  session.select({ tracks: ids });
}

/** @param {Editor} editor @param {'h' | 'v'} axis */
export function mirror(editor, axis) {
  const { session } = editor;
  if (session.object) mirrorSelected(editor, axis);
  else if (session.active.length > 0) editor.change(mirrorTracks(session.doc, session.active, axis), 'mirror');
}

/** @param {Editor} editor */
export function reverse(editor) {
  const { session } = editor;
  if (session.active.length > 0) editor.change(reverseTracks(session.doc, session.active), 'reverse');
}

/** Moves the selection. @param {Editor} editor @param {number} dx pixels of the clip @param {number} dy */
export function nudge(editor, dx, dy) {
  const { session, clip } = editor;
  if (editor.tool.nudge?.(dx, dy)) return true;
  if (session.object) {
    nudgeSelected(editor, { x: dx / clip.width, y: dy / clip.height });
    return true;
  }
  if (session.active.length === 0) return false;
  editor.change(moveSelection(session.doc, session.selection, dx / clip.width, dy / clip.height), 'nudge');
  return true;
}

/** Selects all tracks; or all objects, if one is selected or there are no tracks. @param {Editor} editor */
export function selectAll({ session }) {
  const { tracks } = session.doc;
  const ofObjects = session.object !== undefined || tracks.length === 0;
  if (ofObjects) session.select({ objects: objectsOf(session.doc).map(({ id }) => id) });
  else session.select({ tracks: tracks.map(({ id }) => id) });
}

/**
 * Selects the next of several tracks and objects under the pointer, or else the next one of all: first the tracks, then
 * the objects, in order.
 * @param {Editor} editor
 * @param {boolean} back
 * @returns {boolean} false past the last or the first one: the focus may leave the picture
 */
export function selectNext(editor, back) {
  const { session, stage, clip, time } = editor;
  const { last } = stage.pointers;
  const { tracks } = session.doc;
  /** @type {Set<object | undefined>} */
  const under = new Set(last ? hitsAt(editor, last).map(({ id }) => session.track(id)) : []);
  if (last) for (const object of objectsOf(session.doc)) if (isUnder(object, clip, last.p, time)) under.add(object);
  const items = [...tracks, ...objectsOf(session.doc)].filter((item) => under.size < 2 || under.has(item));
  const selected = new Set([...session.active.map((id) => session.track(id)), ...session.objects]);
  const chosen = items.flatMap((item, index) => (selected.has(item) ? [index] : []));
  const next = items[back ? Math.min(items.length, ...chosen) - 1 : Math.max(-1, ...chosen) + 1];
  if (!next) return false;
  if ('outline' in next) selectAlone(session, next.id);
  else session.select({ tracks: [next.id] });
  return true;
}

/**
 * Adds a point without the mouse: after the selected one, or at the end of the selected track, or as the first point of
 * a new track in the centre. The arrow keys then move it.
 * @param {Editor} editor
 */
export function addPoint(editor) {
  const { session, clip } = editor;
  if (editor.tool.add) {
    editor.tool.add();
    return;
  }
  const track = session.track(session.active[0]);
  if (!track) {
    const { doc, id } = addTrack(session.doc, { points: [{ x: 0.5, y: 0.5 }], ...newBend(editor) });
    editor.change(doc, 'draw');
    session.select({ points: [{ id, index: 0 }] });
    return;
  }
  const { id, points } = track;
  const last = points.length - 1;
  const chosen = session.selection.points.find((point) => point.id === id)?.index ?? last;
  if (chosen < last) {
    editor.change(splitSegment(session.doc, id, chosen + 0.5), 'insert');
  } else {
    const { x, y } = points[last];
    editor.change(insertPoint(session.doc, id, last + 1, { x: x + NEW_POINT / clip.width, y }), 'draw');
  }
  session.select({ points: [{ id, index: chosen + 1 }] });
}

/** Selects the next point of the selected track. @param {Editor} editor @param {boolean} back */
export function nextPoint(editor, back) {
  const { session } = editor;
  const track = session.track(session.active[0]);
  if (!track) return;
  const { id, points } = track;
  const now = session.selection.points.find((point) => point.id === id)?.index ?? (back ? 0 : -1);
  session.select({ points: [{ id, index: (now + (back ? -1 : 1) + points.length) % points.length }] });
}

/** The selection as text. @param {Editor} editor */
export function copied(editor) {
  const { session } = editor;
  const { objects } = session.selection;
  if (objects) return write(copyObjects(session.doc, objects));
  return session.active.length > 0 ? write(copyTracks(session.doc, session.active)) : null;
}

/** @param {Editor} editor */
export function cut(editor) {
  const { session } = editor;
  if (session.object) removeSelected(editor);
  else editor.change(removeTracks(session.doc, session.active), 'cut');
}

/**
 * Esc: the first that applies: closes a menu, leaves the panel, stops performing, stops waiting, cancels a gesture,
 * clears the selection, closes the panel, closes the full window.
 * @param {Editor} editor
 */
export function escape(editor) {
  if (editor.toolbar.closeMenu()) return;
  if (editor.panel.hasFocus) {
    editor.focus();
    return;
  }
  if (editor.performing.drop()) return;
  if (editor.sendBehind.cancel() || editor.regions.cancel() || editor.tool.cancel()) return;
  if (editor.session.hasSelection) editor.session.select(NOTHING);
  else if (editor.panel.open) editor.panel.toggle({ open: false });
  else editor.dialog?.close();
}
