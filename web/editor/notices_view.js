/** Shows notices, each at its place over the picture; what has not changed stays, with what a person typed into it. */

import { h, showWords } from './dom.js';

/** @import {Size} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Choice, Notice, Place} from './notices.js' */

/** @type {Omit<Notice, 'place'>} */
const NONE = Object.freeze({ id: 'none', text: '' });

export class NoticesView {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {Record<Place, HTMLElement>} */
    this.roots = {
      cover: h('div', { class: 'dnw-problem', hidden: true }),
      question: h('div', { class: 'dnw-question', role: 'status', hidden: true }),
      line: h(
        'div', { class: 'dnw-status', role: 'status', 'data-testid': 'dragnuwa-status', hidden: true }, h('span'),
      ),
      hint: h('div', { class: 'dnw-hint', 'data-testid': 'dragnuwa-hint', hidden: true }, h('b'), h('span')),
      offer: h('button', { type: 'button', class: 'dnw-offer', hidden: true }),
    };
    /** What each place shows. @type {Map<Place, readonly unknown[]>} */
    this.shown = new Map();
    /** @type {Partial<Record<Place, Notice>>} */
    this.notices = {};
  }

  render() {
    this.notices = this.editor.notices.shown;
    for (const [key, root] of Object.entries(this.roots)) {
      const place = /** @type {Place} */ (key);
      const notice = this.notices[place];
      const { id, text, detail, bad = false, value, reason, choices = [] } = notice ?? NONE;
      const seen = [id, text, detail, bad, value, reason, ...choices.flatMap((choice) => [choice.id, choice.label])];
      const before = this.shown.get(place);
      if (before?.length === seen.length && seen.every((each, k) => each === before[k])) continue;
      this.shown.set(place, seen);
      root.hidden = !notice;
      root.classList.toggle('dnw-bad', bad);
      if (place === 'question') root.role = bad ? 'alert' : 'status';
      this.#fill(root, place, notice ?? NONE);
    }
  }

  /** @param {HTMLElement} root @param {Place} place @param {Omit<Notice, 'place'>} notice */
  #fill(root, place, { id, text, detail = '', value, reason = '', size, choices = [] }) {
    if (place === 'hint') {
      showWords(/** @type {HTMLElement} */ (root.children[0]), text);
      showWords(/** @type {HTMLElement} */ (root.children[1]), detail);
      return;
    }
    if (place === 'line') {
      const [words] = root.children;
      showWords(/** @type {HTMLElement} */ (words), text); // the same element, which is read out
      root.replaceChildren(words, ...choices.map((choice) => this.#button(place, choice)));
      return;
    }
    if (place === 'offer') {
      const [{ id: choice, label } = { id: 'offer', label: '' }] = choices;
      root.setAttribute('data-testid', `dragnuwa-${choice}`);
      root.onclick = () => this.#run(place, choice);
      root.textContent = label;
      return;
    }
    root.setAttribute('data-testid', `dragnuwa-${id}`);
    const buttons = choices.map((choice) => this.#button(place, choice));
    if (place === 'question') {
      root.replaceChildren(h('span', {}, text), ...(size ? [this.#sides(size)] : []), ...buttons);
      return;
    }
    const row = h('div', { class: 'dnw-row' }, ...buttons);
    root.replaceChildren(h('b', {}, text), ...this.#kept(value, reason, text), h('p', {}, detail), row);
  }

  /** @param {string | undefined} value @param {string} reason @param {string} label */
  #kept(value, reason, label) {
    if (value === undefined) return [];
    const area = h('textarea', { readOnly: true, rows: 4, 'aria-label': label });
    area.value = value;
    return [h('p', { class: 'dnw-reason', 'data-testid': 'dragnuwa-problem-reason' }, reason), area];
  }

  /** @param {Size} size */
  #sides({ width, height }) {
    const { t } = this.editor;
    const field = (/** @type {'width' | 'height'} */ side, /** @type {number} */ value) => h('input', {
      type: 'number', min: '1', value: String(value), 'aria-label': t(side), 'data-testid': `dragnuwa-drawn-${side}`,
    });
    return h('span', { class: 'dnw-row' }, field('width', width), '×', field('height', height), 'px');
  }

  /** @param {Place} place @param {Choice} choice */
  #button(place, { id, label }) {
    const look = place === 'cover' ? { class: 'dnw-wide-button' } : {};
    const run = () => this.#run(place, id);
    return h('button', { type: 'button', 'data-testid': `dragnuwa-${id}`, onclick: run, ...look }, label);
  }

  /** Runs a choice of what is shown now. @param {Place} place @param {string} id */
  #run(place, id) {
    const [width, height] = [...this.roots[place].querySelectorAll('input')].map(({ value }) => Number(value));
    this.notices[place]?.choices?.find((choice) => choice.id === id)?.run({ width, height });
  }
}
