/**
 * The objects that DragNUWA Carry moves with the drags: requested from the server once the drags stop changing, and
 * shown as dashed outlines. A click on one, a button or a key turns it into an object that replaces the drags. The
 * surroundings of a drag on the ground are dotted.
 */

import { nearestOnCurve } from '../../core/geometry.js';
import { inPixels, isInside } from '../../core/objects/interior.js';
import { tracksToObjects } from '../../core/objects/from_tracks.js';
import { isBusy, isSmall } from '../answers.js';
import { h, iconButton, showWords } from '../dom.js';
import { radiusOf } from '../hits.js';
import { DARK, LIGHT, line } from '../paint.js';
import { bends, paintBent, toggleBend } from './bending.js';
import { pathOf } from './look.js';

/** @import {CarriedThing, Doc, Polyline, Ring, Size, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */

/** @typedef {{thing: CarriedThing, rings: XY[][], path: Path2D, curves: Polyline[]}} Shown in pixels of the clip */

const CALM_MS = 400; // without changes before the server is asked
const HIDDEN = 'dragnuwa.hide-carried'; // in the browser's storage, for all editors

/** @type {readonly Shown[]} */
const NONE = Object.freeze([]);

export class CarriedThings {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /** Key of the current or next request. @type {readonly unknown[]} */
    this.about = [];
    /** The server's answer to it. @type {readonly Shown[]} */
    this.found = NONE;
    this.timer = 0;
    /** @type {AbortController | null} */
    this.request = null;
    /** Whether an answer is still to come. */
    this.pending = false;
    /** The drags whose objects are made once the answer is there. @type {readonly string[]} */
    this.awaited = [];
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

  /** Whether the user wants to see them. */
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

  /** Drops the outlines, and cancels a running request. */
  forget() {
    clearTimeout(this.timer);
    this.request?.abort();
    Object.assign(this, { about: [], found: NONE, request: null, pending: false, awaited: [] });
  }

  /** The outlines shown now that can be made objects. */
  get things() {
    return this.shown.filter(({ thing }) => !thing.surroundings);
  }

  /** The outlines shown now. @returns {readonly Shown[]} */
  get shown() {
    const { editor } = this;
    const hidden = editor.locked || editor.player.playing || editor.result.shown || !this.wanted;
    return hidden ? NONE : this.found;
  }

  /** Those of the selected drags. */
  get chosen() {
    if (this.shown.length === 0) return NONE;
    return carriedBy(this.shown, this.editor.session.active);
  }

  render() {
    const count = this.chosen.length;
    this.root.hidden = count === 0;
    const { t } = this.editor;
    const text = count === 1 ? t('takeCarried') : t('takeAllCarried', { count });
    if (count > 0) showWords(this.take, text);
    this.bend.hidden = this.editor.picture.video;
    const pins = Math.max(0, ...this.chosen.map(({ thing }) => (thing.shapes ? thing.tracks.length : 0)));
    showWords(this.bend, t(!bends(this.editor) ? 'bendIt' : pins > 1 ? 'separatePins' : 'moveWhole'));
  }

  /** Checks whether a new request is needed. */
  follow() {
    const { editor } = this;
    const { session, clip, picture } = editor;
    if (picture.video) {
      this.#followVideo();
      return;
    }
    const { width, height, frames, fit } = clip;
    const about = [session.doc.tracks, picture.url, width, height, frames, fit];
    if (about.every((value, k) => value === this.about[k])) return;
    if (this.about.length > 0) this.forget();
    if (this.#busy || session.active.length === 0 || editor.locked || !picture.image) return;
    this.about = about;
    if (!this.wanted || !isAsked(session.doc)) return;
    this.pending = true;
    this.timer = window.setTimeout(() => this.#ask(), CALM_MS);
  }

  /** Over a video, what the drags carry is followed through it. */
  #followVideo() {
    const { followed } = this.editor.stage;
    const { awaited } = this;
    this.found = followed.carried;
    if (awaited.length === 0 || !followed.current) return;
    this.awaited = [];
    this.editor.attempt(() => this.makeObjects(carriedBy(this.found, awaited)));
  }

  /** Whether a drag is being drawn or moved; checked again every animation frame. */
  get #busy() {
    return isBusy(this.editor) || this.editor.player.playing;
  }

  async #ask() {
    const { editor } = this;
    if (this.#busy) {
      this.forget();
      return;
    }
    const request = new AbortController();
    this.request = request;
    try {
      this.#answered(request, await editor.host.carried(editor.session.doc, request.signal) ?? []);
    } catch (error) {
      // Shown only to a person who waits for it: otherwise nobody asked, and a run will report it.
      const told = request === this.request && this.awaited.length > 0;
      this.#answered(request, []);
      if (told) editor.notices.warn(editor.reason(error));
    }
  }

  /** @param {AbortController} request @param {CarriedThing[]} things */
  #answered(request, things) {
    if (request !== this.request) return; // nobody waits for it any longer
    const { awaited } = this;
    const { clip } = this.editor;
    this.found = things.map((thing) => ({ thing, ...shapeOf(thing.outline, clip) }));
    Object.assign(this, { request: null, pending: false, awaited: [] });
    if (awaited.length > 0) this.editor.attempt(() => this.makeObjects(carriedBy(this.found, awaited)));
    this.editor.invalidate();
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
    const { session, tool, player, picture, stage } = editor;
    if (tool.unfinished) tool.end();
    if (player.playing) player.stop();
    stage.followed.follow();
    this.follow();
    const coming = picture.video ? !stage.followed.current
      : this.pending || (!this.wanted && isAsked(session.doc) && picture.image !== null);
    if (!coming || session.active.length === 0) {
      this.makeObjects(carriedBy(this.found, session.active));
      return;
    }
    this.awaited = session.active;
    if (!picture.video) {
      this.pending = true;
      clearTimeout(this.timer);
      if (!this.request) void this.#ask();
    }
    editor.invalidate();
  }

  /** Stops waiting. @returns {boolean} whether anything was awaited */
  cancel() {
    const waited = this.awaited.length > 0;
    this.awaited = [];
    this.editor.invalidate();
    return waited;
  }

  /** Turns these into objects, by default those of the selected drags. @param {readonly Shown[]} [shown] */
  makeObjects(shown = this.chosen) {
    const { editor } = this;
    if (shown.length === 0) {
      editor.warn('noneCarried');
      return;
    }
    const { doc, ids: objects } = tracksToObjects(editor.session.doc, shown.map(({ thing }) => thing));
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

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    const active = new Set(this.editor.session.active);
    for (const { thing, path } of this.shown) {
      context.globalAlpha = thing.tracks.some((id) => active.has(id)) ? 0.9 : 0.5;
      if (!thing.surroundings) line(context, path, DARK, 2.4 * px);
      context.setLineDash(thing.surroundings ? [1.5 * px, 4 * px] : [5 * px, 4 * px]);
      line(context, path, LIGHT, 1.2 * px);
      context.setLineDash([]);
      if (thing.shapes) paintBent(context, thing, this.editor.session.doc.tracks, this.editor.clip, px);
    }
    context.globalAlpha = 1;
  }
}

/**
 * An outline as it is shown.
 * @param {readonly Ring[]} outline in fractions of the clip
 * @param {Size} clip
 * @returns {Omit<Shown, 'thing'>}
 */
export function shapeOf(outline, clip) {
  const rings = inPixels(outline, clip);
  const curves = rings.map((ring) => {
    const closed = [...ring, ring[0]];
    const along = (/** @type {'x' | 'y'} */ axis) => Float64Array.from(closed, (place) => place[axis]);
    return { x: along('x'), y: along('y'), u: Float64Array.from(closed, (_, k) => k) };
  });
  return { rings, path: pathOf(rings), curves };
}

/** The things that these drags carry. @param {readonly Shown[]} shown @param {readonly string[]} ids */
function carriedBy(shown, ids) {
  const chosen = new Set(ids);
  return shown.filter(({ thing }) => !thing.surroundings && thing.tracks.some((id) => chosen.has(id)));
}

/** Whether a drawing has drags that may carry something, and is not too large. @param {Readonly<Doc>} doc */
function isAsked({ tracks }) {
  const moves = tracks.some(({ enabled, points }) => enabled && points.length > 1);
  return moves && isSmall(tracks);
}
