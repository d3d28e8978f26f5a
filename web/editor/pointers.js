/** Mouse, touch and pen on the canvas: one pointer drives the tool, two pan and zoom the view. */

/** @import {XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Stage, StageEvent} from './stage.js' */

const DOUBLE_MS = 350;
const DOUBLE_SLACK = { mouse: 7, touch: 20 }; // CSS pixels
const WHEEL = 0.0015; // zoom per pixel of the wheel, as an exponent
const FAINT = 0.15; // fraction of the brush size at the lightest pen pressure
const LINE = 16; // pixels per line, for wheels that count lines

export class Pointers {
  /** @param {Editor} editor @param {Stage} stage */
  constructor(editor, stage) {
    this.editor = editor;
    this.stage = stage;
    /** Positions of pressed pointers on the stage, by id. @type {Map<number, XY>} */
    this.down = new Map();
    /** @type {'tool' | 'pan' | 'pinch' | 'graph' | null} */
    this.mode = null;
    /** Whether Space is held. */
    this.space = false;
    this.panned = false;
    this.lastDown = { time: 0, at: { x: 0, y: 0 } };
    /** The last event over the canvas; null while the pointer is elsewhere. @type {StageEvent | null} */
    this.last = null;
    const canvas = stage.top;
    canvas.addEventListener('pointerdown', (event) => this.#pointerDown(event));
    canvas.addEventListener('pointermove', (event) => this.#pointerMove(event));
    canvas.addEventListener('pointerup', (event) => this.#pointerUp(event));
    canvas.addEventListener('pointercancel', (event) => this.#pointerCancel(event));
    canvas.addEventListener('lostpointercapture', (event) => {
      if (this.down.has(event.pointerId)) this.#pointerCancel(event);
    });
    canvas.addEventListener('pointerenter', () => this.#enter(true));
    canvas.addEventListener('pointerleave', () => this.#enter(false));
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    // Not on pointerdown, which would suppress the mouse events: the page needs mouseup.
    canvas.addEventListener('mousedown', (event) => event.preventDefault());
    // On every mouseup the page looks for changes, and adds them to its undo.
    canvas.addEventListener('mouseup', (event) => editor.tool.unfinished && event.stopPropagation());
    canvas.addEventListener('dblclick', (event) => event.stopPropagation());
  }

  get cursor() {
    if (this.mode === 'pan' || this.mode === 'pinch') return 'grabbing';
    if (this.space) return 'grab';
    if (this.editor.locked) return 'default';
    const { hover, tool } = this.editor;
    if (!hover) return tool.cursor;
    return hover.kind === 'curve' ? 'move' : 'pointer';
  }

  /**
   * A pointer's position, in CSS pixels of the canvas before the graph's zoom.
   * @param {{clientX: number, clientY: number}} event
   * @returns {XY}
   */
  place(event) {
    const box = this.stage.top.getBoundingClientRect();
    const { stage } = this.editor.viewport;
    return {
      x: ((event.clientX - box.left) / (box.width || 1)) * stage.width,
      y: ((event.clientY - box.top) / (box.height || 1)) * stage.height,
    };
  }

  /** @param {PointerEvent | WheelEvent} event @returns {StageEvent} */
  #stageEvent(event) {
    const stage = this.place(event);
    const { scale, offset } = this.editor.viewport;
    return {
      stage,
      time: event.timeStamp,
      p: { x: (stage.x - offset.x) / scale, y: (stage.y - offset.y) / scale },
      shift: event.shiftKey,
      alt: event.altKey,
      mod: event.ctrlKey || event.metaKey,
      touch: 'pointerType' in event && event.pointerType === 'touch',
      pressure: 'pointerType' in event && event.pointerType === 'pen' ? Math.max(FAINT, 2 * event.pressure) : 1,
    };
  }

  /** @param {PointerEvent} event */
  #pointerDown(event) {
    const { editor } = this;
    if (event.button === 1) {
      this.mode = 'graph';
      editor.host.passPointer(event);
      return;
    }
    if (event.button !== 0) return;
    editor.focus();
    this.stage.measure();
    this.stage.top.setPointerCapture(event.pointerId);
    const at = this.#stageEvent(event);
    this.down.set(event.pointerId, at.stage);
    if (this.down.size === 2) {
      editor.tool.cancel();
      editor.session.release();
      this.mode = 'pinch';
    } else if (this.space) {
      this.mode = 'pan';
      this.panned = true;
    } else if (!editor.locked) {
      this.mode = 'tool';
      editor.session.hold({});
      const double = this.#isDouble(at);
      editor.attempt(() => editor.toolDown({ ...at, double }, double));
    }
    editor.invalidate();
  }

  /** @param {StageEvent} event */
  #isDouble({ stage: at, touch }) {
    const { time, at: before } = this.lastDown;
    const now = performance.now();
    const near = Math.hypot(at.x - before.x, at.y - before.y);
    const double = now - time < DOUBLE_MS && near < (touch ? DOUBLE_SLACK.touch : DOUBLE_SLACK.mouse);
    this.lastDown = { time: double ? 0 : now, at };
    return double;
  }

  /** @param {PointerEvent} event */
  #pointerMove(event) {
    const { editor } = this;
    if (this.mode === 'graph') {
      editor.host.passPointer(event);
      return;
    }
    const at = this.#stageEvent(event);
    this.last = at;
    const before = this.down.get(event.pointerId);
    if (!before) {
      editor.hoverAt(at);
      editor.tool.move(at);
      this.stage.showCursor();
      return;
    }
    if (this.mode === 'pan') editor.viewport.pan(at.stage.x - before.x, at.stage.y - before.y);
    if (this.mode === 'pinch') this.#pinch(event.pointerId, at.stage);
    this.down.set(event.pointerId, at.stage);
    // The browser merges moves into one event per frame; a fast stroke needs all of them.
    const parts = event.getCoalescedEvents?.() ?? [];
    if (this.mode === 'tool') {
      for (const part of parts.slice(0, -1)) {
        editor.attempt(() => editor.tool.move({ ...this.#stageEvent(part), more: true }));
      }
      editor.attempt(() => editor.tool.move(this.#stageEvent(parts.at(-1) ?? event)));
    }
    editor.invalidate();
  }

  /** @param {number} id @param {XY} at */
  #pinch(id, at) {
    const { viewport } = this.editor;
    const other = [...this.down].find(([key]) => key !== id)?.[1];
    const before = this.down.get(id);
    if (!other || !before) return;
    const length = Math.hypot(before.x - other.x, before.y - other.y);
    const middle = { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 };
    viewport.pan((at.x - before.x) / 2, (at.y - before.y) / 2);
    if (length > 1) viewport.zoomAt(middle, Math.hypot(at.x - other.x, at.y - other.y) / length);
  }

  /** @param {PointerEvent} event */
  #pointerUp(event) {
    const { editor } = this;
    if (this.mode === 'graph') {
      this.mode = null;
      editor.host.passPointer(event);
      return;
    }
    if (!this.down.delete(event.pointerId)) return;
    if (this.mode === 'tool') editor.attempt(() => editor.tool.up(this.#stageEvent(event)));
    this.#released();
    editor.hoverAt(this.#stageEvent(event));
    editor.invalidate();
  }

  /** @param {PointerEvent} event */
  #pointerCancel(event) {
    this.down.delete(event.pointerId);
    if (this.mode === 'tool') this.editor.tool.cancel();
    this.#released();
  }

  #released() {
    if (this.mode === 'tool') this.editor.session.release();
    if (this.down.size === 0 || this.mode === 'tool') this.mode = null;
    this.editor.invalidate();
  }

  /** @param {boolean} inside */
  #enter(inside) {
    this.stage.inside = inside;
    if (!inside) {
      this.last = null;
      this.editor.hover = null;
      this.editor.tool.leave?.();
    } else {
      this.editor.picture.retry();
      this.editor.refresh();
    }
    this.editor.invalidate();
  }

  /** Zooms the view while the editor has the focus; otherwise the wheel goes to the graph. @param {WheelEvent} event */
  #wheel(event) {
    const { editor } = this;
    if (!editor.focused) {
      editor.host.passWheel(event);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (event.shiftKey) {
      const by = event.deltaY + event.deltaX < 0 ? 1 : -1; // with Shift, some browsers turn the wheel's axis
      if (editor.tool.resize) {
        editor.tool.resize(by);
        return;
      }
      if (editor.regions.resize(this.#stageEvent(event), by)) return;
    }
    const pixels = event.deltaY * (event.deltaMode === 1 ? LINE : 1);
    editor.viewport.zoomAt(this.place(event), Math.exp(-pixels * WHEEL * (event.ctrlKey ? 4 : 1)));
    editor.invalidate();
  }
}
