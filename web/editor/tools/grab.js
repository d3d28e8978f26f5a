/** Shared by all tools: selects or moves a point, a line or a handle under the pointer, or inserts a point. */

import { moveSelection, selectedPoints, splitSegment, updatePoints } from '../../core/document.js';
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
     * @type {{hit: Hit, from: StageEvent, doc: Readonly<Doc>, origin: XY, wasSelected: boolean, isPin: boolean,
     *   moving: boolean, resting?: XY[]} | null}
     */
    this.held = null;
  }

  get active() {
    return this.held !== null;
  }

  /** @param {StageEvent} event @param {Hit} hit */
  down(event, hit) {
    const { session } = this.editor;
    const wasSelected = isSelected(session.selection, hit);
    const extend = event.shift || event.mod;
    if (!wasSelected || (extend && hit.kind !== 'handle')) {
      session.select(withHit(session.selection, hit, extend, wasSelected));
    }
    const origin = { x: hit.x, y: hit.y };
    this.held = { hit, from: event, doc: session.doc, origin, wasSelected, isPin: isPinHandle(hit), moving: false };
  }

  /** @param {StageEvent} event */
  move(event) {
    const { held, editor } = this;
    if (!held) return;
    const far = Math.hypot(event.stage.x - held.from.stage.x, event.stage.y - held.from.stage.y);
    if (!held.moving && far < (event.touch ? SLACK.touch : SLACK.mouse)) return;
    if (!held.moving) this.#begin(held);
    const target = this.#target(event);
    const { width, height } = editor.clip;
    if (held.isPin) {
      editor.session.preview(movedPinHandle(editor, held.doc, held.hit, event.p, event.shift), 'pin');
      return;
    }
    if (held.hit.kind === 'handle') {
      const update = movedHandle(held.doc, held.hit, target, editor.clip, !event.alt);
      if (update) editor.session.preview(updatePoints(held.doc, [update]), 'move');
      return;
    }
    const dx = (target.x - held.origin.x) / width;
    const dy = (target.y - held.origin.y) / height;
    if (this.#isHeavy()) editor.session.shift({ x: dx, y: dy });
    else editor.session.preview(moveSelection(held.doc, editor.session.selection, dx, dy), 'move');
  }

  /** What moves now moves something at an instant, unless it is a beginning, or moves as a whole. */
  #begin(/** @type {NonNullable<Grab['held']>} */ held) {
    held.moving = true;
    const { hit: { kind, id, index }, isPin } = held;
    const { session } = this.editor;
    const track = session.track(id);
    if (!track || track.points.length < 2) return;
    if (isPin) session.hold({ time: track.end });
    else if (kind === 'point' && index > 0) session.hold({ point: { id, index } });
  }

  /** Whether so much is moved as a whole that it is shifted as an image, and computed at the end of the gesture. */
  #isHeavy() {
    const { session, time, viewport } = this.editor;
    if (session.now.shifted) return true;
    const all = session.selection.points.length === 0 && time === 0 && viewport.zoom <= 1; // that is in the view
    if (!all) return false;
    const points = session.selection.tracks.reduce((sum, id) => sum + (session.track(id)?.points.length ?? 0), 0);
    return points > HEAVY;
  }

  /** @param {StageEvent} event */
  up(event) {
    const { held, editor } = this;
    this.held = null;
    if (!held) return;
    const { shifted, selection } = editor.session.now;
    if (shifted) {
      editor.session.shift(null);
      editor.session.preview(moveSelection(held.doc, selection, shifted.x, shifted.y), 'move');
    }
    if (held.moving) {
      editor.hover = null; // that was where it was taken
      editor.commit();
    } else if (held.hit.kind === 'curve' && held.wasSelected && !event.shift && !event.mod) this.#insert(held.hit);
    else if (held.hit.kind === 'point' && held.wasSelected && !event.shift && !event.mod) {
      editor.session.select({ points: [{ id: held.hit.id, index: held.hit.index }] });
    }
    editor.invalidate();
  }

  cancel() {
    if (this.held?.moving) this.editor.session.cancel();
    this.held = null;
    this.editor.invalidate();
  }

  /** @param {Hit} hit */
  #insert({ id, u }) {
    const { session } = this.editor;
    session.apply(splitSegment(session.doc, id, u), 'insert');
    session.select({ points: [{ id, index: Math.floor(u) + 1 }] });
    this.editor.commit(true);
  }

  /** @param {StageEvent} event @returns {XY} */
  #target(event) {
    const { editor } = this;
    const held = /** @type {NonNullable<Grab['held']>} */ (this.held);
    const { hit, from, origin } = held;
    const p = { x: origin.x + event.p.x - from.p.x, y: origin.y + event.p.y - from.p.y };
    const locks = event.shift && hit.kind !== 'handle';
    if (hit.kind === 'point' && !locks) held.resting ??= this.#resting(held.doc);
    return editor.snapped(p, { shift: locks, alt: event.alt || hit.kind !== 'point' }, origin, held.resting);
  }

  /** The points that do not move, in pixels of the clip. @param {Readonly<Doc>} doc @returns {XY[]} */
  #resting(doc) {
    const { session, clip } = this.editor;
    const moved = new Set(selectedPoints(doc, session.selection).map(({ id, index }) => `${id}/${index}`));
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
