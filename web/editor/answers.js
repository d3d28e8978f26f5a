/**
 * What the server says of the picture and the drawing, and of which drawing it says that. Here alone it is asked, once
 * the drawing has stopped changing, and no longer waited for when that goes on. Drawing a frame asks for nothing.
 */

import { unturned } from '../core/depth/camera.js';
import { isAnchor } from '../core/sampling.js';
import { drawnNow } from './objects/commands.js';

/** @import {Composition} from '../core/composing/composition.js' */
/** @import {DepthPicture} from '../core/depth/picture.js' */
/** @import {Doc, Track} from '../core/types.js' */
/** @import {Editor} from './editor.js' */
/** @import {Clip} from './host.js' */

const CALM_MS = 300; // without changes before the server is asked
const PREPARED_MS = 150; // that a picture, or a video's frame, has to stay until it is prepared for clicks
const SIZES = [320, 480, 640, 960, 1280]; // px of a composition's longer side that are asked for
const MOST_POINTS = 20_000;

/** Whether a drawing is small enough to be sent at each change. @param {readonly Readonly<Track>[]} tracks */
export const isSmall = (tracks) => tracks.reduce((sum, { points }) => sum + points.length, 0) <= MOST_POINTS;

/** Whether something is being drawn or moved, and is not yet what it will be. @param {Editor} editor */
export function isBusy({ session, tool }) {
  return session.previewed !== null || session.now.hold !== null || tool.unfinished;
}

/** A request that is sent once what it is about stops changing, and cancelled when that goes on. @template T */
export class DebouncedRequest {
  /**
   * @param {number} calm ms without changes before the server is asked
   * @param {(answer: T | null, error: unknown) => void} answered called unless something has changed; one is null
   */
  constructor(calm, answered) {
    this.calm = calm;
    this.answered = answered;
    /** What the current or next request is about. @type {readonly unknown[]} */
    this.about = [];
    this.timer = 0;
    /** @type {AbortController | null} */
    this.running = null;
  }

  /** Whether this is what the last request is about. @param {readonly unknown[]} about */
  isAbout(about) {
    return about.length === this.about.length && about.every((value, k) => value === this.about[k]);
  }

  /** Whether an answer is waited for, or is about to be. */
  get isUnderWay() {
    return this.timer !== 0 || this.running !== null;
  }

  /** Cancels the request. */
  forget() {
    clearTimeout(this.timer);
    this.running?.abort();
    Object.assign(this, { about: [], timer: 0, running: null });
  }

  /**
   * Asks after a while.
   * @param {readonly unknown[]} about
   * @param {(signal: AbortSignal) => Promise<T | null>} ask
   * @param {number} [calm] another while
   */
  start(about, ask, calm = this.calm) {
    this.about = about;
    this.timer = window.setTimeout(() => this.#ask(ask), calm);
  }

  /** @param {(signal: AbortSignal) => Promise<T | null>} ask */
  async #ask(ask) {
    const request = new AbortController();
    Object.assign(this, { timer: 0, running: request });
    try {
      const answer = await ask(request.signal);
      if (request === this.running) this.#end(answer, null);
    } catch (error) {
      if (request === this.running) this.#end(null, error);
    }
  }

  /** @param {T | null} answer @param {unknown} error */
  #end(answer, error) {
    this.running = null;
    this.answered(answer, error);
  }
}

/** The composition of a drawing, and of which one. */
/** @typedef {{composition: Composition, doc: Readonly<Doc>, url: string | null, clip: Clip}} Composed */
/** The picture with depth, and of which drawing. @typedef {{picture: DepthPicture, doc: Readonly<Doc>}} InDepth */

export class Answers {
  /**
   * @param {Editor} editor
   * @param {(learned: boolean) => void} prepared called with what the server says of its network
   */
  constructor(editor, prepared) {
    this.editor = editor;
    /** @type {Composed | null} */
    this.composed = null;
    /** The longer side that was asked for last. */
    this.longest = 0;
    /**
     * What a DragNUWA Camera in Depth sees of a picture in which something bends: small frames, evenly spaced from the
     * first to the last; empty if there is none.
     * @type {readonly ImageBitmap[]}
     */
    this.film = [];
    // On an error, only drags are shown: a run, or a click, reports it.
    /** @type {DebouncedRequest<Composed>} */
    this.composing = new DebouncedRequest(CALM_MS, (composed) => {
      this.composed = composed;
      editor.invalidate();
    });
    /**
     * Asks for the composition of what is under way: until the hand rests, most of it is there, and the page itself
     * moves it to where that ends (`withMotionsOf`).
     * @type {DebouncedRequest<Composed>}
     */
    this.foreseeing = new DebouncedRequest(0, (composed) => {
      if (composed && this.composed?.doc !== editor.session.now.doc) this.composed = composed;
      editor.invalidate();
    });
    /** @type {DebouncedRequest<ImageBitmap[]>} */
    this.filming = new DebouncedRequest(CALM_MS, (frames) => {
      this.film = frames ?? [];
      editor.invalidate();
    });
    /** What a camera in depth moves through; null if there is none. @type {InDepth | null} */
    this.depth = null;
    /** The picture, clip and depth that this is about. @type {readonly unknown[]} */
    this.inDepth = [];
    /** @type {DebouncedRequest<InDepth>} */
    this.looking = new DebouncedRequest(CALM_MS, (depth) => {
      this.depth = depth;
      editor.invalidate();
    });
    /** The same of what is under way in a picture with depth. @type {DebouncedRequest<InDepth>} */
    this.lookingAhead = new DebouncedRequest(0, (depth) => {
      if (depth && this.depth?.doc !== editor.session.now.doc) this.depth = depth;
      editor.invalidate();
    });
    /** @type {DebouncedRequest<boolean>} */
    this.preparing = new DebouncedRequest(PREPARED_MS, () => {});
    this.prepared = prepared;
  }

  /** Asks for what is missing. */
  follow() {
    this.#prepare();
    this.#foresee();
    this.#compose();
    this.#look();
    this.#film();
  }

  /** Drops the answers, and cancels what is asked. */
  forget() {
    const requests = [
      this.preparing, this.foreseeing, this.lookingAhead, this.composing, this.looking, this.filming,
    ];
    for (const request of requests) request.forget();
    for (const frame of this.film) frame.close();
    Object.assign(this, { composed: null, longest: 0, film: [], depth: null, inDepth: [] });
  }

  /** Has the picture prepared for clicks as soon as it is shown. */
  #prepare() {
    const { editor, preparing } = this;
    const { picture, clip, session, toolId } = editor;
    // Of a video, there are too many frames to prepare those that nobody clicks on.
    if (!picture.image || session.now.playing || (picture.video && toolId !== 'object')) return;
    const { at } = drawnNow(editor);
    const about = [picture.url, clip.width, clip.height, clip.fit, at];
    if (preparing.isAbout(about)) return;
    preparing.forget();
    preparing.start(about, async (signal) => {
      const learned = await editor.host.prepare(signal, { at });
      if (learned !== null) this.prepared(learned);
      return learned && !picture.video ? editor.host.prepare(signal, { things: true }) : learned;
    });
  }

  #compose() {
    const { editor, composing } = this;
    const { session: { now: { doc } }, picture, clip, around: { depthCamera } } = editor;
    if (this.composed && !isOf(this.composed, picture.url, clip)) {
      Object.assign(this, { composed: null, longest: 0 });
      composing.forget();
    }
    this.longest = Math.max(this.longest, this.#wanted);
    const { longest } = this;
    const about = [doc.tracks, doc.objects, Boolean(depthCamera?.inputs), longest, picture.url, ...sidesOf(clip)];
    if (composing.isAbout(about)) return;
    composing.forget();
    const { waits } = editor.performing;
    if (!waits && !this.#asks) return;
    const some = !depthCamera?.inputs && moves(doc);
    composing.start(about, some ? this.#asksFor(doc, longest) : async () => null, waits ? 0 : CALM_MS);
  }

  #foresee() {
    const { tool: { foreseen: doc }, picture, around: { depthCamera }, locked } = this.editor;
    const camera = depthCamera?.inputs;
    const request = camera ? this.lookingAhead : this.foreseeing;
    const isShown = picture.image !== null && !picture.video;
    if (!doc || request.isAbout([doc]) || !isShown || locked || !moves(doc)) return;
    request.forget();
    if (camera) this.lookingAhead.start([doc], this.#looksFor(doc, camera));
    else this.foreseeing.start([doc], this.#asksFor(doc, this.#wanted));
  }

  /**
   * What asks for the composition of a drawing on the picture and clip of now.
   * @param {Readonly<Doc>} doc
   * @param {number} longest
   * @returns {(signal: AbortSignal) => Promise<Composed | null>}
   */
  #asksFor(doc, longest) {
    const { picture: { url }, clip, host } = this.editor;
    return async (signal) => {
      const composition = await host.composition(doc, longest, signal);
      return composition && { composition, doc, url, clip };
    };
  }

  /**
   * Whether the server has said how a drawing moves, or that it cannot.
   * @param {Readonly<Doc>} doc
   */
  knows({ tracks, objects }) {
    const { about: [ofTracks, ofObjects], timer, running } = this.composing;
    return ofTracks === tracks && ofObjects === objects && timer === 0 && running === null;
  }

  #look() {
    const { editor, looking } = this;
    const { session: { now: { doc } }, picture, clip, around: { depthCamera } } = editor;
    const camera = depthCamera?.inputs;
    const shown = [picture.url, ...sidesOf(clip), camera ? JSON.stringify(camera.depth ?? null) : ''];
    const about = [...shown, doc.tracks, doc.objects, doc.horizon, camera && JSON.stringify(unturned(camera))];
    if (looking.isAbout(about)) return;
    const isOther = shown.some((value, k) => value !== this.inDepth[k]);
    // What a hand does to the drawing meanwhile, the page does to the answer (`depthWithMotionsOf`).
    if (!isOther && isBusy(editor) && looking.isUnderWay) return;
    if (isOther) Object.assign(this, { depth: null, inDepth: shown });
    looking.forget();
    if (!this.#asks) return;
    looking.start(about, camera ? this.#looksFor(doc, camera) : async () => null);
  }

  /**
   * What asks for the picture with depth, of a drawing on it.
   * @param {Readonly<Doc>} doc
   * @param {Record<string, unknown>} camera
   * @returns {(signal: AbortSignal) => Promise<InDepth | null>}
   */
  #looksFor(doc, camera) {
    const { host } = this.editor;
    return async (signal) => {
      const picture = isSmall(doc.tracks) ? await host.depthPicture(doc, camera, signal) : null;
      return picture && { picture, doc };
    };
  }

  #film() {
    const { editor, filming, depth } = this;
    const { session: { now: { doc } }, picture, clip, host, around: { depthCamera } } = editor;
    const drawn = [doc.tracks, doc.objects, doc.horizon];
    const about = [...drawn, JSON.stringify(depthCamera), picture.url, ...sidesOf(clip), depth?.picture.bends];
    if (filming.isAbout(about)) return;
    if (filming.about.length > 0) {
      filming.forget();
      for (const frame of this.film) frame.close();
      this.film = [];
    }
    const camera = depthCamera?.inputs;
    if (!this.#asks) return;
    filming.start(about, async (signal) => (
      camera && depth?.picture.bends ? unlessGone(await host.played(doc, camera, signal), signal) : []));
  }

  /** Whether a picture is drawn on, and the hand rests. */
  get #asks() {
    const { editor } = this;
    return !isBusy(editor) && !editor.locked && editor.picture.image !== null && !editor.picture.video;
  }

  /** The pixels of the canvas along the picture's longer side, or somewhat more. */
  get #wanted() {
    const { viewport, clip, stage } = this.editor;
    const shown = Math.max(clip.width, clip.height) * viewport.scale * stage.ratio;
    return SIZES.find((size) => size >= shown) ?? SIZES[SIZES.length - 1];
  }
}

/** @param {Clip} clip */
const sidesOf = ({ width, height, frames, fit }) => [width, height, frames, fit];

/** Whether it is about a picture in a clip. @param {Composed} composed @param {string | null} url @param {Clip} clip */
function isOf(composed, url, clip) {
  const sides = sidesOf(clip);
  return composed.url === url && sidesOf(composed.clip).every((value, k) => value === sides[k]);
}

/** Whether a drawing moves anything, and is not too large. @param {Readonly<Doc>} doc */
function moves({ tracks, objects }) {
  const drags = tracks.filter((track) => track.enabled && !isAnchor(track));
  return (drags.length > 0 || (objects ?? []).some(({ enabled }) => enabled)) && isSmall(tracks);
}

/**
 * @param {ImageBitmap[] | null} frames closed where nobody waits for them any longer
 * @param {AbortSignal} signal
 */
function unlessGone(frames, signal) {
  if (signal.aborted) for (const frame of frames ?? []) frame.close();
  return frames;
}
