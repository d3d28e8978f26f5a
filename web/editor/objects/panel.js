/** The properties of the selected object: what it is, and its place, turn and size at the instant that is shown. */

import { h, iconButton } from '../dom.js';
import { fromFrames, toFrames } from '../intervals.js';
import * as commands from './commands.js';
import { objectLook } from './look.js';

/** @import {MotionObject} from '../../core/types.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StringId} from '../strings/translator.js' */

export class ObjectPanel {
  /** @param {Editor} editor @param {() => void} close */
  constructor(editor, close) {
    const { t } = editor;
    this.editor = editor;
    this.name = h('input', { type: 'text', maxLength: 256, onchange: () => this.#change({ name: this.name.value }) });
    this.color = h('input', { type: 'color', onchange: () => this.#change({ color: this.color.value }) });
    this.enabled = h('input', { type: 'checkbox', onchange: () => this.#change({ enabled: this.enabled.checked }) });
    this.x = this.#number('x', (value) => ({ x: value / editor.clip.width }));
    this.y = this.#number('y', (value) => ({ y: value / editor.clip.height }));
    this.rotation = this.#number('rotation', (value) => ({ rotation: value }));
    this.scale = this.#number('scale', (value) => ({ scale: value / 100 }));
    const visible = { title: t('visibleHint'), placeholder: '–', onchange: () => this.#setVisible() };
    this.visible = h('input', { type: 'text', ...visible });
    this.when = h('span', { class: 'dnw-hint-text' });
    this.color.ariaLabel = t('color');
    this.enabled.ariaLabel = t('enabled');
    this.enabled.title = t('enabled');
    const row = (/** @type {HTMLElement[]} */ ...parts) => h('div', { class: 'dnw-row' }, ...parts);
    const names = { 'aria-label': t('properties'), 'data-testid': 'dragnuwa-object-panel' };
    this.root = h(
      'div',
      { class: 'dnw-panel', role: 'group', tabIndex: -1, hidden: true, ...names },
      row(h('b', { class: 'dnw-panel-title' }, t('oneObject')), h('span', { class: 'dnw-gap' }),
        iconButton('close', t('close'), close, 'object-panel-close')),
      row(this.#labelled('name', this.name), this.color, this.enabled),
      this.when,
      ...[this.#labelled('moveX', this.x), this.#labelled('moveY', this.y)],
      ...[this.#labelled('rotation', this.rotation), this.#labelled('scale', this.scale)],
      this.#labelled('visible', this.visible),
      ...this.#actions(),
    );
    /** @type {unknown[]} */
    this.shown = [];
    this.root.addEventListener('focusout', () => {
      this.shown = []; // the value that was accepted may differ from what was typed
      editor.invalidate();
    });
  }

  /** @param {boolean} open */
  render(open) {
    const { editor } = this;
    const { clip, state, time, t } = editor;
    const { object } = state;
    this.root.hidden = !open || !object || editor.locked;
    if (this.root.hidden || !object) return;
    const shown = [object, time, clip.width, clip.height, clip.frames];
    if (shown.every((value, k) => value === this.shown[k])) return;
    this.shown = shown;
    const pose = commands.poseOf(editor, object);
    const frame = 1 + Math.round(commands.poseTime(editor, object) * (clip.frames - 1));
    this.when.textContent = t('poseAt', { frame });
    const values = /** @type {const} */ ([
      [this.name, object.name],
      [this.visible, toFrames(object.visible, clip.frames)],
      [this.x, rounded(pose.x * clip.width)],
      [this.y, rounded(pose.y * clip.height)],
      [this.rotation, rounded(pose.rotation)],
      [this.scale, rounded(pose.scale * 100)],
    ]);
    for (const [input, value] of values) if (document.activeElement !== input) input.value = value;
    this.color.value = object.color;
    this.enabled.checked = object.enabled;
    const { box } = objectLook(object, clip);
    this.root.classList.toggle('dnw-left', box.x + box.width / 2 > clip.width / 2);
  }

  /** @param {import('../../core/types.js').ObjectChanges} changes */
  #change(changes) {
    this.#with((object) => commands.changeObject(this.editor, object, changes));
  }

  #setVisible() {
    const { editor } = this;
    const { frames } = editor.clip;
    const visible = fromFrames(this.visible.value, frames);
    if (visible) this.#change({ visible });
    else editor.warn('badInterval', { frames });
  }

  /** @param {(object: Readonly<MotionObject>) => void} run */
  #with(run) {
    const { object } = this.editor.state;
    if (object) this.editor.attempt(() => run(object));
  }

  /**
   * A number of the pose.
   * @param {string} name
   * @param {(value: number) => import('../../core/objects/keys.js').KeyValues} values
   */
  #number(name, values) {
    const set = () => {
      const value = Number(input.value);
      if (input.value === '' || !Number.isFinite(value)) return;
      this.#with((object) => commands.setPose(this.editor, object, values(value)));
    };
    const input = h('input', { type: 'number', step: '1', onchange: set, 'data-testid': `dragnuwa-object-${name}` });
    return input;
  }

  #actions() {
    const { t } = this.editor;
    /** @param {string} icon @param {StringId} id @param {(object: Readonly<MotionObject>) => void} run */
    const button = (icon, id, run) => iconButton(/** @type {any} */ (icon), t(id), () => {
      this.#with(run);
      this.editor.focus();
    }, `object-${id}`);
    const { editor } = this;
    const row = (/** @type {HTMLElement[]} */ ...parts) => h('div', { class: 'dnw-row' }, ...parts);
    return [row(
      button('duplicate', 'duplicate', (object) => commands.duplicateObject(editor, object)),
      button('mirrorH', 'mirrorH', (object) => commands.mirrorObject(editor, object, 'h')),
      button('mirrorV', 'mirrorV', (object) => commands.mirrorObject(editor, object, 'v')),
      h('span', { class: 'dnw-gap' }),
      button('remove', 'remove', (object) => commands.removeObject(editor, object)),
    ), row(
      button('forward', 'forward', (object) => commands.stepInOrder(editor, object, 1)),
      button('backward', 'backward', (object) => commands.stepInOrder(editor, object, -1)),
      button('removeKey', 'removeKey', (object) => commands.removeKey(editor, object)),
      button('still', 'clearMotion', (object) => commands.clearMotion(editor, object)),
    )];
  }

  /** @param {StringId} id @param {HTMLElement} input */
  #labelled(id, input) {
    return h('label', {}, h('span', {}, this.editor.t(id)), input);
  }
}

/** @param {number} value */
const rounded = (value) => String(Math.round(value * 100) / 100);
