/**
 * Camera motion as ordinary tracks on a grid, to be edited like drawn ones: give the drafts to addTracks. They say how
 * the picture moves; where the camera pans to the left, the picture moves to the right.
 */

/** @import {Point, Size, TrackDraft, XY} from './types.js' */

/** Places of the grid, 4 x 3 unless given. @typedef {{readonly columns?: number, readonly rows?: number}} Grid */

/**
 * @typedef {object} Preset
 * @property {string} id for translations
 * @property {string} name in English
 * @property {(size: Size) => TrackDraft[]} make for a picture of this size in pixels
 */

const CENTRE = Object.freeze({ x: 0.5, y: 0.5 });
const DEGREES_PER_POINT = 10; // an arc through points this far apart strays by less than 1/500 of its radius

export const PRESETS = Object.freeze(
  /** @type {Readonly<Preset>[]} */ ([
    { id: 'pan_left', name: 'Pan left', make: () => pan({ dx: 0.2, dy: 0, name: 'pan left' }) },
    { id: 'pan_right', name: 'Pan right', make: () => pan({ dx: -0.2, dy: 0, name: 'pan right' }) },
    { id: 'pan_up', name: 'Pan up', make: () => pan({ dx: 0, dy: 0.2, name: 'pan up' }) },
    { id: 'pan_down', name: 'Pan down', make: () => pan({ dx: 0, dy: -0.2, name: 'pan down' }) },
    { id: 'zoom_in', name: 'Zoom in', make: () => zoom({ factor: 1.3, name: 'zoom in' }) },
    { id: 'zoom_out', name: 'Zoom out', make: () => zoom({ factor: 1 / 1.3, name: 'zoom out' }) },
    { id: 'roll_left', name: 'Roll left', make: (size) => roll({ degrees: 15, size, name: 'roll left' }) },
    { id: 'roll_right', name: 'Roll right', make: (size) => roll({ degrees: -15, size, name: 'roll right' }) },
  ]),
);

/**
 * The picture shifts.
 * @param {{readonly dx: number, readonly dy: number, readonly name?: string} & Grid} options
 *     by how much, in fractions of the picture; dx above 0 moves it to the right, dy above 0 down
 * @returns {TrackDraft[]}
 */
export function pan({ dx, dy, name = 'pan', ...options }) {
  return onGrid(options, name, (place) => [place, { x: place.x + dx, y: place.y + dy }]);
}

/**
 * The picture grows or shrinks.
 * @param {{readonly factor: number, readonly centre?: XY, readonly name?: string} & Grid} options
 *     factor above 1: zoom in
 * @returns {TrackDraft[]}
 */
export function zoom({ factor, centre = CENTRE, name = 'zoom', ...options }) {
  return onGrid(options, name, (place) => [
    place,
    { x: centre.x + (place.x - centre.x) * factor, y: centre.y + (place.y - centre.y) * factor },
  ]);
}

/**
 * The picture turns about a centre, round in its pixels.
 * @param {{readonly degrees: number, readonly size: Size, readonly centre?: XY, readonly name?: string} & Grid} options
 *     degrees above 0: clockwise
 * @returns {TrackDraft[]}
 */
export function roll({ degrees, size, centre = CENTRE, name = 'roll', ...options }) {
  const steps = Math.max(1, Math.ceil(Math.abs(degrees) / DEGREES_PER_POINT));
  const drafts = onGrid(options, name, (place) =>
    Array.from({ length: steps + 1 }, (_, k) => {
      const angle = (degrees * k * Math.PI) / (180 * steps);
      const [x, y] = [(place.x - centre.x) * size.width, (place.y - centre.y) * size.height];
      return {
        x: centre.x + (x * Math.cos(angle) - y * Math.sin(angle)) / size.width,
        y: centre.y + (x * Math.sin(angle) + y * Math.cos(angle)) / size.height,
      };
    }),
  );
  return drafts.map((draft) => ({ ...draft, spline: 'catmull_rom' }));
}

/**
 * A track for each place in the middle of a cell of the grid.
 * @param {Grid} grid
 * @param {string} name
 * @param {(place: XY) => readonly Point[]} path
 * @returns {TrackDraft[]}
 */
function onGrid({ columns = 4, rows = 3 }, name, path) {
  return Array.from({ length: columns * rows }, (_, k) => {
    const place = { x: ((k % columns) + 0.5) / columns, y: (Math.floor(k / columns) + 0.5) / rows };
    return { name: `${name} ${k + 1}`, points: path(place) };
  });
}
