/** The one line over the picture: what just happened, or what the person may wonder about. */

import { h } from './dom.js';

/** @import {Editor} from './editor.js' */

const MESSAGE_MS = 6000;

export class StatusLine {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /** @type {{text: string, bad: boolean, until: number} | null} */
    this.message = null;
    this.root = h('div', { class: 'dnw-status', role: 'status', 'data-testid': 'dragnuwa-status', hidden: true });
  }

  /** @param {string} text shown for a while @param {boolean} bad */
  say(text, bad) {
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
    const { t, picture, tools, toolName, host } = this.editor;
    if (this.message && performance.now() < this.message.until) return this.message;
    this.message = null;
    if (picture.failed !== null) return { text: t('pictureFailed', { name: picture.failed }), bad: true };
    if (toolName === 'pen' && tools.pen.track) return { text: t('drawing'), bad: false };
    if (toolName === 'area') return { text: t(tools.area.phase === 'waiting' || tools.area.phase === 'outlining' ? 'areaOutline' : 'areaPull'), bad: false };
    if (picture.url) return { text: '', bad: false };
    return { text: t(host.connected() ? 'pictureLater' : 'noPicture'), bad: false };
  }
}
