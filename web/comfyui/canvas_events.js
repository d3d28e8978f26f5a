/** Pointer and wheel events between the editor and the page's canvas: which the page gets, and which it must not. */

// @ts-ignore ComfyUI serves it; there is no such file here.
import { app } from '../../../scripts/app.js';

/** @param {WheelEvent} event not used by the editor */
export function passWheel(event) {
  // @ts-ignore the page's own
  if (globalThis.LiteGraph?.vueNodesMode) return; // it bubbles to the node, which forwards it
  app.canvas.processMouseWheel(event);
}

/** @param {PointerEvent} event of the middle button, which pans the graph */
export function passPointer(event) {
  event.stopPropagation();
  const method = { pointerdown: 'processMouseDown', pointermove: 'processMouseMove', pointerup: 'processMouseUp' };
  app.canvas[method[/** @type {'pointerdown'} */ (event.type)]]?.(event);
}

/** The input's tooltip, meant for a text field, would cover the picture. @param {HTMLElement} element */
export function keepTooltipAway(element) {
  element.title = '';
  element.addEventListener('mouseenter', () => {
    element.closest('[data-pd-tooltip]')?.dispatchEvent(new MouseEvent('mouseleave'));
  });
}

/**
 * Two fingers on the editor zoom the editor. The page, which would zoom the graph, listens in the capturing phase above
 * the editor. Only a capturing listener on the window runs before that; it is installed only while fingers are on the
 * editor.
 * @param {HTMLElement} root
 */
export function keepTouches(root) {
  const stop = (/** @type {Event} */ event) => event.stopPropagation();
  const end = (/** @type {TouchEvent} */ event) => {
    if (event.targetTouches.length === 0) window.removeEventListener('touchmove', stop, true);
  };
  root.addEventListener('touchstart', () => window.addEventListener('touchmove', stop, true), { passive: true });
  root.addEventListener('touchend', end);
  root.addEventListener('touchcancel', end);
}
