/**
 * The properties of the selected objects; for a single one, also its position, rotation and scale at the current
 * instant.
 */

import { HALF } from '../../core/check.js';
import { FINISH, MAX_WORDS, OUTLINE_EDGES } from '../../core/limits.js';
import { within } from '../../core/numbers.js';
import { frameInPicture } from '../../core/sizes.js';
import { h, iconButton } from '../dom.js';
import {
  choiceField, common, distanceFields, enabledField, inVideoFields, labelled, numberField, rounded, showText,
  toFrames, visibleField,
} from '../fields.js';
import { repeatFields } from '../repeat_fields.js';
import { releasePins, takePins } from './bending.js';
import * as commands from './commands.js';
import { SMOOTHING, smooth } from './commands.js';
import { lengthUnit, objectLook } from './look.js';

/** @import {KeyValues} from '../../core/objects/keys.js' */
/** @import {MotionObject, ObjectChanges} from '../../core/types.js' */
/** @import {IconName} from '../dom.js' */
/** @import {Editor} from '../editor.js' */
/** @import {StringId} from '../strings/translator.js' */
/** @typedef {keyof typeof FINISH} Finish */

const finishes = /** @type {Finish[]} */ (Object.keys(FINISH));

export class ObjectPanel {
  /** @param {Editor} editor @param {() => void} close */
  constructor(editor, close) {
    const { t } = editor;
    this.editor = editor;
    this.title = h('b', { class: 'dnw-panel-title' });
    this.name = h('input', { type: 'text', maxLength: 256, onchange: () => this.#change({ name: this.name.value }) });
    this.text = textField(editor, (text) => this.#change({ text }));
    this.color = h('input', { type: 'color', onchange: () => this.#change({ color: this.color.value }) });
    this.color.ariaLabel = t('color');
    this.enabled = enabledField(editor, (enabled) => this.#change({ enabled }));
    this.x = this.#number('x', (value) => ({ x: value / this.#frame.width }));
    this.y = this.#number('y', (value) => ({ y: value / this.#frame.height }));
    this.rotation = this.#number('rotation', (value) => ({ rotation: value }));
    this.scale = this.#number('scale', (value) => ({ scale: value / 100 }));
    this.visible = visibleField(editor, (visible) => this.#change({ visible }));
    this.inVideo = inVideoFields(editor, (changes) => this.#change(changes));
    this.distance = distanceFields(editor, (distance) => this.#change({ distance }));
    this.repeating = repeatFields(editor, 'waves', commands.changeEach);
    this.edge = choiceField(editor, 'edge', OUTLINE_EDGES, (edge) => this.#change({ edge }));
    this.edge.title = t('edgeHint');
    this.stiffness = this.#stiffness();
    this.finish = {
      grow: this.#finishing('grow', 'growHint', { step: '0.5' }),
      feather: this.#finishing('feather', 'featherHint', { min: '0' }),
      shutter: this.#finishing('shutter', 'shutterHint', { min: '0', max: '100', step: '10' }),
    };
    const label = labelOf(editor);
    /** Fields for a single object only. */
    this.pose = [
      h('span', { class: 'dnw-hint-text' }),
      label('moveX', this.x), label('moveY', this.y), label('rotation', this.rotation), label('scale', this.scale),
    ];
    const names = { 'aria-label': t('properties'), 'data-testid': 'dragnuwa-object-panel' };
    this.root = h('div', { class: 'dnw-panel', role: 'group', tabIndex: -1, hidden: true, ...names },
      h('div', { class: 'dnw-row' }, this.title, h('span', { class: 'dnw-gap' }),
        iconButton('close', t('close'), close, 'object-panel-close')),
      h('div', { class: 'dnw-row' }, label('name', this.name), this.color, this.enabled),
      label('text', this.text),
      ...this.pose,
      label('visible', this.visible), this.inVideo.root, this.repeating.root, this.distance.root,
      label('edge', this.edge), ...finishes.map((name) => label(name, this.finish[name])),
      label('smooth', smoothField(editor)), label('stiffness', this.stiffness),
      ...this.#actions(),
    );
    /** @type {unknown[]} */
    this.shown = [];
    this.root.addEventListener('focusout', () => {
      this.shown = []; // the accepted value may differ from what was typed
      editor.invalidate();
    });
  }

  /** @param {boolean} open */
  render(open) {
    const { editor } = this;
    const { clip, picture, session, time, t } = editor;
    const { object } = session;
    this.root.hidden = !open || !object || editor.locked;
    if (this.root.hidden || !object) return;
    const { objects } = session;
    const around = [clip.width, clip.height, clip.frames, picture.size, picture.video, editor.horizon.used];
    const shown = [time, ...around, ...objects];
    if (shown.length === this.shown.length && shown.every((value, k) => value === this.shown[k])) return;
    this.shown = shown;
    const { length: count } = objects;
    this.title.textContent = count > 1 ? t('someObjects', { count }) : t('oneObject');
    showText(editor, this.name, common(objects.map(({ name }) => name)));
    showText(editor, this.text, common(objects.map(({ text }) => text ?? '')));
    showText(editor, this.visible, common(objects.map(({ visible }) => toFrames(visible, clip.frames))));
    this.inVideo.show(objects);
    this.repeating.show(objects);
    this.distance.show(objects);
    this.edge.value = common(objects.map(({ edge }) => edge ?? OUTLINE_EDGES[0])) ?? '';
    for (const name of finishes) {
      const value = common(objects.map((each) => each[name] ?? 0));
      showText(editor, this.finish[name], value === undefined ? value : rounded(value * this.#shownAs(name)));
    }
    const stiffness = common(objects.map((each) => each.stiffness ?? HALF));
    showText(editor, this.stiffness, stiffness === undefined ? stiffness : rounded(stiffness * 100));
    this.color.value = object.color;
    this.enabled.checked = objects.every(({ enabled }) => enabled);
    this.enabled.indeterminate = !this.enabled.checked && objects.some(({ enabled }) => enabled);
    for (const part of this.pose) part.hidden = count > 1;
    if (count === 1) this.#showPose(object);
    const { box } = objectLook(object, clip);
    this.root.classList.toggle('dnw-left', box.x + box.width / 2 > clip.width / 2);
  }

  /** @param {Readonly<MotionObject>} object */
  #showPose(object) {
    const { editor } = this;
    const { clip, t } = editor;
    const pose = commands.poseOf(editor, object);
    const frame = 1 + Math.round(commands.poseTimeNow(editor, object) * (clip.frames - 1));
    this.pose[0].textContent = t('poseAt', { frame });
    const { width, height } = this.#frame;
    const values = /** @type {const} */ ([
      [this.x, pose.x * width], [this.y, pose.y * height],
      [this.rotation, pose.rotation], [this.scale, pose.scale * 100],
    ]);
    for (const [input, value] of values) showText(editor, input, rounded(value));
  }

  /** What positions are in parts of, in pixels of the picture. */
  get #frame() {
    const { picture, clip } = this.editor;
    return frameInPicture(picture.size, clip);
  }

  /** @param {ObjectChanges} changes */
  #change(changes) {
    const { editor } = this;
    editor.attempt(() => commands.changeSelected(editor, changes));
  }

  /**
   * A number of the pose.
   * @param {string} name
   * @param {(value: number) => KeyValues} values
   */
  #number(name, values) {
    const { editor } = this;
    return numberField({ 'data-testid': `dragnuwa-object-${name}` }, (value) => {
      const { object } = editor.session;
      if (object) editor.attempt(() => commands.setPose(editor, object, values(value)));
    });
  }

  /**
   * A finish parameter of the cut.
   * @param {Finish} name
   * @param {StringId} hint
   * @param {Record<string, string>} attributes
   */
  #finishing(name, hint, attributes) {
    return numberField({ title: this.editor.t(hint), ...attributes }, (value) => {
      this.#change({ [name]: within(value / this.#shownAs(name), ...FINISH[name]) });
    });
  }

  #stiffness() {
    const attributes = { min: '0', max: '100', step: '5', title: this.editor.t('stiffnessHint') };
    return numberField(attributes, (value) => this.#change({ stiffness: within(value / 100, 0, 1) }));
  }

  /** The displayed value of 1: for lengths, in pixels of the clip. @param {Finish} name */
  #shownAs(name) {
    return name === 'shutter' ? 100 : lengthUnit(this.editor.clip);
  }

  #actions() {
    const { editor } = this;
    /** @param {IconName} icon @param {StringId} id @param {() => void} run @param {string} [key] */
    const button = (icon, id, run, key) => iconButton(icon, editor.t(id) + (key ? ` (${key})` : ''), () => {
      editor.attempt(run);
      editor.focus();
    }, `object-${id}`);
    const row = (/** @type {HTMLElement[]} */ ...parts) => h('div', { class: 'dnw-row' }, ...parts);
    return [row(
      button('duplicate', 'duplicate', () => commands.duplicateSelected(editor), 'Ctrl+D'),
      button('mirrorH', 'mirrorH', () => commands.mirrorSelected(editor, 'h'), 'H'),
      button('mirrorV', 'mirrorV', () => commands.mirrorSelected(editor, 'v'), 'Shift+H'),
      button('group', 'group', () => commands.group(editor), 'Ctrl+G'),
      button('ungroup', 'ungroup', () => commands.ungroup(editor), 'Ctrl+Shift+G'),
      h('span', { class: 'dnw-gap' }),
      button('remove', 'remove', () => commands.removeSelected(editor), 'Del'),
    ), row(
      button('forward', 'forward', () => commands.stepInOrder(editor, 1)),
      button('backward', 'backward', () => commands.stepInOrder(editor, -1)),
      button('behind', 'putBehind', () => editor.sendBehind.start(), 'K'),
      button('removeKey', 'removeKey', () => commands.removeKey(editor)),
      button('still', 'clearMotion', () => commands.clearMotion(editor)),
      button('pin', 'takePins', () => takePins(editor)),
      button('unpin', 'releasePins', () => releasePins(editor)),
    )];
  }
}

/** What an object is, in words. @param {Editor} editor @param {(text: string) => void} set */
function textField({ t }, set) {
  const field = h('textarea', { rows: 2, maxLength: MAX_WORDS, onchange: () => set(field.value) });
  field.title = t('textHint');
  return field;
}

/** A width in pixels; entering one smooths the outlines by it, once. @param {Editor} editor */
function smoothField(editor) {
  const attributes = { min: '0.5', step: '0.5', title: editor.t('smoothHint'), placeholder: String(SMOOTHING) };
  const input = numberField(attributes, (width) => {
    if (width > 0) editor.attempt(() => smooth(editor, width));
    input.value = '';
  });
  return input;
}

/** Labels of this panel's fields. @param {Editor} editor */
function labelOf(editor) {
  return (/** @type {StringId} */ id, /** @type {HTMLElement} */ input) => {
    return labelled(editor, id, input, `of-object-${id}`);
  };
}
