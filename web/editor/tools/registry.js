/** The editor's tools, in the order of their buttons. Everything about a tool is in its own module; see contract.js. */

import { anchorTool } from './anchor.js';
import { brushTool } from './brush.js';
import { cameraTool } from './camera.js';
import { objectTool } from './object.js';
import { penTool } from './pen.js';
import { polygonTool } from './polygon.js';
import { selectTool } from './select.js';

/** @import {ToolDefinition} from './contract.js' */

/** @type {readonly Readonly<ToolDefinition>[]} */
export const TOOLS = Object.freeze([
  selectTool, penTool, anchorTool, objectTool, polygonTool, brushTool, cameraTool,
]);

/** Id of a new editor's initial tool. @type {string} */
export const DEFAULT_TOOL = penTool.id;
