/** The status line over the picture: what just happened, what the tool expects, or why there is no picture. */

import { isEmpty } from '../core/document.js';
import { movedInside, startingOutside } from '../core/move_in.js';
import { objectsOf } from '../core/objects/edit.js';
import { h, showWords } from './dom.js';

/** @import {Editor} from './editor.js' */

const SHOWN_MS = { good: 6000, bad: 12_000 };

export class StatusLine {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor;
    /**
     * What just happened; `about` is what it was said about: once that has changed, it no longer holds.
     * @type {{text: string, bad: boolean, until: number, about: readonly unknown[]} | null}
     */
    this.message = null;
    /** A node after the editor that does not match. @type {import('./host.js').ClipConflict | null} */
    this.conflict = null;
    /** Why a run does not use the node. @type {import('./host.js').Unused | null} */
    this.unused = null;
    this.text = h('span', {});
    const moveIn = { type: 'button', 'data-testid': 'dragnuwa-move-in', onclick: () => this.#moveIn() };
    this.moveIn = h('button', moveIn, editor.t('moveIn'));
    const attributes = { class: 'dnw-status', role: 'status', 'data-testid': 'dragnuwa-status', hidden: true };
    this.root = h('div', attributes, this.text);
  }

  /** What just happened; shown for some seconds. @param {string} text */
  say(text) {
    this.#show(text, false);
  }

  /** What failed. @param {string} text */
  warn(text) {
    this.#show(text, true);
  }

  /** Clears what just happened: a person has gone on. */
  clear() {
    this.message = null;
    this.editor.invalidate();
  }

  /** @param {string} text @param {boolean} bad */
  #show(text, bad) {
    const shown = SHOWN_MS[bad ? 'bad' : 'good'];
    this.message = { text, bad, until: performance.now() + shown, about: this.#about() };
    setTimeout(() => this.editor.invalidate(), shown + 50);
    this.editor.invalidate();
  }

  /** What a message may be about; a running gesture changes none of it. */
  #about() {
    const { session, toolId, picture, clip } = this.editor;
    return [session.docBefore, session.selection, toolId, picture.url, clip];
  }

  get #holds() {
    const { message } = this;
    if (!message || performance.now() >= message.until) return false;
    const about = this.#about();
    return message.about.every((value, k) => value === about[k]);
  }

  render() {
    const { text, bad, outside = false } = this.#line();
    showWords(this.text, text);
    if (outside) this.root.append(this.moveIn);
    else this.moveIn.remove();
    this.root.classList.toggle('dnw-bad', bad);
    this.root.hidden = text === '';
  }

  /** @returns {{text: string, bad: boolean, outside?: boolean}} `outside`: drags can be moved in */
  #line() {
    const { t, picture, tool, host, stage, sendBehind } = this.editor;
    if (sendBehind.active) return { text: t('whatInFront'), bad: false };
    if (stage.carried.awaited.length > 0) return { text: t('carriedAwaited'), bad: false };
    if (this.message && this.#holds) return this.message;
    this.message = null;
    if (picture.failed !== null) {
      const why = picture.reason === null ? '' : ` ${this.editor.reason(picture.reason)}`;
      return { text: t('pictureFailed', { name: picture.failed }) + (why && `:${why}`), bad: true };
    }
    if (this.unused) return { text: t(`unused_${this.unused}`), bad: true };
    if (stage.followed.pending) return { text: t('following'), bad: false };
    if (stage.followed.isLost) return { text: t('lostHere'), bad: false };
    if (tool.status !== null) return { text: tool.status, bad: false };
    const problem = this.#problem();
    if (problem) return { ...problem, bad: true };
    if (picture.url && this.#cameraComesLater) return { text: t('cameraLater'), bad: false };
    if (picture.url) return { text: '', bad: false };
    return { text: t(`picture_${host.pictureGap()}`), bad: false };
  }

  /** Whether what plays lacks the motion of a camera. */
  get #cameraComesLater() {
    const { depthCamera, player } = this.editor;
    return player.playing && depthCamera !== null && depthCamera.inputs === null;
  }

  /** What would fail, or have no effect, in a run. @returns {{text: string, outside?: boolean} | null} */
  #problem() {
    const { t, session: { doc }, locked } = this.editor;
    if (this.conflict) return { text: this.#conflicting(this.conflict) };
    if (locked || isEmpty(doc)) return null;
    if (![...doc.tracks, ...objectsOf(doc)].some(({ enabled }) => enabled)) return { text: t('allDisabled') };
    const [first, ...others] = startingOutside(doc);
    if (!first) return null;
    const name = first.name || t('unnamed', { index: doc.tracks.indexOf(first) + 1 });
    const text = others.length > 0 ? t('someStartOutside', { count: others.length + 1 }) : t('startsOutside', { name });
    return { text, outside: true };
  }

  /** @param {import('./host.js').ClipConflict} conflict */
  #conflicting({ nearest, ...conflict }) {
    const { t } = this.editor;
    return nearest ? t('notTaken', { ...conflict, below: nearest[0], above: nearest[1] }) : t('conflict', conflict);
  }

  #moveIn() {
    const { editor } = this;
    editor.attempt(() => editor.change(movedInside(editor.session.doc, editor.clip), 'move'));
    editor.focus();
  }
}
