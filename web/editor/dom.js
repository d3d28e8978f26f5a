/** Helpers to create and change elements. */

import { ICONS, icon } from './icons.js';

/** @import {IconName} from './icons.js' */

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
