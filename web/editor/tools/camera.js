/**
 * The camera tool: dragging turns the camera of DragNUWA Camera in Depth, and the picture shows at once what it sees.
 * At the end of the clip, or from its beginning, that sets how far the node's moves go; in between, a line of its path.
 */

import { limited } from '../../core/depth/camera.js';
import { amountOf, readKeys, withKey } from '../../core/depth/keyed_path.js';
import { tidy, within } from '../../core/numbers.js';
import { paintCross } from '../paint.js';

/** @import {Move, Moves} from '../../core/depth/camera.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */
/** @import {Tool, ToolDefinition} from './contract.js' */

const TURN = 45; // degrees around the focus, by a drag across the whole picture
const BY_KEY = 5; // times as far by an arrow key as by a drag of a pixel
const STEP = 0.02; // of the distance to the focus, by a key or a notch of the wheel
const SLACK = { mouse: 3, touch: 8 }; // CSS pixels that the pointer may move during a click
const NEAR = { mouse: 12, touch: 22 }; // CSS pixels around the focus, in which it is grabbed
const DEGREES = 180 / Math.PI;
/** How fine moves are: of angles, and of parts of the distance. */
const ANGLE = 0.1;
const WAY = 0.001;
const FINE = 0.001; // of the picture, a focus
const ANGLES = new Set(['orbit', 'rise', 'pan', 'tilt']);

/** @typedef {Partial<Record<Move, number>>} Amounts */
/** @typedef {Partial<Record<Move | 'focus_x' | 'focus_y', number>>} Previewed */

/** @satisfies {ToolDefinition} */
export const cameraTool = Object.freeze({
  id: 'camera',
  icon: 'M8 5.5 A2.5 2.5 0 1 1 7.99 5.5 M2 8 C2 3.5 14 3.5 14 8 C14 12.5 4 13 2.6 9.6 M2 12.5 L2.5 9.5 L5.5 10.2',
  key: 'D',
  words: {
    en: {
      label: 'Turn the camera of a picture with depth',
      keyHelp: 'Turn the camera in depth: drag to orbit, Shift moves it sideways, Alt pans, Ctrl comes nearer',
      status: 'Drag: orbit · Shift: move sideways · Alt: pan · Ctrl: forwards and back · the cross: focus',
      atKey: 'Drag: the camera at this frame · Shift, Alt, Ctrl as at the end · Home and End leave it',
      focus: 'The focus, around which the camera goes: {amounts}',
      moved: 'At the end of the clip: {amounts}',
      movedHere: 'At this frame: {amounts}, as a line of path',
      none: 'Connect this editor\'s trajectories to DragNUWA Camera in Depth; then its camera turns here',
      later: 'Run once: the run finds the depth, and then the camera turns here',
      waiting: 'The depth is being prepared: a moment',
      orbit: 'orbit {amount}°', rise: 'rise {amount}°', pan: 'pan {amount}°', tilt: 'tilt {amount}°',
      focus_x: '{amount}', focus_y: '{amount}',
      truck: 'truck {amount}', pedestal: 'pedestal {amount}', dolly: 'dolly {amount}',
    },
    zh: {
      label: '转动带深度图片的摄像机',
      keyHelp: '转动深度摄像机：拖动为环绕，Shift 横移，Alt 摇摄，Ctrl 推近',
      status: '拖动：环绕 · Shift：横移 · Alt：摇摄 · Ctrl：前后推拉 · 十字：焦点',
      atKey: '拖动：设置此帧的摄像机 · Shift、Alt、Ctrl 与片段结束时相同 · Home 与 End 离开此帧',
      focus: '摄像机环绕的焦点：{amounts}',
      moved: '片段结束时：{amounts}',
      movedHere: '此帧：{amounts}，写入 path 的一行',
      none: '请把本编辑器的 trajectories 连接到 DragNUWA Camera in Depth，之后可在此转动摄像机',
      later: '请先运行一次：运行后得到深度，便可在此转动摄像机',
      waiting: '正在准备深度，请稍候',
      orbit: '环绕 {amount}°', rise: '升起 {amount}°', pan: '摇摄 {amount}°', tilt: '俯仰 {amount}°',
      focus_x: '{amount}', focus_y: '{amount}',
      truck: '横移 {amount}', pedestal: '升降 {amount}', dolly: '推拉 {amount}',
    },
  },
  offered: (/** @type {Editor} */ { around, locked }) => around.depthCamera !== null && !locked,
  create: (/** @type {Editor} */ editor) => new CameraTool(editor),
});

/** @implements {Tool} */
class CameraTool {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.unfinished = false;
    this.hidesHint = true;
    /** @type {{from: StageEvent, inputs: Moves, moving: boolean, focus: boolean} | null} */
    this.held = null;
    /** What is previewed. @type {Previewed} */
    this.amounts = {};
  }

  get cursor() {
    return this.held ? 'grabbing' : 'grab';
  }

  get #words() {
    return cameraTool.words[this.editor.locale];
  }

  /** Why the camera cannot be turned; null if it can. */
  get #hindrance() {
    const { around: { depthCamera }, answers } = this.editor;
    if (!depthCamera) return this.#words.none;
    if (!depthCamera.inputs) return this.#words.later;
    return answers.depth ? null : this.#words.waiting;
  }

  /** @type {Tool['status']} */
  get status() {
    const { turned } = this.editor.session.now;
    if (!turned) return this.#hindrance ?? (this.#keyed ? this.#words.atKey : this.#words.status);
    const words = /** @type {Readonly<Record<string, string>>} */ (this.#words);
    const amounts = Object.entries(this.amounts).map(([name, amount]) => (
      words[name].replace('{amount}', String(amount))));
    const said = this.held?.focus ? 'focus' : this.#keyed ? 'movedHere' : 'moved';
    return words[said].replace('{amounts}', amounts.join(', '));
  }

  /** Whether the camera is turned at the frame that is shown, in between, rather than at the end of the clip. */
  get #keyed() {
    const { time } = this.editor;
    return time > 0 && time < 1 && readKeys(this.#inputs?.path ?? '') !== null;
  }

  /** Nothing under the pointer is grabbed: every press turns the camera. @returns {undefined} */
  hit() {
    return undefined;
  }

  /** @param {StageEvent} event */
  down(event) {
    const hindrance = this.#hindrance;
    if (this.editor.player.playing) this.editor.player.stop();
    if (hindrance !== null) this.editor.notices.warn(hindrance);
    else this.held = { from: event, inputs: this.#inputs, moving: false, focus: this.#isOnFocus(event) };
  }

  /** Where the focus is in the picture, in pixels of the clip; null where it is not shown. */
  get #focus() {
    const { editor: { clip, time, session: { now } } } = this;
    const inputs = this.#hindrance === null && time === 0 ? { ...this.#inputs, ...now.turned } : null;
    return inputs && { x: inputs.focus_x * clip.width, y: inputs.focus_y * clip.height };
  }

  /** @param {StageEvent} event */
  #isOnFocus({ p, touch }) {
    const focus = this.#focus;
    const reach = (touch ? NEAR.touch : NEAR.mouse) * this.editor.px;
    return focus !== null && Math.hypot(p.x - focus.x, p.y - focus.y) < reach;
  }

  /** @param {StageEvent} event */
  move(event) {
    const { held } = this;
    if (!held || event.more) return;
    const far = Math.hypot(event.stage.x - held.from.stage.x, event.stage.y - held.from.stage.y);
    if (!held.moving && far < (event.touch ? SLACK.touch : SLACK.mouse)) return;
    held.moving = true;
    if (held.focus) {
      this.#moveFocus(held.inputs, event.p.x - held.from.p.x, event.p.y - held.from.p.y);
      return;
    }
    const by = this.#amounts(event.p.x - held.from.p.x, event.p.y - held.from.p.y, event);
    this.#preview(held.inputs, by);
  }

  up() {
    const { held } = this;
    this.held = null;
    if (held?.moving) this.#finish(held.inputs);
    this.editor.invalidate();
  }

  /** A camera is turned once the button is released: there is nothing to end. @returns {boolean} */
  end() {
    return false;
  }

  /** @returns {boolean} whether there was something to cancel */
  cancel() {
    const busy = this.held !== null;
    this.held = null;
    if (busy) this.editor.session.change({ turned: null });
    return busy;
  }

  /** Goes around the focus, by the arrow keys. @param {number} dx @param {number} dy */
  nudge(dx, dy) {
    return this.#turn(this.#amounts(BY_KEY * dx, BY_KEY * dy, { shift: false, alt: false, mod: false }));
  }

  /** Comes nearer, or goes back. @param {number} by */
  resize(by) {
    this.#turn({ dolly: STEP * by });
  }

  /** The focus, in the first frame. @param {CanvasRenderingContext2D} context @param {number} px */
  paint(context, px) {
    const focus = this.#focus;
    if (focus) paintCross(context, focus, px);
  }

  /** @param {Moves} inputs @param {number} dx pixels of the clip @param {number} dy */
  #moveFocus(inputs, dx, dy) {
    const { clip, session } = this.editor;
    const moved = (/** @type {number} */ from, /** @type {number} */ by) => (
      tidy(within(Math.round((from + by) / FINE) * FINE, 0, 1)));
    const [x, y] = [moved(inputs.focus_x, dx / clip.width), moved(inputs.focus_y, dy / clip.height)];
    this.amounts = { focus_x: x, focus_y: y };
    session.change({ turned: this.amounts });
  }

  get #inputs() {
    return /** @type {Moves} */ (/** @type {unknown} */ (this.editor.around.depthCamera?.inputs));
  }

  /** Turns it at once, as a step of its own. @param {Amounts} by */
  #turn(by) {
    const hindrance = this.#hindrance;
    const inputs = this.#inputs;
    if (hindrance !== null) {
      this.editor.notices.warn(hindrance);
      return true;
    }
    this.#preview(inputs, by);
    this.#finish(inputs);
    return true;
  }

  /**
   * How far a drag moves the camera: what is at the focus stays under the pointer, and goes around it by an orbit.
   * @param {number} dx pixels of the clip
   * @param {number} dy
   * @param {Pick<StageEvent, 'shift' | 'alt' | 'mod'>} keys
   * @returns {Amounts}
   */
  #amounts(dx, dy, { shift, alt, mod }) {
    const { clip, answers: { depth } } = this.editor;
    const across = dx / clip.width;
    const down = dy / clip.width;
    if (mod) return { dolly: -down };
    const focal = depth ? depth.picture.lens[0] / depth.picture.size.width : 1;
    if (shift) return { truck: -across / focal, pedestal: down / focal };
    if (alt) return { pan: -Math.atan(across / focal) * DEGREES, tilt: Math.atan(down / focal) * DEGREES };
    return { orbit: -TURN * across, rise: TURN * down };
  }

  /** @param {Moves} inputs @param {Amounts} by */
  #preview(inputs, by) {
    const { editor } = this;
    const keys = this.#keyed ? readKeys(inputs.path) : null;
    const amounts = Object.entries(by).map(([name, amount]) => {
      const move = /** @type {Move} */ (name);
      const fine = ANGLES.has(move) ? ANGLE : WAY;
      const before = keys ? amountOf(keys, move, editor.time) : inputs[move];
      return [move, tidy(limited(move, Math.round((before + amount) / fine) * fine))];
    });
    this.amounts = Object.fromEntries(amounts);
    if (keys) {
      const near = 0.5 / (editor.clip.frames - 1);
      editor.session.change({ turned: { path: withKey(inputs.path, editor.time, this.amounts, near) } });
      return;
    }
    if (editor.time < 1) editor.player.goTo(editor.clip.frames - 1);
    editor.session.change({ turned: this.amounts });
  }

  /** Writes what is previewed into the node, as one step. @param {Moves} inputs */
  #finish(inputs) {
    const { editor } = this;
    const { turned } = editor.session.now;
    if (!turned) return;
    const names = Object.keys(turned).filter((name) => turned[name] !== inputs[/** @type {keyof Moves} */ (name)]);
    const of = (/** @type {Readonly<Record<string, unknown>>} */ values) => (
      Object.fromEntries(names.map((name) => [name, values[name]])));
    const turn = { before: of(inputs), after: of(turned) };
    if (names.length > 0) {
      editor.host.turnCamera(turn.after);
      editor.session.turn(turn);
    } else editor.session.change({ turned: null });
    editor.commit(names.length > 0);
  }
}
