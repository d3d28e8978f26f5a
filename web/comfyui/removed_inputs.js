/** Inputs that nodes no longer have: a workflow saved with one still opens with all other values in place. */

/** By node type: the input, and the index of its value among the saved widget values. */
const REMOVED = Object.freeze({
  DragNUWADragAnythingApply: { name: 'shipped_batch_order', index: 7, count: 9 },
});

/**
 * Call this before nodes of a type are created. The page saves widget values only by order, and keeps unknown sockets.
 * It must not see either, because it would assign a surplus value to another input.
 * @param {any} nodeType the node's class
 * @param {string} id of the type
 */
export function forgetRemovedInputs({ prototype }, id) {
  if (!Object.hasOwn(REMOVED, id)) return;
  const { name, index, count } = REMOVED[/** @type {keyof typeof REMOVED} */ (id)];
  const { configure } = prototype;
  prototype.configure = function (/** @type {any} */ saved) {
    const { widgets_values: values, inputs } = saved;
    const old = Array.isArray(values) && values.length === count && typeof values[index] === 'boolean';
    return configure.call(this, {
      ...saved,
      ...(old && { widgets_values: values.toSpliced(index, 1) }),
      ...(inputs && { inputs: inputs.filter((/** @type {{name: string}} */ input) => input.name !== name) }),
    });
  };
}
