/** The editor component, the same in a node and in the full window. It knows its `Host` (host.js), not ComfyUI. */

import { TrajectoryError } from '../core/document.js';
import { hitTest } from '../core/geometry.js';
import { DrawnSize } from './drawn_size.js';
import { SendBehind } from './objects/send_behind.js';
import { Hint } from './hint.js';
import { Horizon } from './horizon.js';
import { SnapGuides } from './snap_guides.js';
import { State } from './state.js';
import { StatusLine } from './status.js';
import { Viewport } from './viewport.js';
import { NewPicture } from './new_picture.js';
import { Picture } from './picture.js';
import { PictureSize } from './picture_size.js';
import { Result } from './result.js';
import { Segmenter } from './segmenter.js';
import { Stage } from './stage.js';
import { Timeline } from './timeline.js';
import { Toolbar } from './toolbar.js';
import { Panel } from './panel.js';
import { RunLine } from './run_line.js';
import { Player } from './player.js';
import { DEFAULT_TOOL, TOOLS } from './tools/registry.js';
import { arranged } from './arrange.js';
import { ask } from './asking.js';
import { errorText, localeOf, translator } from './strings/translator.js';
import { nearby, sameHit, shapeOf } from './shapes.js';
import { pinHandleAt } from './objects/pin_handles.js';
import { h } from './dom.js';
import { listenToKeys } from './keyboard.js';
import { listenToTransfers } from './transfer.js';
import { OverrideNotice } from './override.js';
import { ProblemNotice } from './problem.js';
import { Takes } from './takes.js';
import { VideoDrawing } from './video_drawing.js';
import { takeSurroundings } from './surroundings.js';
import { loadStyle } from './theme.js';

/** @import {Hit} from '../core/types.js' */
/** @import {Clip, Host} from './host.js' */
/** @import {StageEvent} from './stage.js' */
/** @import {StringId} from './strings/translator.js' */
/** @import {Tool} from './tools/contract.js' */

const RADIUS = { mouse: { point: 9, curve: 7 }, touch: { point: 20, curve: 16 } }; // CSS pixels

export class Editor {
  /** Whether the drags come from another node. */
  overridden = false;

  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    this.locale = localeOf(host.language);
    this.t = translator(this.locale);
    loadStyle();
    /** @type {Clip} */
    this.clip = { width: 576, height: 320, frames: 14, fit: 'crop', rate: 7, between: 1 };
    this.state = new State(() => this.invalidate());
    this.viewport = new Viewport();
    this.picture = new Picture(host, () => this.#pictureChanged(), () => this.invalidate());
    this.pictureSize = new PictureSize(this);
    this.newPicture = new NewPicture(this);
    this.drawnSize = new DrawnSize(this);
    this.videoDrawing = new VideoDrawing(this);
    this.player = new Player(this);
    this.hover = /** @type {Hit | null} */ (null);
    this.snapGuides = new SnapGuides(this);
    this.tools = new Map(TOOLS.map(({ id, create }) => [id, create(this)]));
    this.toolId = DEFAULT_TOOL;
    this.sendBehind = new SendBehind(this);
    this.status = new StatusLine(this);
    this.hint = new Hint(this);
    this.dialog = /** @type {{close: () => void} | null} */ (null); // the full window, while the editor is in it
    this.frameRequest = 0;
    /** What a run makes of the drags. @type {import('./host.js').Motion} */
    this.motion = { needed: false, from: null };
    this.depthCamera = /** @type {import('./host.js').DepthCamera | null} */ (null); // after the drags
    this.unsubscribe = /** @type {(() => void) | null} */ (null);
    // It keeps the focus: with a text field focused the page leaves Ctrl+Z, Ctrl+C and Ctrl+V alone.
    const field = { class: 'dnw-keyboard', 'aria-label': this.t('editor'), autocomplete: 'off', spellcheck: false };
    this.keyboard = h('textarea', field);
    this.result = new Result(this);
    this.segmenter = new Segmenter(this);
    this.horizon = new Horizon(this);
    this.takes = new Takes(this);
    this.stage = new Stage(this);
    this.toolbar = new Toolbar(this);
    this.timeline = new Timeline(this);
    this.runLine = new RunLine(this);
    this.panel = new Panel(this);
    this.problem = new ProblemNotice(this);
    this.override = new OverrideNotice(this);
    this.root = arranged(this);
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

  /** The node is on the page: the editor follows it from now on. */
  attach() {
    if (this.unsubscribe) return;
    this.unsubscribe = this.host.subscribe((byHand) => this.refresh(byHand));
    this.stage.attach();
    this.refresh();
    this.invalidate();
  }

  /** The node is removed, at least for now: the editor stops. */
  detach() {
    this.unsubscribe?.();
    this.unsubscribe = null;
    this.player.stop();
    this.dialog?.close();
    this.stage.detach();
    this.toolbar.detach();
    cancelAnimationFrame(this.frameRequest);
    this.frameRequest = 0;
  }

  /** Takes over what may have changed around the drawing. @param {boolean} [byHand] a person changed a widget */
  refresh(byHand = false) {
    takeSurroundings(this, byHand);
  }

  /** The page is about to queue the workflow. */
  runPressed() {
    this.refresh();
    this.hint.runPressed();
  }

  #pictureChanged() {
    this.pictureSize.pictureChanged();
    this.newPicture.pictureChanged();
    this.invalidate();
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
    ask(this);
    this.stage.measure(); // before any change: measured afterwards, the browser would have to do the layout twice
    this.root.classList.toggle('dnw-wide', clientWidth >= 720);
    this.root.classList.toggle('dnw-narrow', clientWidth < 330);
    const { toolbar, timeline, runLine, panel, problem, override, newPicture, drawnSize, result, takes } = this;
    const questions = [newPicture, drawnSize, this.videoDrawing];
    const parts = [toolbar, timeline, runLine, panel, problem, override, ...questions, result, takes];
    for (const part of parts) part.render();
    this.stage.draw();
  }

  /** Whether the drawing is not what runs, and cannot be changed. */
  get locked() {
    return this.state.problem !== null || this.overridden;
  }

  get tool() {
    return /** @type {Tool} */ (this.tools.get(this.toolId));
  }

  /** Changes the tool; what is under way with the present one is completed, or else dropped. @param {string} id */
  chooseTool(id) {
    if (id === this.toolId) this.tool.again?.();
    else if (!this.tool.end()) this.tool.cancel();
    this.toolId = id;
    this.hover = null;
    this.invalidate();
  }

  /** Length of one CSS pixel, in pixels of the clip. */
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

  /** How far from a point or a curve a press still hits it, in pixels of the clip. @param {boolean} touch */
  radius(touch) {
    const { point, curve } = touch ? RADIUS.touch : RADIUS.mouse;
    return { point: point * this.px, curve: curve * this.px };
  }

  /** All that lies under the pointer, what is selected first. @param {StageEvent} event @returns {Hit[]} */
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
    return pinHandleAt(this, event) ?? this.hits(event)[0];
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
    this.result.hide();
    this.status.clear();
    if (this.sendBehind.active) {
      void this.sendBehind.click(event.p);
      return;
    }
    if (double && this.tool.end()) return;
    this.tool.down(event);
  }

  /**
   * Runs what a person does. It may be impossible, such as a point too many: that is shown, and nothing has changed.
   * @param {() => void} run
   */
  attempt(run) {
    try {
      run();
    } catch (error) {
      if (!(error instanceof TrajectoryError)) throw error;
      this.status.warn(this.reason(error));
    }
  }

  /**
   * Closes a gesture: one step in the page's undo, if something has changed.
   * @param {boolean} [changed] something has, besides the gesture's previews
   */
  commit(changed = false) {
    const finished = this.state.finish();
    if (finished || changed) this.host[this.tool.unfinished ? 'keep' : 'remember']();
  }

  /** A change that is a gesture of its own. @param {import('../core/types.js').Doc} doc @param {string} label */
  change(doc, label) {
    this.state.apply(doc, label);
    this.commit(true);
  }

  /** @param {'undo' | 'redo'} way */
  travel(way) {
    if (this.stage.pointers.mode === 'tool') return; // a gesture is under way: Esc cancels that
    this.state[way]();
    this.commit(true);
  }

  /** In the status line: what just happened. @param {StringId} id @param {Record<string, string | number>} [values] */
  say(id, values) {
    this.status.say(this.t(id, values));
  }

  /** The same for what was not possible. @param {StringId} id @param {Record<string, string | number>} [values] */
  warn(id, values) {
    this.status.warn(this.t(id, values));
  }

  /** What an error says to the person, in the page's language. @param {unknown} error */
  reason(error) {
    return errorText(error, this.locale);
  }
}
