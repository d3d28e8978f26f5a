/** The timeline under the picture: playback, frames, and a row for each track and object. */

import { objectsOf } from '../core/objects/edit.js';
import { h, iconButton, setIcon, setPressed, showWords } from './dom.js';
import { objectItem, TimelineRow, trackItem } from './timeline_row.js';

/** @import {MotionObject, Track} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

const MOST_TICKS = 200; // lines in the ruler, one per frame up to this many

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
    this.perform = iconButton('perform', `${t('perform')} (T)`, () => {
      editor.performing.toggle();
      editor.focus();
    }, 'perform');
    this.head = h('div', { class: 'dnw-head' });
    this.ruler = h(
      'div',
      {
        class: 'dnw-ruler', role: 'slider', tabIndex: 0, 'aria-label': t('frame'), 'aria-valuemin': '1',
        'data-testid': 'dragnuwa-ruler',
      },
      this.head,
    );
    this.seconds = h('output', { 'data-testid': 'dragnuwa-seconds' });
    this.counter = h('small', { 'data-testid': 'dragnuwa-frame' });
    const counter = h('div', { class: 'dnw-counter' }, this.seconds, this.counter);
    this.none = h('div', { class: 'dnw-none' }, t('noTracks'));
    // A fixed height, so that a new track does not shift the picture under the pointer.
    this.rows = h('div', { class: 'dnw-rows', role: 'list', 'data-testid': 'dragnuwa-rows' }, this.none);
    const buttons = h('div', { class: 'dnw-row' }, this.play, this.loop, this.perform);
    this.root = h(
      'div',
      { class: 'dnw-timeline', role: 'group', 'aria-label': t('timeline') },
      h('div', { class: 'dnw-transport' }, buttons, this.ruler, counter),
      this.rows,
    );
    /** Rows by the item they show. @type {Map<string, TimelineRow>} */
    this.byKey = new Map();
    /** The tracks and objects that the rows were ordered for. @type {readonly Readonly<Track>[]} */
    this.tracks = [];
    /** @type {readonly Readonly<MotionObject>[]} */
    this.objects = [];
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
    this.root.hidden = editor.around.overridden;
    const { player, performing, clip, t } = editor;
    const { frames } = clip;
    setIcon(this.play, player.playing ? 'pause' : 'play', `${t(player.playing ? 'pause' : 'play')} (Space)`);
    setPressed(this.loop, player.loop);
    setPressed(this.perform, performing.on || performing.held || performing.take !== null);
    this.perform.disabled = editor.locked;
    const frame = player.frame + 1;
    const text = t('frameOf', { frame, frames });
    if (this.counter.textContent !== text) {
      this.counter.textContent = text;
      this.ruler.setAttribute('aria-valuemax', String(frames));
      this.ruler.setAttribute('aria-valuenow', String(frame));
      this.root.style.setProperty('--dnw-ticks', String(Math.min(frames - 1, MOST_TICKS)));
    }
    showWords(this.seconds, t('secondsAt', { seconds: (player.frame / clip.rate).toFixed(2) }));
    this.counter.hidden = clip.between > 1; // the video has other frames
    const left = `${player.time * 100}%`;
    if (this.head.style.left !== left) this.head.style.left = left;
    this.#renderRows();
  }

  /** The tracks in order, followed by the objects. */
  #renderRows() {
    const { session, clip } = this.editor;
    const { tracks } = session.doc;
    const objects = objectsOf(session.doc);
    if (this.tracks !== tracks || this.objects !== objects) this.#orderRows(tracks, objects);
    tracks.forEach((track, index) => this.byKey.get(`track ${track.id}`)?.render(track, index, clip));
    objects.forEach((object, index) => this.byKey.get(`object ${object.id}`)?.render(object, index, clip));
    this.none.hidden = this.byKey.size > 0 || session.problem !== null;
  }

  /** @param {readonly Readonly<Track>[]} tracks @param {readonly Readonly<MotionObject>[]} objects */
  #orderRows(tracks, objects) {
    const items = [
      ...tracks.map(({ id }) => /** @type {const} */ ([`track ${id}`, trackItem, id])),
      ...objects.map(({ id }) => /** @type {const} */ ([`object ${id}`, objectItem, id])),
    ];
    /** @type {Set<string>} */
    const keys = new Set(items.map(([key]) => key));
    for (const [key, row] of this.byKey) {
      if (keys.has(key)) continue;
      row.root.remove();
      this.byKey.delete(key);
    }
    items.forEach(([key, itemOf, id], index) => {
      let row = this.byKey.get(key);
      if (!row) this.byKey.set(key, (row = new TimelineRow(this.editor, this, itemOf(id))));
      const there = this.rows.children[index + 1]; // the first child is `none`
      if (there !== row.root) this.rows.insertBefore(row.root, there ?? null);
    });
    const grown = items.length > this.tracks.length + this.objects.length;
    [this.tracks, this.objects] = [tracks, objects];
    if (grown) this.rows.scrollTop = this.rows.scrollHeight;
  }
}
