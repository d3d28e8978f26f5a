/**
 * The structures of the editor's core. Types only: nothing here runs.
 *
 * All of them are read-only: an operation gives a new value that shares what did not change, so `===` on a track or on
 * its points says whether it changed.
 */

/**
 * A place or an offset. In a Doc: fractions of the picture, x from 0 (left edge) to 1, y from 0 (top edge) to 1;
 * outside of it is allowed. In geometry: pixels.
 * @typedef {{readonly x: number, readonly y: number}} XY
 */

/**
 * A control point: x, y fractions of the picture.
 * @typedef {object} Point
 * @property {number} x
 * @property {number} y
 * @property {number} [t] when the track is here, a fraction of the time from its start to its end; for the timing
 *   "keys"
 * @property {XY} [in] Bezier handle on the way in, an offset from the point
 * @property {XY} [out] Bezier handle on the way out, an offset from the point
 */

/** @typedef {'path' | 'anchor'} Kind */
/** @typedef {'pchip' | 'linear' | 'catmull_rom' | 'bezier'} Spline */
/** @typedef {'points' | 'arc_length' | 'keys'} Timing */
/** @typedef {'linear' | 'ease_in' | 'ease_out' | 'ease_in_out' | 'constant'} Ease */
/** A closed interval of the clip, as fractions of it: [from, to]. @typedef {readonly [number, number]} Interval */

/**
 * One drag. In a Doc every field is there (`read` fills the defaults in).
 * @typedef {object} Track
 * @property {string} id unique in the Doc
 * @property {string} name
 * @property {string} color "#rrggbb"
 * @property {boolean} enabled
 * @property {Kind} kind an anchor has exactly one point
 * @property {Spline} spline
 * @property {readonly Readonly<Point>[]} points at least one
 * @property {Timing} timing
 * @property {number} start fraction of the clip, before `end`
 * @property {number} end
 * @property {Ease} ease
 * @property {readonly Interval[]} visible [] is never
 */

/**
 * The fields of a new track: its points, and whatever differs from the defaults.
 * @typedef {Partial<Readonly<Track>> & {readonly points: readonly Readonly<Point>[]}} TrackDraft
 */

/** What `updateTracks` may change. @typedef {Partial<Omit<Readonly<Track>, 'id' | 'points'>>} TrackChanges */

/** @typedef {{readonly width: number, readonly height: number}} Size in pixels */

/**
 * Corners in order, three or more; the last is joined to the first.
 * @typedef {readonly XY[]} Ring
 */

/**
 * A motion along a curve, as a track's: the object goes as far from its place as the curve from its first point. One
 * point alone holds the object where it is.
 * @typedef {object} DrawnPath
 * @property {Spline} spline
 * @property {readonly Readonly<Point>[]} points at least one
 * @property {Timing} timing
 * @property {Ease} ease
 */

/**
 * Where an object is at one time.
 * @typedef {object} Key
 * @property {number} t fraction of the object's own time
 * @property {number} x how far the pivot is from its place, in fractions of the picture
 * @property {number} y
 * @property {number} rotation degrees about the pivot, above 0 clockwise, in pixels
 * @property {number} scale 1 is the size that the object has in the picture
 * @property {Ease} ease from this key to the next
 */

/**
 * A motion by keys, whose times rise. At the time 0 the object is at its place in the picture; after the last key it
 * stays.
 * @typedef {object} Keyframes
 * @property {readonly Readonly<Key>[]} keys at least one
 */

/** @typedef {Readonly<DrawnPath> | Readonly<Keyframes>} Motion */

/**
 * A thing of the picture that moves as one. In a Doc every field is there (`read` fills the defaults in).
 * @typedef {object} MotionObject
 * @property {string} id unique among the objects of the Doc
 * @property {string} name
 * @property {string} color "#rrggbb"
 * @property {boolean} enabled
 * @property {readonly Ring[]} outline where it is in the picture, which shows it as the clip begins; by the even-odd
 *   rule a ring inside of another is a hole
 * @property {XY} pivot the place about which it turns and grows
 * @property {Motion} motion
 * @property {number} start fraction of the clip, before `end`
 * @property {number} end
 * @property {readonly Interval[]} visible [] is never
 * @property {string} [group] those with one name here are selected and moved together
 * @property {string} [edge] of `OUTLINE_EDGES`: whether its outline goes to the edge beside it, the default
 * @property {number} [grow] by how much the cut is larger than what is cut out, as `FINISH` says
 * @property {number} [feather] the width over which its edge becomes transparent
 * @property {number} [shutter] how long the shutter is open, which blurs what moves
 * @property {readonly Ring[]} [shadow] where it darkens the picture, which goes along with it; never empty
 * @property {readonly Ring[]} [fill_from] where the picture is copied from to fill what it leaves; never empty
 */

/**
 * The fields of a new object: its outline, and whatever differs from the defaults. Without a motion it is held where it
 * is; without a pivot, that is in the middle of the outline's bounding box.
 * @typedef {Partial<Readonly<MotionObject>> & {readonly outline: readonly Ring[]}} ObjectDraft
 */

/**
 * A thing of the picture that tracks carry: their ids, its outline, and how it moves if there are several; a single one
 * has the motion in its own path.
 * @typedef {object} CarriedThing
 * @property {readonly string[]} tracks
 * @property {readonly Ring[]} outline
 * @property {readonly Readonly<Key>[]} [keys]
 */

/** What `updateObjects` may change. @typedef {Partial<Omit<Readonly<MotionObject>, 'id'>>} ObjectChanges */

/**
 * How an object is moved from the picture to a frame: the place (x, y) in pixels goes to (re * x - im * y + x0,
 * im * x + re * y + y0). A canvas takes it as setTransform(re, im, -im, re, x0, y0).
 * @typedef {object} Similarity
 * @property {number} re scale times the cosine of the rotation
 * @property {number} im scale times its sine
 * @property {number} x0 pixels
 * @property {number} y0
 */

/**
 * The trajectories value itself, the JSON of the node's widget.
 * @typedef {object} Doc
 * @property {'dragnuwa.trajectories'} type
 * @property {1 | 2} version 2 where there are objects
 * @property {Size} [canvas] size of the picture that was drawn on; kept, changes nothing
 * @property {readonly Readonly<Track>[]} tracks later ones are drawn on top
 * @property {readonly Readonly<MotionObject>[]} [objects] from back to front, at least one; `objectsOf` gives [] where
 *   there are none
 */

/** @typedef {{readonly id: string, readonly index: number}} PointRef a control point: its track, its index */

/**
 * @typedef {object} Selection
 * @property {readonly string[]} tracks ids of the tracks that are selected as a whole
 * @property {readonly PointRef[]} points single points
 * @property {readonly string[]} [objects] ids, at least one, of which the last was selected last; then no track is
 */

/**
 * A curve as straight pieces, in pixels, not clamped to the picture.
 * @typedef {object} Polyline
 * @property {Float64Array} x
 * @property {Float64Array} y
 * @property {Float64Array} u index parameter: u = k is control point k
 */

/**
 * @typedef {object} Samples a track at the frames of a clip
 * @property {Float64Array} x pixels
 * @property {Float64Array} y pixels
 * @property {Uint8Array} visible 1 or 0
 */

/** @typedef {{readonly x: number, readonly y: number, readonly width: number, readonly height: number}} Rect */

/**
 * What can be hit: a track as it lies on the screen. `points` and `curve` in the same units as the pointer.
 * @typedef {object} Shape
 * @property {string} id
 * @property {readonly XY[]} points control points
 * @property {Polyline} curve
 * @property {readonly (XY | undefined)[]} [handlesIn] positions (not offsets) of the handles that are shown
 * @property {readonly (XY | undefined)[]} [handlesOut]
 */

/**
 * @typedef {object} Hit
 * @property {'handle' | 'point' | 'curve'} kind
 * @property {string} id the track's
 * @property {number} index the control point, or the segment of the curve (between points index and index + 1)
 * @property {'in' | 'out'} [side] of a handle
 * @property {number} u index parameter of the place on the curve
 * @property {number} x the place that was hit
 * @property {number} y
 * @property {number} distance
 */

/**
 * @typedef {object} Guide a line to draw while something snaps
 * @property {'x' | 'y'} axis "x": the vertical line x = at
 * @property {number} at
 * @property {'point' | 'edge' | 'centre' | 'grid'} kind
 */

/**
 * @typedef {object} HistoryStep
 * @property {Readonly<Doc>} doc
 * @property {string} label names the change that led to it
 * @property {number} bytes
 * @property {Rect} place where the first clip of the history lay in the clip that `doc` was drawn for
 * @property {Selection} [selection] what was selected when the step was left
 */

/**
 * @typedef {object} History
 * @property {readonly HistoryStep[]} past oldest first
 * @property {HistoryStep} present
 * @property {readonly HistoryStep[]} future the next to redo first
 */

/** @typedef {'crop' | 'pad' | 'stretch'} FitMode */

export {};
