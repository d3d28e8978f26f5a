/**
 * Camera motion as ordinary tracks on a grid, editable like drawn ones. Tracks describe how the picture moves: if the
 * camera pans to the left, the picture moves to the right.
 */

/** @import {Point, Size, TrackDraft, XY} from './types.js' */

/**
 * @typedef {object} Preset
 * @property {string} id of its name in web/editor/strings/, without the prefix "preset_"
 * @property {(size: Size) => TrackDraft[]} make for a picture of this size in pixels
 */

const COLUMNS = 4;
const ROWS = 3;
const CENTRE = Object.freeze({ x: 0.5, y: 0.5 });
const DEGREES_PER_POINT = 10; // an arc through points this far apart deviates by less than 1/500 of its radius

export const PRESETS = Object.freeze(
  /** @type {Readonly<Preset>[]} */ ([
    { id: 'pan_left', make: () => pan({ dx: 0.2, dy: 0, name: 'pan left' }) },
    { id: 'pan_right', make: () => pan({ dx: -0.2, dy: 0, name: 'pan right' }) },
    { id: 'pan_up', make: () => pan({ dx: 0, dy: 0.2, name: 'pan up' }) },
    { id: 'pan_down', make: () => pan({ dx: 0, dy: -0.2, name: 'pan down' }) },
    { id: 'zoom_in', make: () => zoom({ factor: 1.3, name: 'zoom in' }) },
    { id: 'zoom_out', make: () => zoom({ factor: 1 / 1.3, name: 'zoom out' }) },
    { id: 'roll_left', make: (size) => roll({ degrees: 15, size, name: 'roll left' }) },
    { id: 'roll_right', make: (size) => roll({ degrees: -15, size, name: 'roll right' }) },
  ]),
);

/**
 * What a hand moves the picture by: tracks that rest.
 * @returns {TrackDraft[]}
 */
export const byHand = () => onGrid('camera', (place) => [place]).map((draft) => ({ ...draft, kind: 'anchor' }));

/**
 * The picture shifts.
 * @param {{readonly dx: number, readonly dy: number, readonly name: string}} motion shift in fractions of the picture;
 *   positive dx moves it right, positive dy down
 * @returns {TrackDraft[]}
 */
function pan({ dx, dy, name }) {
  return onGrid(name, (place) => [place, { x: place.x + dx, y: place.y + dy }]);
}

/**
 * The picture grows or shrinks about its centre.
 * @param {{readonly factor: number, readonly name: string}} motion factor above 1: zoom in
 * @returns {TrackDraft[]}
 */
function zoom({ factor, name }) {
  return onGrid(name, (place) => [
    place,
    { x: CENTRE.x + (place.x - CENTRE.x) * factor, y: CENTRE.y + (place.y - CENTRE.y) * factor },
  ]);
}

/**
 * The picture turns about its centre, along circles in its pixels.
 * @param {{readonly degrees: number, readonly size: Size, readonly name: string}} motion positive degrees turn
 *   clockwise
 * @returns {TrackDraft[]}
 */
function roll({ degrees, size, name }) {
  const steps = Math.max(1, Math.ceil(Math.abs(degrees) / DEGREES_PER_POINT));
  const drafts = onGrid(name, (place) =>
    Array.from({ length: steps + 1 }, (_, k) => {
      const angle = (degrees * k * Math.PI) / (180 * steps);
      const [x, y] = [(place.x - CENTRE.x) * size.width, (place.y - CENTRE.y) * size.height];
      return {
        x: CENTRE.x + (x * Math.cos(angle) - y * Math.sin(angle)) / size.width,
        y: CENTRE.y + (x * Math.sin(angle) + y * Math.cos(angle)) / size.height,
      };
    }),
  );
  return drafts.map((draft) => ({ ...draft, spline: 'catmull_rom' }));
}

/**
 * A track for the centre of each grid cell.
 * @param {string} name
 * @param {(place: XY) => readonly Point[]} path
 * @returns {TrackDraft[]}
 */
function onGrid(name, path) {
  return Array.from({ length: COLUMNS * ROWS }, (_, k) => {
    const place = { x: ((k % COLUMNS) + 0.5) / COLUMNS, y: (Math.floor(k / COLUMNS) + 0.5) / ROWS };
    return { name: `${name} ${k + 1}`, points: path(place) };
  });
}
