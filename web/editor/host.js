/** What the editor needs from the surrounding page. Types only: nothing here runs. */

/**
 * @typedef {object} Clip
 * @property {number} width pixels
 * @property {number} height pixels
 * @property {number} frames 2 or more
 * @property {'crop' | 'pad' | 'stretch'} fit
 * @property {number} rate frames per second, for playback
 * @property {number} between video frames per clip frame, after the first
 */

/** @import {ClipLayers} from '../core/composing/clip_layers.js' */
/** @import {Composition} from '../core/composing/composition.js' */
/** @import {DepthPicture} from '../core/depth/picture.js' */
/** @import {Doc, Region, Ring, Size, XY} from '../core/types.js' */
/** @import {Around} from './surroundings.js' */
/** @import {Drawing} from './refine.js' */

/**
 * The page, as seen by the editor.
 * @typedef {object} Host
 * @property {string} language of the page, such as "en" or "zh-TW"
 * @property {() => Clip} clip
 * @property {() => Readonly<Around>} around what else the graph says
 * @property {() => {url: string, name: string, chosen: boolean, video?: boolean} | null} picture null while unknown;
 *   `chosen`: by a person, not computed by a run; `video`: whose frames are pictures
 * @property {() => unknown} aside what is drawn on another picture and waits for an answer: a text that was set aside
 * @property {(text: string | null) => void} setAside saves such a text with the workflow; null takes it away
 * @property {() => boolean} isExample whether the drawing is an unchanged one of a template
 * @property {(listener: (byHand: boolean) => void) => () => void} subscribe calls the listener when the clip or the
 *   picture may have changed (`byHand`: a person changed a widget); returns a function that ends the subscription
 * @property {() => void} takeOver disconnects that node, so that the drawing counts again
 * @property {() => void} remember adds one step to the page's own undo
 * @property {() => void} keep sees that a reload of the page loses nothing, without such a step
 * @property {(drags: string | Uint8Array) => Promise<string>} parse reads a text that the editor does not, such as
 *   another tool's, or a file that is no text in UTF-8, and gives our text; rejects with a message for the person: what
 *   is wrong with it
 * @property {(text: string, format: 'kjnodes' | 'svg') => Promise<string>} write our text in another format, with what
 *   its pins bend; rejects with a message for the person
 * @property {(request: PickRequest, signal?: AbortSignal) => Promise<PickedThing | null>} pick finds what lies under
 *   clicks or in a box, or changes an outline; null while there is no picture; rejects with a message for the person,
 *   and where the signal says that nobody waits any longer
 * @property {(signal: AbortSignal, more?: {at?: number, things?: boolean}) => Promise<boolean | null>} prepare makes
 *   what `pick` needs (`at` as there), or `things` for `composition`; says whether the pack's own search has its
 *   network; null and rejects as `regions`
 * @property {(words: string, signal?: AbortSignal) => Promise<Ring[][] | null>} findThings the outlines of what SAM3
 *   finds by words; null and rejects as `pick`
 * @property {(by: SubjectModel, signal?: AbortSignal) => Promise<Ring[][] | null>} findSubject the outline of the main
 *   subject; null and rejects as `pick`
 * @property {(doc: Readonly<Doc>, settings: FollowSettings | null, signal: AbortSignal) => Promise<Region[] | null>}
 *   regions what Carry moves with the drags on a picture, or what is drawn on in a video; null and rejects as `pick`,
 *   and if the signal aborts
 * @property {(doc: Readonly<Doc>, longest: number, signal: AbortSignal) => Promise<Composition | null>} composition
 *   what a run moves, and how; its longer side has at most `longest` pixels; null and rejects as `regions`
 * @property {(doc: Readonly<Doc>, settings: FollowSettings, range: FrameRange, signal: AbortSignal) =>
 *   Promise<ClipLayers | null>} clipLayers what frames of a video consist of; null and rejects as `regions`
 * @property {(doc: Readonly<Doc>, camera: CameraInputs, signal: AbortSignal) => Promise<DepthPicture | null>}
 *   depthPicture what the camera moves through; null and rejects as `regions`
 * @property {(inputs: Readonly<CameraInputs>) => void} turnCamera sets these inputs of the camera in depth, without a
 *   step in the page's undo
 * @property {(doc: Readonly<Doc>, camera: CameraInputs, signal: AbortSignal) => Promise<ImageBitmap[] | null>} played
 *   what the camera sees, in evenly spaced frames from the first to the last; null and rejects as `regions`
 * @property {(file: File) => Promise<void>} upload a picture or a video
 * @property {(file: File) => Promise<VideoDrawing>} drawingOf the drawing that a video was made from; rejects with a
 *   message for the person, also where it has none
 * @property {(event: WheelEvent) => void} passWheel forwards what the editor does not use
 * @property {(event: PointerEvent) => void} passPointer the same for the middle button
 * @property {() => void} fullWindow opens the editor in the full window
 * @property {() => boolean} isNew whether the node was just created, and nobody has chosen a size for it
 * @property {(size: Size & {frames?: number}, byHand: boolean, higher: number) => boolean} resize gives the clip
 *   another size, and length (`byHand`: the drags stay on the picture), and makes the node higher by so many pixels;
 *   false if another node sets it
 * @property {() => Promise<number | null>} videoFrames the number of frames of a video; null if the picture is none;
 *   rejects as `pick`
 * @property {(request: FilmRequest, signal: AbortSignal) => Promise<FilmFrames | null>} filmFrames some of its
 *   frames, as a run gets them; null and rejects as `regions`
 * @property {() => RunResult | null} result the last run's result for the drags
 * @property {() => readonly Take[]} takes the last results, oldest first; the same list as long as none is added
 * @property {Refining} refining the runs that the editor starts by itself
 */

/**
 * The runs that editors start by themselves, in the open workflow.
 * @typedef {object} Refining
 * @property {boolean} on whether a person wants them; the same for all editors of the workflow, kept by the browser
 * @property {(on: boolean) => void} turn switches them on or off; what waits is taken back
 * @property {(drawing: Drawing) => boolean} has whether a run was given a drawing, or will be, or it was only opened
 * @property {boolean} learning whether one of them waits or runs
 * @property {(hand: boolean) => void} touch the drawing has changed; `hand`: and goes on changing
 * @property {number} rested ms since any drawing has changed; 0 while one goes on changing
 * @property {() => Promise<boolean>} queue queues the workflow behind what waits; false if it is refused, which the
 *   page shows; rejects with a message for the person
 * @property {() => void} withdraw takes back the one that waits, if there is one
 * @property {(drawing: Drawing) => void} queued the page queues the workflow, by whomever that is started
 * @property {unknown} refinedFrom the drawing's text that the latest run was given, if it is one of these; null while
 *   that is not known, undefined if not
 */

/**
 * A DragNUWA Camera in Depth.
 * @typedef {object} DepthCamera
 * @property {boolean} byHand whether only the drawing says how far things are
 * @property {CameraInputs | null} inputs what it is played by; null where only a run knows that
 */

/** @typedef {Record<string, unknown>} CameraInputs */

/**
 * The drawing in a video.
 * @typedef {object} VideoDrawing
 * @property {string} text in our own format
 * @property {'credentials' | 'metadata'} origin its content credentials, or ComfyUI's own metadata
 * @property {boolean} changed whether the file was changed after it was signed
 * @property {string} signer of the credentials, as they name themselves; empty without any
 * @property {boolean} trusted whether the server's owner trusts the signer
 */

/**
 * Frames of a video, as the frames `first` to `last` of a clip of so many.
 * @typedef {{frames: number, first: number, last: number, longest: number}} FilmRequest `longest`: pixels of the longer
 *   side at most
 */

/**
 * The size of the video's whole frames, and those that were asked for.
 * @typedef {{size: Size, files: Blob[]}} FilmFrames
 */

/** The numbers of the first frame and of the last one. @typedef {readonly [number, number]} FrameRange */

/** Of DragNUWA Edit Video. @typedef {{carries: string, radius: number}} FollowSettings */

/**
 * Clicks; positions in fractions of the clip.
 * @typedef {object} PickRequest
 * @property {readonly XY[]} points that belong to the object
 * @property {readonly XY[]} minus that do not
 * @property {readonly [XY, XY]} [box] opposite corners of a box around it
 * @property {number} [step] to a smaller (below 0) or a larger thing in its place
 * @property {readonly Ring[]} [outline] that is corrected by one click or, with a step, exchanged; without it, clicks
 *   alone say what it is
 * @property {Model} [by] what looks; without it, the pack's own search
 * @property {number} [at] of a video, the part of it at whose frame to look
 * @property {boolean | 'guess'} [preview] whether `smaller` and `larger` are not needed, which takes a third of the
 *   time; or a guess at that, in a sixth of it, whose outline is empty where it sees ground
 */

/** A model that clicks can ask; RMBG knows the main subject only. @typedef {'sam3' | 'sam2' | 'rmbg'} Model */

/** A model that finds the main subject. @typedef {'subject' | 'rmbg'} SubjectModel */

/**
 * Segmentation models by file name, or by the name in their pack; null where there is none.
 * @typedef {object} Segmenters
 * @property {string | null} sam3
 * @property {string | null} sam2 of ComfyUI-segment-anything-2, which fetches it where it is not there
 * @property {string | null} rmbg of ComfyUI-RMBG, the same
 * @property {string | null} subject of ComfyUI's own node for removing backgrounds
 */

/**
 * @typedef {object} PickedThing
 * @property {Ring[]} outline in fractions of the clip; empty where nothing is found
 * @property {boolean} ground whether it is taken for ground rather than for a thing
 * @property {number} [smaller] how many smaller things there are in its place; missing if nobody has looked
 * @property {number} [larger] how many larger ones
 */

/**
 * @typedef {object} RunResult
 * @property {'video' | 'images'} kind
 * @property {string[]} urls one for a video, one per frame for images
 */

/**
 * Why the picture is not known: none is connected; it is computed by the first run; none is connected to the subgraph
 * around the node; or a node on the way to it is muted.
 * @typedef {'unconnected' | 'later' | 'outside' | 'muted'} PictureGap
 */

/**
 * Why a run does not use the node: by its own mode, or by that of a subgraph around it.
 * @typedef {'bypassed' | 'muted' | 'around'} Unused
 */

/**
 * @typedef {object} Motion
 * @property {boolean} needed whether a run moves nothing unless something is drawn
 * @property {string | null} from title of another node that adds motion
 */

/**
 * @typedef {object} VideoMade
 * @property {import('../core/sizes.js').Enlarging} enlarging what follows the clip
 * @property {number} frames of the video
 * @property {number | null} rate frames per second of the video; null where no video is made
 */

/**
 * A node that runs again once the drawing has changed.
 * @typedef {object} RunTask
 * @property {string} id in the prompt
 * @property {string} kind its class, and the files that it loads
 * @property {number} steps for each of which it goes over the clip
 * @property {boolean} isOfVideo whether it works on the video at the size that is made, rather than on the clip
 */

/**
 * @typedef {object} RunState
 * @property {{title: string, fraction: number, began: number} | null} running the node that runs now, how much of it is
 *   done, and when the run began (ms)
 * @property {import('../core/forecast.js').Times} times that nodes have taken in runs before
 */

/**
 * The result of an earlier run. Its files may be gone.
 * @typedef {RunResult & {seed: number | null, drags: string | null}} Take `drags`: the text that it was made from; null
 *   where that was too long to keep
 */

/**
 * @typedef {object} ClipConflict
 * @property {string} node its title
 * @property {string} input
 * @property {number} found
 * @property {number} wanted
 * @property {[number, number] | null} nearest what it takes below and above, where it does not take `found`
 */

export {};
