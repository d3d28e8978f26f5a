/**
 * The regions of the drawing: what drags on a picture carry, or what is drawn on in a video, in each of its frames.
 * They are requested from the server once the drawing stops changing, and shown as dashed outlines; the surroundings
 * of a drag on the ground are dotted. A click on what drags carry, a button or a key turns it into an object that
 * replaces them.
 */

import { movedIn } from '../../core/bending/outline.js';
import { nearestOnCurve } from '../../core/geometry.js';
import { drawnOutline, frameAt } from '../../core/objects/corrections.js';
import { AT_PLACE, motionBack, motionInPixels, placeMoved } from '../../core/objects/in_frames.js';
import { drawnRings, toRings, tracksToObjects } from '../../core/objects/tracks.js';
import { inPixels, isInside } from '../../core/objects/interior.js';
import { isAnchor } from '../../core/sampling.js';
import { DebouncedRequest, isBusy, isSmall } from '../answers.js';
import { h, iconButton, showWords } from '../dom.js';
import { radiusOf } from '../hits.js';
import { bends, toggleBend } from './bending.js';
import { pathOf, regionLook } from './look.js';

/** @import {Affine, Doc, MotionObject, Region, Ring, Track, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {RegionLook as Shown} from './look.js' */

/** From where a place of a thing was drawn to where it is in the frame that is shown. @typedef {(p: XY) => XY} Place */

const CALM_MS = 400; // without changes before the server is asked
const HIDDEN = 'dragnuwa.hide-carried'; // in the browser's storage, for all editors

/** @type {readonly Region[]} */
const NONE = Object.freeze([]);

export class Regions {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /** The server's answer. @type {readonly Region[]} */
    this.found = NONE;
    /** The drawing that it is about, and the one that was asked about last. @type {Readonly<Doc> | null} */
    this.drawing = null;
    this.asked = this.drawing;
    /** Whether that is about the drawing as it is now. */
    this.current = false;
    /** @type {DebouncedRequest<Region[]>} */
    this.request = new DebouncedRequest(CALM_MS, (found, error) => this.#answered(found, error));
    /** The drags whose objects are made once the answer is there. @type {readonly string[]} */
    this.awaited = [];
    /** What is shown in a frame, made once. @type {{of: readonly unknown[], shown: readonly Shown[]}} */
    this.frame = { of: [], shown: [] };
    this.take = h('button', { type: 'button', 'data-testid': 'dragnuwa-take-carried', onclick: () => this.#taken() });
    this.take.title = t('carriedHint');
    const hide = iconButton('close', `${t('hideCarried')} (Shift+O)`, () => this.toggle(), 'hide-carried');
    const change = () => {
      toggleBend(editor);
      editor.focus();
    };
    const named = { 'data-testid': 'dragnuwa-toggle-bend', title: t('bendHint') };
    this.bend = h('button', { type: 'button', onclick: change, ...named });
    this.root = h('div', { class: 'dnw-offer dnw-carried', hidden: true }, this.take, this.bend, hide);
  }

  /** Whether the user wants to see what drags carry. */
  get wanted() {
    return localStorage.getItem(HIDDEN) === null;
  }

  toggle() {
    const { editor } = this;
    if (this.wanted) localStorage.setItem(HIDDEN, '1');
    else localStorage.removeItem(HIDDEN);
    this.forget();
    editor.say(this.wanted ? 'carriedShown' : 'carriedHidden');
    editor.focus();
    editor.invalidate();
  }

  /** Drops the regions, and cancels a running request. */
  forget() {
    this.request.forget();
    Object.assign(this, { found: NONE, current: false, awaited: [] });
  }

  /** Whether what is drawn over a video is being followed now. */
  get following() {
    return this.editor.picture.video && this.request.running !== null;
  }

  /** Those of the frame at the playhead. @returns {readonly Shown[]} */
  get inFrame() {
    const { clip, picture, player, session: { now: { doc } }, editedClip: { layers } } = this.editor;
    const frame = picture.video ? player.frame : 0;
    const live = layers || this.found.some(({ mesh }) => mesh) ? [doc.tracks, doc.objects] : [];
    const of = [this.found, frame, clip, layers && this.editor.editedClip.holds && layers.things, ...live];
    if (!of.every((value, k) => value === this.frame.of[k])) {
      const shown = this.found.map((region) => regionLook(region, this.#movedIn(region, frame), frame, clip));
      this.frame = { of, shown };
    }
    return this.frame.shown;
  }

  /** What drags carry, as it is shown now, with the surroundings of others. @returns {readonly Shown[]} */
  get shown() {
    const { locked, session: { now }, result, picture } = this.editor;
    if (this.found.length === 0 || locked || now.playing || result.shown || !this.wanted) return [];
    return picture.video ? this.inFrame.filter(({ region }) => region.tracks) : this.inFrame;
  }

  /** Those that can be made objects. */
  get things() {
    return this.shown.filter(({ region }) => !region.surroundings && this.isThing(region));
  }

  /** Those of the selected drags. */
  get ofSelected() {
    return carriedBy(this.shown, this.editor.session.active);
  }

  /** Those of the selected drags that can be made objects. */
  get chosen() {
    return carriedBy(this.things, this.editor.session.active);
  }

  /**
   * Whether a region of drags can be made an object. Over a video, that is what one of them carries, or what they bend:
   * several have a common motion, which no path has.
   * @param {Region} region
   */
  isThing(region) {
    if (!this.editor.picture.video) return true;
    return (region.tracks?.length === 1 || Boolean(region.bends)) && drawnRings(region).length > 0;
  }

  render() {
    const { editor, ofSelected, chosen: { length: count } } = this;
    const { t } = editor;
    this.root.hidden = ofSelected.length === 0;
    this.take.hidden = count === 0;
    if (count > 0) showWords(this.take, count === 1 ? t('takeCarried') : t('takeAllCarried', { count }));
    const pins = Math.max(0, ...ofSelected.map(({ region }) => (region.bends ? region.tracks?.length ?? 0 : 0)));
    showWords(this.bend, t(!bends(editor) ? 'bendIt' : pins > 1 ? 'separatePins' : 'moveWhole'));
  }

  /** Checks whether a new request is needed. */
  follow() {
    const { editor, request } = this;
    const { session: { now }, picture } = editor;
    const rests = !isBusy(editor) && !now.playing;
    const about = this.#about;
    if (request.isAbout(about)) {
      if (!rests && !picture.video && request.timer) request.forget(); // until the hand rests
      return;
    }
    this.current = false;
    if (!rests && picture.video) return; // retried in the next frame; what was followed stays until then
    if (picture.video) request.forget();
    else if (request.about.length > 0) this.forget();
    if (!rests || !picture.image || (!picture.video && (now.tracks.length === 0 || editor.locked))) return;
    if (this.#asks && (picture.video || this.wanted)) {
      this.#ask();
      return;
    }
    request.about = about;
    Object.assign(this, { found: NONE, current: true });
  }

  /** What the answer depends on. */
  get #about() {
    const { session: { now: { doc } }, clip, picture, around: { followedBy } } = this.editor;
    const { carries, radius } = followedBy ?? {};
    const drawn = picture.video ? [doc.objects, carries, radius] : [];
    return [doc.tracks, picture.url, clip.width, clip.height, clip.frames, clip.fit, ...drawn];
  }

  /** Whether there may be regions, and not too many places to be sent at each change. */
  get #asks() {
    const { session: { now: { doc: { tracks, objects = [] } } }, locked, picture, around } = this.editor;
    if (locked || !picture.image || !isSmall(tracks)) return false;
    if (picture.video) return around.followedBy !== null && tracks.length + objects.length > 0;
    return tracks.some((track) => track.enabled && !isAnchor(track));
  }

  /** @param {number} [calm] ms */
  #ask(calm) {
    const { host, picture, session: { doc }, around } = this.editor;
    const settings = picture.video ? around.followedBy : null;
    this.asked = doc;
    this.request.start(this.#about, (signal) => host.regions(doc, settings, signal), calm);
  }

  /** @param {readonly Region[] | null} found @param {unknown} error */
  #answered(found, error) {
    const { editor, awaited } = this;
    Object.assign(this, { found: found ?? NONE, drawing: this.asked, current: true, awaited: [] });
    // Over a video, a run would end with the same; otherwise it is told a person who waits, since nobody else asked.
    const told = error && (editor.picture.video || awaited.length > 0);
    if (awaited.length > 0) editor.attempt(() => this.#makeObjectsOf(awaited));
    if (told) editor.notices.warn(editor.reason(error));
    editor.invalidate();
  }

  /** The one whose outline is under the pointer. @param {StageEvent} event @returns {Shown | undefined} */
  near({ p, touch }) {
    const reach = radiusOf(this.editor, touch).curve;
    return this.things.find(({ curves }) => curves.some((curve) => nearestOnCurve(curve, p).distance <= reach));
  }

  /** The one under the pointer. @param {StageEvent} event @returns {Shown | undefined} */
  under(event) {
    return this.near(event) ?? this.things.find(({ rings }) => isInside(rings, event.p));
  }

  /** Turns what the selected drags carry into objects, as soon as it is known. */
  takeSelected() {
    const { editor } = this;
    const { session, tool, player, picture } = editor;
    if (tool.unfinished) tool.end();
    if (player.playing) player.stop();
    this.follow();
    const known = this.current && (picture.video || this.wanted);
    if (known || !this.#asks || session.active.length === 0) {
      this.#makeObjectsOf(session.active);
      return;
    }
    if (!picture.video && !this.request.running) {
      this.request.forget();
      this.#ask(0);
    }
    this.awaited = session.active;
    editor.invalidate();
  }

  /** Stops waiting. @returns {boolean} whether anything was awaited */
  cancel() {
    const waited = this.awaited.length > 0;
    this.awaited = [];
    this.editor.invalidate();
    return waited;
  }

  /** @param {readonly string[]} ids of drags */
  #makeObjectsOf(ids) {
    this.makeObjects(carriedBy(this.inFrame.filter(({ region }) => this.isThing(region)), ids));
  }

  /** Turns these into objects, by default those of the selected drags. @param {readonly Shown[]} [shown] */
  makeObjects(shown = this.chosen) {
    const { editor } = this;
    if (shown.length === 0) {
      editor.warn('noneCarried');
      return;
    }
    const { doc, ids: objects } = tracksToObjects(editor.session.doc, shown.map(({ region }) => region));
    editor.change(doc, 'object');
    editor.session.select({ objects });
    editor.chooseTool('object');
  }

  /**
   * Makes an object of what lies under the pointer, and a larger (1) or a smaller one (-1) of that.
   * @param {StageEvent} event
   * @param {number} by
   * @returns {boolean} whether there is anything
   */
  resize(event, by) {
    const shown = this.under(event);
    if (!shown) return false;
    this.editor.attempt(() => this.makeObjects([shown]));
    if (this.editor.session.object) this.editor.tool.resize?.(by);
    return true;
  }

  #taken() {
    this.editor.attempt(() => this.makeObjects());
    this.editor.focus();
  }

  /** That of an object in a video; undefined while it is not known. @param {Readonly<MotionObject>} object */
  #of({ id }) {
    return this.inFrame.find(({ region }) => region.object === id);
  }

  /**
   * Where an object is in a frame of a video: as it was drawn there, or found.
   * @param {Readonly<MotionObject>} object
   * @param {number} [frame] that at the playhead
   * @returns {readonly Ring[]} [] where it is not seen
   */
  outlineOf(object, frame = this.editor.player.frame) {
    const { clip: { frames } } = this.editor;
    return drawnOutline(object, frame, frames) ?? toRings(this.#of(object)?.region.seen[frame] ?? []);
  }

  /**
   * How an object moves in a video, from the frame in which it was drawn to another; null where that is not known.
   * @param {Readonly<MotionObject>} object
   * @param {number} frame
   * @returns {Affine | null} in fractions of the clip
   */
  motionOf(object, frame) {
    if (frameAt(object.at ?? 0, this.editor.clip.frames) === frame) return AT_PLACE;
    return this.#of(object)?.region.own?.[frame] ?? null;
  }

  /**
   * Where an object is to be seen in the frame of a video that is shown, before its pins bend it.
   * @param {Readonly<MotionObject>} object
   * @returns {{motion: Affine | null, time: number} | undefined} undefined in a picture
   */
  placementOf(object) {
    const { editedClip, picture, player: { frame, time } } = this.editor;
    if (!picture.video) return undefined;
    const motion = editedClip.placement({ object: object.id }) ?? this.#of(object)?.region.placed?.[frame] ?? null;
    return { motion, time };
  }

  /**
   * The same of what a drag bends: a place as it was drawn, if nobody knows better, or it bends nothing.
   * @param {Readonly<Track>} track
   * @returns {Place}
   */
  placeOf(track) {
    const { clip, player: { frame } } = this.editor;
    const motion = this.#bentBy(track)?.region.placed?.[frame];
    if (!motion) return (p) => p;
    const moves = motionInPixels(motion, clip);
    return (p) => placeMoved(moves, p);
  }

  /** Whether a drag bends something that the shown frame of a video has elsewhere. @param {Readonly<Track>} track */
  isAway(track) {
    const { clip: { frames }, player: { frame } } = this.editor;
    return frameAt(track.start, frames) !== frame && this.#bentBy(track) !== undefined;
  }

  /** Where a region goes in a frame, also while its drags are changed. @param {Region} region @param {number} frame */
  #movedIn(region, frame) {
    const { clip, editedClip, session: { now: { doc } } } = this.editor;
    return editedClip.movedOutline(region, frame) ?? movedIn(region, frame, this.drawing, doc, clip);
  }

  /** What a drag bends. @param {Readonly<Track>} track */
  #bentBy({ id }) {
    return this.inFrame.find(({ region }) => region.bends && region.tracks?.includes(id));
  }

  /**
   * The outline of what drags bend as it is at the end, but where a video's frame that is shown has it.
   * @param {Region} region
   * @returns {readonly Ring[]}
   */
  atEnd(region) {
    const { moved, placed } = region;
    const rings = toRings(this.#movedIn(region, moved.length - 1));
    if (!placed) return rings;
    const [here, last] = [placed[this.editor.player.frame], placed.at(-1)];
    if (!here || !last) return [];
    const back = motionBack(last);
    return rings.map((ring) => ring.map((place) => placeMoved(here, placeMoved(back, place))));
  }

  /**
   * How an object is painted in that frame; undefined as without a video.
   * @param {Readonly<MotionObject>} object
   * @returns {import('./paint.js').Look | undefined}
   */
  lookOf(object) {
    const { clip, player: { frame }, picture, editedClip } = this.editor;
    if (!picture.video) return undefined;
    const known = this.#of(object);
    const drawn = drawnOutline(object, frame, clip.frames);
    if (drawn) return { outline: pathOf(inPixels(drawn, clip)), filled: !editedClip.frame };
    return known && { outline: known.seen, filled: !editedClip.frame };
  }

  /** The front object that a video shows at a point, by its id. @param {XY} p @returns {string | undefined} */
  objectAt(p) {
    const objects = this.inFrame.filter(({ region }) => region.object);
    const moved = objects.findLast((each) => isInside(each.movedRings, p));
    return (moved ?? objects.findLast(({ rings }) => isInside(rings, p)))?.region.object;
  }

  /** Whether the selected object was followed, but not found in the frame at the playhead. */
  get isLost() {
    const { session: { object }, player: { frame }, clip: { frames } } = this.editor;
    const known = object && this.#of(object);
    return Boolean(known && known.rings.length === 0 && !drawnOutline(object, frame, frames));
  }
}

/** Those that these drags carry. @param {readonly Shown[]} shown @param {readonly string[]} ids */
function carriedBy(shown, ids) {
  const chosen = new Set(ids);
  return shown.filter(({ region }) => !region.surroundings && region.tracks?.some((id) => chosen.has(id)));
}
