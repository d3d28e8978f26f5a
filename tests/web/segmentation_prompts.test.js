/** What is asked of the host's segmentation models: places and boxes in pixels of the picture, and complete prompts. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  ANSWER, inPicture, mainSubject, mainSubjectByRmbg, sam2ByClicks, sam3ByClicks, sam3ByWords,
} from '../../web/comfyui/segmentation_prompts.js';

/** @import {FitMode} from '../../web/core/types.js' */

/** @param {FitMode} fit */
const shown = (fit) => ({
  file: { filename: 'a.png', subfolder: 'b', type: 'temp' }, picture: { width: 1000, height: 500 },
  clip: { width: 200, height: 200, frames: 14, fit, rate: 7, between: 1 },
});

describe('places in the picture', () => {
  for (const [fit, place, expected] of /** @type {[FitMode, [number, number], [number, number]][]} */ ([
    ['stretch', [0.25, 0.5], [250, 250]],
    ['crop', [0, 0], [250, 0]],
    ['crop', [1, 1], [750, 499]],
    ['pad', [0.5, 0.25], [500, 0]],
    ['pad', [0.5, 0], [500, 0]], // on the bar: the picture's edge
  ])) {
    it(`${fit} ${place}`, () => {
      const [x, y] = place;
      assert.deepEqual(inPicture(shown(fit), { x, y }), { x: expected[0], y: expected[1] });
    });
  }
});

it('every link of a prompt leads to a node of it', () => {
  const points = [{ x: 0.5, y: 0.5 }];
  /** @type {[{x: number, y: number}, {x: number, y: number}]} */
  const box = [{ x: 0.9, y: 0.9 }, { x: 0.1, y: 0.2 }];
  const prompts = [
    sam3ByClicks('sam3.safetensors', shown('crop'), { points, minus: points }),
    sam3ByClicks('sam3.safetensors', shown('crop'), { points: [], minus: [], box }),
    sam3ByWords('sam3.safetensors', shown('pad'), 'dog'),
    mainSubject('birefnet.safetensors', shown('stretch')),
    sam2ByClicks({ model: 'sam2.safetensors' }, shown('crop'), { points, minus: points, box }),
    mainSubjectByRmbg({ model: 'RMBG-2.0', background: 'Alpha' }, shown('crop')),
  ];
  for (const prompt of prompts) {
    for (const { inputs } of Object.values(prompt)) {
      const links = Object.values(inputs).filter(Array.isArray);
      for (const link of links) assert.ok(link[0] in prompt, String(link));
    }
    assert.ok(ANSWER in prompt && prompt.dragnuwa_picture.inputs.image === 'b/a.png [temp]');
  }
  assert.deepEqual(prompts[1].dragnuwa_box.inputs, { x: 300, y: 100, width: 400, height: 350 });
});

describe('SAM2', () => {
  const [place, box] = [{ x: 0.5, y: 0.5 }, /** @type {[any, any]} */ ([{ x: 0.9, y: 0.9 }, { x: 0.1, y: 0.2 }])];
  /** @param {Partial<import('../../web/editor/host.js').PickRequest>} request */
  const asked = (request) => sam2ByClicks(
    { model: 'a', segmentor: 'video' }, shown('crop'), { points: [], minus: [], ...request },
  );

  it('has places in pixels, as JSON', () => {
    const { inputs } = asked({ points: [place], minus: [{ x: 0, y: 0 }] }).dragnuwa_masks;
    assert.deepEqual(JSON.parse(inputs.coordinates_positive), [{ x: 500, y: 250 }]);
    assert.deepEqual(JSON.parse(inputs.coordinates_negative), [{ x: 250, y: 0 }]);
    assert.ok(!('bboxes' in inputs));
  });

  it('has a box as corners, and no clicks with it', () => {
    const { inputs } = asked({ box }).dragnuwa_masks;
    assert.deepEqual(inputs.bboxes, { __value__: [[[300, 100, 700, 450]]] });
    assert.ok(!('coordinates_positive' in inputs) && !('coordinates_negative' in inputs));
  });

  it('takes the middle of a box where the only click does not belong', () => {
    const { inputs } = asked({ box, minus: [place] }).dragnuwa_masks;
    assert.deepEqual(JSON.parse(inputs.coordinates_positive), [{ x: 500, y: 275 }]);
  });

  it('looks at single pictures, whatever a node is set to', () => {
    assert.equal(asked({ points: [place] }).dragnuwa_model.inputs.segmentor, 'single_image');
  });
});

it('the mask of RMBG is its second output', () => {
  const prompt = mainSubjectByRmbg({ model: 'BEN2' }, shown('crop'));
  assert.deepEqual(prompt[ANSWER].inputs.masks, ['dragnuwa_masks', 1]);
  assert.deepEqual(prompt.dragnuwa_masks.inputs, { model: 'BEN2', image: ['dragnuwa_picture', 0] });
});
