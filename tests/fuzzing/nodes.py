"""The nodes, called as ComfyUI does: values of the right socket, but of any range, shape and content.

Imported inside ComfyUI's code. DragNUWA Load Checkpoint is fuzzed by its files, see `checkpoints`; DragAnything Load
ControlNet reads its file by the same functions.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import importlib.util
import math
import sys
import tempfile
from pathlib import Path
from typing import Any

import folder_paths
import torch
from hypothesis import strategies as st
from safetensors.torch import save_file

from dragnuwa.host.node_api import io
from dragnuwa.models.checkpoint import UNET
from tests.support.random_checkpoint import build, build_control_net, write

from . import small_sd15
from .target import ROOT, Target, mostly
from .texts import DOCUMENTS, STRUCTURED, WORDS

PACK = "pack_that_is_fuzzed"
MAX_NUMBERS = 2**20  # of a tensor, so that its own size is no fault
MAX_SIDE = 320  # DragAnything's features have as many channels
FILES = {"DragNUWALoadCheckpoint", "DragNUWADragAnythingLoadControlNet"}
SIGNED = {"DragNUWASignVideo", "DragNUWAReadCredentials"}  # need a signer's files; tests/unit/provenance damages those
NOT_FUZZED = FILES | SIGNED
DRAGS = [
    '[[{"x": 10, "y": 10}, {"x": 50, "y": 40}]]',
    '[[[10, 10], [50, 40]], [[30, 30]]]',
    '{"type":"dragnuwa.trajectories","version":1,"tracks":[]}',
    '{"type":"dragnuwa.trajectories","version":2,"tracks":[],"objects":[{"outline":[[{"x":0.2,"y":0.2},{"x":0.7,"y":0.3},'
    '{"x":0.4,"y":0.8}]],"motion":{"keys":[{"t":1,"x":0.2,"rotation":90,"scale":0.5}]}}]}',
]  # fmt: skip

CAMERAS = [
    "0: pan 2\n0.5: truck 0.2, dolly 0.1\n1: orbit 15, zoom -0.5",
    "x\n0 0.5 0.9 0.5 0.5 0 0 1 0 0 0 0 1 0 0 0 0 1 0\n0 0.5 0.9 0.5 0.5 0 0 1 0 0 0.2 0 1 0 0 0 0 1 0.1",
    '{"frames": [{"transform_matrix": [[1,0,0,0],[0,1,0,0],[0,0,1,0]]}, {"transform_matrix": [[0,0,1,9],[0,1,0,0],'
    '[-1,0,0,0]]}], "camera_angle_x": 0.5}',
    "[[1,0,0,0,0,1,0,0,0,0,1,0],[1,0,0,0,0,1,0,0,0,0,1,-0.9]]",
]


@functools.cache
def all_nodes() -> dict[str, type[io.ComfyNode]]:
    """The pack's nodes by id, as ComfyUI has them."""
    init = ROOT / "__init__.py"
    spec = importlib.util.spec_from_file_location(PACK, init, submodule_search_locations=[str(ROOT)])
    pack = importlib.util.module_from_spec(spec)
    sys.modules[PACK] = pack
    spec.loader.exec_module(pack)
    extension = asyncio.run(pack.comfy_entrypoint())
    return {node.define_schema().node_id: node for node in asyncio.run(extension.get_node_list())}


def nodes() -> dict[str, type[io.ComfyNode]]:
    """Those that are fuzzed."""
    return {name: node for name, node in all_nodes().items() if name not in NOT_FUZZED}


@functools.cache
def parts():
    """Of a small checkpoint of random weights, loaded by the pack that is fuzzed."""
    nodes()
    load = importlib.import_module(f"{PACK}.dragnuwa.host.fusion.load")
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, "random.safetensors"))
        return load.load(Path(folder, "random.safetensors"))


@functools.cache
def control_net():
    """DragAnything's ControlNet of random weights, loaded by the pack that is fuzzed."""
    nodes()
    load = importlib.import_module(f"{PACK}.dragnuwa.host.draganything.load")
    with tempfile.TemporaryDirectory() as folder:
        save_file(build_control_net(), Path(folder, "random.safetensors"))
        return load.load(Path(folder, "random.safetensors"))


@functools.cache
def adapter_file() -> tuple[tempfile.TemporaryDirectory, str]:
    """DragNUWA's adapter of random weights: a folder that ComfyUI looks into, kept while it is held, and the name."""
    folder, name = tempfile.TemporaryDirectory(), "random-adapter.safetensors"
    weights = {key.removeprefix(UNET): value for key, value in build()[0].items() if ".flow_" in key}
    save_file(weights, Path(folder.name, name))
    folder_paths.add_model_folder_path("model_patches", folder.name)
    return folder, name


def tensor(description: dict) -> torch.Tensor:
    """A tensor of a shape and type: one number everywhere, or noise from 0 to 1."""
    shape = [min(side, MAX_SIDE) for side in description["shape"]]
    shape = shape if math.prod(shape) <= MAX_NUMBERS else [min(side, 8) for side in shape]
    fill, dtype = description["fill"], getattr(torch, description["dtype"])
    noise = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    return (noise if fill == "noise" else torch.full(shape, float(fill))).to(dtype)


MAKERS = {
    "tensor": tensor,
    "still": lambda value: tensor(value)[:1].repeat(4, 1, 1, 1),  # a video of one picture
    "latent": lambda value: {"samples": tensor(value)},
    "tracks": lambda value: {"track_path": tensor(value)},
    "track_data": lambda value: {"packed_masks": tensor(value)},
    "geometry": lambda value: {name: tensor(part) for name, part in value.items()},
    "conditioning": lambda value: [[tensor(value), {}]],
    "part": lambda value: getattr(parts(), value),
    "control_net": lambda value: control_net() if value else None,
    "adapter_file": lambda value: adapter_file()[1],
    "sd15": lambda value: getattr(small_sd15, value)(),
    "plain": lambda value: value,
}


def call(description: dict) -> None:
    """Runs a node on described inputs: {"node": id, "inputs": {name: {kind of MAKERS: value}}}."""
    inputs = {name: make(value) for name, value in description["inputs"].items()}
    node = nodes()[description["node"]].PREPARE_CLASS_CLONE({"hidden_inputs": {io.Hidden.unique_id: None}})
    node.EXECUTE_NORMALIZED(**inputs)


def make(described: dict) -> Any:
    ((kind, value),) = described.items()
    return MAKERS[kind](value)


_mostly = functools.partial(mostly, one_in=20)


def _tensors(*usual: tuple[int, ...]) -> st.SearchStrategy:
    shapes = _mostly(st.sampled_from(usual), st.lists(st.sampled_from([0, 1, 2, 3, 4, 8, 64, 96]), max_size=5))
    fills = _mostly(st.sampled_from(["noise", 0, 1]), st.sampled_from([-1e30, 2, "nan", "inf"]))
    dtypes = _mostly(st.just("float32"), st.sampled_from(["float16", "bfloat16", "float64", "uint8", "int64", "bool"]))
    return st.fixed_dictionaries({"shape": shapes, "fill": fills, "dtype": dtypes})


def _kind(name: str, values: st.SearchStrategy) -> st.SearchStrategy:
    return values.map(lambda value: {name: value})


IMAGES = ((1, 64, 64, 3), (4, 64, 64, 3), (1, 72, 96, 4), (2, 64, 64, 1))
TEXTS = _mostly(st.sampled_from(DRAGS), st.one_of(STRUCTURED.map(str), DOCUMENTS.map(repr), WORDS))
PATHS = _mostly(st.sampled_from(["", *CAMERAS]), st.one_of(STRUCTURED.map(str), DOCUMENTS.map(repr), WORDS))
AXES = st.fixed_dictionaries({axis: _mostly(st.integers(-20, 20), st.floats()) for axis in "xyz"})
USUAL_INTEGERS = {"width": [64, 64, 96], "height": [64], "frames": [4, 4, 2], "samples": [1, 2]}
OTHER_INTEGERS = {"samples": [-1, 0, 65, 10**12]}  # 63 are allowed, and take their time
BY_TYPE = {
    "IMAGE": _kind("tensor", _tensors(*IMAGES)),
    "MASK": _kind("tensor", _tensors((1, 64, 64), (2, 64, 64), (64, 64), (1, 1, 64, 64))),
    "LATENT": _kind("latent", _tensors((4, 4, 8, 8), (4, 4, 8, 8), (1, 16, 2, 8, 8))),
    "DRAGNUWA_FLOW": _kind("tensor", _tensors((4, 2, 64, 64), (2, 2, 64, 96))),
    "TRACKS": _kind("tracks", _tensors((4, 3, 2), (1, 1, 2))),
    "CONDITIONING": _kind("conditioning", _tensors((1, 77, 128), (1, 1, 64))),
    "POSE_KEYPOINT": _kind("plain", STRUCTURED),
    "STRING": _kind("plain", TEXTS),
    "BOOLEAN": _kind("plain", st.booleans()),
    "MODEL": _mostly(st.just({"part": "model"}), st.just({"sd15": "model"})),
    "MODEL_PATCH": _mostly(st.just({"part": "adapter"}), st.just({"part": "model"})),
    "VAE": _mostly(st.just({"part": "vae"}), st.just({"part": "clip_vision"})),  # which the file has not: None
    "CLIP": _mostly(st.just({"part": "clip"}), st.just({"sd15": "clip"})),
    "CLIP_VISION": st.just({"part": "clip_vision"}),
    "CONTROL_NET": _kind("control_net", _mostly(st.just(1), st.just(0))),
    "DRAGANYTHING_FEATURES": _kind("tensor", _tensors((320, 8, 8), (320, 8, 12))),
    "OPTICAL_FLOW": st.just({"part": "clip_vision"}),
    "MOGE_GEOMETRY,DA3_GEOMETRY": _kind(
        "geometry",
        st.fixed_dictionaries(
            {"depth": _tensors((1, 64, 64), (1, 48, 64))},
            optional={
                "intrinsics": _tensors((1, 3, 3), (1, 1, 3, 3)),
                "sky": _tensors((1, 64, 64)),
                "mask": _tensors((1, 64, 64)),
            },
        ),
    ),
    "LOAD3D_CAMERA": _kind(
        "plain",
        _mostly(
            st.fixed_dictionaries({"position": AXES, "target": AXES, "zoom": _mostly(st.just(1), st.floats())}),
            STRUCTURED,
        ),
    ),
    "SAM3_TRACK_DATA": _kind("track_data", _tensors((4, 2, 64, 8), (1, 1, 64, 8))),
}


# The node whose model and CLIP are Stable Diffusion 1.5's, which others refuse.
OF_SD15 = {"DragNUWADragAnythingEntityFeatures": {
    name: _mostly(st.just({"sd15": name}), st.just({"part": name})) for name in ("model", "clip")
}}  # fmt: skip


def _of(input: io.Input) -> st.SearchStrategy:
    kind = input.get_io_type()
    if input.id in ("flo", "filename_prefix"):
        return _kind("plain", _mostly(st.just(""), WORDS))
    if input.id == "camera" or (input.id == "path" and input.multiline):
        return _kind("plain", PATHS)
    if input.id == "adapter_name":
        return _mostly(st.just({"adapter_file": "whole"}), _kind("plain", WORDS))
    if kind == "COMBO":
        return _kind("plain", _mostly(st.sampled_from(input.options or ["none"]), WORDS))
    if kind == "INT":
        usual = st.sampled_from(USUAL_INTEGERS.get(input.id, [input.default]))
        return _kind("plain", _mostly(usual, st.sampled_from(OTHER_INTEGERS.get(input.id, [-1, 0, 3, 63, 65, 10**12]))))
    if kind == "FLOAT":
        usual = _mostly(st.just(input.default), st.floats(max(input.min, -1000), min(input.max, 1000)))
        return _kind("plain", _mostly(usual, st.floats()))
    return BY_TYPE[kind]


def _inputs(node: type[io.ComfyNode]) -> st.SearchStrategy:
    """As ComfyUI calls it: every input that has no default is there, the optional ones may be."""
    schema = node.define_schema()
    own = OF_SD15.get(schema.node_id, {})
    drawn = {one.id: own.get(one.id) or _of(one) for one in schema.inputs}
    optional = {one.id for one in schema.inputs if one.optional}
    return st.fixed_dictionaries(
        {name: values for name, values in drawn.items() if name not in optional},
        optional={name: drawn[name] for name in optional},
    )


def targets() -> list[Target]:
    """One for all nodes."""
    parts()  # so that no input pays for it
    one_node = [
        st.fixed_dictionaries({"node": st.just(name), "inputs": _inputs(node)}) for name, node in nodes().items()
    ]
    return [Target("nodes", st.one_of(one_node), call)]
