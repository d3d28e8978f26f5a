/** The horizon of the ground, for depth that is drawn by hand: a line across the picture with a grip to move it. */

import { setHorizon } from '../core/document.js';
import { MAX_HORIZON } from '../core/limits.js';
import { within } from '../core/numbers.js';
import { h } from './dom.js';

/** @import {Editor} from './editor.js' */

const FIRST = 0.5; // where a new one is
const STEP = 0.01; // of the picture's height, by the arrow keys

export class Horizon {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    const names = { 'aria-label': t('horizon'), title: t('horizonHint'), 'data-testid': 'dragnuwa-horizon' };
    this.grip = h('div', { class: 'dnw-horizon-grip', role: 'slider', tabIndex: 0, ...names }, t('horizon'));
    this.line = h('div', { class: 'dnw-horizon-line', title: t('horizonHint') });
    this.root = h('div', { class: 'dnw-horizon', hidden: true }, this.line, this.grip);
    for (const part of [this.line, this.grip]) { // with any tool
      part.addEventListener('pointerdown', (event) => this.#pressed(part, event));
      part.addEventListener('pointermove', (event) => this.#moved(part, event));
      part.addEventListener('pointerup', () => editor.commit());
    }
    this.grip.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Whether the depth of what is drawn here is used. */
  get used() {
    return Boolean(this.editor.around.depthCamera?.byHand) && !this.editor.locked;
  }

  /** Draws a ground up to the middle of the picture, or removes it. */
  toggle() {
    const { editor } = this;
    const there = editor.session.doc.horizon !== undefined;
    editor.change(setHorizon(editor.session.doc, there ? undefined : FIRST), 'horizon');
  }

  render() {
    const { clip, viewport: { scale, offset }, session: { doc } } = this.editor;
    const { horizon } = doc;
    this.root.hidden = !this.used || horizon === undefined;
    if (this.root.hidden || horizon === undefined) return;
    const shown = within(horizon, 0, 1); // above the picture, its grip stays at the picture's edge
    this.root.style.left = `${offset.x}px`;
    this.root.style.width = `${clip.width * scale}px`;
    this.root.style.top = `${offset.y + shown * clip.height * scale}px`;
    this.grip.ariaValueNow = String(Math.round(100 * horizon));
  }

  /** @param {HTMLElement} part @param {PointerEvent} event */
  #pressed(part, event) {
    if (event.button !== 0) return;
    part.setPointerCapture(event.pointerId);
    event.stopPropagation();
  }

  /** @param {HTMLElement} part @param {PointerEvent} event */
  #moved(part, event) {
    if (!part.hasPointerCapture(event.pointerId)) return;
    const { stage, viewport, clip } = this.editor;
    this.#preview(viewport.toClip(stage.pointers.place(event)).y / clip.height);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = { ArrowUp: -STEP, ArrowDown: STEP }[event.key];
    const { horizon } = this.editor.session.doc;
    if (!by || horizon === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.#preview(horizon + by);
    this.editor.commit();
  }

  /** @param {number} horizon */
  #preview(horizon) {
    const { session } = this.editor;
    session.preview(setHorizon(session.docBefore, within(horizon, 0, MAX_HORIZON)), 'horizon');
  }
}
