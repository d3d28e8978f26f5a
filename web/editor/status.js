/** The status line over the picture: what just happened, what the tool expects, or why there is no picture. */

import { h } from './dom.js';

/** @import {Editor} from './editor.js' */

const MESSAGE_MS = 6000;

export class StatusLine {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {{text: string, bad: boolean, until: number} | null} */
    this.message = null;
    /** A node after the editor that does not match. @type {import('./host.js').ClipConflict | null} */
    this.conflict = null;
    this.root = h('div', { class: 'dnw-status', role: 'status', 'data-testid': 'dragnuwa-status', hidden: true });
  }

  /** What just happened; shown for some seconds. @param {string} text */
  say(text) {
    this.#show(text, false);
  }

  /** What failed. @param {string} text */
  warn(text) {
    this.#show(text, true);
  }

  /** Clears what just happened. */
  clear() {
    this.message = null;
    this.editor.invalidate();
  }

  /** @param {string} text @param {boolean} bad */
  #show(text, bad) {
    this.message = { text, bad, until: performance.now() + MESSAGE_MS };
    setTimeout(() => this.editor.invalidate(), MESSAGE_MS + 50);
    this.editor.invalidate();
  }

  render() {
    const { text, bad } = this.#line();
    if (this.root.textContent !== text) this.root.textContent = text;
    this.root.classList.toggle('dnw-bad', bad);
    this.root.hidden = text === '';
  }

  #line() {
    const { t, picture, tool, host } = this.editor;
    if (this.message && performance.now() < this.message.until) return this.message;
    this.message = null;
    if (picture.failed !== null) return { text: t('pictureFailed', { name: picture.failed }), bad: true };
    if (tool.status !== null) return { text: tool.status, bad: false };
    const problem = this.#problem();
    if (problem) return { text: problem, bad: true };
    if (picture.url) return { text: '', bad: false };
    return { text: t(host.connected() ? 'pictureLater' : 'noPicture'), bad: false };
  }

  /** What would fail, or have no effect, in a run. @returns {string | null} */
  #problem() {
    const { t, state, locked } = this.editor;
    if (this.conflict) return t('conflict', { ...this.conflict });
    const { tracks } = state.doc;
    if (locked || tracks.length === 0) return null;
    const enabled = tracks.filter((track) => track.enabled);
    if (enabled.length === 0) return t('allDisabled');
    const outside = enabled.find(({ points: [{ x, y }] }) => x < 0 || x > 1 || y < 0 || y > 1);
    if (!outside) return null;
    return t('startsOutside', { name: outside.name || t('unnamed', { index: tracks.indexOf(outside) + 1 }) });
  }
}
