/** A mark on a template's node: its drags are those that it came with. The first change takes it off, for good. */

const MARK = 'example_drags'; // a property of the node, which the workflow keeps

/** @param {any} node */
export const hasExample = (node) => Boolean(node.properties?.[MARK]);

/** @param {any} node */
export function drawnByPerson(node) {
  delete node.properties?.[MARK];
}
