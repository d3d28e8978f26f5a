/**
 * The format's names and limits, identical to the library's (a test compares them).
 */

/** @import {Bend, Ease, Edit, Kind, LoopMode, Over, Spline, Timing} from './types.js' */

export const TYPE = 'dragnuwa.trajectories';
/** Format version without objects. */
export const VERSION = 1;
/** Format version with objects. */
export const OBJECTS_VERSION = 2;

/** @type {readonly Kind[]} */
export const KINDS = Object.freeze(['path', 'anchor']);
/** @type {readonly Spline[]} */
export const SPLINES = Object.freeze(['pchip', 'linear', 'catmull_rom', 'bezier']);
/** @type {readonly Timing[]} */
export const TIMINGS = Object.freeze(['points', 'arc_length', 'keys']);
/** @type {readonly Ease[]} */
export const EASES = Object.freeze(['linear', 'ease_in', 'ease_out', 'ease_in_out', 'constant']);
/**
 * What a drag or an object is to a thing in a clip; the first is the default. Of no effect in a picture.
 * @type {readonly Edit[]}
 */
export const EDITS = Object.freeze(['relative', 'absolute', 'still', 'removed', 'copied']);
/**
 * Whether a drag or an anchor bends the thing that it lies on; the first is the default: not joined to others.
 * @type {readonly Bend[]}
 */
export const BENDS = Object.freeze(['', 'auto', 'on', 'off']);
/**
 * What lies over what, where parts of a bent thing overlap; the first is the default: by itself.
 * @type {readonly Over[]}
 */
export const OVERS = Object.freeze(['', 'front', 'behind']);
/** How a motion repeats; the first is the default. @type {readonly LoopMode[]} */
export const LOOPS = Object.freeze(['once', 'ping_pong', 'closed']);
/** Whether an object's outline snaps to the nearby edge of the picture (the default) or stays as drawn. */
export const OUTLINE_EDGES = Object.freeze(['snap', 'exact']);
/** Further areas of an object, in the same form as its outline. */
export const OBJECT_AREAS = Object.freeze(/** @type {const} */ (['shadow', 'fill_from', 'stiff']));
/**
 * The range of each finish parameter of an object; 0 leaves the cut unchanged. `grow` and `feather` are fractions of
 * sqrt(width * height), `shutter` of the time between two frames.
 * @type {Readonly<Record<'grow' | 'feather' | 'shutter', readonly [number, number]>>}
 */
export const FINISH = Object.freeze({ grow: [-1, 1], feather: [0, 1], shutter: [0, 1] });

export const MAX_TRACKS = 16384;
/** Keys by which one pin turns and scales what is around it. */
export const MAX_PIN_KEYS = 1000;
/** Pins that bend one object. */
export const MAX_PINS = 200;
/** Points in one track. */
export const MAX_POINTS = 10000;
/** Points in all tracks in total. */
export const MAX_TOTAL_POINTS = 2 ** 20;
/** Visible intervals in one track. */
export const MAX_INTERVALS = 10000;
export const MAX_TEXT_BYTES = 96 * 2 ** 20;
/** Values in a text, counted as its commas and opening brackets. */
export const MAX_TEXT_VALUES = 5 * 2 ** 20;
/** Characters in an id or a name. */
export const MAX_NAME = 256;
/** Characters in the text of an object. */
export const MAX_WORDS = 4000;
/** Largest distance from the top left corner, in widths or heights of the picture. */
export const MAX_COORDINATE = 1e4;
/** Largest width or height of the canvas, in pixels. */
export const MAX_SIDE = 65536;

export const MAX_OBJECTS = 256;
/** Rings in the outline of one object. */
export const MAX_RINGS = 256;
/** Points in all rings of one object. */
export const MAX_OUTLINE_POINTS = 4096;
/** Distance of an object, where 1 is the ground at the picture's lower edge. */
export const MIN_DISTANCE = 0.1;
export const MAX_DISTANCE = 1000;
/** Of the ground's horizon, in heights of the picture from its top. */
export const MIN_HORIZON = -4;
export const MAX_HORIZON = 0.95;
/** Frames of a clip in which the outline of one object is corrected. */
export const MAX_CORRECTIONS = 1000;
/** Of the form in which these are saved. */
export const FOLLOWED_VERSION = 1;
/** Degrees: a hundred turns. */
export const MAX_ROTATION = 36000;
/** Repetitions of a motion, and swings of what sways, in one clip. */
export const MAX_CYCLES = 1000;
/** How far something sways. */
export const MAX_SWAY = 10;
/** Waves along an object that sways. */
export const MAX_WAVES = 8;
/** The part of the time in which a closed motion whose keys have times of their own leads back to its beginning. */
export const BACK = 0.25;
export const MIN_SCALE = 0.01;
export const MAX_SCALE = 100;

export const PALETTE = Object.freeze([
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
  '#17becf',
]);

/**
 * Decimals of the numbers that operations set. Python rounds positions to 1e-6 pixel. With 11 decimals the error is
 * less than half of that even for the largest side, so whole pixels survive a round trip.
 */
export const DECIMALS = 11;
