/**
 * The templates' photographs (web/pictures/). Load Image reads from ComfyUI's input folder, where they are not at first:
 * before a workflow that names one is opened, it is uploaded there, as if a person had dropped it.
 */

import { complain, widgetOf } from './page.js';
import { isInInput, uploadPicture } from './server.js';

export const PICTURES = Object.freeze([
  'dragnuwa-coffee.jpg',
  'dragnuwa-desert.jpg',
  'dragnuwa-osprey.jpg',
  'dragnuwa-otter.webp',
  'dragnuwa-rocket.jpg',
  'dragnuwa-wren.jpg',
]);
const LOADER = 'LoadImage';
const WIDGET = 'image';

/**
 * Those of the pack's photographs that a workflow names.
 * @param {{nodes?: {type?: string, widgets_values?: unknown}[]} | null | undefined} workflow as it is saved
 * @returns {string[]}
 */
export function namedIn(workflow) {
  const loaders = (workflow?.nodes ?? []).filter(({ type }) => type === LOADER);
  const values = new Set(loaders.flatMap(({ widgets_values: saved }) => Object.values(saved ?? {})));
  return PICTURES.filter((name) => values.has(name));
}

/** Uploads the photographs that a workflow names and the input folder lacks. @param {any} workflow as it is saved */
export async function bringPictures(workflow) {
  await Promise.all(namedIn(workflow).map(bring));
}

/** @param {string} name */
async function bring(name) {
  try {
    if (await isInInput(name)) return;
    const response = await fetch(new URL(`../pictures/${name}`, import.meta.url));
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    await uploadPicture(new File([await response.blob()], name));
  } catch (error) {
    complain(`The example photograph ${name} could not be put into the input folder: ${error}`);
  }
}

/** A node was opened with one of the photographs: its list, fetched with the page, gets it. @param {any} node */
export function listPicture(node) {
  if (node.type !== LOADER) return;
  const widget = widgetOf(node, WIDGET);
  const list = widget?.options?.values;
  if (PICTURES.includes(widget?.value) && Array.isArray(list) && !list.includes(widget.value)) list.push(widget.value);
}
