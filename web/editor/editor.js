/** The editor: one component, the same in a node and in the full window. It knows its `Host`, not ComfyUI. */

import { TrajectoryError } from '../core/document.js';
import { hitTest } from '../core/geometry.js';
import { SnapGuides } from './snap_guides.js';
import { State } from './state.js';
import { StatusLine } from './status.js';
import { Viewport } from './viewport.js';
import { Picture } from './picture.js';
import { Stage } from './stage.js';
import { Timeline } from './timeline.js';
import { Toolbar } from './toolbar.js';
import { Panel } from './panel.js';
import { Player } from './player.js';
import { PenTool } from './tools/pen.js';
import { SelectTool } from './tools/select.js';
import { AnchorTool } from './tools/anchor.js';
import { AreaTool } from './tools/area.js';
import { movedWithPicture } from './clip_change.js';
import { translator } from './strings.js';
import { nearby, sameHit, shapeOf } from './shapes.js';
import { h } from './dom.js';
import { listenToKeys } from './key_bindings.js';
import { listenToTransfers } from './transfer.js';
import { OverrideNotice } from './override.js';
import { ProblemNotice } from './problem.js';
import { loadStyle } from './theme.js';

/** @import {Hit} from '../core/types.js' */
/** @import {StageEvent} from './stage.js' */
/** @import {StringId} from './strings.js' */

/**
 * @typedef {object} Clip
 * @property {number} width pixels
 * @property {number} height
 * @property {number} frames
 * @property {'crop' | 'pad' | 'stretch'} fit
 * @property {number} rate frames a second, for playing
 */

/**
 * What the editor asks of the page around it.
 * @typedef {object} Host
 * @property {string} language
 * @property {() => Clip} clip
 * @property {() => {url: string, name: string} | null} picture
 * @property {() => boolean} connected whether a picture will come, if not now
 * @property {(listener: (byHand: boolean) => void) => () => void} subscribe to changes of clip and picture, by a person in a
 *   widget or else; gives the way to end it
 * @property {() => boolean} overridden whether the drags come from another node in place of the drawing
 * @property {() => void} takeOver the drawing counts again
 * @property {() => void} remember one step in the page's own undo
 * @property {(text: string) => Promise<string>} parse other formats become ours; throws with a message for the person
 * @property {(file: File) => Promise<void>} upload a picture
 * @property {(event: WheelEvent) => void} passWheel
 * @property {(event: PointerEvent) => void} passPointer
 * @property {() => void} fullWindow
 */

const RADIUS = { mouse: { point: 9, curve: 7 }, touch: { point: 20, curve: 16 } }; // CSS pixels

export class Editor {
  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    this.t = translator(host.language);
    loadStyle();
    /** @type {Clip} */
    this.clip = { width: 576, height: 320, frames: 14, fit: 'crop', rate: 7 };
    this.state = new State(() => this.invalidate());
    this.viewport = new Viewport();
    this.picture = new Picture(() => this.invalidate());
    this.player = new Player(this);
    /** @type {Hit | null} */
    this.hover = null;
    this.snapGuides = new SnapGuides(this);
    this.tools = {
      select: new SelectTool(this), pen: new PenTool(this), anchor: new AnchorTool(this), area: new AreaTool(this),
    };
    /** @type {keyof Editor['tools']} */
    this.toolName = 'pen';
    this.status = new StatusLine(this);
    /** The full window, while the editor is in it. @type {{close: () => void} | null} */
    this.dialog = null;
    this.frameRequest = 0;
    /** Whether the drags come from another node. */
    this.overridden = false;
    /** @type {(() => void) | null} */
    this.unsubscribe = null;
    const { t } = this;
    // Focus lives in here: with a text field focused the page leaves Ctrl+Z, Ctrl+C and Ctrl+V alone.
    this.keyboard = h('textarea', { class: 'dnw-keyboard', 'aria-label': t('editor'), autocomplete: 'off', spellcheck: false });
    this.stage = new Stage(this);
    this.toolbar = new Toolbar(this);
    this.timeline = new Timeline(this);
    this.panel = new Panel(this);
    this.problem = new ProblemNotice(this);
    this.override = new OverrideNotice(this);
    const middle = h('div', { class: 'dnw-middle' }, this.stage.root, this.panel.root, this.problem.root, this.override.root);
    this.root = h(
      'div',
      { class: 'dnw', role: 'group', 'aria-label': t('editor'), 'data-testid': 'dragnuwa-editor' },
      this.keyboard, this.toolbar.root, middle, this.timeline.root,
    );
    this.root.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      event.stopPropagation();
    });
    listenToKeys(this);
    listenToTransfers(this);
  }

  /** The widget's value. */
  get value() {
    return this.state.value;
  }

  /** @param {unknown} value */
  load(value) {
    this.state.load(value);
  }

  /** The node is on the page: from now on the editor follows it. */
  connect() {
    if (this.unsubscribe) return;
    this.unsubscribe = this.host.subscribe((byHand) => this.refresh(byHand));
    this.stage.connect();
    this.refresh();
    this.invalidate();
  }

  /** The node is gone, at least for now: nothing goes on. */
  disconnect() {
    this.unsubscribe?.();
    this.unsubscribe = null;
    this.player.stop();
    this.dialog?.close();
    this.stage.disconnect();
    this.toolbar.closeMenu();
    cancelAnimationFrame(this.frameRequest);
    this.frameRequest = 0;
  }

  /** The clip and the picture as the page says now. @param {boolean} [byHand] a person changed a widget */
  refresh(byHand = false) {
    const clip = this.host.clip();
    const changed = /** @type {(keyof Clip)[]} */ (Object.keys(clip)).some((key) => clip[key] !== this.clip[key]);
    if (changed) {
      if (byHand) this.#refit(clip);
      this.clip = clip;
      this.viewport.clip = clip;
      this.invalidate();
    }
    this.viewport.clip = this.clip;
    if (this.overridden !== this.host.overridden()) {
      this.overridden = !this.overridden;
      this.tool.cancel();
      this.invalidate();
    }
    this.picture.show(this.host.picture());
  }

  /** The drags stay on what they were drawn on. @param {Clip} clip */
  #refit(clip) {
    const { image } = this.picture;
    if (!image || this.locked) return;
    const size = { width: image.naturalWidth, height: image.naturalHeight };
    this.attempt(() => this.state.extend(movedWithPicture(this.state.doc, size, this.clip, clip), 'refit'));
  }

  invalidate() {
    if (this.frameRequest || !this.unsubscribe) return;
    this.frameRequest = requestAnimationFrame(() => {
      this.frameRequest = 0;
      this.render();
    });
  }

  render() {
    const { clientWidth } = this.root;
    if (clientWidth === 0) return;
    this.stage.measure(); // before anything changes: asked afterwards, the browser would lay the page out twice
    this.root.classList.toggle('dnw-wide', clientWidth >= 720);
    this.root.classList.toggle('dnw-narrow', clientWidth < 330);
    this.toolbar.render();
    this.timeline.render();
    this.panel.render();
    this.problem.render();
    this.override.render();
    this.stage.draw();
  }

  /** Whether what is drawn is not what counts: it cannot be changed then. */
  get locked() {
    return this.state.problem !== null || this.overridden;
  }

  get tool() {
    return this.tools[this.toolName];
  }

  /** @param {keyof Editor['tools']} name */
  choose(name) {
    if (name !== this.toolName) {
      this.tools.pen.end();
      this.tools.area.cancel();
    }
    this.toolName = name;
    this.hover = null;
    this.invalidate();
  }

  /** Length of a CSS pixel in pixels of the clip. */
  get px() {
    return 1 / this.viewport.scale;
  }

  /** The instant that is shown, a fraction of the clip. */
  get time() {
    return this.player.time;
  }

  focus() {
    this.keyboard.focus({ preventScroll: true });
  }

  get focused() {
    return this.root.contains(document.activeElement);
  }

  /** @param {boolean} touch in pixels of the clip */
  radius(touch) {
    const { point, curve } = touch ? RADIUS.touch : RADIUS.mouse;
    return { point: point * this.px, curve: curve * this.px };
  }

  /** All that lies there, what is selected first. @param {StageEvent} event @returns {Hit[]} */
  hits({ p, touch }) {
    const { state, clip } = this;
    const active = new Set(state.active);
    const radius = this.radius(touch);
    const chosen = state.doc.tracks.filter((track) => active.has(track.id));
    const others = nearby(state.doc.tracks, clip, p, radius.point).filter((track) => !active.has(track.id));
    return [
      ...hitTest(chosen.map((track) => shapeOf(track, clip, true)), p, radius),
      ...hitTest(others.map((track) => shapeOf(track, clip, false)), p, radius),
    ];
  }

  /** @param {StageEvent} event @returns {Hit | undefined} */
  hitAt(event) {
    return this.hits(event)[0];
  }

  /** @param {StageEvent} event */
  hoverAt(event) {
    const hit = this.locked ? undefined : this.tool.hit(event);
    const moved = hit?.kind === 'curve' && this.state.active.includes(hit.id);
    if (sameHit(hit, this.hover ?? undefined) && !moved) return;
    this.hover = hit ?? null;
    this.invalidate();
  }

  /** @param {StageEvent} event @param {boolean} double */
  toolDown(event, double) {
    if (double && this.tool === this.tools.pen && this.tools.pen.end()) return;
    this.tool.down(event);
  }

  /** What a person does may be impossible, such as a point too many: that is said, and nothing has changed. @param {() => void} run */
  attempt(run) {
    try {
      run();
    } catch (error) {
      if (!(error instanceof TrajectoryError)) throw error;
      this.status.say(error.message, true);
    }
  }

  /** A gesture is over: one step in the page's undo. @param {boolean} [changed] */
  settle(changed = false) {
    const finished = this.state.finish();
    if (finished || changed) this.host.remember();
  }

  /** One change that is a gesture of its own. @param {import('../core/types.js').Doc} doc @param {string} label */
  change(doc, label) {
    this.state.apply(doc, label);
    this.settle(true);
  }

  /** @param {'undo' | 'redo'} way */
  travel(way) {
    if (this.stage.pointers.mode === 'tool') return; // a gesture is under way: Esc ends that
    this.state[way]();
    this.settle(true);
  }

  /** @param {StringId} id @param {Record<string, string | number>} [values] @param {boolean} [bad] */
  say(id, values, bad = false) {
    this.status.say(this.t(id, values), bad);
  }
}
