/**
 * The structures of the editor's core. Types only: nothing here runs.
 *
 * All are read-only: an operation returns a new value that shares what did not change, so `===` on a track or its
 * points tells whether it changed.
 */

/**
 * A place or an offset. In a Doc: fractions of the picture, x from 0 (left edge) to 1, y from 0 (top edge) to 1;
 * positions outside are allowed. In geometry: pixels.
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
/**
 * What a drag or an object is to a thing in a clip: on top of the thing's own motion, in place of it, held still, taken
 * out, or a copy on top of its motion.
 * @typedef {'relative' | 'absolute' | 'still' | 'removed' | 'copied'} Edit
 */
/**
 * Whether a drag or an anchor bends the thing that it lies on: not joined to others; decided by where it begins and
 * what else lies on the thing; always; never.
 * @typedef {'' | 'auto' | 'on' | 'off'} Bend
 */
/**
 * Where what is around a pin lies: by itself, in front of other parts of the thing, or behind them.
 * @typedef {'' | 'front' | 'behind'} Over
 */
/**
 * How a motion repeats: not; to its end and back; or around a closed path.
 * @typedef {'once' | 'ping_pong' | 'closed'} LoopMode
 */

/**
 * How a motion repeats between its start and its end, so that it is then where it began.
 * @typedef {object} Loop
 * @property {Exclude<LoopMode, 'once'>} mode "closed" adds a part that leads back, unless it ends where it began
 * @property {number} times a whole number
 */

/**
 * A swing about where something is, without a jump where the clip begins anew.
 * @typedef {object} Sway
 * @property {number} amount to each side: of a track a fraction of sqrt(width * height) of the picture, of an object of
 *   its length
 * @property {number} times swings between start and end; a whole number ends where it began
 * @property {number} phase of its first instant, a fraction of a swing, by which several differ
 * @property {number} [direction] of a track: degrees clockwise from the right
 * @property {number} [waves] of an object: how many of them lie along it
 */

/** A closed interval of the clip, as fractions of it: [from, to]. @typedef {readonly [number, number]} Interval */

/**
 * One drag. In a Doc every field is present (`read` fills in the defaults).
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
 * @property {Edit} [edit] over a clip; "relative" (the default) is left out
 * @property {number} [delay] by which part of the clip the thing's own motion is shown later; 0 is left out
 * @property {Readonly<Loop>} [loop]
 * @property {Readonly<Sway>} [sway]
 * @property {Bend} [bend] in a picture; "" is left out
 * @property {number} [stays] as its only pin: what is further along the thing than this part of the furthest stays by
 *   itself; 0.5 is left out
 * @property {readonly Readonly<PinKey>[]} [pin] how what is around it turns and scales; never empty
 * @property {Over} [over] "" is left out
 * @property {number} [stiffness] of the thing, from 0, soft, to 1; 0.5 is left out
 */

/**
 * How what is around a pin is turned and scaled at one time; linear between two of them.
 * @typedef {object} PinKey
 * @property {number} at fraction of the track's own time
 * @property {number} turn degrees, clockwise
 * @property {number} scale
 */

/**
 * The fields of a new track: its points, and whatever differs from the defaults.
 * @typedef {Partial<Readonly<Track>> & {readonly points: readonly Readonly<Point>[]}} TrackDraft
 */

/**
 * What `updateTracks` may change; null takes a loop or a sway away.
 * @typedef {Partial<Omit<Readonly<Track>, 'id' | 'points' | 'loop' | 'sway'>>
 *   & {loop?: Readonly<Loop> | null, sway?: Readonly<Sway> | null}} TrackChanges
 */

/** @typedef {{readonly width: number, readonly height: number}} Size in pixels */

/**
 * Corners in order, three or more; the last is joined to the first.
 * @typedef {readonly XY[]} Ring
 */

/**
 * A motion along a curve, like a track's: the object's displacement is that of the curve from its first point. A single
 * point holds the object in place.
 * @typedef {object} DrawnPath
 * @property {Spline} spline
 * @property {readonly Readonly<Point>[]} points at least one
 * @property {Timing} timing
 * @property {Ease} ease
 */

/**
 * An object's pose at one time.
 * @typedef {object} Key
 * @property {number} t fraction of the object's own time
 * @property {number} x displacement of the pivot, in fractions of the picture
 * @property {number} y
 * @property {number} rotation degrees about the pivot, clockwise, in pixel space
 * @property {number} scale 1 is the object's size in the picture
 * @property {Ease} ease from this key to the next
 */

/**
 * A motion by keys with rising times. At time 0 the object is where the picture shows it; after the last key it stays.
 * @typedef {object} Keyframes
 * @property {readonly Readonly<Key>[]} keys at least one
 */

/** @typedef {Readonly<DrawnPath> | Readonly<Keyframes>} Motion */

/**
 * A part of the picture that moves as a whole. In a Doc every field is present (`read` fills in the defaults).
 * @typedef {object} MotionObject
 * @property {string} id unique among the objects of the Doc
 * @property {string} name
 * @property {string} color "#rrggbb"
 * @property {boolean} enabled
 * @property {readonly Ring[]} outline in the picture, that is, when the clip begins; by the even-odd rule, a ring
 *   inside another is a hole
 * @property {XY} pivot the centre of rotation and scale
 * @property {Motion} motion
 * @property {number} start fraction of the clip, before `end`
 * @property {number} end
 * @property {readonly Interval[]} visible [] is never
 * @property {string} [group] objects with the same name here are selected and moved together
 * @property {string} [edge] of `OUTLINE_EDGES`: whether its outline snaps to the nearby edge (the default)
 * @property {number} [grow] how far the cut is grown, or shrunk if negative; see `FINISH`
 * @property {number} [feather] the width over which its edge becomes transparent
 * @property {number} [shutter] how long the shutter is open (motion blur)
 * @property {readonly Ring[]} [shadow] where it darkens the picture; moves with it; never empty
 * @property {readonly Ring[]} [fill_from] the area to copy from when filling behind it; never empty
 * @property {readonly Ring[]} [stiff] where its pins hardly bend it; never empty
 * @property {Edit} [edit] as a track's
 * @property {number} [delay] as a track's
 * @property {number} [at] the fraction of the clip at whose frame the outline was drawn; 0 is left out
 * @property {number} [distance] from the camera, where 1 is the ground at the picture's lower edge
 * @property {number} [stiffness] with which its pins bend it; 0.5 is left out
 * @property {readonly Readonly<Track>[]} [pins] tracks that pull at places of it, before its own motion; never empty
 * @property {Readonly<Loop>} [loop] how its motion repeats
 * @property {Readonly<Sway>} [sway] how it swings, in waves along it from what holds it
 * @property {string} [text] what it is, in the words of a prompt; never empty
 * @property {Followed} [followed] its corrected outlines in other frames of a clip; at least one
 */

/** @typedef {{readonly version: 1, readonly outlines: readonly Readonly<OutlineKey>[]}} Followed by rising times */

/**
 * The outline of a thing in one frame of a clip, drawn there by hand.
 * @typedef {object} OutlineKey
 * @property {number} at the fraction of the clip at that frame
 * @property {readonly Ring[]} outline
 */

/**
 * The fields of a new object: its outline, and whatever differs from the defaults. Without a motion it stays in place;
 * without a pivot, the centre of the outline's bounding box is used.
 * @typedef {Partial<Readonly<MotionObject>> & {readonly outline: readonly Ring[]}} ObjectDraft
 */

/**
 * The outline of a region in a frame: rings of [x, y], in fractions of the clip.
 * @typedef {readonly (readonly (readonly [number, number])[])[]} FoundOutline
 */

/**
 * A region of a drawing: what tracks carry, or an object in a video.
 * @typedef {object} Region
 * @property {readonly string[]} [tracks] ids of those that move it
 * @property {string} [object] or the id of the object that it is
 * @property {number} at the fraction of the clip at whose frame it was drawn
 * @property {readonly FoundOutline[]} seen where it is in each frame of a video, [] where it is not seen; in a picture,
 *   in the one
 * @property {readonly FoundOutline[]} moved where it goes, at evenly spaced times, [] where it stays, or is not to be
 *   seen; in a picture only of what bends
 * @property {readonly Readonly<Key>[]} [keys] the motion of several tracks; it follows the path of a single one
 * @property {boolean} [surroundings] whether it is no object, but the ground around where a drag begins
 * @property {boolean} [bends] whether its tracks bend it
 * @property {boolean} [removed] whether it is taken out of the video
 * @property {readonly (Affine | null)[]} [own] of each frame of a video: from where it was drawn to where that frame
 *   shows it, in fractions of the clip; null where that is not known
 * @property {readonly (Affine | null)[]} [placed] the same, to where it is to be seen, before tracks or pins bend it
 * @property {FrameMesh} [mesh] by which tracks bend it in a video
 */

/**
 * A mesh in a frame of a video, and the transform from its pixels to fractions of the clip.
 * @typedef {import('./bending/mesh.js').BendingMesh & {onto: Affine}} FrameMesh
 */

/**
 * A transform of the plane, as a canvas's setTransform takes it: the point (x, y) maps to (a * x + c * y + e, b * x +
 * d * y + f).
 * @typedef {readonly [a: number, b: number, c: number, d: number, e: number, f: number]} Affine
 */

/**
 * What `updateObjects` may change; null takes a loop or a sway away.
 * @typedef {Partial<Omit<Readonly<MotionObject>, 'id' | 'loop' | 'sway'>>
 *   & {loop?: Readonly<Loop> | null, sway?: Readonly<Sway> | null}} ObjectChanges
 */

/**
 * An object's transform from the picture to a frame: the point (x, y) in pixels maps to (re * x - im * y + x0, im * x +
 * re * y + y0). For a canvas: setTransform(re, im, -im, re, x0, y0).
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
 * @property {1 | 2} version 2 if there are objects or a horizon
 * @property {Size} [canvas] size of the picture that was drawn on; kept, but has no effect
 * @property {readonly Readonly<Track>[]} tracks later ones are drawn on top
 * @property {readonly Readonly<MotionObject>[]} [objects] from back to front, at least one; `objectsOf` gives [] if
 *   there are none
 * @property {number} [horizon] of the ground, as a fraction of the picture's height from its top
 */

/** @typedef {{readonly id: string, readonly index: number}} PointRef a control point: its track, its index */

/**
 * @typedef {object} Selection
 * @property {readonly string[]} tracks ids of the tracks selected as a whole
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
 * A hit target: a track as drawn on the screen. `points` and `curve` are in the pointer's units.
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
 * @property {'in' | 'out' | 'turn' | 'scale'} [side] of a handle: of a point's, or a pin's
 * @property {number} u index parameter on the curve
 * @property {number} x the hit point
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
 * @property {Rect} place where the history's first clip lay in the clip that `doc` was drawn for
 * @property {Selection} [selection] what was selected when the step was left
 * @property {CameraTurn} [camera] of a step that turned a camera beside the drawing, and left that as it was
 */

/** The inputs of a camera that were changed, before and after. */
/** @typedef {{before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>}} CameraTurn */

/**
 * @typedef {object} History
 * @property {readonly HistoryStep[]} past oldest first
 * @property {HistoryStep} present
 * @property {readonly HistoryStep[]} future the next to redo first
 */

/** @typedef {'crop' | 'pad' | 'stretch'} FitMode */

export {};
