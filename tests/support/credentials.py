"""Signers, videos and credentials for the tests of provenance, made by c2pa itself."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import av
import c2pa
import numpy as np

from dragnuwa.provenance.credentials import context
from dragnuwa.provenance.identity import Identity

WIDTH, HEIGHT = 96, 64
DRAWING = json.dumps(
    {
        "type": "dragnuwa.trajectories", "version": 1,
        "canvas": {"width": WIDTH, "height": HEIGHT},
        "tracks": [{"points": [{"x": 0.1 + 0.2, "y": 0.5}, {"x": 0.7, "y": 1 / 3}]}],
    }
)  # fmt: skip
PROMPT = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "svd\\video-model.safetensors"}},
    "2": {
        "class_type": "DragNUWATrajectoryEditor",
        "inputs": {"trajectories": DRAWING, "width": WIDTH, "height": HEIGHT, "frames": 8},
    },
}


def write_mp4(path: Path, **metadata: object) -> Path:
    """A small video of noise; `metadata` is written as ComfyUI writes it, each a JSON text."""
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as container:
        for name, value in metadata.items():
            container.metadata[name] = value if isinstance(value, str) else json.dumps(value)
        stream = container.add_stream("libx264", rate=8)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        random = np.random.default_rng(0)
        for _ in range(8):
            pixels = random.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    return path


def state(path: Path, trust: bytes | None = None) -> str:
    """What c2pa's own reader says of a file: Valid, Trusted or Invalid; damage beyond reading counts as Invalid."""
    settings = {} if trust is None else {"trust": {"user_anchors": trust.decode()}}
    try:
        with c2pa.Reader(
            str(path), context=c2pa.Context.from_dict({"verify": {"ocsp_fetch": False}, **settings})
        ) as it:
            return it.get_validation_state()
    except c2pa.C2paError:
        return "Invalid"


def manifest(path: Path) -> dict:
    """The active manifest, as c2pa's own reader gives it."""
    with c2pa.Reader(str(path)) as reader:
        return reader.get_active_manifest()


def sign_by_hand(source: Path, target: Path, identity: Identity, assertions: list, *, remote: str = "") -> Path:
    """A file signed by c2pa alone, with any assertions; with `remote`, it only says at which address they are."""
    created = {
        "action": "c2pa.created",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/composite",
    }
    actions = {"label": "c2pa.actions.v2", "data": {"actions": [created]}}
    definition = {"claim_generator_info": [{"name": "by hand"}], "assertions": [actions, *assertions]}
    info = c2pa.C2paSignerInfo(identity.algorithm.encode(), identity.certificate, identity.key, b"")
    info.ta_url = None
    builder = c2pa.Builder(definition, context=context())
    if remote:
        builder.set_no_embed()
        builder.set_remote_url(remote)
    written = io.BytesIO()
    with open(source, "rb") as file:
        builder.sign(c2pa.Signer.from_info(info), "video/mp4", file, written)
    target.write_bytes(written.getvalue())
    return target


def with_byte_changed(path: Path, target: Path, position: int) -> Path:
    content = bytearray(path.read_bytes())
    content[position] ^= 1
    target.write_bytes(content)
    return target


def box(path: Path, kind: bytes) -> tuple[int, int]:
    """Where a box at the top level of an MP4 file begins and ends, in bytes."""
    content, start = path.read_bytes(), 0
    while start < len(content):
        size = int.from_bytes(content[start : start + 4], "big")
        if content[start + 4 : start + 8] == kind:
            return start, start + size
        start += size
    raise AssertionError(f"{path} has no {kind!r}")


@contextmanager
def counting_server() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine: its address, and the paths that it was asked for; it has none of them."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()
