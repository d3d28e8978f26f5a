/**
 * What DragNUWA Carry takes with the drags: the server is asked once they have come to rest, and what it finds is shown
 * by a dashed outline. A click on that, a button or a key makes an object of it, which takes the drags' place.
 */

import { nearestOnCurve } from '../../core/geometry.js';
import { isInside } from '../../core/objects/places.js';
import { tracksToObjects } from '../../core/objects/from_tracks.js';
import { h, iconButton } from '../dom.js';
import { DARK, LIGHT, line } from '../paint.js';
import { pathOf } from './look.js';

/** @import {CarriedThing, Doc, Polyline, XY} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */

/** @typedef {{thing: CarriedThing, rings: XY[][], path: Path2D, curves: Polyline[]}} Shown in pixels of the clip */

const CALM_MS = 400; // that the drags rest before the server is asked
const MOST_POINTS = 20_000; // of drawings for which it is
const HIDDEN = 'dragnuwa.hide-carried'; // kept by the browser, for all editors

/** @type {readonly Shown[]} */
const NONE = Object.freeze([]);

export class CarriedThings {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /** What the server was asked about, or will be. @type {readonly unknown[]} */
    this.about = [];
    /** What it found for that. @type {readonly Shown[]} */
    this.found = NONE;
    this.timer = 0;
    /** @type {AbortController | null} */
    this.request = null;
    this.take = h('button', { type: 'button', 'data-testid': 'dragnuwa-take-carried', onclick: () => this.#taken() });
    this.take.title = t('carriedHint');
    const hide = iconButton('close', `${t('hideCarried')} (Shift+O)`, () => this.toggle(), 'hide-carried');
    this.root = h('div', { class: 'dnw-offer dnw-carried', hidden: true }, this.take, hide);
  }

  /** Whether a person wants to see it. */
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

  /** Drops what was found, and what the server still looks for. */
  forget() {
    clearTimeout(this.timer);
    this.request?.abort();
    Object.assign(this, { about: [], found: NONE, request: null });
  }

  /** What is shown now. @returns {readonly Shown[]} */
  get shown() {
    const { editor } = this;
    return editor.locked || editor.player.playing || editor.result.shown ? NONE : this.found;
  }

  /** Of what is shown, what the selected drags carry. */
  get chosen() {
    if (this.shown.length === 0) return NONE;
    const active = new Set(this.editor.state.active);
    return this.shown.filter(({ thing }) => thing.tracks.some((id) => active.has(id)));
  }

  /** With every frame: sees whether there is something new to ask, and what the button says. */
  render() {
    this.#follow();
    const count = this.chosen.length;
    this.root.hidden = count === 0;
    const { t } = this.editor;
    const text = count === 1 ? t('takeCarried') : t('takeAllCarried', { count });
    if (count > 0 && this.take.textContent !== text) this.take.textContent = text;
  }

  #follow() {
    const { editor } = this;
    const { state, clip, picture } = editor;
    const { width, height, frames, fit } = clip;
    const about = [state.doc.tracks, picture.url, width, height, frames, fit];
    if (about.every((value, k) => value === this.about[k])) return;
    if (this.about.length > 0) this.forget();
    if (this.#busy || state.active.length === 0 || editor.locked || !picture.image) return;
    this.about = about;
    if (!this.wanted || !isAsked(state.doc)) return;
    this.timer = window.setTimeout(() => this.#ask(state.doc), CALM_MS);
  }

  /** Whether a drag is being drawn or moved; with the next frame after that this is asked again. */
  get #busy() {
    const { state, stage, tool, player } = this.editor;
    return state.before !== null || stage.pointers.mode === 'tool' || tool.unfinished || player.playing;
  }

  /** @param {Readonly<Doc>} doc */
  async #ask(doc) {
    const { editor } = this;
    if (this.#busy) {
      this.forget();
      return;
    }
    const request = new AbortController();
    this.request = request;
    // Whatever is wrong, nothing is shown: nobody has asked for this, and a run says what is wrong with the drags.
    const things = await editor.host.carried(doc, request.signal).catch(() => null);
    if (request !== this.request) return;
    this.request = null;
    this.found = (things ?? []).map((thing) => this.#shapeOf(thing));
    editor.invalidate();
  }

  /** @param {CarriedThing} thing @returns {Shown} */
  #shapeOf(thing) {
    const { width, height } = this.editor.clip;
    const rings = thing.outline.map((ring) => ring.map(({ x, y }) => ({ x: x * width, y: y * height })));
    const curves = rings.map((ring) => {
      const closed = [...ring, ring[0]];
      const along = (/** @type {'x' | 'y'} */ axis) => Float64Array.from(closed, (place) => place[axis]);
      return { x: along('x'), y: along('y'), u: Float64Array.from(closed, (_, k) => k) };
    });
    return { thing, rings, path: pathOf(rings), curves };
  }

  /** What has its outline under the pointer. @param {StageEvent} event @returns {Shown | undefined} */
  near({ p, touch }) {
    const reach = this.editor.radius(touch).curve;
    return this.shown.find(({ curves }) => curves.some((curve) => nearestOnCurve(curve, p).distance <= reach));
  }

  /** What lies under the pointer. @param {StageEvent} event @returns {Shown | undefined} */
  under(event) {
    return this.near(event) ?? this.shown.find(({ rings }) => isInside(rings, event.p));
  }

  /** Makes objects of things, by default of what the selected drags carry. @param {readonly Shown[]} [shown] */
  makeObjects(shown = this.chosen) {
    const { editor } = this;
    if (shown.length === 0) {
      editor.warn('noneCarried');
      return;
    }
    const { doc, ids: objects } = tracksToObjects(editor.state.doc, shown.map(({ thing }) => thing));
    editor.change(doc, 'object');
    editor.state.select({ objects });
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
    if (this.editor.state.object) this.editor.tool.resize?.(by);
    return true;
  }

  #taken() {
    this.editor.attempt(() => this.makeObjects());
    this.editor.focus();
  }

  /** @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    const active = new Set(this.editor.state.active);
    for (const { thing, path } of this.shown) {
      context.globalAlpha = thing.tracks.some((id) => active.has(id)) ? 0.9 : 0.5;
      line(context, path, DARK, 2.4 * px);
      context.setLineDash([5 * px, 4 * px]);
      line(context, path, LIGHT, 1.2 * px);
      context.setLineDash([]);
    }
    context.globalAlpha = 1;
  }
}

/** Whether a drawing has drags that may carry something, and not too many. @param {Readonly<Doc>} doc */
function isAsked({ tracks }) {
  const moves = tracks.some(({ enabled, points }) => enabled && points.length > 1);
  return moves && tracks.reduce((sum, { points }) => sum + points.length, 0) <= MOST_POINTS;
}
