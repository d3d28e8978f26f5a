"""Nodes that make a video of the editor's picture, without a model."""

from scripts.editor_driver import NODE

# The editor's picture as a video, with nothing that takes time.
ADD_VIDEO = f"""([frames, first]) => {{
    const add = (type, values) => {{
        const node = LiteGraph.createNode(type)
        app.graph.add(node)
        for (const [name, value] of Object.entries(values)) node.widgets.find(w => w.name === name).value = value
        return node
    }}
    const [repeat, video] = [add('RepeatImageBatch', {{ amount: frames }}), add('CreateVideo', {{ fps: 10 }})]
    const nodes = [...first.map(type => add(type, {{}})), repeat, video, add('SaveVideo', {{}})]
    let before = {NODE}
    for (const [k, node] of nodes.entries()) {{
        before.connect(before.outputs.findIndex(one => ['IMAGE', 'VIDEO'].includes(one.type)), node, 0)
        node.pos = [820, 80 + 160 * k]
        before = node
    }}
}}"""
