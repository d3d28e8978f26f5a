/** The row of buttons above the picture, and the menus that hang from it. */

import { PRESETS } from '../core/presets.js';
import { addGroup } from './commands.js';
import { h, iconButton, setIcon, setPressed } from './dom.js';
import { exportAs, importText, takeFile } from './transfer.js';
import { helpContent } from './help.js';

/** @import {Editor} from './editor.js' */
/** @import {StringId} from './strings.js' */

export class Toolbar {
  /** @param {Editor} editor */
  constructor(editor) {
    const { t } = editor;
    this.editor = editor;
    this.select = iconButton('select', `${t('select')} (V)`, () => this.#choose('select'), 'tool-select');
    this.pen = iconButton('pen', `${t('pen')} (P)`, () => this.#choose('pen'), 'tool-pen');
    this.anchor = iconButton('anchor', `${t('anchor')} (A)`, () => this.#choose('anchor'), 'tool-anchor');
    this.area = iconButton('area', `${t('area')} (B)`, () => this.#choose('area'), 'tool-area');
    this.undo = iconButton('undo', `${t('undo')} (Ctrl+Z)`, () => this.#then(() => editor.travel('undo')));
    this.redo = iconButton('redo', `${t('redo')} (Ctrl+Shift+Z)`, () => this.#then(() => editor.travel('redo')));
    this.presets = iconButton('camera', t('presets'), () => this.#openMenu(this.presets, this.#presetItems()), 'presets');
    this.transfer = iconButton('transfer', t('transfer'), () => this.#openMenu(this.transfer, this.#transferItems()), 'transfer');
    this.properties = iconButton('sliders', `${t('properties')} (E)`, () => this.#then(() => editor.panel.toggle()), 'properties');
    this.full = iconButton('expand', t('fullWindow'), () => this.#full(), 'full-window');
    this.help = iconButton('help', `${t('help')} (?)`, () => this.showHelp());
    this.root = h(
      'div',
      { class: 'dnw-toolbar', role: 'toolbar', 'aria-label': t('editor') },
      this.select, this.pen, this.anchor, this.area, h('i'), this.undo, this.redo, h('i'), this.presets, this.transfer,
      h('span', { class: 'dnw-gap' }), this.properties, this.full, this.help,
    );
    this.file = h('input', { type: 'file', accept: 'image/*,.json,.txt', hidden: true, onchange: () => this.#fileChosen() });
    this.root.append(this.file);
    /** @type {HTMLElement | null} */
    this.menu = null;
    this.closeOutside = (/** @type {Event} */ event) => {
      const inside = event.target instanceof Node && (this.menu?.contains(event.target) || this.root.contains(event.target));
      if (!inside) this.closeMenu();
    };
  }

  render() {
    const { editor } = this;
    const { state, t } = editor;
    for (const name of /** @type {const} */ (['select', 'pen', 'anchor', 'area'])) setPressed(this[name], editor.toolName === name);
    this.undo.disabled = !state.canUndo || editor.locked;
    this.redo.disabled = !state.canRedo || editor.locked;
    this.presets.disabled = editor.locked;
    setPressed(this.properties, editor.panel.open);
    const full = Boolean(editor.dialog);
    setIcon(this.full, full ? 'shrink' : 'expand', t(full ? 'leaveFullWindow' : 'fullWindow'));
  }

  /** @param {() => void} run and keep the keys with the picture */
  #then(run) {
    run();
    this.editor.focus();
  }

  /** @param {keyof Editor['tools']} name */
  #choose(name) {
    this.#then(() => this.editor.choose(name));
  }

  #full() {
    const { editor } = this;
    if (editor.dialog) editor.dialog.close();
    else editor.host.fullWindow();
  }

  #presetItems() {
    const { editor } = this;
    return PRESETS.map(({ id, make }) => this.#item(
      editor.t(/** @type {StringId} */ (`preset_${id}`)),
      () => addGroup(editor, make(editor.clip), 'preset'),
    ));
  }

  #transferItems() {
    const { editor } = this;
    const { t } = editor;
    return [
      this.#item(t('openPicture'), () => this.file.click()),
      this.#item(t('importItem'), () => this.#openImport()),
      h('hr'),
      this.#item(t('copyJson'), () => exportAs(editor, 'json')),
      this.#item(t('copyKJNodes'), () => exportAs(editor, 'kjnodes')),
      this.#item(t('copySvg'), () => exportAs(editor, 'svg')),
    ];
  }

  /** @param {string} label @param {() => void} run */
  #item(label, run) {
    const choose = () => {
      this.closeMenu();
      this.#then(run);
    };
    return h('button', { type: 'button', class: 'dnw-item', role: 'menuitem', onclick: choose }, label);
  }

  /** @param {HTMLElement} button @param {HTMLElement[]} content */
  #openMenu(button, content) {
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
    menu.style.top = `${this.root.offsetTop + this.root.offsetHeight}px`;
    const left = Math.min(button.offsetLeft, this.editor.root.clientWidth - menu.offsetWidth - 4);
    menu.style.left = `${Math.max(4, left)}px`;
    document.addEventListener('pointerdown', this.closeOutside, true);
  }

  /** @param {HTMLElement} [owner] close only what hangs from it @returns {boolean} whether something was open */
  closeMenu(owner) {
    if (!this.menu || (owner && owner !== this.owner)) return false;
    this.menu.remove();
    this.menu = null;
    document.removeEventListener('pointerdown', this.closeOutside, true);
    this.editor.focus();
    return true;
  }

  showHelp() {
    if (this.closeMenu(this.help)) return;
    const close = () => this.closeMenu();
    this.#show(this.help, h('div', { class: 'dnw-menu dnw-help', role: 'dialog', 'aria-label': this.editor.t('help') }, helpContent(this.editor, close)));
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
    this.#show(this.transfer, h(
      'div',
      { class: 'dnw-menu dnw-import', role: 'dialog', 'aria-label': t('importTitle') },
      h('b', {}, t('importTitle')), h('small', {}, t('importHint', size)), text,
      h('button', { type: 'button', class: 'dnw-wide-button', 'data-testid': 'dragnuwa-import-run', onclick: run }, t('importDo')),
    ));
    requestAnimationFrame(() => text.focus());
  }

  #fileChosen() {
    const [file] = this.file.files ?? [];
    if (file) takeFile(this.editor, file);
    this.file.value = '';
  }
}
