/** The keys: one table for what they do and for the list that the person sees. */

import * as commands from './commands.js';

/** @import {Editor} from './editor.js' */
/** @import {StringId} from './strings.js' */

/**
 * @typedef {object} Binding
 * @property {string[]} keys as a person reads them; "Mod" is Ctrl, on a Mac Cmd
 * @property {StringId} label
 * @property {(editor: Editor, event: KeyboardEvent) => unknown} [run] without it the key is handled elsewhere
 */

/** @type {readonly Binding[]} */
export const BINDINGS = Object.freeze([
  { keys: ['P'], label: 'keyDraw', run: (editor) => editor.choose('pen') },
  { keys: ['Enter'], label: 'keyEnd', run: (editor) => editor.tools.pen.end() },
  { keys: ['Escape'], label: 'keyCancel', run: commands.escape },
  { keys: ['V'], label: 'keySelect', run: (editor) => editor.choose('select') },
  { keys: ['A'], label: 'keyAnchor', run: (editor) => editor.choose('anchor') },
  { keys: ['B'], label: 'keyArea', run: (editor) => editor.choose('area') },
  { keys: ['Click'], label: 'keyInsert' },
  { keys: ['Delete', 'Backspace'], label: 'keyDelete', run: commands.remove },
  { keys: ['Mod+Z'], label: 'keyUndo', run: (editor) => editor.travel('undo') },
  { keys: ['Mod+Shift+Z', 'Mod+Y'], label: 'keyRedo', run: (editor) => editor.travel('redo') },
  { keys: ['Mod+C', 'Mod+X', 'Mod+V'], label: 'keyCopy' },
  { keys: ['Mod+D'], label: 'keyDuplicate', run: commands.duplicate },
  { keys: ['H'], label: 'mirrorH', run: (editor) => commands.mirror(editor, 'h') },
  { keys: ['Shift+H'], label: 'mirrorV', run: (editor) => commands.mirror(editor, 'v') },
  { keys: ['R'], label: 'reverse', run: commands.reverse },
  { keys: ['Mod+A'], label: 'keyAll', run: commands.selectAll },
  {
    keys: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'], label: 'keyNudge',
    run: (editor, event) => arrow(editor, event.key, 1),
  },
  {
    keys: ['Shift+ArrowLeft', 'Shift+ArrowRight', 'Shift+ArrowUp', 'Shift+ArrowDown'], label: 'keyNudge',
    run: (editor, event) => arrow(editor, event.key, 10),
  },
  { keys: ['Tab', 'Shift+Tab'], label: 'keyTab', run: (editor, event) => commands.cycle(editor, event.shiftKey) },
  { keys: ['Space'], label: 'keyPlay' },
  { keys: [','], label: 'keyFrame', run: (editor) => editor.player.goTo(editor.player.frame - 1) },
  { keys: ['.'], label: 'keyFrame', run: (editor) => editor.player.goTo(editor.player.frame + 1) },
  { keys: ['Home'], label: 'keyEnds', run: (editor) => editor.player.goTo(0) },
  { keys: ['End'], label: 'keyEnds', run: (editor) => editor.player.goTo(editor.clip.frames - 1) },
  { keys: ['+', '='], label: 'keyZoom', run: (editor) => zoom(editor, 1.25) },
  { keys: ['-'], label: 'keyZoom', run: (editor) => zoom(editor, 0.8) },
  { keys: ['F', '0'], label: 'keyFit', run: (editor) => fit(editor) },
  { keys: ['E'], label: 'keyProperties', run: (editor) => editor.panel.toggle() },
  { keys: ['I', 'Insert'], label: 'keyAddPoint', run: commands.addPoint },
  { keys: ['[', ']'], label: 'keyPoint', run: (editor, event) => commands.nextPoint(editor, event.key === '[') },
  { keys: ['G'], label: 'keyGrid', run: (editor) => editor.snapGuides.toggleGrid() },
  { keys: ['Alt+Shift+D'], label: 'keyFull' },
  { keys: ['?'], label: 'keyHelp', run: (editor) => editor.toolbar.showHelp() },
  { keys: ['Shift'], label: 'keyShift' },
  { keys: ['Alt'], label: 'keyAlt' },
  { keys: ['Mod'], label: 'keyForce' },
]);

const MAC = /Mac|iP/.test(navigator.platform);
const TAP_MS = 250; // Space held longer was for moving the view
const FULL_WINDOW = 'Alt+Shift+D'; // the page's, by its command
const CLIPBOARD = new Set(['Mod+C', 'Mod+X', 'Mod+V']); // come as events of their own
const MODIFIERS = new Set(['Control', 'Meta', 'Shift', 'Alt']);
const WITH_TEXT = new Set(['text', 'number', 'search']);

/** @param {string} combination @returns {string} */
export function readable(combination) {
  return combination.split('+').map((part) => READABLE[part] ?? part).join(MAC ? ' ' : '+') || '+';
}

/** @type {Record<string, string>} */
const READABLE = {
  Mod: MAC ? '⌘' : 'Ctrl', ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Delete: 'Del', '': '+',
};

/** @type {Map<string, Binding>} */
const TABLE = new Map(BINDINGS.flatMap((binding) => binding.keys.map((keys) => [keys, binding])));

/** @param {KeyboardEvent} event */
function combinationOf(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const shifted = event.shiftKey && (key.length > 1 || /[A-Z]/.test(key)); // "?" is itself, not Shift and something
  return [(event.ctrlKey || event.metaKey) && 'Mod', event.altKey && 'Alt', shifted && 'Shift', key].filter(Boolean).join('+');
}

/** @param {Editor} editor */
export function listenToKeys(editor) {
  const { root } = editor;
  let spaceDown = 0;
  root.addEventListener('keydown', (event) => {
    const combination = combinationOf(event);
    const binding = editor.locked && event.key !== 'Escape' ? undefined : TABLE.get(combination);
    const isPages = !binding?.run && !CLIPBOARD.has(combination) && (event.ctrlKey || event.metaKey || /^F\d/.test(event.key));
    // Such as Ctrl+Enter, which runs the workflow; the key itself, without another, is what follows next.
    if (combination === FULL_WINDOW || (isPages && !MODIFIERS.has(event.key))) return;
    event.stopPropagation();
    if (event.isComposing || hasText(event.target)) return;
    if (isField(event.target) && event.key !== 'Escape' && !combination.startsWith('Mod')) return;
    if (throughMenu(event)) return;
    // The page looks at the focused element when Z follows: it leaves Ctrl+Z alone only in a text field.
    if (event.key === 'Control' || event.key === 'Meta') editor.focus();
    if (event.key === ' ') {
      if (isControl(event.target)) return;
      event.preventDefault();
      if (!event.repeat) spaceDown = performance.now();
      editor.stage.pointers.space = true;
      editor.invalidate();
      return;
    }
    if ((event.key === 'Tab' || event.key === 'Enter') && event.target !== editor.keyboard) return;
    if (event.key === 'Tab' && editor.state.doc.tracks.length === 0) return; // on to the next control
    if (!binding?.run) return;
    event.preventDefault();
    editor.attempt(() => binding.run?.(editor, event));
  });
  root.addEventListener('keyup', (event) => {
    if (event.key !== ' ' || hasText(event.target) || isControl(event.target)) return;
    const { pointers } = editor.stage;
    pointers.space = false;
    if (!pointers.panned && performance.now() - spaceDown < TAP_MS) editor.player.toggle();
    pointers.panned = false;
    editor.invalidate();
  });
  root.addEventListener('keypress', (event) => event.stopPropagation());
  editor.keyboard.addEventListener('input', () => {
    editor.keyboard.value = '';
  });
  root.addEventListener('focusout', () => {
    editor.stage.pointers.space = false;
  });
}

/** A text field of ours, in which keys are text. @param {EventTarget | null} target */
function hasText(target) {
  if (target instanceof HTMLTextAreaElement) return !target.classList.contains('dnw-keyboard');
  return target instanceof HTMLInputElement && WITH_TEXT.has(target.type);
}

/** What has keys of its own, such as the arrows of a list. @param {EventTarget | null} target */
function isField(target) {
  return target instanceof HTMLSelectElement || target instanceof HTMLInputElement;
}

/** The arrows in an open menu. @param {KeyboardEvent} event @returns {boolean} whether the key is the menu's */
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

/** @param {EventTarget | null} target */
function isControl(target) {
  return target instanceof HTMLButtonElement || target instanceof HTMLSelectElement || target instanceof HTMLInputElement;
}

/** @param {Editor} editor @param {string} key @param {number} by */
function arrow(editor, key, by) {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  commands.nudge(editor, dx * by, dy * by);
}

/** @param {Editor} editor @param {number} factor */
function zoom(editor, factor) {
  const { stage } = editor.viewport;
  editor.viewport.zoomAt(editor.stage.pointers.last?.stage ?? { x: stage.width / 2, y: stage.height / 2 }, factor);
  editor.invalidate();
}

/** @param {Editor} editor */
function fit(editor) {
  editor.viewport.fit();
  editor.invalidate();
}
