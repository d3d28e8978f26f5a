/**
 * Performing: the clip plays, and what is selected follows the hand. With the key held, it follows the pointer; with
 * the button on, what is pressed follows it, or a new drag begins there. Where the hand was when becomes a drag, or an
 * object's motion, with its own timing: one undo step. While it is at work, it stands in for the chosen tool.
 */

import { addTracks, findTrack, insertPoint, nextColor } from '../core/document.js';
import { chosenTracks } from '../core/edit.js';
import { beginsAlike } from '../core/composing/live.js';
import { findObject, objectsOf } from '../core/objects/edit.js';
import { performObjects, performTracks } from '../core/performing.js';
import { byHand } from '../core/presets.js';
import { isAnchor } from '../core/sampling.js';
import { hitAt } from './hits.js';
import { newBend } from './objects/bending.js';
import { objectAt } from './objects/look.js';

/** @import {HandSample} from '../core/performing.js' */
/** @import {Doc, Selection, XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {StageEvent} from './stage.js' */
/** @import {Tool} from './tools/contract.js' */

const TOLERANCE = 2; // CSS pixels between the hand and the motion
const STILL = 3; // CSS pixels: a hand that never went further has performed nothing
const LIFT = 0.05; // of the picture: how far what is looked for is moved for that
const MOST_WAIT = 5000; // ms until it begins though the thing is not found yet
const PAUSE = 40; // ms between two movements of a hand that rested

/**
 * What is under way.
 * @typedef {object} Take
 * @property {readonly string[]} tracks ids of those that follow
 * @property {readonly string[]} objects likewise
 * @property {Readonly<Doc>} before the drawing
 * @property {boolean} byKey whether a key is held, not the pointer pressed
 * @property {number} start fraction of the clip
 * @property {number} since ms, when it was asked for
 * @property {number | null} begun ms, when the clip began to play; null while the thing is being looked for
 * @property {XY} from where the hand was then, in pixels of the clip
 * @property {XY} at where it is
 * @property {HandSample[]} samples
 * @property {number} farthest pixels of the clip that the hand has been away
 * @property {{doc: Readonly<Doc>, time: number} | null} shown by the last frame
 */

/** @implements {Tool} */
export class Performing {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Whether the button is on. */
    this.on = false;
    /** Whether the next press moves the whole picture. */
    this.ofPicture = false;
    /** Whether the key is held. */
    this.held = false;
    /** @type {Take | null} */
    this.take = null;
    this.request = 0;
    this.unfinished = false;
    this.hidesHint = true;
  }

  /** Whether the server has to be asked where the thing is that will follow. */
  get waits() {
    return this.take !== null && this.take.begun === null;
  }

  get cursor() {
    return this.take ? 'grabbing' : 'grab';
  }

  /** @returns {string} */
  get status() {
    const { t } = this.editor;
    if (!this.take) return t(this.ofPicture ? 'performCamera' : 'performReady');
    return t(this.waits ? 'performLooks' : this.take.byKey ? 'performingByKey' : 'performing');
  }

  /** The button: performing begins with each press from now on, or no longer. */
  toggle() {
    this.#turn(!this.on);
    if (!this.on) this.#finish();
    this.#changed();
  }

  /** The next press moves the whole picture, as a camera does. */
  camera() {
    this.#turn(true);
    this.ofPicture = true;
    this.#changed();
  }

  /** @param {boolean} on */
  #turn(on) {
    Object.assign(this, { on, ofPicture: false, held: this.held && on });
  }

  /** The key is pressed: what is selected follows the pointer, or what is under it; or else what is pressed. */
  press() {
    const { editor } = this;
    if (editor.locked || this.take || this.held) return;
    if (editor.tool.unfinished) editor.tool.end();
    this.held = true;
    const { session, stage: { pointers: { last, down } } } = editor;
    const chosen = session.hasSelection ? session.selection : last && this.#under(last);
    if (last && chosen && down.size === 0) this.#begin(chosen, last, true);
    this.#changed();
  }

  /** It is released, or the keyboard goes to somebody else. */
  release() {
    if (!this.held) return;
    this.held = false;
    if (this.take?.byKey) this.#finish();
    this.#changed();
  }

  /** Esc: drops what is performed, which can be redone, or turns the button off. @returns {boolean} whether it did */
  drop() {
    const { session } = this.editor;
    if (!this.take && !this.on) return false;
    if (!this.take) this.#turn(false);
    else if (this.#complete()) session.undo();
    this.#changed();
    return true;
  }

  /** The node goes: what has been performed stays in the drawing. */
  leave() {
    this.#complete();
    this.#turn(false);
    this.#changed();
  }

  #changed() {
    const { editor } = this;
    editor.acting = this.on || this.held || this.take ? this : null;
    editor.hover = null;
    editor.invalidate();
  }

  /** @returns {undefined} */
  hit() {
    return undefined;
  }

  /** @param {StageEvent} event */
  down(event) {
    if (this.take) return;
    const { session } = this.editor;
    const under = this.ofPicture ? null : this.#under(event);
    const isSelected = under?.tracks.every((id) => session.active.includes(id))
      && (under.objects ?? []).every((id) => session.objects.some((object) => object.id === id));
    this.#begin(under && isSelected ? session.selection : under, event, false);
    this.#changed();
  }

  /** @param {StageEvent} event */
  move(event) {
    const { take } = this;
    if (!take) return;
    this.#record(event.time - PAUSE); // that it has been where it was until then
    take.at = event.p;
    this.#record(event.time);
  }

  /** @param {StageEvent} event */
  up(event) {
    if (!this.take || this.take.byKey) return;
    this.move(event);
    this.#finish();
  }

  /** @returns {boolean} */
  end() {
    this.#turn(false);
    return this.#finish();
  }

  /** @returns {boolean} */
  cancel() {
    return this.#finish(); // a second finger, or a lost pointer, takes nothing away
  }

  paint() {}

  /**
   * What is under the pointer: a drag, an object, or what a single drag carries.
   * @param {StageEvent} event
   * @returns {Selection | null}
   */
  #under(event) {
    const { editor } = this;
    const { session, regions, clip, time } = editor;
    const hit = hitAt(editor, event);
    if (hit) return { tracks: [hit.id], points: [] };
    const seen = findObject(session.doc, regions.objectAt(event.p) ?? '');
    const object = seen ?? objectAt(objectsOf(session.doc), clip, event.p, time);
    if (object) return { tracks: [], points: [], objects: [object.id] };
    const carried = regions.under(event)?.region.tracks ?? [];
    return carried.length === 1 ? { tracks: carried, points: [] } : null;
  }

  /**
   * @param {Selection | null} chosen null for a new drag
   * @param {StageEvent} event where the hand is
   * @param {boolean} byKey
   */
  #begin(chosen, event, byKey) {
    const { editor } = this;
    const { session, player } = editor;
    editor.result.hide();
    if (player.playing) player.stop();
    const start = player.frame < editor.clip.frames - 1 ? player.frame / (editor.clip.frames - 1) : 0;
    if (chosen) session.select(chosen);
    const before = chosen ? session.doc : this.#withNew(event.p);
    const tracks = session.active;
    const objects = session.objects.map(({ id }) => id);
    const hand = { from: event.p, at: event.p, samples: [], farthest: 0 };
    this.take = { tracks, objects, before, byKey, start, since: event.time, begun: null, ...hand, shown: null };
    if (!this.#isKnown()) this.#look();
    this.request = requestAnimationFrame((now) => this.#step(now));
  }

  /**
   * The drawing with a drag that begins here, or those that move the picture, which are selected.
   * @param {XY} p
   */
  #withNew(p) {
    const { session, clip, player } = this.editor;
    const place = { x: p.x / clip.width, y: p.y / clip.height };
    const drafts = this.ofPicture ? byHand() : [{ points: [place], ...newBend(this.editor), ...player.begins }];
    const color = nextColor(session.doc);
    const { doc, ids } = addTracks(session.doc, drafts.map((draft) => ({ color, ...draft })));
    session.preview(doc, 'perform');
    session.select({ tracks: ids });
    return doc;
  }

  /** Whether the composition has what will follow, or none is to be had. */
  #isKnown() {
    const { take, editor: { answers: { composed }, picture, around } } = this;
    if (!take || picture.video || !picture.image || around.depthCamera?.inputs) return true;
    if (!composed) return false;
    const isCut = (/** @type {string} */ id) => {
      const [was, is] = [findTrack(composed.doc, id), findTrack(take.before, id)];
      return was && is && !isAnchor(was) && beginsAlike(is, was);
    };
    return take.tracks.every(isCut) && take.objects.every((id) => findObject(composed.doc, id));
  }

  /** Shows a drawing in which what rests moves a little, so that the server is asked what that moves. */
  #look() {
    const { take, editor: { session } } = this;
    if (!take) return;
    const resting = chosenTracks(take.before, take.tracks).filter(({ points }) => points.length === 1);
    const lifted = resting.reduce((doc, { id, points: [{ x, y }] }) => (
      insertPoint(doc, id, 1, { x, y: y + (y > 2 * LIFT ? -LIFT : LIFT) })), take.before);
    session.preview(lifted, 'perform');
    take.shown = { doc: session.doc, time: session.now.time };
  }

  /** Once in each frame of the page. @param {number} now ms */
  #step(now) {
    const { take, editor } = this;
    if (!take) return;
    const { session, answers } = editor;
    const { shown } = take;
    // Somebody else has changed the drawing, such as a new picture, or has taken the playhead: what there is stays.
    if (shown && (session.doc !== shown.doc || session.now.time !== shown.time)) {
      this.#finish();
      return;
    }
    const ready = !shown || answers.knows(session.doc) || now - take.since > MOST_WAIT;
    // While the thing was looked for, nothing followed; otherwise the hand has not waited for this frame.
    if (take.begun === null && ready) Object.assign(take, { begun: now, from: shown ? take.at : take.from });
    if (take.begun !== null) editor.attempt(() => this.#show(take, now));
    if (this.#timeAt(take, now) >= 1) this.#finish();
    else this.request = requestAnimationFrame((next) => this.#step(next));
  }

  /** The fraction of the clip that is played at a time. @param {Take} take @param {number} now ms */
  #timeAt({ begun, start }, now) {
    return begun === null ? start : Math.min(1, start + Math.max(0, now - begun) / 1000 / this.editor.player.seconds);
  }

  /** Notes where the hand is. @param {number} now ms */
  #record(now) {
    const { take, editor: { clip } } = this;
    if (!take || take.begun === null) return;
    const { samples, at, from } = take;
    const time = this.#timeAt(take, now);
    if (samples.length > 0 && time <= samples[samples.length - 1].time) return;
    if (samples.length === 0 && time > take.start) samples.push({ time: take.start, x: 0, y: 0 });
    samples.push({ time, x: (at.x - from.x) / clip.width, y: (at.y - from.y) / clip.height });
    take.farthest = Math.max(take.farthest, Math.hypot(at.x - from.x, at.y - from.y));
  }

  /** Shows the instant, and the motion up to it. @param {Take} take @param {number} now ms */
  #show(take, now) {
    const { session } = this.editor;
    this.#record(now);
    const time = this.#timeAt(take, now);
    session.update({ time, playing: true, hold: { time } });
    if (take.samples.length > 1) session.preview(this.#performed(take, 0), 'perform');
    else session.change({});
    take.shown = { doc: session.doc, time };
  }

  /** The drawing with what was performed. @param {Take} take @param {number} tolerance pixels of the clip */
  #performed({ before, samples, tracks, objects }, tolerance) {
    const { clip: { width, height }, player: { seconds } } = this.editor;
    const performance = { samples, clip: { width, height, seconds }, tolerance };
    return performObjects(performTracks(before, tracks, performance), objects, performance);
  }

  /** Ends what is under way, and makes it a step of the drawing. @returns {boolean} whether it became one */
  #complete() {
    const { take, editor } = this;
    if (!take) return false;
    const { session, player, px } = editor;
    cancelAnimationFrame(this.request);
    this.take = null;
    const replaced = session.previewed === null && take.shown !== null && session.doc !== take.before;
    const isOurs = take.shown?.doc === session.doc;
    const isMoved = take.shown !== null && take.shown.time !== session.now.time; // by somebody else
    session.update({ hold: null, ...(!isMoved && { playing: false }) });
    if (replaced) return false; // the drawing was loaded anew
    if (take.samples.length < 2 || take.farthest < STILL * px) session.cancel();
    else if (isOurs) editor.attempt(() => session.preview(this.#performed(take, TOLERANCE * px), 'perform'));
    if (!isMoved) player.goTo(Math.round(take.start * (editor.clip.frames - 1)));
    return session.finish();
  }

  /** @returns {boolean} whether something was under way */
  #finish() {
    if (!this.take) return false;
    const changed = this.#complete();
    const { editor } = this;
    if (changed && this.ofPicture) this.#turn(false);
    if (changed) editor.say('performed');
    else editor.say('performedNothing');
    this.#changed();
    editor.commit(changed);
    return true;
  }
}
