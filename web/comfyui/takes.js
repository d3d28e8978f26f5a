/** A node's last results ("takes"), as its workflow keeps them: few, and with little text. */

/** @import {ServerFile} from './server.js' */

/**
 * One run's result; `drags` is the text that it was made from, null where that was too long to keep.
 * @typedef {{kind: 'video' | 'images', files: readonly ServerFile[], seed: number | null, drags: string | null}} Take
 */

const MOST = 8;
const MOST_TEXT = 65_536; // characters of all takes in the workflow

/**
 * The takes in a saved workflow, oldest first; whatever else stands there is left out.
 * @param {unknown} saved
 * @returns {readonly Take[]}
 */
export function readTakes(saved) {
  return Array.isArray(saved) ? bounded(saved.filter(isTake)) : [];
}

/**
 * The takes of two lists, each once, those of the second last; only the newest.
 * @param {readonly Take[]} first
 * @param {readonly Take[]} second
 */
export function joined(first, second) {
  const keys = new Set(second.map(keyOf));
  return bounded([...first.filter((take) => !keys.has(keyOf(take))), ...second]);
}

/**
 * The newest takes, as many as may be kept; of older ones only the files where the drags would be too much text.
 * @param {readonly Take[]} takes oldest first
 */
function bounded(takes) {
  let left = MOST_TEXT;
  /** @type {Take[]} */
  const kept = [];
  for (const take of takes.slice(-MOST).reverse()) {
    const fitting = [take, { ...take, drags: null }].find((one) => JSON.stringify(one).length <= left);
    if (!fitting) break;
    left -= JSON.stringify(fitting).length;
    kept.unshift(fitting);
  }
  return kept;
}

/** @param {Take} take */
const keyOf = ({ files }) => JSON.stringify(files.map(({ filename, subfolder, type }) => [filename, subfolder, type]));

/** @param {any} value @returns {value is Take} */
function isTake(value) {
  const { kind, files, seed, drags } = value ?? {};
  const isText = (/** @type {unknown} */ one) => one === undefined || typeof one === 'string';
  return (kind === 'video' || kind === 'images') && Array.isArray(files) && files.length > 0
    && files.every((file) => typeof file?.filename === 'string' && isText(file.subfolder) && isText(file.type))
    && (seed === null || typeof seed === 'number') && (drags === null || typeof drags === 'string');
}
