/** What clicks and boxes pick: new objects, corrections of one, and smaller and larger things in its place. */

import { equal } from '../../core/equal.js';
import { frameAt } from '../../core/objects/corrections.js';
import { findObject, updateObjects } from '../../core/objects/edit.js';
import { interiorPoints } from '../../core/objects/interior.js';
import { combined, outlineOf } from '../../core/objects/raster.js';
import { addObject, drawnNow, inFrame, withOutline } from './commands.js';

/** @import {MotionObject, Ring, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {PickRequest, PickedThing} from '../host.js' */

/**
 * What the editor knows of an object that was picked: the request without its step, the step, and the answer.
 * @typedef {{request: PickRequest, step: number} & PickedThing} Known
 */

/** An answer, and what a model said that failed, so that the pack's own search answered. */
/** @typedef {PickedThing & {own?: boolean, failed?: string}} Answer */

/** @typedef {Readonly<Record<'noSmaller' | 'noLarger' | 'ground' | 'nothing', string>>} Words */

const NEAR = 0.02; // of the clip's sides: two clicks on one place

/**
 * A request for what clicks pick, without looking for other sizes, which takes longer: `resize` asks for those.
 * @param {PickRequest} request
 * @returns {PickRequest}
 */
function withoutSizes({ step, ...asked }) {
  return step || asked.outline ? { step, ...asked } : { ...asked, preview: true };
}

/**
 * The clicks with one more, which takes back those of the other kind on its place: the two kinds have no order.
 * @param {PickRequest} clicks
 * @param {XY} place
 * @param {boolean} belongs
 */
function withClick({ points, minus }, place, belongs) {
  const others = (belongs ? minus : points).filter(({ x, y }) => Math.hypot(x - place.x, y - place.y) >= NEAR);
  if (belongs) return { points: [...points, place], minus: others };
  return { points: others.length ? others : points, minus: [...minus, place] };
}

export class Picking {
  /** @param {Editor} editor @param {() => Words} words */
  constructor(editor, words) {
    this.editor = editor;
    this.words = words;
    /** Requests that are under way. */
    this.looking = 0;
    /** By the objects' ids. @type {Map<string, Known>} */
    this.known = new Map();
    /** Where a click has found ground, which a second click there takes. @type {XY | null} */
    this.asked = null;
  }

  /** Drops the question about ground, unless this press answers it. @param {XY} place in fractions of the clip */
  keepQuestionAt(place) {
    if (this.asked && Math.hypot(place.x - this.asked.x, place.y - this.asked.y) >= NEAR) this.asked = null;
  }

  /** A new object. @param {PickRequest} request @param {Ring[]} [instead] outline where nothing is found */
  async pick(request, instead) {
    const found = await this.#ask(inFrame(request, drawnNow(this.editor).at), instead);
    if (!found) return;
    const outline = found.outline.length > 0 ? found.outline : instead;
    if (!outline) {
      this.editor.notices.warn(this.words().nothing);
      return;
    }
    const [place] = request.points;
    if (place) this.keepQuestionAt(place);
    const again = this.asked !== null;
    this.asked = null;
    if (found.ground && place && !again && !request.step) { // a step to it is an answer
      this.asked = place;
      this.editor.notices.warn(this.words().ground);
      return;
    }
    this.editor.attempt(() => {
      addObject(this.editor, { outline });
      const { object } = this.editor.session;
      if (object) this.#keep(object.id, request, { ...found, outline });
    });
    this.#sayFailure(found);
  }

  /**
   * The same object after a click on a place that belongs to it, or does not.
   * @param {Readonly<MotionObject>} object
   * @param {XY} place
   * @param {boolean} belongs
   */
  async correct(object, place, belongs) {
    const { picture, player, regions, clip } = this.editor;
    const { frame } = player;
    const own = !picture.video || frameAt(object.at ?? 0, clip.frames) === frame;
    const outline = own ? object.outline : regions.outlineOf(object);
    const before = own ? this.#knownOf(object) : null;
    // What clicks alone do not give again is corrected as it is.
    const byClicks = before && before.step === 0 && !before.request.outline && before.request.by !== 'rmbg';
    const again = byClicks ? before.request : null;
    const clicks = withClick(again ?? { points: [], minus: [] }, place, belongs);
    if (outline.length === 0 && !belongs) return; // in this frame, there is nothing to take away from
    const request = again || outline.length === 0 ? { ...again, ...clicks } : { ...clicks, outline };
    const found = await this.#ask(inFrame(request, own ? object.at : player.at ?? 0));
    if (found?.outline.length) this.#replace(object.id, again && request, found, frame);
    else if (found) this.editor.notices.warn(this.words().nothing);
    if (found) this.#sayFailure(found);
  }

  /**
   * The same object with what is lit, or without it: that and nothing else.
   * @param {Readonly<MotionObject>} object
   * @param {readonly Ring[]} lit fractions of the clip
   * @param {boolean} belongs
   */
  combine(object, lit, belongs) {
    const { editor } = this;
    const { picture, player, regions, clip } = editor;
    const own = !picture.video || frameAt(object.at ?? 0, clip.frames) === player.frame;
    const outline = outlineOf(combined(own ? object.outline : regions.outlineOf(object), lit, belongs, clip).raster);
    if (outline.length > 0) this.#replace(object.id, null, { outline, ground: false }, player.frame);
    else editor.notices.warn(this.words().nothing);
  }

  /**
   * A larger thing (1) or a smaller one (-1) in the place of an object.
   * @param {Readonly<MotionObject>} object
   * @param {number} by
   */
  async resize(object, by) {
    if (this.looking > 0) return;
    const { width, height } = this.editor.clip;
    const [inside] = interiorPoints(object.outline, width, height);
    const drawn = { points: [{ x: inside.x / width, y: inside.y / height }], minus: [], outline: object.outline };
    const known = this.#knownOf(object);
    // What a model has found is a drawn outline to the pack's own search, which knows the sizes.
    const { request, step, smaller, larger } = known && !known.request.by ? known : { request: drawn, step: 0 };
    const left = by > 0 ? larger : smaller;
    const found = left === 0 ? null : await this.#ask(inFrame({ ...request, step: step + by }, object.at));
    if (found && !equal(found.outline, object.outline)) {
      this.#replace(object.id, { ...request, step: step + by }, found);
    } else if (found || left === 0) {
      this.editor.notices.warn(by > 0 ? this.words().noLarger : this.words().noSmaller);
    }
  }

  /** What is known of an object, while its outline is still what was picked. @param {Readonly<MotionObject>} object */
  #knownOf(object) {
    const known = this.known.get(object.id);
    return known && equal(known.outline, object.outline) ? known : undefined;
  }

  /**
   * @param {PickRequest} request
   * @param {Ring[]} [instead]
   * @returns {Promise<Answer | null>} null after a message for the person
   */
  async #ask(request, instead) {
    const { editor } = this;
    this.looking += 1;
    editor.invalidate();
    try {
      const found = request.by ? await this.#askModel(request) : await editor.host.pick(withoutSizes(request));
      if (found === undefined) return null;
      if (!found && !instead) editor.warn('picture_unconnected');
      return found ?? (instead ? { outline: instead, ground: false } : null);
    } catch (error) {
      editor.notices.warn(editor.reason(error));
      return instead ? { outline: instead, ground: false } : null;
    } finally {
      this.looking -= 1;
      editor.invalidate();
    }
  }

  /**
   * Asks a model. Where it fails, or where RMBG has another thing, the pack's own search answers.
   * @param {PickRequest} request
   * @returns {Promise<Answer | null | undefined>} undefined where it was cancelled; null as from the host
   */
  async #askModel({ by, ...request }) {
    const { host, segmenter } = this.editor;
    const { found, failed } = await segmenter.wait((signal) => host.pick({ ...request, by }, signal));
    if (failed === undefined && !(by === 'rmbg' && found?.outline.length === 0)) return found;
    const answer = await host.pick(withoutSizes(request));
    return answer && { ...answer, own: true, failed };
  }

  /** After what the answer has changed, which would take the message away. @param {Answer} answer */
  #sayFailure({ failed }) {
    const { editor } = this;
    if (failed !== undefined) editor.warn('modelFailed', { reason: failed });
  }

  /**
   * @param {string} id
   * @param {PickRequest | null} request null where it would not give the outline again
   * @param {Answer} found
   * @param {number} [frame] of a video, in which it was found
   */
  #replace(id, request, found, frame) {
    const { editor } = this;
    const { doc } = editor.session;
    editor.attempt(() => {
      const changed = frame === undefined ? updateObjects(doc, [id], { outline: found.outline })
        : withOutline(editor, doc, id, found.outline, frame);
      editor.change(changed, 'outline');
      if (request) this.#keep(id, request, found);
      else this.known.delete(id);
    });
  }

  /** @param {string} id @param {PickRequest} request @param {Answer} found */
  #keep(id, { step = 0, by, ...asked }, { own, ...found }) {
    const object = findObject(this.editor.session.doc, id);
    const request = own || !by ? asked : { ...asked, by };
    if (object) this.known.set(id, { request, step, ...found, outline: [...object.outline] });
  }
}
