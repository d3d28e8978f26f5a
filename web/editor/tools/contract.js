/** What an editor tool is. Types only: nothing here runs. */

/** @import {Hit} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */

/**
 * The words of a tool in one language; all languages have the same ids. A tool may have more of them, which it shows as
 * its status or says when something has happened.
 * @typedef {Readonly<Record<string, string>> & {readonly label: string, readonly keyHelp: string}} ToolWords
 *   label: the button's tooltip, without the key; keyHelp: what the key does, in the list of keys
 */

/**
 * What a module of this folder exports for the registry. To add a tool, write such a module and name it in registry.js:
 * button, key, list of keys, status line and languages follow. tests/web/tools.test.js checks every tool that is there.
 * @typedef {object} ToolDefinition
 * @property {string} id unique; the button's `data-testid` is "dragnuwa-tool-" and this
 * @property {string} icon the button's icon, an SVG path in a square of 16 x 16 that is stroked
 * @property {string} key one capital letter that no other tool or command has
 * @property {{readonly en: ToolWords, readonly zh: ToolWords}} words
 * @property {(editor: Editor) => Tool} create makes the tool of one editor, whose other parts are not there yet
 */

/**
 * A tool of one editor: a small state machine that pointers drive. `down`, `move`, `up` and `end` may throw a
 * TrajectoryError, which the editor shows. A change of the drawing is made through `editor.state` and closed with
 * `editor.settle`, so that each gesture is one step to undo.
 * @typedef {object} Tool
 * @property {string} cursor CSS cursor where the pointer is over nothing
 * @property {string | null} status what the status line says while this is the current tool; null leaves it to others
 * @property {boolean} unfinished whether there is more to come of what is in the drawing already: with the rest it
 *   becomes one step of the page's undo
 * @property {boolean} hidesHint whether something under way, or the status, replaces the hint on an empty drawing
 * @property {(event: StageEvent) => Hit | undefined} hit what a press here takes hold of, if anything
 * @property {(event: StageEvent) => void} down the button is pressed; on a double click only if `end` gave false
 * @property {(event: StageEvent) => void} move the pointer moves, with or without the button
 * @property {(event: StageEvent) => void} up the button is released
 * @property {() => boolean} end on Enter, a double click or a change of the tool: completes what is under way; gives
 *   whether there was something to complete
 * @property {() => boolean} cancel on Esc, a second finger, a lost pointer, or a change of the tool if `end` gave
 *   false: drops what is under way; gives whether there was something to drop
 * @property {() => boolean} [back] on Backspace, Delete or Ctrl+Z: takes back the last step of what is under way, which
 *   is not in the drawing yet; gives whether there was one
 * @property {() => void} [add] sets the next point of what it draws without the pointer
 * @property {(dx: number, dy: number) => boolean} [nudge] moves that point by pixels of the clip; gives whether there
 *   is one
 * @property {() => void} [leave] the pointer leaves the picture
 * @property {() => void} [again] its button or key is pressed while it is the current tool
 * @property {(by: number) => void} [resize] makes what it paints with larger (1) or smaller (-1)
 * @property {(context: CanvasRenderingContext2D, px: number) => void} paint draws what is under way over the tracks;
 *   the context's unit is the clip's pixel, `px` is the length of one CSS pixel in it
 */

export {};
