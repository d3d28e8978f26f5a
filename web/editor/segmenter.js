/** Who picks what is clicked: SAM3 where ComfyUI has it, or colours and edges; and what only models can find. */

import { addNamedObjects } from './objects/commands.js';
import { h, showWords } from './dom.js';

/** @import {Editor} from './editor.js' */

const CHOICE = 'dragnuwa.picker'; // in localStorage, "edges" if a person has chosen these
const MAX_WORDS = 200;

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
  }

  /** @returns {'sam3' | undefined} undefined for colours and edges */
  get by() {
    const chosen = localStorage.getItem(CHOICE) !== 'edges';
    return chosen && this.editor.host.segmenters().sam3 ? 'sam3' : undefined;
  }

  render() {
    const { sam3, subject } = this.editor.host.segmenters();
    this.button.hidden = !sam3 && !subject;
    showWords(this.button, this.by ? 'SAM3' : this.editor.t('byEdges'));
  }

  /** @returns {HTMLElement[]} */
  #items() {
    const { editor } = this;
    const { t } = editor;
    const { sam3, subject } = editor.host.segmenters();
    const items = [];
    if (sam3) {
      items.push(this.#choice(t('pickBySam3', { file: sam3 }), 'sam3'), this.#choice(t('pickByEdges'), 'edges'));
      items.push(h('hr'), this.#words());
    }
    if (subject) items.push(editor.toolbar.item(t('mainSubject'), () => void this.find(null), 'main-subject'));
    return items;
  }

  /** @param {string} label @param {'sam3' | 'edges'} which */
  #choice(label, which) {
    const choose = () => {
      if (which === 'edges') localStorage.setItem(CHOICE, 'edges');
      else localStorage.removeItem(CHOICE);
      this.editor.chooseTool('object');
    };
    const item = this.editor.toolbar.item(label, choose, `pick-by-${which}`);
    item.role = 'menuitemradio';
    item.ariaChecked = String((this.by ?? 'edges') === which);
    return item;
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
      void this.find(words);
    };
    field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.isComposing) find();
    });
    const button = { type: 'button', class: 'dnw-wide-button', 'data-testid': 'dragnuwa-find', onclick: find };
    return h('div', { class: 'dnw-row dnw-find' }, field, h('button', button, t('find')));
  }

  /** Makes objects of what words name, or of the main subject. @param {string | null} words */
  async find(words) {
    const { editor } = this;
    editor.chooseTool('object');
    const outlines = await this.wait((signal) => editor.host.findThings(words, signal));
    if (!outlines) return;
    if (outlines.length === 0) {
      editor.warn(words === null ? 'noSubject' : 'noneByWords', { words: words ?? '' });
      return;
    }
    editor.attempt(() => addNamedObjects(editor, outlines, words ?? editor.t('subject')));
  }

  /**
   * Waits for a model, which a person can cancel. A failure is shown.
   * @template T
   * @param {(signal: AbortSignal) => Promise<T | null>} ask
   * @returns {Promise<T | null>} null after a message, or where it was cancelled
   */
  async wait(ask) {
    const { editor } = this;
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    editor.invalidate();
    try {
      const found = await ask(asking.signal);
      if (found === null) editor.warn('picture_unconnected');
      return found;
    } catch (error) {
      if (!asking.signal.aborted) editor.status.warn(editor.reason(error));
      return null;
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
