/** Commands on the edge of the selected objects: grow, feather, smooth and snap it. Each is one undo step. */

import { FINISH } from '../../core/limits.js';
import { within } from '../../core/numbers.js';
import { mapObjects, updateObjects } from '../../core/objects/edit.js';
import { smoothOutline } from '../../core/objects/smooth_outline.js';
import { lengthUnit } from './look.js';

/** @import {Editor} from '../editor.js' */

export const SMOOTHING = 3; // pixels of the clip: what the key smooths

/** The selected objects' ids; with none, the person is told. @param {Editor} editor */
function chosen(editor) {
  const ids = editor.session.objects.map(({ id }) => id);
  if (ids.length === 0) editor.warn('selectObject');
  return ids;
}

/**
 * Makes a length larger or smaller by pixels of the clip.
 * @param {Editor} editor
 * @param {'grow' | 'feather'} name
 * @param {number} by
 */
export function changeLength(editor, name, by) {
  const ids = chosen(editor);
  const unit = lengthUnit(editor.clip);
  const doc = mapObjects(editor.session.doc, ids, (object) => {
    return { ...object, [name]: within((object[name] ?? 0) + by / unit, ...FINISH[name]) };
  });
  if (ids.length === 0) return;
  editor.change(doc, name);
  const pixels = Math.round(10 * unit * (editor.session.object?.[name] ?? 0)) / 10;
  editor.say(name === 'grow' ? 'grownBy' : 'featheredBy', { pixels });
}

/** Smooths the outlines. @param {Editor} editor @param {number} [width] pixels of the clip */
export function smooth(editor, width = SMOOTHING) {
  const ids = chosen(editor);
  const { session, clip } = editor;
  const doc = mapObjects(session.doc, ids, (object) => {
    return { ...object, outline: smoothOutline(object.outline, width, clip) };
  });
  if (ids.length > 0) editor.change(doc, 'outline');
}

/** Switches whether a run moves the outlines to the edge in the picture. @param {Editor} editor */
export function toggleSnap(editor) {
  const ids = chosen(editor);
  if (ids.length === 0) return;
  const edge = editor.session.object?.edge === 'exact' ? 'snap' : 'exact';
  editor.change(updateObjects(editor.session.doc, ids, { edge }), 'edge');
  editor.say(edge === 'snap' ? 'edgeSnaps' : 'edgeStays');
}
