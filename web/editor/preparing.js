/** Has the server prepare each picture for clicks as soon as it is shown, in the background. */

import { DebouncedRequest } from './debounced_request.js';
import { drawnNow } from './objects/commands.js';

/** @import {Editor} from './editor.js' */

const CALM_MS = 150; // that the picture, or a video's frame, has to stay

export class Preparing {
  /**
   * @param {Editor} editor
   * @param {(learned: boolean) => void} prepared called with what the server says of its network
   */
  constructor(editor, prepared) {
    this.editor = editor;
    /** @type {DebouncedRequest<boolean>} */
    this.request = new DebouncedRequest(CALM_MS, (learned) => {
      if (learned !== null) prepared(learned); // whatever is wrong otherwise, a click says what it is
    });
  }

  /** Asks, where another picture is shown. */
  follow() {
    const { editor, request } = this;
    const { picture, clip, player, toolId } = editor;
    // Of a video, there are too many frames to prepare those that nobody clicks on.
    if (!picture.image || player.playing || (picture.video && toolId !== 'object')) return;
    const { at } = drawnNow(editor);
    const about = [picture.url, clip.width, clip.height, clip.fit, at];
    if (request.isAbout(about)) return;
    request.forget();
    request.start(about, (signal) => editor.host.prepare(signal, at));
  }

  forget() {
    this.request.forget();
  }
}
