/** The properties panel: one form for all selected tracks. */

import { EASES, KINDS, SPLINES, TIMINGS } from '../core/limits.js';
import { setSpan, updateTracks } from '../core/document.js';
import {
  bendingFields, choiceField, common, enabledField, inVideoFields, labelled, numberField, rounded, showText,
  toFrames, visibleField,
} from './fields.js';
import * as commands from './commands.js';
import { h, iconButton } from './dom.js';
import { areaBecomesObject, selectedArea } from './objects/commands.js';
import { ObjectPanel } from './objects/panel.js';
import { repeatFields } from './repeat_fields.js';

/** @import {Track, TrackChanges} from '../core/types.js' */
/** @import {Editor} from './editor.js' */

export class Panel {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    this.open = false;
    this.ofObject = new ObjectPanel(editor, () => this.toggle({ open: false }));
    this.title = h('b', { class: 'dnw-panel-title' });
    this.name = h('input', { type: 'text', maxLength: 256, onchange: () => this.#set({ name: this.name.value }) });
    this.color = h('input', { type: 'color', oninput: () => this.#previewColor(), onchange: () => this.#finish() });
    this.enabled = enabledField(editor, (enabled) => this.#set({ enabled }));
    this.kind = this.#choice('kind', KINDS);
    this.spline = this.#choice('spline', SPLINES);
    this.timing = this.#choice('timing', TIMINGS);
    this.ease = this.#choice('ease', EASES);
    this.area = iconButton('object', t('makeObject'), () => this.#then(() => areaBecomesObject(editor)), 'make-object');
    this.start = this.#frame('start');
    this.end = this.#frame('end');
    this.visible = visibleField(editor, (visible) => this.#set({ visible }));
    this.inVideo = inVideoFields(editor, (changes) => this.#set(changes));
    this.repeating = repeatFields(editor, 'direction', commands.setEach);
    this.bending = bendingFields(editor, (changes) => this.#set(changes));
    /** Fields for paths only. */
    this.motion = /** @type {const} */ (['spline', 'timing', 'ease']).map((key) => labelled(editor, key, this[key]));
    const close = iconButton('close', t('close'), () => this.toggle({ open: false }), 'panel-close');
    const names = { 'aria-label': t('properties'), 'data-testid': 'dragnuwa-panel' };
    /** Whether the panel takes the focus when it is shown. */
    this.entering = false;
    this.root = h(
      'div',
      { class: 'dnw-panel', role: 'group', tabIndex: -1, hidden: true, ...names },
      h('div', { class: 'dnw-row' }, this.title, h('span', { class: 'dnw-gap' }), close),
      h('div', { class: 'dnw-row' }, labelled(editor, 'name', this.name), this.color, this.enabled),
      labelled(editor, 'kind', this.kind),
      ...this.motion,
      h('div', { class: 'dnw-row' }, labelled(editor, 'start', this.start), labelled(editor, 'end', this.end)),
      labelled(editor, 'visible', this.visible),
      this.inVideo.root,
      this.repeating.root,
      this.bending.root,
      this.#actions(),
    );
    this.color.ariaLabel = t('color');
    this.root.addEventListener('focusout', () => {
      this.shown = []; // the accepted value may differ from what was typed
      editor.invalidate();
    });
    /** @type {unknown[]} */
    this.shown = [];
    /** Ids of the tracks shown. @type {string[]} */
    this.ids = [];
  }

  /**
   * @param {object} [how]
   * @param {boolean} [how.open]
   * @param {boolean} [how.enter] with the focus, for keyboard users
   */
  toggle({ open = !this.open, enter = false } = {}) {
    const { editor } = this;
    this.open = open;
    this.entering = open && enter;
    if (open && !editor.session.hasSelection) commands.selectNext(editor, true);
    editor.focus();
    editor.invalidate();
  }

  /** Whether it has the focus. */
  get hasFocus() {
    return [this.root, this.ofObject.root].some((root) => root.contains(document.activeElement));
  }

  render() {
    const { t, clip } = this.editor;
    this.ofObject.render(this.open);
    const tracks = this.#tracks();
    this.root.hidden = !this.open || tracks.length === 0 || this.editor.locked;
    if (this.entering) (this.root.hidden ? this.ofObject : this).root.focus({ preventScroll: true });
    this.entering = false;
    if (this.root.hidden) return;
    const shown = [clip.frames, this.editor.picture.video, this.editor.time, ...tracks];
    if (shown.length === this.shown.length && shown.every((value, k) => value === this.shown[k])) return;
    if (tracks.some(({ id }, k) => id !== this.ids[k]) || this.ids.length !== tracks.length) this.#keepClear(tracks);
    this.shown = shown;
    this.title.textContent = tracks.length > 1 ? t('selected', { count: tracks.length }) : t('oneSelected');
    showText(this.editor, this.name, same(tracks, 'name'));
    showText(this.editor, this.visible, common(tracks.map((track) => toFrames(track.visible, clip.frames))));
    this.color.value = tracks[0].color;
    this.enabled.checked = tracks.every((track) => track.enabled);
    this.enabled.indeterminate = !this.enabled.checked && tracks.some((track) => track.enabled);
    for (const key of /** @type {const} */ (['kind', 'spline', 'timing', 'ease'])) {
      this[key].value = same(tracks, key) ?? '';
    }
    for (const field of this.motion) field.hidden = tracks.every((track) => track.kind === 'anchor');
    for (const key of /** @type {const} */ (['start', 'end'])) {
      const fraction = same(tracks, key);
      const shownAs = fraction === undefined ? undefined : rounded(1 + fraction * (clip.frames - 1));
      showText(this.editor, this[key], shownAs);
    }
    this.inVideo.show(tracks);
    this.repeating.show(tracks);
    this.bending.show(tracks);
    this.area.hidden = selectedArea(this.editor) === undefined;
    this.start.max = String(clip.frames);
    this.end.max = String(clip.frames);
  }

  /** Puts the panel over the half of the picture with less of the tracks. @param {readonly Readonly<Track>[]} tracks */
  #keepClear(tracks) {
    this.ids = tracks.map(({ id }) => id);
    const places = tracks.flatMap(({ points }) => points.map(({ x }) => x));
    const middle = places.reduce((sum, x) => sum + x, 0) / places.length;
    this.root.classList.toggle('dnw-left', middle > 0.5);
  }

  #tracks() {
    const { session } = this.editor;
    const active = new Set(session.active);
    return session.doc.tracks.filter((track) => active.has(track.id));
  }

  /** @param {TrackChanges} changes */
  #set(changes) {
    this.editor.attempt(() => commands.setProperties(this.editor, changes));
  }

  /** A row of buttons for commands. */
  #actions() {
    const { editor } = this;
    const { t } = editor;
    const { duplicate, mirror, reverse, remove } = commands;
    return h(
      'div',
      { class: 'dnw-row' },
      iconButton('duplicate', `${t('duplicate')} (Ctrl+D)`, () => this.#then(() => duplicate(editor))),
      iconButton('mirrorH', `${t('mirrorH')} (H)`, () => this.#then(() => mirror(editor, 'h'))),
      iconButton('mirrorV', `${t('mirrorV')} (Shift+H)`, () => this.#then(() => mirror(editor, 'v'))),
      this.area,
      iconButton('reverse', `${t('reverse')} (R)`, () => this.#then(() => reverse(editor))),
      h('span', { class: 'dnw-gap' }),
      iconButton('remove', `${t('remove')} (Del)`, () => this.#then(() => remove(editor))),
    );
  }

  /** Runs a button's action and returns the focus to the picture. @param {() => void} run */
  #then(run) {
    run();
    this.editor.focus();
  }

  #previewColor() {
    const { session } = this.editor;
    session.preview(updateTracks(session.docBefore, session.active, { color: this.color.value }), 'color');
  }

  #finish() {
    this.editor.commit();
    this.editor.focus();
  }

  /** @param {'start' | 'end'} end */
  #frame(end) {
    return numberField({ min: '1' }, (frame) => {
      const { session, clip } = this.editor;
      const last = clip.frames - 1;
      this.editor.change(setSpan(session.doc, session.active, { [end]: (frame - 1) / last }, 1 / last), 'timing');
    });
  }

  /** @param {'kind' | 'spline' | 'timing' | 'ease'} key @param {readonly string[]} values */
  #choice(key, values) {
    return choiceField(this.editor, key, values, (value) => commands.setChoice(this.editor, key, value));
  }
}

/**
 * A property's value, if it is the same in all tracks.
 * @template {keyof Track} K
 * @param {readonly Readonly<Track>[]} tracks
 * @param {K} key
 * @returns {Track[K] | undefined}
 */
const same = (tracks, key) => common(tracks.map((track) => track[key]));
