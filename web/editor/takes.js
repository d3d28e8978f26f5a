/** The strip of the last results ("takes"): each can be shown over the canvas, compared, and gives its drags back. */

import { read } from '../core/document.js';
import { TrajectoryError } from '../core/errors.js';
import { isBusy } from './answers.js';
import { h, setPressed, showWords } from './dom.js';
import { ResultMedia, keyOf } from './result.js';

/** @import {Editor} from './editor.js' */
/** @import {RunResult, Take} from './host.js' */

const THUMB = { width: 46, height: 30 }; // pixels
const MIDDLE = 0.5; // of the clip, where most takes differ from the picture

/** @type {readonly Take[]} */
const NONE = Object.freeze([]);

export class Takes {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    this.list = NONE;
    /** The one that a person has chosen, until another run. @type {Take | null} */
    this.chosen = null;
    /** Key of the last run's result. */
    this.last = '';
    /** Keys of takes whose files are gone. @type {Set<string>} */
    this.missing = new Set();
    /** By key. @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map();
    this.strip = h('div', { class: 'dnw-strip', role: 'list', 'aria-label': t('takes') });
    this.seed = h('span', { class: 'dnw-seed' });
    const use = { type: 'button', class: 'dnw-wide-button', 'data-testid': 'dragnuwa-use-drags' };
    this.use = h('button', { ...use, onclick: () => this.#useDrags() }, t('useDrags'));
    this.none = h('div', { class: 'dnw-none' }, t('takesAwaited'));
    const names = { class: 'dnw-takes', hidden: true, 'data-testid': 'dragnuwa-takes' };
    this.root = h('div', names, this.none, this.strip, this.seed, this.use);
  }

  /**
   * What the editor shows: the take that was chosen, or the last run's result.
   * @param {readonly Take[]} list
   * @param {RunResult | null} made by the last run
   * @returns {RunResult | null}
   */
  follow(list, made) {
    if (list !== this.list) this.#setList(list);
    const key = keyOf(made);
    if (key !== this.last) this.chosen = null;
    this.last = key;
    return this.chosen ?? made;
  }

  /** The files of a result cannot be loaded. @param {string} key */
  lost(key) {
    this.missing.add(key);
    this.editor.invalidate();
  }

  /** The take that is shown. @returns {Take | undefined} */
  get #shown() {
    const { result } = this.editor;
    return result.shown ? this.list.find((take) => keyOf(take) === result.key) : undefined;
  }

  render() {
    const { editor } = this;
    const wanted = this.list.length > 0 || editor.host.refining.on;
    // The picture must not move under a hand: the first result, which comes by itself, has its place before.
    if (!isBusy(editor) || !wanted) this.root.hidden = !wanted || editor.around.overridden;
    if (this.root.hidden) return;
    const shown = this.#shown;
    this.none.hidden = this.list.length > 0;
    this.list.forEach((take, k) => this.#renderTake(take, k, take === shown));
    const { seed = null, drags = null } = shown ?? {};
    showWords(this.seed, seed === null ? '' : editor.t('seed', { seed }));
    this.use.hidden = shown === undefined;
    this.use.disabled = drags === null || editor.locked || drags === editor.value;
    this.use.title = editor.t(shown && drags === null ? 'dragsNotKept' : 'useDragsHint');
  }

  /** @param {Take} take @param {number} k @param {boolean} pressed */
  #renderTake(take, k, pressed) {
    const key = keyOf(take);
    const button = this.buttons.get(key);
    if (!button) return;
    setPressed(button, pressed);
    button.disabled = this.missing.has(key);
    button.title = this.editor.t(button.disabled ? 'takeLost' : 'takeHint', { index: k + 1 });
  }

  /** @param {readonly Take[]} list */
  #setList(list) {
    this.list = list;
    const buttons = new Map(list.map((take) => {
      const key = keyOf(take);
      return [key, this.buttons.get(key) ?? this.#button(take)];
    }));
    this.buttons = buttons;
    this.strip.replaceChildren(...buttons.values());
    this.strip.scrollLeft = this.strip.scrollWidth;
    this.editor.invalidate();
  }

  /** @param {Take} take */
  #button(take) {
    const image = h('canvas', { ...THUMB });
    this.#drawThumb(take, image);
    const attributes = { type: 'button', class: 'dnw-take', role: 'listitem', 'data-testid': 'dragnuwa-take' };
    return h('button', { ...attributes, onclick: () => this.#choose(take) }, image);
  }

  /** @param {Take} take @param {HTMLCanvasElement} image */
  #drawThumb(take, image) {
    const draw = () => {
      const { images } = media;
      const shown = images[media.index(MIDDLE)];
      if (!shown) return;
      const scale = Math.max(image.width / shown.width, image.height / shown.height);
      const [width, height] = [shown.width * scale, shown.height * scale];
      const [left, top] = [(image.width - width) / 2, (image.height - height) / 2];
      image.getContext('2d')?.drawImage(shown, left, top, width, height);
    };
    const finish = () => {
      draw();
      media.release();
    };
    const media = new ResultMedia(take, {
      ready: () => {
        draw();
        if (!media.seek(MIDDLE, this.editor.clip.frames)) media.release();
      },
      drawn: finish,
      lost: () => this.lost(keyOf(take)),
    });
  }

  /** @param {Take} take */
  #choose(take) {
    const { editor } = this;
    this.chosen = take;
    editor.result.take(take);
    editor.result.show();
    editor.focus();
  }

  /** The drags that the shown take was made from replace those of the canvas, as one step. */
  #useDrags() {
    const { editor } = this;
    const drags = this.#shown?.drags;
    if (typeof drags !== 'string') return;
    editor.attempt(() => {
      const doc = read(drags);
      if (!doc) throw new TrajectoryError('unreadable');
      editor.change(doc, 'take');
      editor.say('dragsTaken');
    });
    editor.focus();
  }
}
