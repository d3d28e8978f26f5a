"""The engine on toy runs inside the host's code: killed and resumed, in micro-batches, on two processes, on videos."""

import json
import multiprocessing
import os
import shutil
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from accelerate.state import AcceleratorState, GradientState

from dragnuwa import train as command
from dragnuwa.research.training import engine, state
from dragnuwa.research.training.config import read
from dragnuwa.research.training.data.clips import ShortClips
from dragnuwa.research.training.recipes.tiny import autoencoder
from dragnuwa.research.training.run_config import RunConfig
from scripts.host import free_port
from tests.host import two_processes
from tests.support.commands import run_python
from tests.support.videos import write_video

ROOT = Path(__file__).parents[2]
# Processes of their own without the seconds in which a new Python imports what this one has.
FORKED = multiprocessing.get_context("fork")
ALONE = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
TOY = """
out = "{out}"
autoencoder = "{autoencoder}"
steps = 8
batch = 2
fresh = 1
threads = 1
log_steps = 2
preview_steps = 0
warmup = 2
save_seconds = 0.0
[network]
model_channels = 32
channel_mult = [1]
head_channels = 16
context_dim = 16
[[stages]]
until = 2
dense_share = 1.0
[[stages]]
until = 100
dense_share = 0.0
[clips.scenes]
sizes = [[32, 32], [32, 48]]
frames = 3
"""


@pytest.fixture(autouse=True)
def fresh_accelerator():
    """accelerate keeps what the first Accelerator of a process was told; each test is a run of its own."""
    yield
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("autoencoder") / "autoencoder.pt"
    torch.manual_seed(0)
    state.save(autoencoder.build().state_dict(), path)
    return path


@pytest.fixture
def toy(weights, tmp_path):
    """Writes a configuration of its own folder, some top-level lines of it replaced, and reads it."""

    def made(name: str = "run", **changed) -> tuple[Path, RunConfig]:
        return write_config(tmp_path, weights, name, **changed)

    return made


@pytest.fixture(scope="module")
def whole(weights, tmp_path_factory) -> RunConfig:
    """A run that went to its end in one go."""
    _, config = write_config(tmp_path_factory.mktemp("whole"), weights, "whole")
    engine.train(config)
    return config


def write_config(folder: Path, weights: Path, name: str, **changed) -> tuple[Path, RunConfig]:
    lines = TOY.format(out=folder / name, autoencoder=weights).strip().splitlines()
    first = lines.index("[network]")
    kept = [line for line in lines[:first] if line.split(" = ")[0] not in changed]
    given = [f"{key} = {json.dumps(value)}" for key, value in changed.items()]
    path = folder / f"{name}.toml"
    path.write_text("\n".join([*given, *kept, *lines[first:], ""]))
    return path, read(path, RunConfig)


def losses(folder: str | Path) -> dict[int, float]:
    lines = [json.loads(line) for line in (Path(folder) / "metrics.jsonl").read_text().splitlines()]
    assert len({line["step"] for line in lines}) == len(lines)
    return {line["step"]: line["loss"] for line in lines}


def test_a_run_that_was_killed_goes_on_as_if_it_had_not_been(whole, toy):
    path, config = toy("killed", save_seconds=0.0)
    process = FORKED.Process(target=command.main, args=([str(path)],))
    process.start()
    while process.is_alive() and not noted(config):
        time.sleep(0.002)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    goes_on_as_if_it_had_not_been_ended(config, whole)


def test_a_run_that_is_asked_to_end_saves_and_goes_on(whole, toy):
    """By a signal to this process, in which the command runs; it returns, so its exit code would be 0."""
    path, config = toy("asked", save_seconds=1e9)

    def ask() -> None:
        while not noted(config):
            time.sleep(0.002)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one that came too late would end the tests
    person = threading.Thread(target=ask)
    try:
        person.start()
        command.main([str(path)])
        person.join()
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTERM, before)
    goes_on_as_if_it_had_not_been_ended(config, whole)


def noted(config: RunConfig) -> bool:
    """Whether there is a first loss."""
    path = Path(config.out) / "metrics.jsonl"
    return path.exists() and path.read_text() != ""


def goes_on_as_if_it_had_not_been_ended(config: RunConfig, whole: RunConfig) -> None:
    """The loss curve is equal to the last digit, also where the end fell between two of its points."""
    at = state.load(Path(config.out) / "state.pt")["step"]
    assert 0 < at < config.steps
    engine.train(config)
    assert losses(config.out) == losses(whole.out) and list(losses(whole.out)) == [2, 4, 6, 8]
    one, other = (state.load(Path(folder) / "state.pt") for folder in (whole.out, config.out))
    assert one["average"]["steps"] == other["average"]["steps"] == config.steps
    pairs = [(one["network"], other["network"]), (one["average"]["weights"], other["average"]["weights"])]
    pairs += [(one["optimizer"][name]["state"], other["optimizer"][name]["state"]) for name in ("muon", "adam")]
    for wanted, found in pairs:
        torch.testing.assert_close(found, wanted, rtol=0, atol=0)


def test_a_time_budget_ends_a_run_whole(toy):
    _, whole = toy("whole", steps=3, log_steps=1)
    engine.train(whole)
    _, config = toy("short", steps=3, log_steps=1, save_seconds=1e9)
    for step in (1, 2, 3):
        engine.train(config, time_budget=1e-9)
        assert state.load(Path(config.out) / "state.pt")["step"] == step
    assert losses(config.out) == losses(whole.out) and list(losses(whole.out)) == [1, 2, 3]


def test_a_run_that_diverges_stops_and_keeps_its_last_good_state(toy):
    path, config = toy("diverges", steps=3)
    engine.train(config)
    good = (Path(config.out) / "state.pt").read_bytes()
    text = path.read_text().replace("steps = 3", "steps = 9")
    path.write_text("\n".join(["lr = 1e30", "adam_lr = 1e30", text]))
    with pytest.raises(SystemExit, match=r"^error: Step .* is still in .* Lower lr"):
        command.main([str(path)])
    assert (Path(config.out) / "state.pt").read_bytes() == good


def test_clips_of_two_frames_are_trained(toy):
    """On a CPU with AVX-512 but no AMX, which this makes of one that has both, oneDNN's gradients were NaN."""
    path, config = toy("two", steps=2, log_steps=1)
    path.write_text(path.read_text().replace("frames = 3", "frames = 2"))
    env = os.environ | ALONE | {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}
    done = run_python("-m", "dragnuwa.train", path, env=env)
    assert done.returncode == 0, done.stderr[-2000:]
    assert list(losses(config.out)) == [1, 2]


def test_a_missing_autoencoder_is_told(toy):
    path, _ = toy("none", autoencoder="nowhere.pt")
    with pytest.raises(SystemExit, match=r"^error: There is no autoencoder nowhere\.pt\. Name a checkpoint of"):
        command.main([str(path)])


def test_a_batch_in_parts_is_the_batch(toy):
    """2x4 clips and 8 give the same losses and weights, but for rounding; so do 2x8 short clips and 16, in step 3."""
    found = {}
    for name, parts in (("one", 1), ("two", 2)):
        _, config = toy(name, batch=8, fresh=2, accumulate=parts, precision="no", steps=3, log_steps=1)
        short = ShortClips(every=3, times=2, scenes=replace(config.clips.scenes, frames=1))
        engine.train(replace(config, clips=replace(config.clips, short=short)))
        found[name] = list(losses(config.out).values()), state.load(Path(config.out) / "state.pt")["average"]["weights"]
        AcceleratorState._reset_state(reset_partial_state=True)
        GradientState._reset_state()
    assert found["one"][0] == pytest.approx(found["two"][0], rel=1e-5)
    assert found["one"][0][0] != found["one"][0][1]
    torch.testing.assert_close(found["one"][1], found["two"][1], atol=2e-4, rtol=1e-2)


def test_each_clip_of_each_step_has_its_own_noise():
    given = torch.Size([4, 2]), torch.device("cpu")
    found = [engine._noise(step, place, *given) for step in range(3) for place in range(3)]
    assert len({tuple(noise.flatten().tolist()) for noise in found}) == 9
    assert torch.equal(engine._noise(1, 2, *given), found[5])


def test_two_processes_train_one_network(toy, tmp_path):
    """They share each batch, so their losses are those of one process; the same weights are trained in both.

    The second step is of single pictures, which leave some of the weights alone.
    """
    path, _ = toy("both", batch=4, accumulate=2, steps=3, precision="no", log_steps=1)
    path.write_text(path.read_text() + "[clips.short]\ntimes = 2\nscenes = {frames = 1, sizes = [[64, 64]]}\n")
    config = read(path, RunConfig)
    place = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "WORLD_SIZE": "2",
        "ACCELERATE_USE_CPU": "true",
    }
    ranks = [place | {"RANK": number, "LOCAL_RANK": number} for number in ("0", "1")]
    both = [FORKED.Process(target=two_processes.run, args=(path, tmp_path / "found", rank)) for rank in ranks]
    for process in both:
        process.start()
    for process in both:
        process.join(200)
    assert [process.exitcode for process in both] == [0, 0]
    found = json.loads((tmp_path / "found").read_text())
    assert found["processes"] == 2 and found["equal"] and found["finite"] and found["wishes"] == [True, False]
    alone = replace(config, out=str(tmp_path / "alone"), accumulate=1)
    engine.train(alone)
    expected = list(losses(alone.out).values())
    assert found["losses"][:2] == pytest.approx(expected[:2], rel=1e-5)
    assert found["losses"][2] == pytest.approx(expected[2], rel=5e-3)  # rounding grows with each step
    assert found["resting"] == []
    sharded = found["sharded"]
    assert sharded["again"] == sharded["expected"] and len(set(sharded["expected"])) == 3 and sharded["averages"]
    assert sharded["keys"] == ["0.bias", "0.weight", "2.bias", "2.weight"]
    engine.train(replace(config, accumulate=1, steps=4))  # and one process goes on from what two have saved
    assert list(losses(config.out)) == [4]


def test_the_tiny_recipe_refuses_to_be_cut_up(toy):
    _, config = toy()
    with pytest.raises(ValueError, match="FSDP would cut them up"):
        config.build(torch.device("cpu")).make_optimizer(sharded=True)


def test_a_batch_that_does_not_divide_is_refused(toy):
    _, config = toy(batch=3, accumulate=2)
    with pytest.raises(ValueError, match="a multiple of 2"):
        engine.train(config)


def test_videos_are_trained_on_and_broken_ones_are_listed(toy, tmp_path):
    folder = tmp_path / "videos"
    folder.mkdir()
    write_video(folder / "good.mp4", moving_disc(12), np.arange(12) / 10)
    (folder / "good.txt").write_text("a disc")
    (folder / "broken.mp4").write_bytes((folder / "good.mp4").read_bytes()[:600])
    path, config = toy(steps=2, log_steps=1)
    with open(path, "a") as file:
        file.write(f'[clips.videos]\nfolder = "{folder}"\nframes = 3\nwidth = 48\nheight = 32\nfps = [5, 8]\n')
    config = replace(read(path, RunConfig), preview_steps=2, preview_clips=1)
    engine.train(config)
    lines = [json.loads(line) for line in (Path(config.out) / "metrics.jsonl").read_text().splitlines()]
    assert all(np.isfinite(line["loss"]) for line in lines[:2]) and lines[2].keys() >= {"sampled", "still", "ceiling"}
    for rate in (5, 8):
        listed = (Path(config.out) / f"skipped-{rate}fps.txt").read_text().splitlines()
        assert len(listed) == 1 and listed[0].startswith("broken.mp4\t")
    sheet = cv2.imread(str(Path(config.out) / "preview.png"))
    assert sheet.shape == (64, 144, 3)  # the true clip's three frames above, the sampled below
    events = list((Path(config.out) / "tensorboard").iterdir())
    assert events and b"samples" in b"".join(file.read_bytes() for file in events)
    shutil.rmtree(folder)
    with pytest.raises(ValueError, match="there is no folder"):
        engine.train(replace(config, steps=3))


def moving_disc(frames: int) -> list[np.ndarray]:
    """It moves to the right by 4 px a frame."""
    ground = np.full((64, 96, 3), 90, np.uint8)
    return [cv2.circle(ground.copy(), (20 + 4 * number, 30), 12, (250, 200, 0), -1) for number in range(frames)]


def test_every_trained_parameter_is_used(toy):
    """Several processes wait for each gradient."""
    _, config = toy()
    run = engine.Run(config)
    with torch.no_grad():
        encoded = run.recipe.encode(next(engine.batches(config.open_source(0), 0, 2)))
    noise = torch.randn_like(encoded.latents)
    engine.squared_error(run.network, encoded.latents, encoded.conditions, torch.ones(2), noise).mean().backward()
    assert not [name for name, parameter in run.recipe.network.named_parameters() if parameter.grad is None]


def test_the_command_refuses_an_unknown_key_by_name(toy, capsys):
    path, _ = toy()
    path.write_text("learning_rate = 1\n" + path.read_text())
    with pytest.raises(SystemExit) as ended:
        command.main([str(path)])
    assert ended.value.code == 2 and "unknown configuration keys: learning_rate;" in capsys.readouterr().err
