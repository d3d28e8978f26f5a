/** Helpers to create and change elements, and the icons of buttons. */

const SVG = 'http://www.w3.org/2000/svg';

/** Stroked paths. */
const ICONS = Object.freeze({
  undo: 'M6 3 L2.5 6.5 L6 10 M2.5 6.5 H9.5 A3.5 3.5 0 0 1 9.5 13.5 H6',
  redo: 'M10 3 L13.5 6.5 L10 10 M13.5 6.5 H6.5 A3.5 3.5 0 0 0 6.5 13.5 H10',
  clear: 'M3 4.5 H13 M6 4.5 V3 H10 V4.5 M4.5 4.5 L5 13.5 H11 L11.5 4.5 M6.8 7 L9.2 11 M9.2 7 L6.8 11',
  play: 'M4.5 2.5 L13 8 L4.5 13.5 Z',
  pause: 'M5 3 V13 M11 3 V13',
  perform: 'M8 2.5 A5.5 5.5 0 1 1 7.99 2.5 M8 6 A2 2 0 1 1 7.99 6',
  loop: 'M3 7 A4 4 0 0 1 7 4 H12 M10 2 L12.2 4 L10 6 M13 9 A4 4 0 0 1 9 12 H4 M6 10 L3.8 12 L6 14',
  camera: 'M2 5 H10 V12 H2 Z M10 7.5 L14 5.5 V11.5 L10 9.5',
  transfer: 'M5 13 V3 M2 6 L5 3 L8 6 M11 3 V13 M8 10 L11 13 L14 10',
  pictureSize: 'M1.5 3 H14.5 V13 H1.5 Z M4 5.5 H6 M4 5.5 V7.5 M12 10.5 H10 M12 10.5 V8.5',
  sliders: 'M2 4.5 H8.5 M11.5 4.5 H14 M2 11.5 H4.5 M7.5 11.5 H14 '
    + 'M10 3 A1.5 1.5 0 1 1 9.99 3 M6 10 A1.5 1.5 0 1 1 5.99 10',
  horizon: 'M1.5 6.5 H14.5 M4 13.5 L7 6.5 M12 13.5 L9 6.5 M1.5 11 L4 9 M14.5 11 L12 9',
  expand: 'M9.5 2.5 H13.5 V6.5 M13.5 2.5 L9.3 6.7 M6.5 13.5 H2.5 V9.5 M2.5 13.5 L6.7 9.3',
  shrink: 'M13.5 2.5 L9.5 6.5 M9.5 2.8 V6.5 H13.2 M2.5 13.5 L6.5 9.5 M6.5 13.2 V9.5 H2.8',
  help: 'M5.5 6 A2.5 2.5 0 1 1 8.6 8.4 C8.1 8.7 8 9 8 10 M8 12.6 V12.7',
  close: 'M3.5 3.5 L12.5 12.5 M12.5 3.5 L3.5 12.5',
  eye: 'M1.5 8 C4 3.5 12 3.5 14.5 8 C12 12.5 4 12.5 1.5 8 M8 6 A2 2 0 1 1 7.99 6',
  eyeOff: 'M1.5 8 C4 3.5 12 3.5 14.5 8 C12 12.5 4 12.5 1.5 8 M3 13.5 L13 2.5',
  duplicate: 'M2.5 2.5 H10 V10 H2.5 Z M6 13.5 H13.5 V6',
  mirrorH: 'M8 2 V14 M6 4.5 V11.5 L1.5 8 Z M10 4.5 V11.5 L14.5 8 Z',
  mirrorV: 'M2 8 H14 M4.5 6 H11.5 L8 1.5 Z M4.5 10 H11.5 L8 14.5 Z',
  reverse: 'M2 5.5 H13 M5 2.5 L2 5.5 L5 8.5 M14 10.5 H3 M11 7.5 L14 10.5 L11 13.5',
  forward: 'M8 13.5 V3 M4 7 L8 3 L12 7',
  backward: 'M8 2.5 V13 M4 9 L8 13 L12 9',
  behind: 'M2 7.5 A4.5 4.5 0 0 1 9.5 3.2 M2.2 9 A4.5 4.5 0 0 0 4.5 11.5 M6 5.5 H14 V13.5 H6 Z',
  object: 'M3 11 C0.6 8 2.4 3 7 3 C12 3 14.5 6 13 9.5 C11.6 13 5.5 14 3 11 Z',
  removeKey: 'M8 2.5 L13.5 8 L8 13.5 L2.5 8 Z M5.5 8 H10.5',
  still: 'M4 4 H12 V12 H4 Z',
  pin: 'M8 2 A3.5 3.5 0 1 1 7.99 2 M8 9 V14.5 M8 5.4 V5.6',
  unpin: 'M8 2 A3.5 3.5 0 1 1 7.99 2 M8 9 V14.5 M2.5 2.5 L13.5 13.5',
  group: 'M1.5 1.5 H14.5 V14.5 H1.5 Z M4 4 H9 V9 H4 Z M9 7 H12 V12 H7 V9',
  ungroup: 'M2 2 H8 V8 H2 Z M8.5 8.5 H14 V14 H8.5 Z M11 2.5 L13.5 5 M13.5 2.5 L11 5',
  remove: 'M3 4.5 H13 M6 4.5 V3 H10 V4.5 M4.5 4.5 L5 13.5 H11 L11.5 4.5',
});

/** @typedef {keyof typeof ICONS} IconName */

/**
 * @param {string} d the drawing's path
 * @returns {SVGSVGElement}
 */
export function icon(d) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', d);
  svg.append(path);
  return svg;
}

/**
 * Creates an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [properties] "class", "role" and names with a hyphen are set as attributes, "on…" added
 *   as listeners, all others assigned as properties
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class' || name === 'role' || name.includes('-')) element.setAttribute(name, value);
    else Object.assign(element, { [name]: value });
  }
  element.append(...children);
  return element;
}

/**
 * A button with an icon; the label is its tooltip and accessible name.
 * @param {IconName} name
 * @param {string} label
 * @param {(event: MouseEvent) => void} run
 * @param {string} [id] for tests
 */
export function iconButton(name, label, run, id = name) {
  return pathButton(ICONS[name], label, run, id);
}

/**
 * The same with any icon path.
 * @param {string} path
 * @param {string} label
 * @param {(event: MouseEvent) => void} run
 * @param {string} id for tests
 */
export function pathButton(path, label, run, id) {
  const attributes = { 'aria-label': label, 'data-testid': `dragnuwa-${id}` };
  return h('button', { type: 'button', class: 'dnw-button', title: label, onclick: run, ...attributes }, icon(path));
}

/** Changes an element's text, if it is another one. @param {HTMLElement} element @param {string} text */
export function showWords(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {HTMLElement} button
 * @param {boolean} pressed
 */
export function setPressed(button, pressed) {
  if (button.ariaPressed !== String(pressed)) button.ariaPressed = String(pressed);
}

/**
 * @param {HTMLElement} button
 * @param {IconName} name
 * @param {string} label
 */
export function setIcon(button, name, label) {
  if (button.title === label) return;
  button.title = label;
  button.ariaLabel = label;
  button.replaceChildren(icon(ICONS[name]));
}
