/** Under the picture: playing, the frames, and when each track moves. */

import { h, iconButton, setIcon, setPressed } from './dom.js';
import { TimelineRow } from './timeline_row.js';

/** @import {Track} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const MOST_TICKS = 200; // frames that get a line of their own in the ruler

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
    // Of one height, however many tracks there are: the picture must not move under the pointer that draws.
    this.rows = h('div', { class: 'dnw-rows', role: 'list', 'data-testid': 'dragnuwa-rows' }, this.none);
    this.root = h(
      'div',
      { class: 'dnw-timeline', role: 'group', 'aria-label': t('timeline') },
      h('div', { class: 'dnw-transport' }, h('div', { class: 'dnw-row' }, this.play, this.loop), this.ruler, this.counter),
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

  /** @param {PointerEvent} event @param {HTMLElement} lane @returns {number} fraction of the clip */
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
        if (this.rows.children[index + 1] !== row.root) this.rows.insertBefore(row.root, this.rows.children[index + 1] ?? null);
      });
      const grown = tracks.length > this.order.length;
      this.order = tracks;
      if (grown) this.rows.scrollTop = this.rows.scrollHeight;
    }
    tracks.forEach((track, index) => this.byId.get(track.id)?.render(track, index, active.has(track.id), clip));
    this.none.hidden = tracks.length > 0 || state.problem !== null;
  }
}
