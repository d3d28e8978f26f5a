/** The row of buttons above the picture, and their menus. */

import { PRESETS } from '../core/presets.js';
import { addGroup, clear } from './commands.js';
import { h, iconButton, pathButton, setIcon, setPressed } from './dom.js';
import { helpContent } from './help.js';
import { openVideoDrawing } from './questions.js';
import { TOOLS } from './tools/registry.js';
import { isEmpty } from '../core/document.js';
import { DRAWN, exportAs, importText, takeFile } from './transfer.js';

/** @import {Editor} from './editor.js' */
/** @import {StringId} from './strings/translator.js' */
/** @import {ToolDefinition} from './tools/contract.js' */

export class Toolbar {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    /** By tool id. */
    this.tools = new Map(TOOLS.map((tool) => [tool.id, this.#toolButton(tool)]));
    this.undo = iconButton('undo', `${t('undo')} (Ctrl+Z)`, () => this.#then(() => editor.travel('undo')));
    this.redo = iconButton('redo', `${t('redo')} (Ctrl+Shift+Z)`, () => this.#then(() => editor.travel('redo')));
    this.clear = iconButton('clear', t('clear'), () => this.#then(() => clear(editor)), 'clear');
    const presets = () => this.openMenu(this.presets, this.#presetItems());
    this.presets = iconButton('camera', t('presets'), presets, 'presets');
    this.transfer = iconButton('transfer', t('transfer'), () => this.openMenu(this.transfer, this.#transferItems()));
    // A button pressed with the keyboard reports no click count.
    const sized = () => this.#then(() => editor.pictureSize.take());
    this.size = iconButton('pictureSize', t('pictureSize'), sized, 'picture-size');
    const horizon = () => this.#then(() => editor.horizon.toggle());
    this.horizon = iconButton('horizon', t('horizonHint'), horizon, 'toggle-horizon');
    const properties = (/** @type {MouseEvent} */ { detail }) => editor.panel.toggle({ enter: detail === 0 });
    this.properties = iconButton('sliders', `${t('properties')} (E)`, properties, 'properties');
    this.full = iconButton('expand', t('fullWindow'), () => this.#full(), 'full-window');
    this.help = iconButton('help', `${t('help')} (?)`, () => this.showHelp());
    this.root = h(
      'div',
      { class: 'dnw-toolbar', role: 'toolbar', 'aria-label': t('editor') },
      ...this.tools.values(), editor.segmenter.button, h('i'), this.undo, this.redo, this.clear, h('i'), this.presets,
      this.transfer, this.size, this.horizon,
      h('span', { class: 'dnw-gap' }), this.properties, this.full, this.help,
    );
    const fileChosen = () => this.#fileChosen();
    this.file = h('input', { type: 'file', accept: DRAWN, hidden: true, onchange: fileChosen });
    const videoChosen = () => {
      const [video] = this.video.files ?? [];
      this.video.value = '';
      if (video) void openVideoDrawing(editor, video);
    };
    const video = { type: 'file', accept: 'video/*,image/png', hidden: true, 'data-testid': 'dragnuwa-video-file' };
    this.video = h('input', { ...video, onchange: videoChosen });
    this.root.append(this.file);
    /** @type {HTMLElement | null} */
    this.menu = null;
    this.closeOutside = (/** @type {Event} */ { target }) => {
      const inside = target instanceof Node && (this.menu?.contains(target) || this.root.contains(target));
      if (!inside) this.closeMenu();
    };
  }

  render() {
    const { editor } = this;
    editor.segmenter.render();
    const { session, t } = editor;
    for (const { id, offered } of TOOLS) {
      const button = /** @type {HTMLElement} */ (this.tools.get(id));
      setPressed(button, id === editor.toolId);
      button.hidden = offered !== undefined && !offered(editor);
    }
    this.undo.disabled = !session.canUndo || editor.locked;
    this.redo.disabled = !session.canRedo || editor.locked;
    this.clear.disabled = editor.locked || editor.tool.unfinished || isEmpty(session.doc);
    this.presets.disabled = editor.locked;
    setPressed(this.properties, editor.panel.open);
    this.horizon.hidden = !editor.horizon.used;
    setPressed(this.horizon, session.doc.horizon !== undefined);
    const { cuts, lengthDiffers, frames } = editor.pictureSize;
    const size = lengthDiffers ? t('videoFrames', { count: frames ?? 0 }) : t(cuts ? 'pictureCut' : 'pictureSize');
    setIcon(this.size, 'pictureSize', size);
    this.size.classList.toggle('dnw-marked', cuts || lengthDiffers);
    const full = Boolean(editor.dialog);
    setIcon(this.full, full ? 'shrink' : 'expand', t(full ? 'leaveFullWindow' : 'fullWindow'));
  }

  /** Runs a button's action and returns the focus to the picture. @param {() => void} run */
  #then(run) {
    run();
    this.editor.focus();
  }

  /** @param {Readonly<ToolDefinition>} tool */
  #toolButton({ id, icon, key, words }) {
    const { editor } = this;
    const label = `${words[editor.locale].label} (${key})`;
    return pathButton(icon, label, () => this.#then(() => editor.chooseTool(id)), `tool-${id}`);
  }

  #full() {
    const { editor } = this;
    if (editor.dialog) editor.dialog.close();
    else editor.host.fullWindow();
  }

  #presetItems() {
    const { editor } = this;
    const moves = PRESETS.map(({ id, make }) => this.item(
      editor.t(/** @type {StringId} */ (`preset_${id}`)),
      () => addGroup(editor, make(editor.clip), 'preset'),
    ));
    return [...moves, h('hr'), this.item(editor.t('presetByHand'), () => editor.performing.camera(), 'camera-by-hand')];
  }

  #transferItems() {
    const { editor } = this;
    const { t } = editor;
    return [
      this.item(t('openPicture'), () => this.file.click()),
      this.item(t('openDrawing'), () => this.video.click(), 'open-drawing'),
      this.item(t('importItem'), () => this.#openImport()),
      h('hr'),
      this.item(t('copyJson'), () => exportAs(editor, 'json')),
      this.item(t('copyKJNodes'), () => exportAs(editor, 'kjnodes')),
      this.item(t('copySvg'), () => exportAs(editor, 'svg')),
    ];
  }

  /** An item of a menu. @param {string} label @param {() => void} run @param {string} [id] for tests */
  item(label, run, id) {
    const choose = () => {
      this.closeMenu();
      this.#then(run);
    };
    const named = id ? { 'data-testid': `dragnuwa-${id}` } : {};
    return h('button', { type: 'button', class: 'dnw-item', role: 'menuitem', onclick: choose, ...named }, label);
  }

  /** @param {HTMLElement} button @param {HTMLElement[]} content */
  openMenu(button, content) {
    if (this.closeMenu(button)) return;
    this.#show(button, h('div', { class: 'dnw-menu', role: 'menu' }, ...content));
    content[0]?.focus();
  }

  /** @param {HTMLElement} button @param {HTMLElement} menu */
  #show(button, menu) {
    this.closeMenu();
    this.menu = menu;
    this.owner = button;
    this.editor.root.append(menu);
    const { root, editor: { root: { clientWidth, clientHeight } } } = this;
    const upright = root.offsetHeight > root.offsetWidth; // beside the picture
    const [x, y] = upright ? [root.offsetWidth, button.offsetTop] : [button.offsetLeft, root.offsetHeight];
    menu.style.left = `${Math.max(4, Math.min(x, clientWidth - menu.offsetWidth - 4))}px`;
    menu.style.top = `${Math.max(4, upright ? Math.min(y, clientHeight - menu.offsetHeight - 4) : y)}px`;
    document.addEventListener('pointerdown', this.closeOutside, true);
  }

  /** @param {HTMLElement} [owner] close only the menu of this button @returns {boolean} whether something was open */
  closeMenu(owner) {
    if (!this.menu || (owner && owner !== this.owner)) return false;
    this.menu.remove();
    this.menu = null;
    document.removeEventListener('pointerdown', this.closeOutside, true);
    this.editor.focus();
    return true;
  }

  detach() {
    this.closeMenu();
  }

  showHelp() {
    if (this.closeMenu(this.help)) return;
    const content = helpContent(this.editor, () => this.closeMenu());
    const label = this.editor.t('help');
    this.#show(this.help, h('div', { class: 'dnw-menu dnw-help', role: 'dialog', 'aria-label': label }, content));
    this.editor.focus();
  }

  #openImport() {
    const { editor } = this;
    const { t, clip } = editor;
    const text = h('textarea', { rows: 6, 'data-testid': 'dragnuwa-import-text', 'aria-label': t('importTitle') });
    const run = async () => {
      if (await importText(editor, text.value)) this.closeMenu();
    };
    const size = { width: clip.width, height: clip.height };
    const button = { type: 'button', class: 'dnw-wide-button', 'data-testid': 'dragnuwa-import-run', onclick: run };
    this.#show(this.transfer, h(
      'div',
      { class: 'dnw-menu dnw-import', role: 'dialog', 'aria-label': t('importTitle') },
      h('b', {}, t('importTitle')), h('small', {}, t('importHint', size)), text,
      h('button', button, t('importDo')),
    ));
    requestAnimationFrame(() => text.focus());
  }

  #fileChosen() {
    const [file] = this.file.files ?? [];
    if (file) takeFile(this.editor, file);
    this.file.value = '';
  }
}
