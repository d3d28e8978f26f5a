/** What is kept of drawings beyond the life of a node, or of the page, and the mark of those of a template. */

/** @import {Memory, Steps} from '../editor/session.js' */

const STORAGE_KEY = 'DragNUWA.TrajectoryEditor.recent';
const STORED_MS = 5000; // without a change for this long, the page has stored the workflow

/**
 * `place` identifies the node in its workflow; `replaced` has the fingerprints of the texts that this one replaced.
 * @typedef {{place: string, text: string, replaced: string[]}} Kept
 * @typedef {{text: string, replaced: Set<string>, changed: number, unfinished: boolean}} Noted `changed` in ms
 */

/**
 * Drawings that ComfyUI's page has not stored when it closes. It stores an open workflow half a second after the last
 * change, so a drawing made just before a reload would be lost. It is kept here, in the tab's session storage, for the
 * next page.
 */
export class RecentDrawings {
  constructor() {
    /** By place. @type {Map<string, Noted>} */
    this.noted = new Map();
    /** Kept by the previous page, until restored. @type {Kept[]} */
    this.kept = [];
  }

  /** Takes over what the previous page kept, and stores the noted drawings whenever this page may be closed. */
  start() {
    this.kept = readKept(sessionStorage.getItem(STORAGE_KEY));
    const forget = () => sessionStorage.removeItem(STORAGE_KEY);
    forget();
    window.addEventListener('pagehide', () => this.keep());
    window.addEventListener('pageshow', ({ persisted }) => persisted && forget());
    // A page in the background may be killed without notice.
    document.addEventListener('visibilitychange', () => (document.hidden ? this.keep() : forget()));
  }

  /**
   * The graph changed; the page stores it some time after the last change.
   * @param {string} place
   * @param {unknown} text of the node, now
   * @param {unknown} loaded the text with which the node was opened
   * @param {boolean} [unfinished] the page does not know of it yet, and stores nothing
   */
  note(place, text, loaded, unfinished = false) {
    if (typeof text !== 'string') return; // not a drawing
    const changed = Date.now();
    const noted = this.noted.get(place);
    const goesOn = noted && (noted.unfinished || changed - noted.changed <= STORED_MS);
    const replaced = goesOn ? noted.replaced : new Set([fingerprint(String(loaded))]);
    if (noted && noted.text !== text) replaced.add(fingerprint(noted.text));
    this.noted.set(place, { text, replaced, changed, unfinished });
  }

  /** What the page may not have stored yet, and what was not restored yet. @returns {Kept[]} */
  unstored() {
    const now = Date.now();
    const recent = [...this.noted].filter(([, noted]) => noted.unfinished || now - noted.changed <= STORED_MS);
    return [
      ...this.kept,
      ...recent.map(([place, { text, replaced }]) => ({ place, text, replaced: [...replaced] })),
    ];
  }

  keep() {
    const unstored = this.unstored();
    if (unstored.length === 0) return;
    try {
      sessionStorage.setItem(STORAGE_KEY, JSON.stringify(unstored));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      warn(`drags of the last seconds are lost if the page is reloaded now: ${error.message}`);
    }
  }

  /**
   * The text that a node had when the previous page closed.
   * @param {string} place
   * @param {unknown} text with which the node was opened
   * @returns {string | undefined} undefined if it did not replace this text
   */
  newer(place, text) {
    const print = fingerprint(String(text));
    const kept = this.kept.find((one) => one.place === place && one.replaced.includes(print));
    return kept?.text === text ? undefined : kept?.text;
  }
}

const STEPS_KEY = 'DragNUWA.TrajectoryEditor.steps'; // of the tab's storage
const MOST_CHARACTERS = 1_000_000; // of all nodes

/** The steps that can be undone, by place, from one page to the next in the same tab. */
export class KeptSteps {
  constructor() {
    /** @type {Map<string, Steps>} */
    this.kept = new Map();
  }

  /**
   * Takes over what the previous page kept, and keeps what there is when this page closes.
   * @param {() => Iterable<{place: string, steps: Steps | null}>} all
   */
  start(all) {
    this.kept = readSteps(sessionStorage.getItem(STEPS_KEY));
    sessionStorage.removeItem(STEPS_KEY);
    window.addEventListener('pagehide', () => {
      /** @type {[string, Steps][]} */
      const found = [];
      let left = MOST_CHARACTERS;
      for (const { place, steps } of all()) {
        if (steps && (left -= JSON.stringify(steps).length) >= 0) found.push([place, steps]);
      }
      try {
        sessionStorage.setItem(STEPS_KEY, JSON.stringify(found));
      } catch (error) {
        if (!(error instanceof DOMException)) throw error; // no room: the drawings themselves are kept first
      }
    });
  }

  /** Those of a node, once. @param {string} place @returns {Steps | undefined} */
  take(place) {
    const steps = this.kept.get(place);
    this.kept.delete(place);
    return steps;
  }
}

/** @param {string | null} stored @returns {Map<string, Steps>} without what is something else */
function readSteps(stored) {
  try {
    const found = JSON.parse(stored ?? '[]');
    return new Map(Array.isArray(found) ? found.filter(isSteps) : []);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new Map();
  }
}

/** @param {any} value */
const isSteps = (value) => Array.isArray(value) && typeof value[0] === 'string' && Array.isArray(value[1]?.texts)
  && Number.isInteger(value[1].at) && value[1].at >= 0 && value[1].at < value[1].texts.length;

/**
 * @param {string | null} stored
 * @returns {Kept[]} empty if the storage holds something else
 */
function readKept(stored) {
  if (stored === null) return [];
  try {
    const found = JSON.parse(stored);
    if (Array.isArray(found) && found.every(isKept)) return found;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  warn(`what stands in the tab's storage under ${STORAGE_KEY} is no list of drawings`);
  return [];
}

/** @param {any} value */
const isKept = (value) =>
  typeof value?.place === 'string' && typeof value.text === 'string' && Array.isArray(value.replaced);

/** @param {string} text */
function warn(text) {
  // eslint-disable-next-line no-console -- the page is left, or not there yet: it can show nothing
  console.warn(`DragNUWA: ${text}`);
}

/** Length and 32-bit FNV-1a hash: a few bytes in place of several megabytes. @param {string} text */
function fingerprint(text) {
  let hash = 0x811c9dc5;
  for (let k = 0; k < text.length; k += 1) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01000193);
  return `${text.length}:${hash >>> 0}`;
}

const MOST = 8; // nodes

/**
 * The graph's undo, like any other way of opening a workflow, removes all nodes and creates new ones. The undo history
 * of removed editors is kept here.
 */
export class UndoMemory {
  constructor() {
    /** By `nodeKey`, most recent last. @type {Map<string, Memory>} */
    this.memories = new Map();
  }

  /**
   * @param {string} key
   * @param {Memory | null} memory of the removed node; null if there is nothing to undo
   */
  keep(key, memory) {
    const { memories } = this;
    memories.delete(key);
    if (memory) memories.set(key, memory);
    if (memories.size > MOST) memories.delete([...memories.keys()][0]);
  }

  /** @param {string} key @returns {Memory | null} */
  kept(key) {
    return this.memories.get(key) ?? null;
  }
}
