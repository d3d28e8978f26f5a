/** The key bindings: what each key does, and its text in the list of keys. keyboard.js handles the events. */

import * as commands from './commands.js';
import { toggleBend } from './objects/bending.js';
import { changeLength, group, smooth, toggleSnap, ungroup } from './objects/commands.js';
import { TOOLS } from './tools/registry.js';

/** @import {XY} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Locale, StringId} from './strings/translator.js' */
/** @import {ToolDefinition} from './tools/contract.js' */

/**
 * @typedef {object} Binding
 * @property {string[]} keys combinations such as "Mod+Shift+Z"; "Mod" is Ctrl, or Cmd on a Mac
 * @property {StringId | Readonly<Record<Locale, string>>} label what the key does
 * @property {(editor: Editor, event: KeyboardEvent) => unknown} [run] without it, the key is handled elsewhere;
 *   returning false leaves the key to the browser
 */

const FAR = 0.01; // step of Shift and an arrow, as a fraction of the picture

/** @type {readonly Binding[]} */
export const BINDINGS = Object.freeze([
  ...TOOLS.map(toolBinding),
  { keys: ['Enter'], label: 'keyEnd', run: (editor) => editor.tool.end() },
  { keys: ['Escape'], label: 'keyCancel', run: commands.escape },
  { keys: ['Click'], label: 'keyInsert' },
  { keys: ['Delete', 'Backspace'], label: 'keyDelete', run: commands.remove },
  { keys: ['Mod+Z'], label: 'keyUndo', run: (editor) => editor.tool.back?.() || editor.travel('undo') },
  { keys: ['Mod+Shift+Z', 'Mod+Y'], label: 'keyRedo', run: (editor) => editor.travel('redo') },
  { keys: ['Mod+C', 'Mod+X', 'Mod+V'], label: 'keyCopy' },
  { keys: ['Mod+D'], label: 'keyDuplicate', run: commands.duplicate },
  { keys: ['H'], label: 'mirrorH', run: (editor) => commands.mirror(editor, 'h') },
  { keys: ['Shift+H'], label: 'mirrorV', run: (editor) => commands.mirror(editor, 'v') },
  { keys: ['R'], label: 'reverse', run: commands.reverse },
  { keys: ['Mod+A'], label: 'keyAll', run: commands.selectAll },
  {
    keys: ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'], label: 'keyNudge',
    run: (editor, event) => arrow(editor, event.key, { x: 1, y: 1 }),
  },
  {
    keys: ['Shift+ArrowLeft', 'Shift+ArrowRight', 'Shift+ArrowUp', 'Shift+ArrowDown'], label: 'keyNudge',
    run: (editor, event) => arrow(editor, event.key, { x: FAR * editor.clip.width, y: FAR * editor.clip.height }),
  },
  { keys: ['Tab', 'Shift+Tab'], label: 'keyTab', run: (editor, event) => commands.selectNext(editor, event.shiftKey) },
  { keys: ['Space'], label: 'keyPlay' },
  { keys: [','], label: 'keyFrame', run: (editor) => editor.player.goTo(editor.player.frame - 1) },
  { keys: ['.'], label: 'keyFrame', run: (editor) => editor.player.goTo(editor.player.frame + 1) },
  { keys: ['Home'], label: 'keyEnds', run: (editor) => editor.player.goTo(0) },
  { keys: ['End'], label: 'keyEnds', run: (editor) => editor.player.goTo(editor.clip.frames - 1) },
  { keys: ['+', '='], label: 'keyZoom', run: (editor) => zoom(editor, 1.25) },
  { keys: ['-'], label: 'keyZoom', run: (editor) => zoom(editor, 0.8) },
  { keys: ['F', '0'], label: 'keyFit', run: (editor) => fit(editor) },
  { keys: ['E'], label: 'keyProperties', run: (editor) => editor.panel.toggle({ enter: true }) },
  { keys: ['I', 'Insert'], label: 'keyAddPoint', run: commands.addPoint },
  { keys: ['[', ']'], label: 'keyPoint', run: bracket },
  { keys: ['Mod+G'], label: 'keyGroup', run: group },
  { keys: ['Mod+Shift+G'], label: 'keyUngroup', run: ungroup },
  { keys: ['>', '<'], label: 'keyGrow', run: (editor, { key }) => changeLength(editor, 'grow', key === '>' ? 1 : -1) },
  {
    keys: ['U', 'Shift+U'], label: 'keyFeather',
    run: (editor, { shiftKey }) => changeLength(editor, 'feather', shiftKey ? -1 : 1),
  },
  { keys: ['S'], label: 'keySmooth', run: (editor) => smooth(editor) },
  { keys: ['N'], label: 'keySnap', run: toggleSnap },
  { keys: ['K'], label: 'keyBehind', run: (editor) => editor.sendBehind.start() },
  { keys: ['G'], label: 'keyGrid', run: (editor) => editor.session.change({ grid: !editor.session.now.grid }) },
  { keys: ['O'], label: 'keyCarried', run: (editor) => editor.regions.takeSelected() },
  { keys: ['Shift+O'], label: 'keyShowCarried', run: (editor) => editor.regions.toggle() },
  { keys: ['J'], label: 'keyBend', run: toggleBend },
  { keys: ['T'], label: 'keyPerform', run: (editor) => editor.performing.press() },
  { keys: ['C'], label: 'keyCompare', run: (editor) => editor.result.compare(true) },
  { keys: ['Alt+Shift+D'], label: 'keyFull' },
  { keys: ['?'], label: 'keyHelp', run: (editor) => editor.toolbar.showHelp() },
  { keys: ['Shift'], label: 'keyShift' },
  { keys: ['Alt'], label: 'keyAlt' },
  { keys: ['Mod'], label: 'keyForce' },
]);

/** Handled by a command of the page, and by the full window itself. */
export const FULL_WINDOW = 'Alt+Shift+D';
/** Handled as clipboard events, in transfer.js. */
export const CLIPBOARD = new Set(['Mod+C', 'Mod+X', 'Mod+V']);

/** @type {Readonly<Record<string, string>>} */
const READABLE = Object.freeze({
  ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Delete: 'Del', '': '+',
});
const MOD = Object.freeze({ mac: '⌘', other: 'Ctrl' });

/**
 * Changes the tool's brush size, or otherwise selects the previous or next point.
 * @param {Editor} editor
 * @param {KeyboardEvent} event
 */
function bracket(editor, event) {
  const back = event.key === '[';
  if (editor.tool.resize) editor.tool.resize(back ? -1 : 1);
  else commands.nextPoint(editor, back);
}

/** @param {KeyboardEvent} event @returns {string} the combination, as in BINDINGS */
export function combinationOf(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const shifted = event.shiftKey && (key.length > 1 || /[A-Z]/.test(key)); // "?" may need Shift itself
  const modifiers = [(event.ctrlKey || event.metaKey) && 'Mod', event.altKey && 'Alt', shifted && 'Shift'];
  return [...modifiers, key].filter(Boolean).join('+');
}

/**
 * A combination as named on the user's keyboard.
 * @param {string} combination
 * @returns {string}
 */
export function readable(combination) {
  const system = /Mac|iP/.test(navigator.platform) ? 'mac' : 'other';
  const parts = combination.split('+').map((part) => (part === 'Mod' ? MOD[system] : READABLE[part] ?? part));
  return parts.join(system === 'mac' ? ' ' : '+') || '+';
}

/**
 * @param {Readonly<ToolDefinition>} tool
 * @returns {Binding}
 */
function toolBinding({ id, key, words }) {
  return {
    keys: [key],
    label: { en: words.en.keyHelp, zh: words.zh.keyHelp },
    run: (editor) => editor.chooseTool(id),
  };
}

/** @param {Editor} editor @param {string} key @param {XY} by pixels of the clip */
function arrow(editor, key, by) {
  const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  commands.nudge(editor, dx * by.x, dy * by.y);
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
