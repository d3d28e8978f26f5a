/** The editor's Host (see web/editor/host.js) for one node on ComfyUI's page. */

import { write } from '../core/document.js';
import { openDialog } from '../editor/dialog.js';
import { Editor } from '../editor/editor.js';
import { UNKNOWN } from '../editor/surroundings.js';
import {
  captureStep, isPlaced, keepTooltipAway, keepTouches, language, nodeKey, nodeOutputs, openWorkflow, passPointer,
  passWheel, propertyOf, redraw, setProperty, storeValue,
} from './page.js';
import { isSocketLinked, pictureOf, resultOf, showConnected, socketOf } from './graph.js';
import { drawnByPerson, forgetExampleWords, hasExample, loadPicture, loadVideo } from './example_pictures.js';
import { clipOf, resizeClip } from './node_clip.js';
import { NodeLife } from './node_life.js';
import { NodeRefining } from './node_refining.js';
import { NodeRuns } from './runs.js';
import { findSubject, findThings, pickWithModel, segmenters } from './segmentation.js';
import {
  address, clipLayersOf, compositionOf, depthPictureOf, drawingIn, filmFrames, framesOf, parseDrags, pickObject,
  playedFrames, preparePicture, regionsOf, uploadPicture, writeText,
} from './server.js';
import { surroundingsOf, turnCamera } from './surroundings.js';

/** @import {Doc} from '../core/types.js' */
/** @import {CameraInputs, Clip, FilmRequest, FollowSettings, Host, PickRequest} from '../editor/host.js' */
/** @import {FrameRange, SubjectModel} from '../editor/host.js' */
/** @import {KeptSteps, RecentDrawings, UndoMemory} from './kept_drawings.js' */
/** @import {Refinements} from './refinements.js' */
/** @import {RunMemories, RunTimes} from './runs.js' */
/** @import {ServerFile} from './server.js' */

/**
 * @typedef {object} Kept
 * @property {UndoMemory} memory
 * @property {RecentDrawings} recent
 * @property {KeptSteps} keptSteps
 * @property {RunMemories} runs
 * @property {RunTimes} runTimes
 * @property {Refinements} refinements
 */

const INPUT = 'image';
const ASIDE = 'drawing_set_aside'; // a property of the node, saved with the workflow

/** @implements {Host} */
export class NodeHost {
  /**
   * @param {any} node
   * @param {string} name of the widget
   * @param {Kept} kept beyond the life of a node, or even of the page
   * @param {() => void} graphRestored called after the graph has changed as a whole, as by its undo
   */
  constructor(node, name, { memory, recent, keptSteps, runs, runTimes, refinements }, graphRestored) {
    this.node = node;
    /** A result of an earlier run whose picture no longer belongs to what is connected. @type {unknown} */
    this.outdated = null;
    this.name = name;
    this.memory = memory;
    this.recent = recent;
    this.keptSteps = keptSteps;
    this.runMemories = runs;
    this.graphRestored = graphRestored;
    this.language = language();
    /** @type {Set<(byHand: boolean) => void>} */
    this.listeners = new Set();
    this.key = '';
    this.refining = new NodeRefining(node, refinements, {
      changed: () => this.changed(),
      failed: () => this.editor.refiner.failed(),
    });
    this.element = document.createElement('div');
    this.element.className = 'dnw-mount';
    this.element.dataset.captureWheel = 'true';
    this.element.dataset.testid = 'dragnuwa-editor-mount';
    this.editor = new Editor(this);
    this.element.append(this.editor.root);
    keepTooltipAway(this.element);
    keepTouches(this.editor.root);
    this.fresh = true; // made by hand, and still of the size that it was made with
    this.changed = (byHand = false) => {
      if (byHand) this.fresh = false;
      this.#forgetWords();
      if (isPlaced(node)) showConnected(node, { ...this.clip() });
      for (const listener of this.listeners) listener(byHand);
    };
    this.runs = new NodeRuns(node, {
      progress: (run) => this.editor.runLine.follow(run),
      taken: this.changed,
      failed: (error) => this.editor.notices.warn(this.editor.reason(error)),
      tasks: () => this.editor.runLine.tasks,
    }, runTimes);
    this.life = new NodeLife(node, {
      entered: () => this.#enter(),
      left: () => this.#leave(),
      changed: this.changed,
      graphChanged: () => this.#graphChanged(),
      connectionsChanged: () => this.#connectionsChanged(),
      configured: () => this.#configured(),
    }, this.runs.events);
  }

  /** The clip by the node's widgets, or by what is connected to them. */
  clip() {
    return clipOf(this.node);
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
    return isPlaced(this.node) ? pictureOf(this.node, INPUT, nodeOutputs(), this.outdated) : null;
  }

  /** What a template says of its own picture is not said of another one. */
  #forgetWords() {
    const source = this.#file();
    if (source && source.type !== 'temp') forgetExampleWords(this.node, source.filename);
  }

  /** @param {string | Uint8Array} drags */
  parse(drags) {
    return parseDrags(drags, this.clip());
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

  /** @param {AbortSignal} signal @param {{at?: number, things?: boolean}} [more] */
  prepare(signal, more) {
    return this.#about(preparePicture, signal, more);
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

  /** @param {Readonly<Doc>} doc @param {number} longest @param {AbortSignal} signal */
  composition(doc, longest, signal) {
    return this.#about(compositionOf, write(doc), longest, signal);
  }

  /** @param {Readonly<Doc>} doc @param {FollowSettings} by @param {FrameRange} range @param {AbortSignal} signal */
  clipLayers(doc, by, range, signal) {
    return this.#about(clipLayersOf, write(doc), by, range, signal);
  }

  /** @param {Readonly<Doc>} doc @param {CameraInputs} camera @param {AbortSignal} signal */
  depthPicture(doc, camera, signal) {
    return this.#about(depthPictureOf, write(doc), camera, signal);
  }

  /** @param {Readonly<CameraInputs>} inputs */
  turnCamera(inputs) {
    turnCamera(this.node, inputs);
    this.changed();
  }

  /** @param {Readonly<Doc>} doc @param {CameraInputs} camera @param {AbortSignal} signal */
  played(doc, camera, signal) {
    return this.#about(playedFrames, write(doc), camera, signal);
  }

  /** What is drawn on another picture, and waits for an answer: a text that is saved with the workflow. */
  aside() {
    return propertyOf(this.node, ASIDE);
  }

  /** @param {string | null} text */
  setAside(text) {
    setProperty(this.node, ASIDE, text ?? undefined);
  }

  isExample() {
    return hasExample(this.node);
  }

  isNew() {
    return this.fresh;
  }

  /**
   * @param {{width: number, height: number, frames?: number}} size
   * @param {boolean} byHand
   * @param {number} higher pixels of the graph by which the node grows
   */
  resize(size, byHand, higher) {
    if (!resizeClip(this.node, size, higher)) return false;
    this.fresh = false;
    this.changed(byHand);
    this.remember();
    return true;
  }

  around() {
    const { node } = this;
    if (!isPlaced(node)) return UNKNOWN;
    const segments = this.#file()?.video ? UNKNOWN.segmenters : segmenters(); // they take pictures only
    const overridden = this.#overridden;
    return Object.freeze({ ...surroundingsOf(node, this.clip(), INPUT), overridden, segmenters: segments });
  }

  result() {
    return isPlaced(this.node) ? resultOf(this.node, address) : null;
  }

  takes() {
    return this.runs.takes;
  }

  /**
   * Index of the input that a workflow made elsewhere has for the drags; the page itself makes none.
   * @returns {number} -1 where there is none
   */
  #socket() {
    return socketOf(this.node, this.name);
  }

  get #overridden() {
    return isSocketLinked(this.node, this.#socket());
  }

  /** The workflow is open, with its links: an input for the drags that has none goes, since it would take one. */
  loaded() {
    this.life.catchUp();
    this.life.followWidgets();
    if (!this.#overridden && this.#socket() >= 0) this.node.removeInput(this.#socket());
    this.changed();
  }

  takeOver() {
    const socket = this.#socket();
    if (socket >= 0) this.node.removeInput(socket); // with its link
    this.remember();
  }

  /** @param {(byHand: boolean) => void} listener */
  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** One step in the graph's own undo. */
  remember() {
    if (!isPlaced(this.node)) return;
    if (this.editor.session.value !== this.editor.session.loaded) drawnByPerson(this.node);
    captureStep();
    this.#note();
    redraw(this.node);
  }

  keep() {
    if (isPlaced(this.node)) this.#note(true);
  }

  /** The node among those of all workflows: the same in the page that comes after a reload. */
  #place() {
    return `${openWorkflow()?.path}/${nodeKey(this.node)}`;
  }

  /** @param {boolean} [unfinished] */
  #note(unfinished = false) {
    const { value, loaded } = this.editor.session;
    storeValue(this.node, this.name, value);
    this.recent.note(this.#place(), value, loaded, unfinished);
  }

  /** After a reload: takes back what was drawn too shortly before it, and what can be undone. */
  restore() {
    const { session } = this.editor;
    const newer = this.recent.newer(this.#place(), this.editor.value);
    if (newer !== undefined && session.restore(newer)) this.editor.commit(true);
    const steps = this.keptSteps.take(this.#place());
    if (steps && session.resumeSteps(steps)) this.editor.invalidate();
  }

  /** What can be undone, for the next page. */
  steps() {
    return { place: this.#place(), steps: this.editor.session.steps };
  }

  /**
   * Puts a picture or a video into the input folder and into the node that feeds this one; nodes are made where there
   * are none.
   * @param {File} file
   */
  async upload(file) {
    const load = file.type.startsWith('video/') ? loadVideo : loadPicture;
    load(this.node, INPUT, await uploadPicture(file));
    this.remember();
    this.changed();
  }

  /** @param {File} file */
  async drawingOf(file) {
    return drawingIn(await uploadPicture(file));
  }

  /** @param {WheelEvent} event that the editor does not use */
  passWheel(event) {
    passWheel(event);
  }

  /** @param {PointerEvent} event of the middle button, which moves the graph */
  passPointer(event) {
    passPointer(event);
  }

  /** The page is about to queue the workflow, or only a part of it. @param {boolean} [inPart] */
  runPressed(inPart = false) {
    this.#forgetWords();
    this.editor.runPressed();
    if (!inPart) this.editor.refiner.runPressed();
  }

  fullWindow() {
    openDialog(this.editor, () => this.element, this.node.title);
  }

  #enter() {
    this.key = nodeKey(this.node);
    this.editor.session.earlier = this.memory.kept(this.key);
    this.runs.enter(this.runMemories.of(this.key));
    this.refining.enter(this.editor.value);
    this.editor.attach();
  }

  #configured() {
    this.fresh = false;
    this.runs.configured();
    this.refining.configured(this.editor.value);
  }

  #leave() {
    this.editor.detach();
    this.refining.leave();
    this.memory.keep(this.key, this.editor.session.memory);
  }

  #graphChanged() {
    this.#note();
    this.graphRestored();
    this.changed();
  }

  /** A picture of the last run may not be of what is connected now. */
  #connectionsChanged() {
    const own = nodeOutputs()[String(this.node.id)];
    if (isPlaced(this.node) && own) this.outdated = own.dragnuwa_picture ?? null;
  }
}
