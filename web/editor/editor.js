/** The editor component, the same in a node and in the full window. It knows its `Host` (host.js), not ComfyUI. */

import { TrajectoryError } from '../core/document.js';
import { snap, lockAngle } from '../core/snap_position.js';
import { Answers } from './answers.js';
import { EditedClip } from './edited_clip.js';
import { Regions } from './objects/regions.js';
import { SendBehind } from './objects/send_behind.js';
import { Horizon } from './horizon.js';
import { Session } from './session.js';
import { Viewport } from './viewport.js';
import { Notices } from './notices.js';
import { NoticesView } from './notices_view.js';
import { Picture } from './picture.js';
import { PictureSize } from './picture_size.js';
import { Refiner } from './refiner.js';
import { Result } from './result.js';
import { Segmenter } from './segmenter.js';
import { Stage } from './stage.js';
import { Timeline } from './timeline.js';
import { Toolbar } from './toolbar.js';
import { Panel } from './panel.js';
import { RunLine } from './run_line.js';
import { Performing } from './performing.js';
import { Player } from './player.js';
import { DEFAULT_TOOL, TOOLS } from './tools/registry.js';
import { arranged, fitLayout, loadStyle } from './arrange.js';
import { errorText, localeOf, translator } from './strings/translator.js';
import { sameHit } from './hits.js';
import { h } from './dom.js';
import { finishTyping, hasText, listenToKeys } from './keyboard.js';
import { listenToTransfers } from './transfer.js';
import { PictureQuestion } from './questions.js';
import { Takes } from './takes.js';
import { UNKNOWN, takeSurroundings } from './surroundings.js';

/** @import {Hit, XY} from '../core/types.js' */
/** @import {Clip, Host} from './host.js' */
/** @import {StageEvent} from './stage.js' */
/** @import {StringId} from './strings/translator.js' */
/** @import {Tool} from './tools/contract.js' */

const REACH = 5; // CSS pixels within which a point snaps
const GRID_LINES = 10; // over the height of the clip

export class Editor {
  /** @param {Host} host */
  constructor(host) {
    this.host = host;
    this.locale = localeOf(host.language);
    this.t = translator(this.locale);
    loadStyle();
    /** @type {Clip} */
    this.clip = { width: 576, height: 320, frames: 14, fit: 'crop', rate: 7, between: 1 };
    this.session = new Session(() => this.invalidate());
    this.viewport = new Viewport();
    this.picture = new Picture(host, () => this.#pictureChanged(), () => this.invalidate());
    this.pictureSize = new PictureSize(this);
    this.pictureQuestion = new PictureQuestion(this);
    this.player = new Player(this);
    this.hover = /** @type {Hit | null} */ (null);
    this.tools = new Map(TOOLS.map(({ id, create }) => [id, create(this)]));
    this.toolId = DEFAULT_TOOL;
    this.acting = /** @type {Tool | null} */ (null); // stands in for the chosen tool
    this.performing = new Performing(this);
    this.sendBehind = new SendBehind(this);
    this.notices = new Notices(this);
    this.noticesView = new NoticesView(this);
    this.dialog = /** @type {{close: () => void} | null} */ (null); // the full window, while the editor is in it
    this.frameRequest = 0;
    this.around = UNKNOWN;
    this.unsubscribe = /** @type {(() => void) | null} */ (null);
    // It keeps the focus: with a text field focused the page leaves Ctrl+Z, Ctrl+C and Ctrl+V alone.
    const field = { class: 'dnw-keyboard', 'aria-label': this.t('editor'), autocomplete: 'off', spellcheck: false };
    this.keyboard = h('textarea', field);
    this.result = new Result(this);
    this.segmenter = new Segmenter(this);
    this.horizon = new Horizon(this);
    this.takes = new Takes(this);
    this.answers = new Answers(this, (learned) => this.segmenter.take(learned));
    this.regions = new Regions(this);
    this.editedClip = new EditedClip(this);
    this.stage = new Stage(this);
    this.toolbar = new Toolbar(this);
    this.timeline = new Timeline(this);
    this.runLine = new RunLine(this);
    this.refiner = new Refiner(this);
    this.panel = new Panel(this);
    this.root = arranged(this);
    listenToKeys(this);
    listenToTransfers(this);
  }

  /** The widget's value. */
  get value() {
    return this.session.value;
  }

  /** @param {unknown} value */
  load(value) {
    this.session.load(value);
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
    this.performing.leave();
    this.player.stop();
    this.dialog?.close();
    this.stage.detach();
    this.toolbar.detach();
    for (const each of this.#asking) each.forget();
    cancelAnimationFrame(this.frameRequest);
    this.frameRequest = 0;
  }

  get #asking() {
    return [this.regions, this.answers, this.editedClip, this.refiner];
  }

  /** Takes over what may have changed around the drawing. @param {boolean} [byHand] a person changed a widget */
  refresh(byHand = false) {
    takeSurroundings(this, byHand);
  }

  /** The page is about to queue the workflow. */
  runPressed() {
    finishTyping(this.root);
    this.refresh();
    this.notices.runPressed();
  }

  #pictureChanged() {
    this.pictureSize.pictureChanged();
    this.pictureQuestion.pictureChanged();
    this.invalidate();
  }

  /** Something has changed: it will be drawn. */
  invalidate() {
    if (!this.frameRequest && this.unsubscribe) this.frameRequest = requestAnimationFrame(this.stage.frame);
  }

  /** Moves videos to the instant that is shown. */
  seek() {
    this.picture.seek(this.time, this.clip, this.viewport.scale * this.stage.ratio);
    this.result.seek();
  }

  /** Shows what has changed around the canvas, and asks the server for what is missing. */
  render() {
    if (this.root.clientWidth === 0) return;
    fitLayout(this.root, this.clip);
    const { toolbar, timeline, runLine, refiner, panel, result, takes, regions, horizon, noticesView } = this;
    const parts = [toolbar, timeline, runLine, refiner, panel, result, takes, regions, horizon, noticesView];
    for (const part of parts) part.render();
    for (const each of this.#asking) each.follow();
  }

  /** Whether the drawing is not what runs, and cannot be changed. */
  get locked() {
    return this.session.problem !== null || this.around.overridden;
  }

  get tool() {
    return this.acting ?? /** @type {Tool} */ (this.tools.get(this.toolId));
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
    return this.session.now.time;
  }

  focus() {
    this.keyboard.focus({ preventScroll: true });
  }

  get focused() {
    return this.root.contains(document.activeElement);
  }

  /** Whether a key would come here, with the pointer on the canvas: nobody writes anywhere else. */
  get hasKeyboard() {
    const { activeElement: active } = document;
    const isWriting = hasText(active) || (active instanceof HTMLElement && active.isContentEditable);
    return document.hasFocus() && (this.focused || !isWriting);
  }

  /** Pixels of the clip between two lines of the grid. */
  get gridStep() {
    return this.session.now.grid ? this.clip.height / GRID_LINES : undefined;
  }

  /**
   * Snaps a place to other points, edges, centre and grid, or to a direction with Shift; not with Alt. Lines show what
   * it has snapped to while a pointer is pressed.
   * @param {XY} p pixels of the clip
   * @param {{shift: boolean, alt: boolean}} keys
   * @param {XY} [from] where a direction begins
   * @param {readonly XY[]} [points] that attract
   * @returns {XY}
   */
  snapped(p, { shift, alt }, from, points = []) {
    const { session, clip: size } = this;
    const snaps = !alt && !(shift && from);
    const to = { points, size, distance: REACH * this.px, grid: this.gridStep };
    const { guides, ...at } = snaps ? snap(p, to) : { guides: [], ...(shift && from ? lockAngle(from, p) : p) };
    if (session.now.hold) session.update({ guides });
    return at;
  }

  /** @param {StageEvent} event */
  hoverAt(event) {
    const hit = this.locked ? undefined : this.tool.hit(event);
    const moved = hit?.kind === 'curve' && this.session.active.includes(hit.id);
    if (sameHit(hit, this.hover ?? undefined) && !moved) return;
    this.hover = hit ?? null;
    this.invalidate();
  }

  /** @param {StageEvent} event @param {boolean} double */
  toolDown(event, double) {
    this.result.hide();
    this.notices.clear();
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
      this.notices.warn(this.reason(error));
    }
  }

  /**
   * Closes a gesture: one step in the page's undo, if something has changed.
   * @param {boolean} [changed] something has, besides the gesture's previews
   */
  commit(changed = false) {
    const finished = this.session.finish();
    if (finished || changed) this.host[this.tool.unfinished ? 'keep' : 'remember']();
  }

  /** A change that is a gesture of its own. @param {import('../core/types.js').Doc} doc @param {string} label */
  change(doc, label) {
    this.session.apply(doc, label);
    this.commit(true);
  }

  /** @param {'undo' | 'redo'} step */
  travel(step) {
    if (this.session.now.hold) return; // a gesture is under way: Esc cancels that
    const turned = this.session[step]();
    if (turned) this.host.turnCamera(turned);
    this.commit(true);
  }

  /** In the status line: what just happened. @param {StringId} id @param {Record<string, string | number>} [values] */
  say(id, values) {
    this.notices.say(this.t(id, values));
  }

  /** The same for what was not possible. @param {StringId} id @param {Record<string, string | number>} [values] */
  warn(id, values) {
    this.notices.warn(this.t(id, values));
  }

  /** What an error says to the person, in the page's language. @param {unknown} error */
  reason(error) {
    return errorText(error, this.locale);
  }
}
