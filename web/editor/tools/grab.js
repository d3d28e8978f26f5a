/** Shared by all tools: selects or moves a point, a line or a handle under the pointer, or inserts a point. */

import { moveSelection, selectedPoints, splitSegment, updatePoints } from '../../core/document.js';
import { pointTimes } from '../../core/sampling.js';
import { lockAngle } from '../../core/snap_position.js';
import { movedHandle } from '../handles.js';
import { isPinHandle, movedPinHandle } from '../objects/pin_handles.js';

/** @import {Doc, Hit, Selection, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */

const HEAVY = 400; // points
const SLACK = { mouse: 3, touch: 8 }; // CSS pixels that the pointer may move during a click

export class Grab {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /**
     * The current gesture; `origin` follows the pointer: the point itself, or where the line was pressed.
     * @type {{hit: Hit, from: StageEvent, doc: Readonly<Doc>, origin: XY, wasSelected: boolean, moving: boolean,
     *   resting?: XY[]} | null}
     */
    this.held = null;
  }

  get active() {
    return this.held !== null;
  }

  /** When what is held is reached; null where it begins, or moves as a whole. */
  get heldTime() {
    const { held, editor: { state, clip } } = this;
    const track = held?.moving ? state.track(held.hit.id) : undefined;
    if (!held || !track || track.points.length < 2) return null;
    if (isPinHandle(held.hit)) return track.end;
    if (held.hit.kind !== 'point' || held.hit.index === 0) return null;
    return pointTimes(track, clip.width, clip.height)[held.hit.index];
  }

  /** @param {StageEvent} event @param {Hit} hit */
  down(event, hit) {
    const { state } = this.editor;
    const wasSelected = isSelected(state.selection, hit);
    const extend = event.shift || event.mod;
    if (!wasSelected || (extend && hit.kind !== 'handle')) {
      state.select(withHit(state.selection, hit, extend, wasSelected));
    }
    this.held = { hit, from: event, doc: state.doc, origin: { x: hit.x, y: hit.y }, wasSelected, moving: false };
  }

  /** @param {StageEvent} event */
  move(event) {
    const { held, editor } = this;
    if (!held) return;
    const far = Math.hypot(event.stage.x - held.from.stage.x, event.stage.y - held.from.stage.y);
    if (!held.moving && far < (event.touch ? SLACK.touch : SLACK.mouse)) return;
    held.moving = true;
    const target = this.#target(event);
    const { width, height } = editor.clip;
    if (isPinHandle(held.hit)) {
      editor.state.preview(movedPinHandle(editor, held.doc, held.hit, event.p, event.shift), 'pin');
      return;
    }
    if (held.hit.kind === 'handle') {
      const update = movedHandle(held.doc, held.hit, target, editor.clip, !event.alt);
      if (update) editor.state.preview(updatePoints(held.doc, [update]), 'move');
      return;
    }
    const dx = (target.x - held.origin.x) / width;
    const dy = (target.y - held.origin.y) / height;
    if (this.#isHeavy()) editor.state.shift({ x: dx, y: dy });
    else editor.state.preview(moveSelection(held.doc, editor.state.selection, dx, dy), 'move');
  }

  /** Whether so much is moved as a whole that it is shifted as an image, and computed at the end of the gesture. */
  #isHeavy() {
    const { state, time, viewport } = this.editor;
    if (state.shifted) return true;
    if (state.selection.points.length > 0 || time > 0 || viewport.zoom > 1) return false; // of all that is in the view
    const points = state.selection.tracks.reduce((sum, id) => sum + (state.track(id)?.points.length ?? 0), 0);
    return points > HEAVY;
  }

  /** @param {StageEvent} event */
  up(event) {
    const { held, editor } = this;
    this.held = null;
    editor.snapGuides.clear();
    if (!held) return;
    const { shifted, selection } = editor.state;
    if (shifted) {
      editor.state.shift(null);
      editor.state.preview(moveSelection(held.doc, selection, shifted.x, shifted.y), 'move');
    }
    if (held.moving) {
      editor.hover = null; // that was where it was taken
      editor.commit();
    } else if (held.hit.kind === 'curve' && held.wasSelected && !event.shift && !event.mod) this.#insert(held.hit);
    else if (held.hit.kind === 'point' && held.wasSelected && !event.shift && !event.mod) {
      editor.state.select({ points: [{ id: held.hit.id, index: held.hit.index }] });
    }
    editor.invalidate();
  }

  cancel() {
    if (this.held?.moving) this.editor.state.cancel();
    this.held = null;
    this.editor.snapGuides.clear();
    this.editor.invalidate();
  }

  /** @param {Hit} hit */
  #insert({ id, u }) {
    const { state } = this.editor;
    state.apply(splitSegment(state.doc, id, u), 'insert');
    state.select({ points: [{ id, index: Math.floor(u) + 1 }] });
    this.editor.commit(true);
  }

  /** @param {StageEvent} event @returns {XY} */
  #target(event) {
    const { editor } = this;
    const held = /** @type {NonNullable<Grab['held']>} */ (this.held);
    const { hit, from, origin } = held;
    const p = { x: origin.x + event.p.x - from.p.x, y: origin.y + event.p.y - from.p.y };
    editor.snapGuides.clear();
    if (event.shift && hit.kind !== 'handle') return lockAngle(origin, p);
    if (event.alt || hit.kind !== 'point') return p;
    return editor.snapGuides.moved(p, (held.resting ??= this.#resting(held.doc)));
  }

  /** The points that do not move, in pixels of the clip. @param {Readonly<Doc>} doc @returns {XY[]} */
  #resting(doc) {
    const { state, clip } = this.editor;
    const moved = new Set(selectedPoints(doc, state.selection).map(({ id, index }) => `${id}/${index}`));
    return doc.tracks.flatMap(({ id, points }) => points
      .filter((_, k) => !moved.has(`${id}/${k}`))
      .map(({ x, y }) => ({ x: x * clip.width, y: y * clip.height })));
  }
}

/**
 * Whether a hit is part of the selection. A point of the only selected track is not: dragging it means only that point.
 * A point of one of several selected tracks is.
 * @param {Selection} selection
 * @param {Hit} hit
 */
function isSelected({ tracks, points }, { kind, id, index }) {
  if (kind === 'handle') return true;
  if (tracks.includes(id) && (kind === 'curve' || tracks.length + points.length > 1)) return true;
  return points.some((point) => point.id === id && (kind === 'curve' || point.index === index));
}

/**
 * @param {Selection} selection
 * @param {Hit} hit
 * @param {boolean} extend add it to the selection, or remove it if it was selected
 * @param {boolean} wasSelected
 * @returns {Selection}
 */
function withHit({ tracks, points }, { kind, id, index }, extend, wasSelected) {
  const point = { id, index };
  if (!extend) return kind === 'point' ? { tracks: [], points: [point] } : { tracks: [id], points: [] };
  if (wasSelected && kind === 'curve') {
    return { tracks: tracks.filter((other) => other !== id), points: points.filter((other) => other.id !== id) };
  }
  if (kind === 'curve') return { tracks: [...tracks, id], points: points.filter((other) => other.id !== id) };
  if (wasSelected) return { tracks, points: points.filter((other) => other.id !== id || other.index !== index) };
  return { tracks, points: [...points, point] };
}
