/** What a row of the timeline stands for: a track or an object. Rows only use this interface. */

import { setSpan, shiftSpan, updatePoints, updateTracks } from '../core/document.js';
import { findObject, mapObjects, objectsOf, updateObjects } from '../core/objects/edit.js';
import { moveKey } from '../core/objects/keys.js';
import { keyTimeAt, pointTimes } from '../core/sampling.js';
import { shiftWithin, withShift, withSpan } from '../core/spans.js';
import { selectObject } from './objects/select.js';

/** @import {Doc, MotionObject, Size, Track} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {StringId} from './strings/translator.js' */

/** What rows show: either kind. @typedef {Readonly<Track> | Readonly<MotionObject>} Shown */

/**
 * @template {Shown} T
 * @typedef {object} Item
 * @property {string} id
 * @property {StringId} unnamed its label without a name
 * @property {(doc: Readonly<Doc>) => T | undefined} find
 * @property {(editor: Editor) => boolean} isSelected
 * @property {(editor: Editor, extend: boolean) => void} select
 * @property {(doc: Readonly<Doc>, enabled: boolean) => Readonly<Doc>} enable
 * @property {(doc: Readonly<Doc>, span: {start?: number, end?: number}, gap: number) => Readonly<Doc>} setSpan
 * @property {(doc: Readonly<Doc>, editor: Editor, by: number) => Readonly<Doc>} shift with the whole selection
 * @property {(shown: T, size: Size) => number[]} times of its points or keys, fractions of the clip
 * @property {(shown: T) => boolean} isKeyed whether these can be moved
 * @property {(shown: T) => readonly number[]} corrections times of outlines that were corrected in a video
 * @property {(doc: Readonly<Doc>, from: T, index: number, by: number, size: Size) => Readonly<Doc>} moveKey
 */

/** @param {string} id @returns {Item<Readonly<Track>>} */
export function trackItem(id) {
  return {
    id,
    unnamed: 'unnamed',
    find: (doc) => doc.tracks.find((track) => track.id === id),
    isSelected: ({ session }) => session.active.includes(id),
    select({ session }, extend) {
      const others = extend ? session.selection.tracks.filter((other) => other !== id) : [];
      const remove = extend && session.selection.tracks.includes(id);
      session.select({ tracks: remove ? others : [...others, id] });
    },
    enable: (doc, enabled) => updateTracks(doc, [id], { enabled }),
    setSpan: (doc, span, gap) => setSpan(doc, [id], span, gap),
    shift: (doc, { session }, by) => shiftSpan(doc, session.active, by),
    times: (track, { width, height }) => (track.points.length > 1 ? [...pointTimes(track, width, height)] : []),
    isKeyed: ({ timing }) => timing === 'keys',
    corrections: () => [],
    moveKey(doc, from, index, by, { width, height }) {
      const time = pointTimes(from, width, height)[index] + by;
      return updatePoints(doc, [{ id, index, changes: { t: keyTimeAt(from, time) } }]);
    },
  };
}

/** @param {string} id @returns {Item<Readonly<MotionObject>>} */
export function objectItem(id) {
  return {
    id,
    unnamed: 'unnamedObject',
    find: (doc) => findObject(doc, id),
    isSelected: ({ session }) => session.selection.objects?.includes(id) ?? false,
    select: ({ session }, extend) => selectObject(session, id, extend),
    enable: (doc, enabled) => updateObjects(doc, [id], { enabled }),
    setSpan: (doc, span, gap) => mapObjects(doc, [id], (object) => withSpan(object, span, gap)),
    shift(doc, { session }, by) {
      const ids = session.selection.objects ?? [];
      const shift = shiftWithin(objectsOf(doc).filter((object) => ids.includes(object.id)), by);
      return mapObjects(doc, ids, (object) => withShift(object, shift));
    },
    times: ({ motion, start, end }) => ('keys' in motion ? motion.keys.map(({ t }) => start + t * (end - start)) : []),
    isKeyed: ({ motion }) => 'keys' in motion,
    corrections: ({ followed }) => followed?.outlines.map(({ at }) => at) ?? [],
    moveKey(doc, { motion, start, end }, index, by) {
      return 'keys' in motion ? moveKey(doc, id, index, start + motion.keys[index].t * (end - start) + by) : doc;
    },
  };
}
