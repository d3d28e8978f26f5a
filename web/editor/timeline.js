/** The timeline under the picture: playing, the frames, and a row for each track. */

import { h, iconButton, setIcon, setPressed } from './dom.js';
import { TimelineRow } from './timeline_row.js';

/** @import {Track} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const MOST_TICKS = 200; // lines in the ruler, one for each frame up to this many

export class Timeline {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    this.play = iconButton('play', `${t('play')} (Space)`, () => {
      editor.player.toggle();
      editor.focus();
    });
    this.loop = iconButton('loop', t('loop'), () => {
      editor.player.loop = !editor.player.loop;
      editor.focus();
      editor.invalidate();
    });
    this.head = h('div', { class: 'dnw-head' });
    this.ruler = h(
      'div',
      {
        class: 'dnw-ruler', role: 'slider', tabIndex: 0, 'aria-label': t('frame'), 'aria-valuemin': '1',
        'data-testid': 'dragnuwa-ruler',
      },
      this.head,
    );
    this.counter = h('output', { class: 'dnw-counter', 'data-testid': 'dragnuwa-frame' });
    this.none = h('div', { class: 'dnw-none' }, t('noTracks'));
    // Of a fixed height, so that a new track does not move the picture under the pointer.
    this.rows = h('div', { class: 'dnw-rows', role: 'list', 'data-testid': 'dragnuwa-rows' }, this.none);
    const buttons = h('div', { class: 'dnw-row' }, this.play, this.loop);
    this.root = h(
      'div',
      { class: 'dnw-timeline', role: 'group', 'aria-label': t('timeline') },
      h('div', { class: 'dnw-transport' }, buttons, this.ruler, this.counter),
      this.rows,
    );
    /** @type {Map<string, TimelineRow>} */
    this.byId = new Map();
    /** @type {readonly Readonly<Track>[]} */
    this.order = [];
    this.#listen();
  }

  #listen() {
    const { ruler, editor } = this;
    const scrub = (/** @type {PointerEvent} */ event) => {
      editor.player.stop();
      editor.player.goTo(Math.round(this.fractionAt(event, ruler) * (editor.clip.frames - 1)));
    };
    ruler.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      ruler.setPointerCapture(event.pointerId);
      scrub(event);
      editor.focus();
    });
    ruler.addEventListener('mousedown', (event) => event.preventDefault());
    ruler.addEventListener('pointermove', (event) => ruler.hasPointerCapture(event.pointerId) && scrub(event));
    ruler.addEventListener('keydown', (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!by) return;
      event.preventDefault();
      event.stopPropagation();
      editor.player.goTo(editor.player.frame + by);
    });
    this.rows.addEventListener('wheel', (event) => {
      const scrolls = this.rows.scrollHeight > this.rows.clientHeight;
      if (editor.focused && scrolls) event.stopPropagation();
      else editor.host.passWheel(event);
    });
  }

  /** The instant under the pointer. @param {PointerEvent} event @param {HTMLElement} lane @returns {number} 0..1 */
  fractionAt(event, lane) {
    const box = lane.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / (box.width || 1)));
  }

  render() {
    const { editor } = this;
    this.root.hidden = editor.overridden;
    const { player, clip, t } = editor;
    const { frames } = clip;
    setIcon(this.play, player.playing ? 'pause' : 'play', `${t(player.playing ? 'pause' : 'play')} (Space)`);
    setPressed(this.loop, player.loop);
    const frame = player.frame + 1;
    const text = t('frameOf', { frame, frames });
    if (this.counter.textContent !== text) {
      this.counter.textContent = text;
      this.ruler.setAttribute('aria-valuemax', String(frames));
      this.ruler.setAttribute('aria-valuenow', String(frame));
      this.root.style.setProperty('--dnw-ticks', String(Math.min(frames - 1, MOST_TICKS)));
    }
    const left = `${player.time * 100}%`;
    if (this.head.style.left !== left) this.head.style.left = left;
    this.#renderRows();
  }

  #renderRows() {
    const { state, clip } = this.editor;
    const { tracks } = state.doc;
    const active = new Set(state.active);
    if (this.order !== tracks) {
      const ids = new Set(tracks.map(({ id }) => id));
      for (const [id, row] of this.byId) {
        if (ids.has(id)) continue;
        row.root.remove();
        this.byId.delete(id);
      }
      tracks.forEach(({ id }, index) => {
        let row = this.byId.get(id);
        if (!row) this.byId.set(id, (row = new TimelineRow(this.editor, this, id)));
        const there = this.rows.children[index + 1]; // the first one is `none`
        if (there !== row.root) this.rows.insertBefore(row.root, there ?? null);
      });
      const grown = tracks.length > this.order.length;
      this.order = tracks;
      if (grown) this.rows.scrollTop = this.rows.scrollHeight;
    }
    tracks.forEach((track, index) => this.byId.get(track.id)?.render(track, index, active.has(track.id), clip));
    this.none.hidden = tracks.length > 0 || state.problem !== null;
  }
}
