"""Clips with their optical flow in webdataset shards: tar files that are read sequentially.

A clip is a group of members: `KEY.000.jpg`, `KEY.001.jpg`, ... (JPEG of quality 95 without chroma subsampling),
`KEY.flow.npz` (flow as float16, occluded as packed bits), `KEY.txt` (the caption) and `KEY.json` (its source).
NAME.json beside NAME.tar is written last: a shard is complete only with it. `index.json` lists all shards.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

import cv2
import numpy as np

from ...common.atomic import atomic_write
from ...common.errors import InputError

JPEG = (cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
JPEG_BEGIN = b"\xff\xd8"  # OpenCV would open any format that it knows
INDEX = "index.json"
KIND, VERSION = "dragnuwa.shards", 1
LONGEST = 65_000  # px; float16 holds no more


class ShardError(InputError):
    """A shard or an index that is missing, broken or incomplete; the message says which and what to do."""


@dataclass(frozen=True)
class Clip:
    """`frames` uint8 `[T, H, W, 3]` RGB; `flow` float32 `[T-1, H, W, 2]` px; `occluded` bool `[T-1, H, W]`.

    `source` is the video's name and `start` the clip's in it in s; `fps` is the clip's rate.
    """

    frames: np.ndarray
    flow: np.ndarray
    occluded: np.ndarray
    caption: str
    source: str
    start: float
    fps: float


@dataclass(frozen=True)
class Shard:
    """The contents of NAME.json: the number of clips and bytes of NAME.tar, and (video, reason) for what was skipped.

    A shard whose videos all failed has no tar file.
    """

    name: str
    clips: int
    bytes: int
    skipped: list[tuple[str, str]] = field(default_factory=list)


def write_shard(folder: Path, name: str, clips: Iterator[Clip], skipped: list[tuple[str, str]]) -> Shard:
    """Write `clips` to `folder`/NAME.tar atomically. The same clips give the same bytes.

    `skipped` is read after the last clip, so the iterator may add to it.

    Raises:
        ImportError: without the package webdataset.
    """
    import webdataset

    count = 0
    path = folder / f"{name}.tar"
    with atomic_write(path) as file:
        with webdataset.TarWriter(file, encoder=False, mtime=0) as tar:
            for clip in clips:
                tar.write({"__key__": f"{name}-{count:05}", **_members(clip)})
                count += 1
        size = file.tell()
    if not count:
        path.unlink()
    shard = Shard(name, count, size if count else 0, skipped)
    with atomic_write(folder / f"{name}.json") as file:
        file.write(json.dumps(asdict(shard), indent=1).encode())
    return shard


def complete(folder: Path, name: str) -> Shard | None:
    """The shard NAME if it is complete, else None.

    Raises:
        ShardError: if NAME.json is not what `write_shard` writes.
    """
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    try:
        shard = Shard(**json.loads(path.read_bytes()))
        shard = Shard(str(shard.name), int(shard.clips), int(shard.bytes), [(str(a), str(b)) for a, b in shard.skipped])
    except (ValueError, TypeError) as error:
        raise ShardError(f"{path} doesn't describe a shard ({error}). Remove it to make the shard anew.") from error
    tar = folder / f"{name}.tar"
    found = tar.stat().st_size if tar.exists() else 0
    return shard if found == shard.bytes and shard.name == name else None


def write_index(folder: Path, shards: list[Shard]) -> None:
    """Write `folder`/index.json, the list of the shards that hold clips."""
    entries = [{"name": shard.name, "clips": shard.clips, "bytes": shard.bytes} for shard in shards if shard.clips]
    with atomic_write(folder / INDEX) as file:
        file.write(json.dumps({"type": KIND, "version": VERSION, "shards": entries}, indent=1).encode())


class ShardReader:
    """Endless clips of a folder of shards in a random order that depends on the seed alone.

    In each epoch the shards are shuffled; `mixed` of them are read at a time, and their clips are shuffled together, so
    that many encoded shards are in memory. `len()` is the number of clips.

    Raises:
        ShardError: if there is no index, or a shard's size is not the one in it.
        ValueError: if mixed is below 1.
    """

    def __init__(self, folder: str | Path, *, seed: int, mixed: int = 4):
        if mixed < 1:
            raise ValueError(f"mixed must be at least 1 shard; found {mixed}.")
        self.folder, self.seed, self.mixed = Path(folder), seed, mixed
        self.shards = _read_index(self.folder)

    def __len__(self) -> int:
        return sum(shard.clips for shard in self.shards)

    def clips(self, position: int = 0, *, rank: int = 0, world: int = 1) -> Iterator[Clip]:
        """The clips at `position` + rank, + rank + world, + rank + 2 world, ... of the endless order.

        A run that took n clips in all its processes together is resumed at position n.

        Raises:
            ShardError: for a shard that is broken or holds other clips than the index says.
            ValueError: unless position is at least 0 and rank from 0 to world - 1.
        """
        if position < 0 or not 0 <= rank < world:
            raise ValueError(f"expected position >= 0 and 0 <= rank < world; found {position}, {rank}, {world}.")
        return self.at(count(position + rank, world))

    def at(self, positions: Iterable[int]) -> Iterator[Clip]:
        """The clips at these rising positions of the endless order. Shards that hold none of them are not read."""
        groups, begin, end, encoded = None, 0, 0, []
        for position in positions:
            if groups is None:
                epoch = position // len(self)
                groups = (one for number in count(epoch) for one in self._groups(number))
                end = epoch * len(self)
            while position >= end:
                group, numbers = next(groups)
                begin, end, encoded = end, end + len(numbers), []
            if not encoded:
                encoded = [sample for shard in group for sample in self._encoded(shard)]
            yield _clip(encoded[numbers[position - begin]])

    def _groups(self, epoch: int) -> Iterator[tuple[list[Shard], np.ndarray]]:
        """Groups of shards that are mixed, and the order of their clips, numbered through the group."""
        rng = np.random.default_rng((self.seed, epoch))
        order = rng.permutation(len(self.shards))
        for first in range(0, len(order), self.mixed):
            group = [self.shards[number] for number in order[first : first + self.mixed]]
            yield group, rng.permutation(sum(shard.clips for shard in group))

    def _encoded(self, shard: Shard) -> list[dict[str, bytes]]:
        from webdataset.tariterators import group_by_keys, tar_file_expander

        path = self.folder / f"{shard.name}.tar"
        try:
            with open(path, "rb") as file:
                samples = list(group_by_keys(tar_file_expander([{"url": str(path), "stream": file}])))
        except (OSError, ValueError, tarfile.TarError) as error:
            raise ShardError(f"{path} cannot be read ({error}). Make it or copy it again.") from error
        if len(samples) != shard.clips:
            raise ShardError(f"{path} has {len(samples)} clips; the index says {shard.clips}. Make or copy it again.")
        return samples


def _read_index(folder: Path) -> list[Shard]:
    path = folder / INDEX
    if not path.exists():
        raise ShardError(f"there is no {path}. Let the extraction end; it writes the index last.")
    try:
        index = json.loads(path.read_bytes())
        if (index["type"], index["version"]) != (KIND, VERSION):
            raise ShardError(f"{path} is {index['type']} {index['version']}; expected {KIND} {VERSION}.")
        shards = [Shard(Path(one["name"]).name, int(one["clips"]), int(one["bytes"])) for one in index["shards"]]
    except (ValueError, TypeError, KeyError) as error:
        if isinstance(error, ShardError):
            raise
        raise ShardError(f"{path} is not an index of shards ({error!r}). Run the extraction again.") from error
    if not shards:
        raise ShardError(f"{path} lists no shard with clips; skipped.txt beside it says why.")
    for shard in shards:
        tar = folder / f"{shard.name}.tar"
        found = tar.stat().st_size if tar.exists() else None
        if found != shard.bytes or shard.clips < 1:
            raise ShardError(f"{tar} has {found} bytes; the index says {shard.bytes}. Make it or copy it again.")
    return shards


def _members(clip: Clip) -> dict[str, bytes]:
    members = {}
    for number, frame in enumerate(clip.frames):
        _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), JPEG)
        members[f"{number:03}.jpg"] = jpeg.tobytes()
    arrays = io.BytesIO()
    flow = np.clip(clip.flow, -LONGEST, LONGEST).astype(np.float16)
    np.savez_compressed(arrays, flow=flow, occluded=np.packbits(clip.occluded, axis=-1))
    members["flow.npz"] = arrays.getvalue()
    members["txt"] = clip.caption.encode()
    about = {"source": clip.source, "start": clip.start, "fps": clip.fps, "frames": len(clip.frames)}
    members["json"] = json.dumps(about).encode()
    return members


def _clip(sample: dict) -> Clip:
    where = f"clip {sample['__key__']} in {sample['__url__']}"
    try:
        about = json.loads(sample["json"])
        frames = np.stack([_picture(sample[f"{number:03}.jpg"]) for number in range(int(about["frames"]))])
        height, width = frames.shape[1:3]
        flow, packed = _arrays(sample["flow.npz"], (len(frames) - 1) * height * width * 4)
        if flow.shape != (len(frames) - 1, height, width, 2) or flow.dtype != np.float16 or not np.isfinite(flow).all():
            raise ValueError(f"its flow is {flow.dtype} {list(flow.shape)}, or not finite")
        if packed.shape != (len(frames) - 1, height, (width + 7) // 8) or packed.dtype != np.uint8:
            raise ValueError(f"its occlusion is {packed.dtype} {list(packed.shape)}")
        occluded = np.unpackbits(packed, axis=-1, count=width).astype(bool)
        place = str(about["source"]), float(about["start"]), float(about["fps"])
        return Clip(frames, flow.astype(np.float32), occluded, sample["txt"].decode(), *place)
    except (KeyError, ValueError, TypeError, EOFError, zipfile.BadZipFile, cv2.error) as error:
        raise ShardError(f"{where} is broken ({error!r}). Make the shard again.") from error


def _picture(jpeg: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR) if jpeg.startswith(JPEG_BEGIN) else None
    if picture is None:
        raise ValueError("a frame is not a JPEG picture")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _arrays(npz: bytes, flow_bytes: int) -> tuple[np.ndarray, np.ndarray]:
    """Flow and occlusion; refuses to unpack more than flow of `flow_bytes` needs."""
    with zipfile.ZipFile(io.BytesIO(npz)) as packed:
        if sum(member.file_size for member in packed.infolist()) > 2 * flow_bytes + 4096:
            raise ValueError("its flow is larger than its frames say")
    with np.load(io.BytesIO(npz), allow_pickle=False) as arrays:
        return arrays["flow"], arrays["occluded"]
