/* In ComfyUI's page: makes the graph that tools/templates.py describes, and gives what the page would save. */
(described) => {
  const find = (list, name, what) => {
    const index = (list ?? []).findIndex((item) => item.name === name);
    if (index < 0) throw new Error(`${what} ${name}: there is ${(list ?? []).map((item) => item.name).join(', ')}`);
    return index;
  };

  const fill = (graph, nodes, firstId, subgraph) => {
    const made = new Map();
    nodes.forEach(({ name, type, at, size, title, values, properties }, k) => {
      const node = LiteGraph.createNode(type);
      if (!node) throw new Error(`${name}: there is no node ${type}`);
      node.id = firstId + k;
      graph.add(node);
      node.pos = at;
      if (size) node.setSize(size);
      if (title) node.title = title;
      Object.assign(node.properties, properties);
      for (const [key, value] of Object.entries(values)) {
        node.widgets[find(node.widgets, key, `the widget of ${name}`)].value = value;
      }
      made.set(name, node);
    });
    const output = (source, to) => {
      const [from, name] = source.split('.');
      if (!made.has(from)) throw new Error(`${to}: there is no ${from}`);
      const node = made.get(from);
      return { node, slot: find(node.outputs, name, `the output of ${from}`) };
    };
    for (const { name, links } of nodes) {
      for (const [input, source] of Object.entries(links)) {
        const to = made.get(name);
        const slot = find(to.inputs, input, `the input of ${name}`);
        if (subgraph && source.startsWith('inputs.')) {
          const wanted = source.slice('inputs.'.length);
          const at = find(subgraph.inputs, wanted, `the input of ${subgraph.name}`);
          if (subgraph.inputs[at].type === '*') subgraph.inputs[at].type = to.inputs[slot].type;
          if (!subgraph.inputs[at].connect(to.inputs[slot], to)) throw new Error(`${name}: ${source} does not fit`);
          continue;
        }
        const from = output(source, name);
        if (!from.node.connect(from.slot, to, slot)) throw new Error(`${name}: ${source} does not fit ${input}`);
        // A linked widget still shows a value of its own: that of the widget that feeds it.
        const [shown, fed] = [[from.node, source.split('.')[1]], [to, input]]
          .map(([{ widgets }, key]) => widgets?.find((widget) => widget.name === key));
        if (shown && fed) fed.value = shown.value;
      }
    }
    return { made, output };
  };

  const define = ({ id, title, inputs, outputs, nodes, firstId }) => {
    const left = Math.min(...nodes.map(({ at }) => at[0])) - 260;
    const right = Math.max(...nodes.map(({ at, size }) => at[0] + (size?.[0] ?? 300))) + 80;
    const subgraph = app.graph.createSubgraph({
      id, name: title, version: 1, revision: 0, config: {}, extra: {}, widgets: [], nodes: [], links: [], groups: [],
      state: { lastGroupId: 0, lastNodeId: 0, lastLinkId: 0, lastRerouteId: 0 }, inputs: [], outputs: [],
      inputNode: { id: -10, bounding: [left, 40, 180, 40 + 20 * inputs.length] },
      outputNode: { id: -20, bounding: [right, 40, 120, 40 + 20 * Object.keys(outputs).length] },
    });
    for (const name of inputs) subgraph.addInput(name, '*');
    const { output } = fill(subgraph, nodes, firstId, subgraph);
    for (const [name, source] of Object.entries(outputs)) {
      const { node, slot } = output(source, title);
      subgraph.addOutput(name, node.outputs[slot].type).connect(node.outputs[slot], node);
    }
  };

  described.subgraphs.forEach(define);
  const { made } = fill(app.graph, described.nodes, 1, null);
  const note = made.get('note');
  if (note) {
    Object.assign(note, { color: '#432', bgcolor: '#653' });
    note.widgets[0].value = described.note;
  }
  return JSON.parse(JSON.stringify(app.graph.serialize()));
}
