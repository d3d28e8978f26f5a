/** Pictures and videos for Load Image and Load Video: files of a person, and those that come with the pack. */

import { nodesAfter, origin } from './graph.js';
import { addBefore, listFile, propertyOf, setProperty, setValue, widgetOf, widgetsOf } from './page.js';
import { isInInput, uploadPicture } from './server.js';

export const PICTURES = Object.freeze([
  'dragnuwa-coffee.jpg',
  'dragnuwa-cow.jpg',
  'dragnuwa-desert.jpg',
  'dragnuwa-dog.jpg',
  'dragnuwa-drums.jpg',
  'dragnuwa-hens.jpg',
  'dragnuwa-horses.webp',
  'dragnuwa-osprey.jpg',
  'dragnuwa-osprey.mp4',
  'dragnuwa-otter.webp',
  'dragnuwa-rocket.jpg',
  'dragnuwa-tiger.jpg',
  'dragnuwa-wren.jpg',
]);
/** The widget that names the file, by the node's type. @type {Readonly<Record<string, string>>} */
const LOADERS = Object.freeze({ LoadImage: 'image', LoadVideo: 'file' });

/**
 * Those of the pack's photographs that a workflow names.
 * @param {{nodes?: {type?: string, widgets_values?: unknown}[]} | null | undefined} workflow as it is saved
 * @returns {string[]}
 */
function namedIn(workflow) {
  const loaders = (workflow?.nodes ?? []).filter(({ type }) => type && type in LOADERS);
  const values = new Set(loaders.flatMap(({ widgets_values: saved }) => Object.values(saved ?? {})));
  return PICTURES.filter((name) => values.has(name));
}

export class ExamplePictures {
  constructor() {
    /** Those that are in the input folder. @type {Set<string>} */
    this.there = new Set();
  }

  /** Uploads those that a workflow names and the input folder lacks. @param {any} workflow as it is saved */
  async bring(workflow) {
    await Promise.all(namedIn(workflow).map((name) => this.#bringOne(name)));
  }

  /** A node was opened: a photograph that it has is in its list, which was made before. @param {any} node */
  list(node) {
    const widget = node.type in LOADERS ? widgetOf(node, LOADERS[node.type]) : null;
    if (this.there.has(widget?.value)) listFile(widget, widget.value);
  }

  /** @param {string} name */
  async #bringOne(name) {
    try {
      if (!await isInInput(name)) {
        const response = await fetch(new URL(`../pictures/${name}`, import.meta.url));
        if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
        await uploadPicture(new File([await response.blob()], name));
      }
      this.there.add(name);
    } catch (error) {
      // eslint-disable-next-line no-console -- the page itself says that the picture is missing
      console.warn(`DragNUWA: the photograph ${name} could not be put into the input folder: ${error}`);
    }
  }
}

const LEFT = 340; // how far a new node is from the one that it feeds

/**
 * @param {any} node the editor
 * @param {string} input
 * @param {string} file in the input folder
 */
export function loadPicture(node, input, file) {
  const from = origin(node, input)?.node;
  choose(from?.type === 'LoadImage' ? from : addBefore('LoadImage', node, input, LEFT), 'image', file);
}

/**
 * @param {any} node the editor
 * @param {string} input
 * @param {string} file in the input folder
 */
export function loadVideo(node, input, file) {
  const from = origin(node, input)?.node;
  const parts = from?.type === 'GetVideoComponents' ? from : addBefore('GetVideoComponents', node, input, LEFT);
  const before = origin(parts, 'video')?.node;
  choose(before?.type === 'LoadVideo' ? before : addBefore('LoadVideo', parts, 'video', LEFT), 'file', file);
}

/** @param {any} loader @param {string} name of its widget @param {string} file */
function choose(loader, name, file) {
  const widget = widgetOf(loader, name);
  listFile(widget, file);
  setValue(widget, file);
}

const MARK = 'example_drags'; // a property of the node, saved with the workflow

/** @param {any} node */
export const hasExample = (node) => Boolean(propertyOf(node, MARK));

/** @param {any} node */
export function drawnByPerson(node) {
  setProperty(node, MARK, undefined);
}

const WORDS = 'example_words'; // a property of the node that has them: of which picture they are, and the words

/**
 * Takes the words of a template's picture away once another one is there, unless a person has written others.
 * @param {any} node the editor
 * @param {string} picture the name of what is there now
 */
export function forgetExampleWords(node, picture) {
  for (const after of nodesAfter(node)) {
    const known = /** @type {{picture?: unknown, words?: unknown} | null | undefined} */ (propertyOf(after, WORDS));
    if (known === undefined || known?.picture === picture) continue;
    setProperty(after, WORDS, undefined);
    const widget = widgetsOf(after).find(({ value }) => typeof value === 'string' && value === known?.words);
    if (widget) setValue(widget, '');
  }
}
