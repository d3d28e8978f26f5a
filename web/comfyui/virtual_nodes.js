/**
 * Nodes of the page alone, which no server sees: they pass a value on, such as reroutes, or Set and Get of KJNodes,
 * which have no link between them. The page itself asks them where a value comes from when it makes a prompt.
 */

/**
 * Whether a node only passes on what comes from elsewhere. One that makes its value itself, such as the page's
 * Primitive, has no input, and no other way to be asked.
 * @param {any} node
 * @returns {boolean}
 */
export const passesOn = ({ isVirtualNode, inputs, resolveVirtualOutput }) => (
  Boolean(isVirtualNode) && (inputs?.length > 0 || typeof resolveVirtualOutput === 'function'));

/**
 * The link by which a node that only passes a value on has it, and the graph of that link.
 * @param {any} node
 * @param {number} slot of the output
 * @returns {{graph: any, link: any}} no link where there is none
 */
export function sourceOfVirtual(node, slot) {
  const elsewhere = node.resolveVirtualOutput?.(slot);
  if (!elsewhere?.node) return { graph: node.graph, link: linkBefore(node, slot) };
  return { graph: elsewhere.node.graph, link: { origin_id: elsewhere.node.id, origin_slot: elsewhere.slot } };
}

/**
 * The nodes that have what a node passes on without a link to it: they share a value with it, such as a name, and have
 * its source. No other is asked.
 * @param {any} node
 * @returns {any[]}
 */
export function pairedWith(node) {
  if (!passesOn(node) || !node.inputs?.length) return [];
  const values = new Set(valuesOf(node));
  return node.graph.nodes.filter((/** @type {any} */ one) => (
    passesOn(one) && !one.inputs?.length && valuesOf(one).some((value) => values.has(value))
      && sourceOfVirtual(one, 0).link?.id === node.inputs[0].link));
}

/** @param {any} node @returns {unknown[]} */
const valuesOf = ({ widgets }) => (widgets ?? []).map((/** @type {any} */ { value }) => value);

/** The nodes that had nothing when they were asked last, and what was around them then. @type {WeakMap<any, string>} */
const without = new WeakMap();

/**
 * A node that has nothing to pass on may say so in a message each time it is asked, as Get of KJNodes does: it is asked
 * again once something has changed among the nodes of its kind.
 * @param {any} node
 * @param {number} slot
 */
function linkBefore(node, slot) {
  if (without.has(node) && without.get(node) === around(node)) return undefined;
  const link = node.getInputLink?.(slot) ?? undefined;
  if (link) without.delete(node);
  else without.set(node, around(node));
  return link;
}

/** The nodes of its graph that pass values on, with their links and values. @param {any} node */
const around = ({ graph }) => JSON.stringify(graph.nodes.filter(passesOn).map(
  (/** @type {any} */ one) => [one.id, one.inputs?.map((/** @type {any} */ { link }) => link), valuesOf(one)]));
