/**
 * Import and export: clipboard, dropped and chosen files. Python reads the formats that the editor does not, and
 * explains errors.
 */

import { paste, read } from '../core/document.js';
import { areFractions, countedFrom, missesPicture } from '../core/sizes.js';
import { equal } from '../core/equal.js';
import { objectsOf, pasteObjects } from '../core/objects/edit.js';
import { TrajectoryError } from '../core/errors.js';
import { toJson, toKJNodes, toSvg } from '../core/formats.js';
import * as commands from './commands.js';
import { askCountedFrom, askDrawnSize } from './questions.js';

/** @import {Doc, Track} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

/** What files are chosen. */
export const DRAWN = 'image/*,video/*,.json,.txt,.csv,.npy,.npz,.pth,.flo';
const PASTE_OFFSET = 12; // pixels of the clip, so that a copy does not hide its original

/** @param {Editor} editor */
export function listenToTransfers(editor) {
  const { root, keyboard } = editor;
  for (const type of /** @type {const} */ (['copy', 'cut'])) {
    root.addEventListener(type, (event) => {
      event.stopPropagation();
      if (event.target !== keyboard) return;
      const text = editor.session.problem ? null : commands.copied(editor);
      if (text === null) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      if (type === 'cut') commands.cut(editor);
    });
  }
  root.addEventListener('paste', (event) => {
    event.stopPropagation();
    if (event.target !== keyboard || !event.clipboardData) return;
    event.preventDefault();
    take(editor, event.clipboardData);
  });
  root.addEventListener('dragover', (event) => {
    event.preventDefault();
    event.stopPropagation();
  });
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.dataTransfer) take(editor, event.dataTransfer);
  });
}

/** @param {Editor} editor @param {DataTransfer} data */
function take(editor, data) {
  const [file] = data.files;
  if (file) takeFile(editor, file);
  else importText(editor, data.getData('text/plain'));
}

/** @param {Editor} editor @param {File} file a picture, a video, or drags */
export async function takeFile(editor, file) {
  if (!/^(image|video)\//.test(file.type) || file.type === 'image/svg+xml') {
    await importText(editor, file.arrayBuffer().then(textOr));
    return;
  }
  try {
    await editor.host.upload(file);
  } catch (error) {
    editor.warn('uploadFailed', { reason: editor.reason(error) });
  }
}

/**
 * The text in a file, or its bytes if it is no text in UTF-8: Python knows other encodings, and files of arrays.
 * @param {ArrayBuffer} content
 * @returns {string | Uint8Array}
 */
export function textOr(content) {
  const bytes = new Uint8Array(content);
  if (bytes.includes(0)) return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

/**
 * Adds the drags in a text or a file to the drawing; on error, nothing changes.
 * @param {Editor} editor
 * @param {string | Promise<string | Uint8Array>} given
 * @returns {Promise<boolean>}
 */
export async function importText(editor, given) {
  if (editor.locked) return false;
  try {
    const drags = await given;
    const own = typeof drags === 'string' ? read(drags) : null;
    const fragment = own ?? await foreignDoc(editor, drags);
    const { session, clip } = editor;
    const there = objectsOf(session.doc);
    const overlaps = fragment.tracks.some((track) => session.doc.tracks.some((other) => covers(other, track)))
      || objectsOf(fragment).some(({ outline }) => there.some((other) => equal(other.outline, outline)));
    const by = overlaps ? PASTE_OFFSET : 0;
    const offset = { x: by / clip.width, y: by / clip.height };
    const { doc: withTracks, ids: tracks } = paste(session.doc, fragment, offset);
    const { doc, ids: objects } = pasteObjects(withTracks, fragment, offset);
    editor.change(doc, 'paste');
    session.select(tracks.length > 0 ? { tracks } : { objects });
    if (!overlaps) sayImported(editor, tracks.length, objects.length);
    if (!own) askWhereDrawn(editor, tracks, fragment);
    return true;
  } catch (error) {
    editor.warn('importFailed', { reason: editor.reason(error) });
    return false;
  }
}

/** @param {Editor} editor @param {string[]} ids of imported drags @param {Readonly<Doc>} fragment as it was read */
function askWhereDrawn(editor, ids, fragment) {
  const area = countedFrom(fragment, editor.clip);
  if (area) askCountedFrom(editor, ids, area);
  else if (missesPicture(fragment)) askDrawnSize(editor, ids, fragment, 'drawnAt');
  else if (areFractions(fragment, editor.clip)) askDrawnSize(editor, ids, fragment, 'drawnInFractions');
}

/** @param {Editor} editor @param {number} tracks @param {number} objects how many were imported */
function sayImported(editor, tracks, objects) {
  const count = tracks + objects;
  if (objects > 0) editor.say('importedThings', { count });
  else editor.say(count === 1 ? 'importedOne' : 'imported', { count });
}

/**
 * Parses the drags in a text of any format that the editor or Python reads.
 * @param {Editor} editor
 * @param {string} text
 * @returns {Promise<Readonly<Doc>>} rejects with an error for the user, from the core or the server
 */
export async function parsedText(editor, text) {
  return read(text) ?? foreignDoc(editor, text);
}

/**
 * The same for what is not ours.
 * @param {Editor} editor
 * @param {string | Uint8Array} drags
 * @returns {Promise<Readonly<Doc>>}
 */
async function foreignDoc(editor, drags) {
  const doc = read(await editor.host.parse(drags));
  if (!doc) throw new TrajectoryError('unreadable');
  return doc;
}

/** @param {Editor} editor @param {'json' | 'kjnodes' | 'svg'} format */
export async function exportAs(editor, format) {
  let text;
  try {
    text = await written(editor, format);
  } catch (error) {
    editor.warn('notCopied', { reason: editor.reason(error) });
    return;
  }
  try {
    await navigator.clipboard.writeText(text);
    editor.say('copied');
  } catch {
    // Only a secure page has this clipboard; the older way copies a selection.
    const { keyboard } = editor;
    keyboard.value = text;
    keyboard.select();
    const done = document.execCommand('copy');
    keyboard.value = '';
    if (done) editor.say('copied');
    else editor.warn('copyFailed');
  }
}

/**
 * The drawing in a format. How objects bend is known to Python alone, which writes those that have pins or sway.
 * @param {Pick<Editor, 'session' | 'clip' | 'host'>} editor
 * @param {'json' | 'kjnodes' | 'svg'} format
 * @returns {Promise<string>} rejects with an error for the user, from the core or the server
 */
export async function written({ session: { doc }, clip, host }, format) {
  if (format === 'json') return toJson(doc);
  const isBent = objectsOf(doc).some(({ enabled, pins, sway }) => enabled && (pins || sway));
  if (isBent) return host.write(toJson(doc), format);
  return format === 'svg' ? toSvg(doc, clip) : toKJNodes(doc, clip.frames, clip);
}

/**
 * Whether a track begins where another does and has as many points: it is a copy.
 * @param {Readonly<Track>} a
 * @param {Readonly<Track>} b
 */
function covers(a, b) {
  const [[p], [q]] = [a.points, b.points];
  return a.points.length === b.points.length && p.x === q.x && p.y === q.y;
}
