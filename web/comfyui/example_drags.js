/** A mark on a template's node: its drags are still the original ones. The first change removes it permanently. */

const MARK = 'example_drags'; // a property of the node, saved with the workflow

/** @param {any} node */
export const hasExample = (node) => Boolean(node.properties?.[MARK]);

/** @param {any} node */
export function drawnByPerson(node) {
  delete node.properties?.[MARK];
}
