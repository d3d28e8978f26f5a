/** The part of the editor's Host (see web/editor/host.js) that is about the node's clip and its picture. */

import { write } from '../core/document.js';
import { depthCamera } from './depth_camera.js';
import { clipRate, numberOf, pictureOf } from './graph_picture.js';
import { nodeOutputs, valueOf } from './page.js';
import { findSubject, findThings, pickWithModel, segmenters } from './segmentation.js';
import {
  address, compositionOf, filmFrames, framesOf, parseText, pickObject, playedFrames, regionsOf,
  preparePicture, writeText,
} from './server.js';
import { followSettings } from './video_edit.js';

/** @import {Doc} from '../core/types.js' */
/** @import {CameraInputs, Clip, FilmRequest, FollowSettings, PickRequest, SubjectModel} from '../editor/host.js' */
/** @import {ServerFile} from './server.js' */

export const INPUT = 'image';

export class PictureHost {
  /** @param {any} node */
  constructor(node) {
    this.node = node;
    /** A result of an earlier run whose picture no longer belongs to what is connected. @type {unknown} */
    this.outdated = null;
  }

  /** The clip by the node's widgets, or by what is connected to them. */
  clip() {
    const { node } = this;
    return {
      width: numberOf(node, 'width') ?? 576,
      height: numberOf(node, 'height') ?? 320,
      frames: numberOf(node, 'frames') ?? 14,
      fit: valueOf(node, 'fit') ?? 'crop',
      ...clipRate(node),
    };
  }

  /** The address of the picture; null if none is connected, or if it is not known before a run. */
  picture() {
    const source = this.#file();
    if (!source) return null;
    const video = Boolean(source.video);
    return { url: address(source), name: source.filename, chosen: source.type !== 'temp', video };
  }

  /** The number of frames of a video; null if the picture is none. */
  async videoFrames() {
    const source = this.#file();
    return source?.video ? framesOf(source) : null;
  }

  /** @param {FilmRequest} request @param {AbortSignal} signal */
  async filmFrames(request, signal) {
    const source = this.#file();
    return source?.video ? filmFrames(source, request, signal) : null;
  }

  #file() {
    return this.node.graph ? pictureOf(this.node, INPUT, nodeOutputs(), this.outdated) : null;
  }

  /** @param {string} text */
  parse(text) {
    return parseText(text, this.clip());
  }

  /** @param {string} text @param {'kjnodes' | 'svg'} format */
  write(text, format) {
    return writeText(text, this.clip(), format);
  }

  /**
   * What is found in the picture; null while there is none.
   * @template {any[]} A
   * @template T
   * @param {(file: ServerFile, clip: Clip, ...more: A) => Promise<T>} ask
   * @param {A} more
   */
  async #about(ask, ...more) {
    const file = this.#file();
    return file ? ask(file, this.clip(), ...more) : null;
  }

  /** @param {PickRequest} request @param {AbortSignal} [signal] */
  pick(request, signal) {
    const { at, ...asked } = request;
    const { by } = asked;
    return by ? this.#about(pickWithModel, { ...asked, by }, signal) : this.#about(pickObject, asked, signal, at);
  }

  /** @param {AbortSignal} signal @param {number} [at] */
  prepare(signal, at) {
    return this.#about(preparePicture, signal, at);
  }

  /** They take pictures only. */
  segmenters() {
    return this.#file()?.video ? { sam3: null, sam2: null, rmbg: null, subject: null } : segmenters();
  }

  /** @param {string} words @param {AbortSignal} [signal] */
  findThings(words, signal) {
    return this.#about(findThings, words, signal);
  }

  /** @param {SubjectModel} by @param {AbortSignal} [signal] */
  findSubject(by, signal) {
    return this.#about(findSubject, by, signal);
  }

  /** @param {Readonly<Doc>} doc @param {FollowSettings | null} settings @param {AbortSignal} signal */
  regions(doc, settings, signal) {
    return this.#about(regionsOf, write(doc), settings, signal);
  }

  depthCamera() {
    return this.node.graph ? depthCamera(this.node) : null;
  }

  /** @param {Readonly<Doc>} doc @param {number} longest @param {AbortSignal} signal */
  composition(doc, longest, signal) {
    return this.#about(compositionOf, write(doc), longest, signal);
  }

  /** @param {Readonly<Doc>} doc @param {CameraInputs} camera @param {AbortSignal} signal */
  played(doc, camera, signal) {
    return this.#about(playedFrames, write(doc), camera, signal);
  }

  followedBy() {
    return this.node.graph ? followSettings(this.node) : null;
  }
}
