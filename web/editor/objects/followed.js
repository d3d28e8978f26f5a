/**
 * The things of a drawing over a video, followed through it: requested from the server once the drawing stops changing,
 * and shown in the frame at the playhead, where each is, and dashed, where it goes.
 */

import { drawnOutline, frameAt } from '../../core/objects/corrections.js';
import { findObject } from '../../core/objects/edit.js';
import { inPixels, isInside } from '../../core/objects/interior.js';
import { DebouncedRequest, isBusy, isSmall } from '../answers.js';
import { DARK, LIGHT, line } from '../paint.js';
import { shapeOf } from './carried.js';
import { pathOf } from './look.js';

/** @import {Doc, FollowedThing, FoundOutline, MotionObject, Ring, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {Clip} from '../host.js' */
/** @import {Shown} from './carried.js' */

const CALM_MS = 400;

/**
 * A thing in a frame, in pixels of the clip.
 * @typedef {{thing: FollowedThing, seen: Path2D, moved: Path2D, rings: XY[][], carried: Shown | null}} InFrame
 */

/** @type {readonly FollowedThing[]} */
const NONE = Object.freeze([]);

export class FollowedThings {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** Whether the answer is about the drawing as it is now. */
    this.current = false;
    /** The server's answer. @type {readonly FollowedThing[]} */
    this.found = NONE;
    /** @type {DebouncedRequest<FollowedThing[]>} */
    this.request = new DebouncedRequest(CALM_MS, (found, error) => this.#answered(found, error));
    /** What is shown in a frame, made once. @type {{found: readonly FollowedThing[], frame: number, clip: unknown,
     *   things: readonly InFrame[]}} */
    this.frame = { found: NONE, frame: -1, clip: null, things: [] };
  }

  /** Whether something is being followed now. */
  get pending() {
    return this.request.running !== null;
  }

  /** Drops the outlines, and cancels a running request. */
  forget() {
    this.request.forget();
    Object.assign(this, { found: NONE, current: false });
  }

  /** Checks whether a new request is needed. */
  follow() {
    const { session, clip, picture, locked, host, player } = this.editor;
    const { width, height, frames, fit } = clip;
    const { tracks, objects } = session.doc;
    const settings = picture.video ? host.followedBy() : null;
    const about = [tracks, objects, picture.url, width, height, frames, fit, settings?.carries, settings?.radius];
    if (this.request.isAbout(about)) return;
    this.current = false;
    if (isBusy(this.editor) || player.playing) return; // retried in the next frame; what was followed stays until then
    this.request.forget();
    if (!settings || locked || session.problem || !picture.image || isTooLarge(session.doc)) {
      this.found = NONE;
      this.request.about = about;
      this.current = true;
      return;
    }
    const { doc } = session;
    this.request.start(about, (signal) => host.followed(doc, settings, signal));
  }

  /** @param {FollowedThing[] | null} found @param {unknown} error */
  #answered(found, error) {
    this.found = found ?? NONE;
    this.current = true;
    if (error) this.editor.notices.warn(this.editor.reason(error)); // a run would end with the same
    this.editor.invalidate();
  }

  /** Those of the frame at the playhead. @returns {readonly InFrame[]} */
  get things() {
    const { clip, player: { frame } } = this.editor;
    const known = this.frame;
    if (known.found !== this.found || known.frame !== frame || known.clip !== clip) {
      const things = this.found.map((thing) => inFrame(thing, frame, clip));
      this.frame = { found: this.found, frame, clip, things };
    }
    return this.frame.things;
  }

  /** What single drags carry there. @returns {readonly Shown[]} */
  get carried() {
    return this.things.flatMap(({ carried }) => carried ?? []);
  }

  /** That of an object; undefined while it is not known. @param {Readonly<MotionObject>} object */
  of({ id }) {
    return this.things.find(({ thing }) => thing.object === id);
  }

  /**
   * Where an object is in the frame at the playhead: as it was drawn there, or found.
   * @param {Readonly<MotionObject>} object
   * @returns {readonly Ring[]} [] where it is not seen
   */
  outlineOf(object) {
    const { clip: { frames }, player: { frame } } = this.editor;
    return drawnOutline(object, frame, frames) ?? toRings(this.of(object)?.thing.seen[frame] ?? []);
  }

  /**
   * How an object is painted in the frame at the playhead; undefined as without a video.
   * @param {Readonly<MotionObject>} object
   * @returns {{outline: Path2D, filled: boolean} | undefined}
   */
  lookOf(object) {
    const { clip, player: { frame }, picture } = this.editor;
    if (!picture.video) return undefined;
    const known = this.of(object);
    const drawn = drawnOutline(object, frame, clip.frames);
    if (drawn) return { outline: pathOf(inPixels(drawn, clip)), filled: true };
    return known && { outline: known.seen, filled: true };
  }

  /** The front object that is seen at a point. @param {XY} p pixels of the clip @returns {string | undefined} its id */
  objectAt(p) {
    return this.things.findLast(({ thing, rings }) => thing.object && isInside(rings, p))?.thing.object;
  }

  /** Whether an object was followed, but not found in the frame at the playhead. */
  get isLost() {
    const { session: { object }, player: { frame }, clip: { frames } } = this.editor;
    const known = object && this.of(object);
    return Boolean(known && known.rings.length === 0 && !drawnOutline(object, frame, frames));
  }

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    const { session, stage } = this.editor;
    if (!stage.carried.wanted) return;
    for (const { seen, moved, thing, carried } of this.things) {
      const [track] = thing.tracks ?? [];
      const color = (track ? session.track(track) : findObject(session.doc, thing.object ?? ''))?.color ?? LIGHT;
      context.setLineDash([1.5 * px, 4 * px]);
      if (!thing.object && !carried) line(context, seen, LIGHT, 1.4 * px);
      context.setLineDash([5 * px, 4 * px]);
      line(context, moved, DARK, 3 * px);
      line(context, moved, color, 1.8 * px);
      context.setLineDash([]);
    }
  }
}

/**
 * @param {FollowedThing} thing
 * @param {number} frame
 * @param {Clip} clip
 * @returns {InFrame}
 */
function inFrame(thing, frame, clip) {
  const shape = shapeOf(toRings(thing.seen[frame] ?? []), clip);
  const moved = pathOf(inPixels(toRings(thing.moved[frame] ?? []), clip));
  return { thing, rings: shape.rings, seen: shape.path, moved, carried: carriedBy(thing, shape, clip) };
}

/**
 * What one drag carries, as in a picture.
 * @param {FollowedThing} thing
 * @param {Omit<Shown, 'thing'>} shape of it now
 * @param {Clip} clip
 * @returns {Shown | null} null for an object, and for several drags, whose common motion no path has
 */
function carriedBy(thing, shape, clip) {
  const { tracks, at } = thing;
  const outline = toRings(thing.seen[frameAt(at, clip.frames)] ?? []);
  if (tracks?.length !== 1 || outline.length === 0) return null;
  return { ...shape, thing: { tracks, outline, at } };
}

/** @param {FoundOutline} outline @returns {Ring[]} */
const toRings = (outline) => outline.map((ring) => ring.map(([x, y]) => ({ x, y })));

/** Whether a drawing is empty, or too large to be sent at each change. @param {Readonly<Doc>} doc */
function isTooLarge({ tracks, objects = [] }) {
  return tracks.length + objects.length === 0 || !isSmall(tracks);
}
