/** Inputs that nodes no longer have: a workflow that was saved with one opens with all other values in their places. */

/** From a node's type to the input, and where its value was saved among those of all its widgets. */
const REMOVED = Object.freeze({
  DragNUWADragAnythingApply: { name: 'shipped_batch_order', index: 7, count: 9 },
});

/**
 * To be called before nodes of a type are made. The page saves the values of widgets by their order alone, and keeps a
 * socket that it does not know. It must not see them: of a value too many it believes that another input had it.
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
