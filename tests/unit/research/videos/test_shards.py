"""Shards: what is written comes back, in an order that can be taken up anywhere, and never half."""

import io
import json
import tarfile
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from dragnuwa.common.atomic import atomic_write, remove_partial_files
from dragnuwa.research.videos.shards import Clip, Shard, ShardError, ShardReader, complete, write_index, write_shard
from dragnuwa.vision.tracking.optical_flow import estimate
from tests.support.pictures import texture
from tests.support.videos import moving_square

COUNTS = (3, 1, 4, 2, 5)


def clip(number: int) -> Clip:
    """A small one that says its number as its start."""
    frames = np.stack([texture(16, 20, number), texture(16, 20, number + 100)])
    flow = np.full((1, 16, 20, 2), number / 4, np.float32)
    return Clip(frames, flow, np.zeros((1, 16, 20), bool), f"clip {number}", "a/b.mp4", float(number), 8.0)


@pytest.fixture
def shards(tmp_path):
    """Fifteen clips in five shards."""
    made, number = [], 0
    for shard, count in enumerate(COUNTS):
        made.append(write_shard(tmp_path, f"shard-{shard}", (clip(number + n) for n in range(count)), []))
        number += count
    write_index(tmp_path, made)
    return tmp_path


def numbers(clips, count: int) -> list[int]:
    return [int(one.start) for one in islice(clips, count)]


def test_a_clip_comes_back_nearly_without_loss(tmp_path):
    frames = moving_square(5, (4, 1))
    flow, occluded = estimate(frames)
    written = Clip(frames, flow, occluded, "ein Schlüssel 🔑", "a/ü.mp4", 1.5, 8.0)
    write_index(tmp_path, [write_shard(tmp_path, "one", iter([written]), [])])
    read = next(ShardReader(tmp_path, seed=0).clips())
    assert (read.caption, read.source, read.start, read.fps) == ("ein Schlüssel 🔑", "a/ü.mp4", 1.5, 8.0)
    assert read.frames.dtype == np.uint8 and read.frames.shape == frames.shape
    error = read.frames.astype(float) - frames
    assert 10 * np.log10(255**2 / np.square(error).mean()) > 38  # dB
    np.testing.assert_allclose(read.flow, flow, rtol=1e-3, atol=1e-3)
    assert read.flow.dtype == np.float32
    np.testing.assert_array_equal(read.occluded, occluded)


def test_any_webdataset_reader_can_read_them(shards):
    with tarfile.open(shards / "shard-1.tar") as tar:
        assert tar.getnames() == [f"shard-1-00000.{end}" for end in ("000.jpg", "001.jpg", "flow.npz", "json", "txt")]
        assert tar.extractfile("shard-1-00000.txt").read() == b"clip 3"


def test_each_epoch_holds_every_clip_once_in_another_order(shards):
    reader = ShardReader(shards, seed=1, mixed=2)
    assert len(reader) == 15
    order = numbers(reader.clips(), 45)
    epochs = [order[:15], order[15:30], order[30:]]
    assert all(sorted(epoch) == list(range(15)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2] and epochs[0] != sorted(epochs[0])
    assert numbers(ShardReader(shards, seed=1, mixed=2).clips(), 45) == order
    assert numbers(ShardReader(shards, seed=2, mixed=2).clips(), 45) != order


@pytest.mark.parametrize("world", [1, 2, 3, 7, 20])
def test_reading_goes_on_at_any_position_in_any_number_of_processes(shards, world):
    reader = ShardReader(shards, seed=1, mixed=2)
    order = numbers(reader.clips(), 100)
    for position in (0, 1, 7, 14, 15, 31):
        for rank in range(world):
            expected = order[position + rank : 80 : world]
            assert numbers(reader.clips(position, rank=rank, world=world), len(expected)) == expected


def test_the_same_clips_give_the_same_bytes(shards, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    write_shard(other, "shard-0", (clip(number) for number in range(3)), [])
    for name in ("shard-0.tar", "shard-0.json"):
        assert (other / name).read_bytes() == (shards / name).read_bytes()


def test_a_shard_is_written_whole_or_not_at_all(tmp_path):
    def breaks():
        yield clip(0)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_shard(tmp_path, "one", breaks(), [])
    assert list(tmp_path.iterdir()) == [] and complete(tmp_path, "one") is None
    write_shard(tmp_path, "one", iter([clip(0)]), [])
    before = (tmp_path / "one.tar").read_bytes()
    with pytest.raises(OSError, match="No space left"):
        write_shard(tmp_path, "one", breaks(), [])
    assert (tmp_path / "one.tar").read_bytes() == before


def test_only_a_whole_shard_is_complete(tmp_path):
    shard = write_shard(tmp_path, "one", iter([clip(0)]), [("b.mp4", "it is empty")])
    assert complete(tmp_path, "one") == shard == Shard("one", 1, shard.bytes, [("b.mp4", "it is empty")])
    tar = tmp_path / "one.tar"
    tar.write_bytes(tar.read_bytes()[:-512])
    assert complete(tmp_path, "one") is None
    (tmp_path / "one.json").write_text('{"name": 1}')
    with pytest.raises(ShardError, match="Remove it"):
        complete(tmp_path, "one")
    nothing = write_shard(tmp_path, "two", iter([]), [("c.mp4", "cut off")])
    assert complete(tmp_path, "two") == nothing and not (tmp_path / "two.tar").exists()


def test_parts_of_killed_processes_are_removed(tmp_path):
    (tmp_path / "one.tar.0123.part").write_bytes(b"half")
    with atomic_write(tmp_path / "two") as file:
        file.write(b"whole")
    remove_partial_files(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["two"]


def replaced(folder, name: str, content: bytes) -> None:
    """Puts other content into member `name` of shard-1, and its size into the index."""
    path = folder / "shard-1.tar"
    with tarfile.open(path) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}
    members[f"shard-1-00000.{name}"] = content
    with tarfile.open(path, "w") as tar:
        for key, value in members.items():
            member = tarfile.TarInfo(key)
            member.size = len(value)
            tar.addfile(member, io.BytesIO(value))
    index = json.loads((folder / "index.json").read_text())
    index["shards"][1]["bytes"] = path.stat().st_size
    (folder / "index.json").write_text(json.dumps(index))


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


FLOW, PACKED = np.zeros((1, 16, 20, 2), np.float16), np.zeros((1, 16, 3), np.uint8)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("000.jpg", b"no picture", "not a JPEG"),
        ("json", b"{", "is broken"),
        ("json", b'{"frames": 3}', "is broken"),
        ("flow.npz", b"no zip", "is broken"),
        ("flow.npz", npz(flow=FLOW), "is broken"),
        ("flow.npz", npz(flow=FLOW[:, 1:], occluded=PACKED), "its flow is"),
        ("flow.npz", npz(flow=FLOW * np.nan, occluded=PACKED), "not finite"),
        ("flow.npz", npz(flow=FLOW, occluded=PACKED[..., 1:]), "its occlusion is"),
        ("flow.npz", npz(flow=np.zeros(10**7), occluded=PACKED), "larger than its frames say"),
        ("txt", b"\xff\xff", "is broken"),
    ],
)
def test_a_broken_clip_is_named(shards, name, content, message):
    replaced(shards, name, content)
    with pytest.raises(ShardError, match=message) as caught:
        list(islice(ShardReader(shards, seed=0).clips(), 15))
    assert "shard-1" in str(caught.value)


def test_nothing_in_a_shard_is_executed(shards):
    class Runs:
        def __reduce__(self):
            return Path.touch, (shards / "executed",)

    replaced(shards, "flow.npz", npz(flow=np.array([Runs()]), occluded=PACKED))
    with pytest.raises(ShardError, match="is broken"):
        list(islice(ShardReader(shards, seed=0).clips(), 15))
    assert not (shards / "executed").exists()


def test_shards_that_are_not_those_of_the_index_are_refused(shards):
    with pytest.raises(ShardError, match="Let the extraction end"):
        ShardReader(shards / "nowhere", seed=0)
    tar = shards / "shard-2.tar"
    whole = tar.read_bytes()
    tar.write_bytes(whole[:-10])
    with pytest.raises(ShardError, match=r"shard-2\.tar has .* bytes; the index says"):
        ShardReader(shards, seed=0)
    tar.write_bytes(bytes(len(whole)))
    with pytest.raises(ShardError, match=r"shard-2\.tar"):
        list(islice(ShardReader(shards, seed=0).clips(), 15))
    tar.write_bytes(whole)
    for content in ("[]", "{", '{"type": "other", "version": 1}', '{"type": "dragnuwa.shards", "version": 1}'):
        (shards / "index.json").write_text(content)
        with pytest.raises(ShardError, match=r"index\.json"):
            ShardReader(shards, seed=0)
    with pytest.raises(ValueError, match="rank"):
        next(ShardReader.clips(ShardReader.__new__(ShardReader), rank=2, world=2))
