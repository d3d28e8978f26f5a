/** The interface of editor tools. Types only: nothing here runs. */

/** @import {Doc, Hit} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StageEvent} from '../stage.js' */

/**
 * A tool's texts in one language; all languages have the same ids. A tool may have further texts, for its status or for
 * events.
 * @typedef {Readonly<Record<string, string>> & {readonly label: string, readonly keyHelp: string}} ToolWords
 *   label: the button's tooltip, without the key; keyHelp: what the key does, in the list of keys
 */

/**
 * What a module in this folder exports for the registry. To add a tool, write such a module and list it in registry.js:
 * button, key, list of keys, status line and languages follow from it. tests/web/tools.test.js checks every tool.
 * @typedef {object} ToolDefinition
 * @property {string} id unique; the button's `data-testid` is "dragnuwa-tool-" and this
 * @property {string} icon the button's icon, a stroked SVG path in a square of 16 x 16
 * @property {string} key one capital letter that no other tool or command has
 * @property {{readonly en: ToolWords, readonly zh: ToolWords}} words
 * @property {(editor: Editor) => boolean} [offered] whether its button is shown; always, if this is missing
 * @property {(editor: Editor) => Tool} create creates the tool of an editor, whose other parts do not exist yet
 */

/**
 * A tool of one editor: a small state machine driven by pointers. `down`, `move`, `up` and `end` may throw a
 * TrajectoryError, which the editor shows. Change the drawing through `editor.session` and finish with `editor.commit`,
 * so that each gesture is one undo step. Where what is held moves something at an instant, such as the end of a path,
 * `editor.session.hold` takes that.
 * @typedef {object} Tool
 * @property {string} cursor CSS cursor when the pointer is over nothing
 * @property {string | null} status status line while this is the current tool; null leaves it to others
 * @property {boolean} unfinished whether what is already in the drawing is incomplete: together with the rest it
 *   becomes one step of the page's undo
 * @property {boolean} hidesHint whether something under way, or the status, replaces the hint on an empty drawing
 * @property {Readonly<Doc> | null} [foreseen] the drawing as it is about to become, one value from when that moves
 *   something until the hand lets go; null where nothing new is under way
 * @property {string} [handle] the handle of a selected object that is under the pointer
 * @property {boolean} [corrects] whether it works on what a video shows, which is then not edited
 * @property {(event: StageEvent) => Hit | undefined} hit what a press here grabs, if anything
 * @property {(event: StageEvent) => void} down the button is pressed; on a double click only if `end` returned false
 * @property {(event: StageEvent) => void} move the pointer moves, with or without the button
 * @property {(event: StageEvent) => void} up the button is released
 * @property {() => boolean} end on Enter, a double click or a change of tool: completes what is under way; returns
 *   whether there was something to complete
 * @property {() => boolean} cancel on Esc, a second finger, a lost pointer, or a change of tool if `end` returned
 *   false: drops what is under way; returns whether there was something to drop
 * @property {() => boolean} [back] on Backspace, Delete or Ctrl+Z: reverts the last step of what is under way and not
 *   in the drawing yet; returns whether there was one
 * @property {() => void} [add] adds the next point of what it draws, without the pointer
 * @property {(dx: number, dy: number) => boolean} [nudge] moves that point by pixels of the clip; returns whether there
 *   is one
 * @property {() => void} [leave] the pointer leaves the picture
 * @property {() => void} [again] its button or key is pressed while it is the current tool
 * @property {(by: number) => void} [resize] makes what it paints with larger (1) or smaller (-1)
 * @property {(context: CanvasRenderingContext2D, px: number) => void} paint draws what is under way over the tracks;
 *   the context's unit is the clip's pixel, `px` is the length of one CSS pixel in it
 */

export {};
