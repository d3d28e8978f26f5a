/** Handles key events, and decides which are for the editor, which for the page, and which are text in a field. */

import { BINDINGS, CLIPBOARD, FULL_WINDOW, combinationOf } from './key_bindings.js';

/** @import {Binding} from './key_bindings.js' */
/** @import {Editor} from './editor.js' */

const TAP_MS = 250; // Space held for longer was for panning
const COMPARE = 'C'; // shows something else as long as it is held
const PERFORM = 'T'; // what is selected follows the hand as long as it is held
const MODIFIERS = new Set(['Control', 'Meta', 'Shift', 'Alt']);
const WITH_TEXT = new Set(['text', 'number', 'search']);

/** @type {ReadonlyMap<string, Binding>} */
const BY_COMBINATION = new Map(BINDINGS.flatMap((binding) => binding.keys.map((keys) => [keys, binding])));

/** @param {Editor} editor */
export function listenToKeys(editor) {
  const { root, keyboard } = editor;
  const space = new SpaceBar(editor);
  root.addEventListener('keydown', (event) => keyDown(editor, space, event));
  root.addEventListener('keyup', (event) => {
    if (event.key === ' ' && !hasText(event.target) && !isControl(event.target)) space.up();
    if (event.key.toUpperCase() === COMPARE) editor.result.compare(false);
    if (event.key.toUpperCase() === PERFORM) editor.performing.release();
  });
  root.addEventListener('keypress', (event) => event.stopPropagation());
  root.addEventListener('focusout', () => {
    space.release();
    editor.result.compare(false);
    editor.performing.release();
  });
  keyboard.addEventListener('input', () => {
    keyboard.value = '';
  });
  takeKeysUnderPointer(editor, (event) => keyDown(editor, space, event));
}

/**
 * With the pointer on the canvas, letters such as B and T are for the editor, without a click on it first. All other
 * keys stay the page's until the editor has the focus, and so do letters while a pressed pointer only passes over the
 * canvas, such as with a link or a node, for which the page and other packs have letters of their own.
 * @param {Editor} editor
 * @param {(event: KeyboardEvent) => void} handle
 */
function takeKeysUnderPointer(editor, handle) {
  const canvas = editor.stage.top;
  let passing = false;
  const follow = (/** @type {PointerEvent} */ { buttons }) => {
    passing = buttons !== 0;
  };
  canvas.addEventListener('pointerenter', follow);
  canvas.addEventListener('pointerup', follow);
  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    if (!canvas.isConnected) document.removeEventListener('keydown', pressed, true);
    else if (!editor.focused && !passing && editor.hasKeyboard && isLetter(event)) {
      editor.focus();
      handle(event);
      event.stopImmediatePropagation();
    }
  };
  canvas.addEventListener('pointerenter', () => document.addEventListener('keydown', pressed, true));
  canvas.addEventListener('pointerleave', () => document.removeEventListener('keydown', pressed, true));
}

/** Whether it is one of our keys alone that writes something. @param {KeyboardEvent} event */
function isLetter(event) {
  const isAlone = !(event.ctrlKey || event.metaKey || event.altKey);
  return isAlone && /^\S$/u.test(event.key) && Boolean(BY_COMBINATION.get(combinationOf(event))?.run);
}

/** @param {Editor} editor @param {SpaceBar} space @param {KeyboardEvent} event */
function keyDown(editor, space, event) {
  const combination = combinationOf(event);
  const escapes = event.key === 'Escape' || !(editor.locked || editor.performing.take);
  const binding = escapes ? BY_COMBINATION.get(combination) : undefined;
  if (isPages(event, combination, binding)) return;
  event.stopPropagation();
  if (event.isComposing || (hasText(event.target) && event.key !== 'Escape')) return;
  if (isField(event.target) && event.key !== 'Escape' && !combination.startsWith('Mod')) return;
  if (throughMenu(event)) return;
  // If Z follows, the page checks which element has the focus: it ignores Ctrl+Z only in a text field.
  if (event.key === 'Control' || event.key === 'Meta') editor.focus();
  if (event.key === ' ') {
    if (isControl(event.target) || editor.performing.take) return;
    event.preventDefault();
    space.down(event.repeat);
    return;
  }
  if ((event.key === 'Tab' || event.key === 'Enter') && event.target !== editor.keyboard) return;
  if (!binding?.run) return;
  let used = true;
  editor.attempt(() => {
    used = binding.run?.(editor, event) !== false;
  });
  if (used) event.preventDefault();
}

/** Space: a tap plays; holding it pans the view. */
class SpaceBar {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    this.since = 0;
  }

  /** @param {boolean} repeat it was already down */
  down(repeat) {
    const { editor } = this;
    if (!repeat) this.since = performance.now();
    editor.stage.pointers.space = true;
    editor.invalidate();
  }

  up() {
    const { editor } = this;
    const { pointers } = editor.stage;
    this.release();
    if (!pointers.panned && performance.now() - this.since < TAP_MS) editor.player.toggle();
    pointers.panned = false;
    editor.invalidate();
  }

  /** The key counts as released, also when the focus leaves, since the release event is missed then. */
  release() {
    this.editor.stage.pointers.space = false;
  }
}

/**
 * Whether a combination is left to the page, such as Ctrl+Enter, which runs the workflow. A modifier alone is not,
 * since the next key is still unknown.
 * @param {KeyboardEvent} event
 * @param {string} combination
 * @param {Binding | undefined} binding
 */
function isPages(event, combination, binding) {
  if (combination === FULL_WINDOW) return true;
  if (binding?.run || CLIPBOARD.has(combination) || MODIFIERS.has(event.key)) return false;
  return event.ctrlKey || event.metaKey || /^F\d/.test(event.key);
}

/** A text field, in which keys are text. @param {EventTarget | null} target */
export function hasText(target) {
  if (target instanceof HTMLTextAreaElement) return !target.classList.contains('dnw-keyboard');
  return target instanceof HTMLInputElement && WITH_TEXT.has(target.type);
}

/**
 * What is being typed in a field counts from now on, as if the field were left: a key may run the workflow while one
 * types.
 * @param {HTMLElement} root the editor's
 */
export function finishTyping(root) {
  const { activeElement: field } = document;
  if (!(field instanceof HTMLElement) || !hasText(field) || !root.contains(field)) return;
  field.blur();
  field.focus({ preventScroll: true });
}

/** A list or an input, which handles keys such as arrows itself. @param {EventTarget | null} target */
function isField(target) {
  return target instanceof HTMLSelectElement || target instanceof HTMLInputElement;
}

/**
 * Moves the focus in an open menu with the arrow keys.
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the menu handled the key
 */
function throughMenu(event) {
  const item = event.target instanceof Element ? event.target.closest('.dnw-item') : null;
  if (!item || event.key === 'Escape') return false;
  const items = /** @type {HTMLElement[]} */ ([...(item.parentElement?.querySelectorAll('.dnw-item') ?? [])]);
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    event.preventDefault();
    items[(items.findIndex((other) => other === item) + by + items.length) % items.length].focus();
  }
  return true;
}

/** Elements that use Space themselves: buttons and fields. @param {EventTarget | null} target */
function isControl(target) {
  return target instanceof HTMLButtonElement || isField(target);
}
