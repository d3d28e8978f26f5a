/** The question after drags were pasted that miss the picture: at which size they were drawn, to scale them to it. */

import { drawnAt, guessedSize } from '../core/drawn_size.js';
import { MAX_SIDE } from '../core/limits.js';
import { h } from './dom.js';

/** @import {Doc, Size} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

export class DrawnSize {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /**
     * The drawing with the pasted drags, their ids, and the size that they were read at; any other drawing closes the
     * question.
     * @type {{doc: Readonly<Doc>, ids: readonly string[], read: Size} | null}
     */
    this.asked = null;
    const field = (/** @type {'width' | 'height'} */ side) => {
      return h('input', { type: 'number', min: '1', 'aria-label': t(side), 'data-testid': `dragnuwa-drawn-${side}` });
    };
    this.width = field('width');
    this.height = field('height');
    const button = (/** @type {string} */ id, /** @type {string} */ label, /** @type {() => void} */ run) => {
      return h('button', { type: 'button', 'data-testid': `dragnuwa-${id}`, onclick: () => this.#answer(run) }, label);
    };
    this.root = h(
      'div',
      { class: 'dnw-question', role: 'status', hidden: true, 'data-testid': 'dragnuwa-drawn-size' },
      h('span', {}, t('drawnAt')), h('span', { class: 'dnw-row' }, this.width, '×', this.height, 'px'),
      button('scale-pasted', t('scalePasted'), () => this.#scale()), button('keep-pasted', t('keepPasted'), () => {}),
    );
  }

  /** Asks about drags that were just pasted. @param {readonly string[]} ids @param {Readonly<Doc>} fragment */
  ask(ids, fragment) {
    const { session, clip } = this.editor;
    const { width, height } = guessedSize(fragment, clip);
    this.width.value = String(width);
    this.height.value = String(height);
    this.asked = { doc: session.doc, ids, read: { width: clip.width, height: clip.height } };
    this.editor.status.clear();
  }

  render() {
    if (this.asked?.doc !== this.editor.session.doc) this.asked = null;
    this.root.hidden = this.asked === null;
  }

  #scale() {
    const { editor, asked } = this;
    const [width, height] = [this.width, this.height].map(({ value }) => Number(value));
    if (!asked || !isSide(width) || !isSide(height)) return;
    editor.attempt(() => editor.change(drawnAt(editor.session.doc, asked.ids, asked.read, { width, height }), 'scale'));
  }

  /** @param {() => void} run */
  #answer(run) {
    run();
    this.asked = null;
    this.editor.focus();
    this.editor.invalidate();
  }
}

/** @param {number} value pixels */
const isSide = (value) => value >= 1 && value <= MAX_SIDE;
