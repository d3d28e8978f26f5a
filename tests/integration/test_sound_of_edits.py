"""Sound beside an edited video: longer than the pictures, and none."""

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.support.prompts import node
from tests.support.videos import moving_square, write_video

FRAMES, RATE, SOUND = 3, 8, 3  # frames, frames a second, seconds of sound
SIZE = {"width": 160, "height": 128}
DRAG = json.dumps([[{"x": 56, "y": 64}, {"x": 56, "y": 40}]])


def with_sound(path: Path, silent: Path) -> Path:
    """A copy of a video with a tone of `SOUND` seconds."""
    with av.open(str(silent)) as source, av.open(str(path), "w") as target:
        pictures, tone = target.add_stream_from_template(source.streams.video[0]), target.add_stream("aac", 16000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = pictures
                target.mux(packet)
        samples = (8000 * np.sin(np.arange(SOUND * 16000) / 9)).astype(np.int16)
        for start in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = 16000, start, Fraction(1, 16000)
            target.mux(tone.encode(frame))
        target.mux(tone.encode())
    return path


@pytest.mark.parametrize("sound", [True, False])
def test_the_edited_pictures_are_all_there_with_the_sound_or_without(client, host, place_input, tmp_path, sound):
    frames = moving_square(FRAMES, (8, 0), height=SIZE["height"], width=SIZE["width"])
    film = write_video(tmp_path / "silent.mp4", frames, [number / RATE for number in range(FRAMES)])
    film = with_sound(tmp_path / "sound.mp4", film) if sound else film
    prompt = {
        "load": node("LoadVideo", file=place_input(film, f"edited-{film.name}")),
        "frames": node("GetVideoComponents", video=["load", 0]),
        "edit": node(
            "DragNUWAEditVideo", images=["frames", 0], trajectories=DRAG, radius=24.0, carries="object", fit="crop",
            margin=4.0, **SIZE,
        ),
        "video": node("CreateVideo", images=["edit", 0], audio=["frames", 1], fps=["frames", 2]),
        "save": node("SaveVideo", video=["video", 0], filename_prefix="sound", format="mp4", codec="h264"),
    }  # fmt: skip
    (file,) = client.run(prompt).files("save")
    with av.open(str(host.output_directory / file["subfolder"] / file["filename"])) as container:
        assert bool(container.streams.audio) == sound
        shown = sum(1 for _ in container.decode(video=0))
    assert shown == FRAMES
