/** Who picks what is clicked: the pack's own search, or a model that ComfyUI has; and what only models can find. */

import { addNamedObjects } from './objects/commands.js';
import { h, showWords } from './dom.js';

/** @import {Ring} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Model, SubjectModel} from './host.js' */
/** @import {StringId} from './strings/translator.js' */

const CHOICE = 'dragnuwa.picker'; // in localStorage: a model, or "edges" for the pack's own search
const MAX_WORDS = 200;
/** @type {readonly Model[]} */
const MODELS = ['sam3', 'sam2', 'rmbg'];
/** @satisfies {Record<Model | 'edges', StringId>} */
const LABELS = { sam3: 'pickBySam3', sam2: 'pickBySam2', rmbg: 'pickByRmbg', edges: 'pickByEdges' };

/** What `wait` gives: an answer, the reason of a failure, or neither where it was cancelled. */
/** @template T @typedef {{found?: T, failed?: string}} Waited */

export class Segmenter {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    const open = () => editor.toolbar.openMenu(this.button, this.#items());
    const attributes = { 'data-testid': 'dragnuwa-segmenter', title: t('segmenter'), 'aria-label': t('segmenter') };
    const properties = { type: 'button', class: 'dnw-button dnw-text', hidden: true, onclick: open };
    this.button = h('button', { ...properties, ...attributes });
    /** What a person waits for. @type {AbortController | null} */
    this.asking = null;
    /** Whether the pack's own search has its network; undefined until the server has said so. */
    this.learned = /** @type {boolean | undefined} */ (undefined);
  }

  /** @param {boolean} learned what the server says of its network */
  take(learned) {
    this.learned = learned;
    this.editor.invalidate();
  }

  /** Who is asked: what a person has chosen, or else SAM3. @returns {Model | undefined} undefined for the own search */
  get by() {
    const chosen = localStorage.getItem(CHOICE);
    const there = this.editor.around.segmenters;
    const known = MODELS.find((model) => model === chosen && there[model]);
    return known ?? (chosen !== 'edges' && there.sam3 ? 'sam3' : undefined);
  }

  render() {
    const { editor, by } = this;
    const models = Object.values(editor.around.segmenters).some(Boolean);
    this.button.hidden = this.learned === undefined && !models;
    showWords(this.button, by ? by.toUpperCase() : editor.t(this.learned ? 'byNetwork' : 'byEdges'));
  }

  /** @returns {HTMLElement[]} */
  #items() {
    const { editor } = this;
    const there = editor.around.segmenters;
    const { sam3, sam2, rmbg, subject } = there;
    /** @type {HTMLElement[]} */
    const items = [
      ...MODELS.filter((model) => there[model]).map((model) => this.#choice(model, there[model] ?? '')),
      this.#choice('edges', ''),
    ];
    if (sam3 || sam2 || rmbg || subject) items.push(h('hr'));
    if (sam3) items.push(this.#words());
    if (subject) items.push(this.#subject('subject', subject, 'main-subject'));
    if (rmbg) items.push(this.#subject('rmbg', rmbg, 'main-subject-rmbg'));
    return items;
  }

  /** @param {Model | 'edges'} which @param {string} file */
  #choice(which, file) {
    const { t } = this.editor;
    const label = t(which === 'edges' && this.learned ? 'pickByNetwork' : LABELS[which], { file });
    const choose = () => {
      localStorage.setItem(CHOICE, which);
      this.editor.chooseTool('object');
    };
    const item = this.editor.toolbar.item(label, choose, `pick-by-${which}`);
    item.role = 'menuitemradio';
    item.ariaChecked = String((this.by ?? 'edges') === which);
    return item;
  }

  /** @param {SubjectModel} by @param {string} file @param {string} id */
  #subject(by, file, id) {
    const { editor } = this;
    return editor.toolbar.item(editor.t('mainSubject', { file }), () => void this.findSubject(by), id);
  }

  #words() {
    const { t } = this.editor;
    const label = t('findWords');
    const attributes = { 'data-testid': 'dragnuwa-find-words', placeholder: label, 'aria-label': label };
    const field = h('input', { type: 'text', maxLength: MAX_WORDS, ...attributes });
    const find = () => {
      const words = field.value.trim();
      if (words === '') return;
      this.editor.toolbar.closeMenu();
      void this.findWords(words);
    };
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) find();
    });
    const button = { type: 'button', class: 'dnw-wide-button', 'data-testid': 'dragnuwa-find', onclick: find };
    return h('div', { class: 'dnw-row dnw-find' }, field, h('button', button, t('find')));
  }

  /** Makes objects of what words name. @param {string} words */
  async findWords(words) {
    const { editor } = this;
    const outlines = await this.#outlines((signal) => editor.host.findThings(words, signal));
    if (outlines?.length === 0) editor.warn('noneByWords', { words });
    else if (outlines) editor.attempt(() => addNamedObjects(editor, outlines, words));
  }

  /** Makes an object of the main subject. @param {SubjectModel} by */
  async findSubject(by) {
    const { editor } = this;
    const outlines = await this.#outlines((signal) => editor.host.findSubject(by, signal));
    if (outlines?.length === 0) editor.warn('noSubject');
    else if (outlines) editor.attempt(() => addNamedObjects(editor, outlines, editor.t('subject')));
  }

  /** @param {(signal: AbortSignal) => Promise<Ring[][] | null>} ask @returns {Promise<Ring[][] | undefined>} */
  async #outlines(ask) {
    const { editor } = this;
    editor.chooseTool('object');
    const { found, failed } = await this.wait(ask);
    if (failed !== undefined) editor.notices.warn(failed);
    if (found === null) editor.warn('picture_unconnected');
    return found ?? undefined;
  }

  /**
   * Waits for a model, which a person can cancel.
   * @template T
   * @param {(signal: AbortSignal) => Promise<T>} ask
   * @returns {Promise<Waited<T>>}
   */
  async wait(ask) {
    const { editor } = this;
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    editor.invalidate();
    try {
      return { found: await ask(asking.signal) };
    } catch (error) {
      return asking.signal.aborted ? {} : { failed: editor.reason(error) };
    } finally {
      if (this.asking === asking) this.asking = null;
      editor.invalidate();
    }
  }

  /** @returns {boolean} whether somebody was waiting */
  cancel() {
    this.asking?.abort();
    const waited = this.asking !== null;
    this.asking = null;
    this.editor.invalidate();
    return waited;
  }
}
