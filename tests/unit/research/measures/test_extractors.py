"""Networks from files, and how frames are prepared for them."""

import pickle
import sys

import numpy as np
import pytest
import torch

from dragnuwa.common.errors import InputError
from dragnuwa.research.measures.conventions import CROPPED, SQUASHED, for_i3d
from dragnuwa.research.measures.extractors import FrameFeatures, PictureDistance, VideoFeatures
from tests.support.networks import (
    Broken,
    Distance,
    ListedPictureNetwork,
    PictureNetwork,
    PlainVideoNetwork,
    VideoNetwork,
    save,
)
from tests.support.pictures import texture

FRAMES = np.stack([texture(60, 90, seed) for seed in range(19)])  # more than go in at once


def test_frames_are_squashed():
    """As by torch's interpolate over all frames at once, which StyleGAN-V's I3D calls."""
    found = for_i3d(FRAMES, SQUASHED)
    video = torch.from_numpy(FRAMES).permute(3, 0, 1, 2)[None].float()
    expected = torch.nn.functional.interpolate(video, (19, 224, 224), mode="trilinear", align_corners=False)
    assert found.shape == (1, 3, 19, 224, 224)
    assert torch.allclose(found, 2 * expected / 255 - 1, atol=1e-5)


@pytest.mark.parametrize("turned", [False, True])
def test_the_centre_is_cropped(turned):
    """Left and right halves differ, the left and right quarters from them, too: only the middle is seen."""
    frames = np.zeros((2, 100, 200, 3), np.uint8)
    frames[:, :, :40], frames[:, :, 160:] = 255, 255  # outside of the square in the middle
    frames[:, :, 100:150] = 128
    frames = frames.swapaxes(1, 2) if turned else frames
    found = for_i3d(np.ascontiguousarray(frames), CROPPED)
    found = found.swapaxes(3, 4) if turned else found
    assert found.shape == (1, 3, 2, 224, 224) and found.max() < 0.01
    assert (found[..., :110] == -1).all() and (found[..., 114:] > -0.01).all()
    assert for_i3d(frames, SQUASHED).max() > 0.99


def test_values_are_from_minus_1_to_1():
    assert for_i3d(np.full((2, 224, 224, 3), 255, np.uint8), CROPPED).unique().tolist() == [1]
    assert for_i3d(np.zeros((2, 30, 30, 3), np.uint8), SQUASHED).unique().tolist() == [-1]


@pytest.mark.parametrize(("network", "size"), [(VideoNetwork(), 12), (PlainVideoNetwork(), 3)])
def test_features_of_a_video(tmp_path, network, size):
    extract = VideoFeatures.load(save(network, tmp_path / "i3d.pt"))
    found = extract(FRAMES, SQUASHED)
    assert found.shape == (1, size) and found.dtype == np.float32
    assert found.mean() == pytest.approx(for_i3d(FRAMES, SQUASHED).mean().item(), abs=1e-4)
    assert not np.allclose(found, extract(FRAMES, CROPPED), atol=1e-4)


def test_features_of_frames(tmp_path):
    extract = FrameFeatures.load(str(save(PictureNetwork(), tmp_path / "inception.pt")), "0..255")
    found = extract(FRAMES)
    assert found.shape == (19, 12)
    assert found.reshape(19, 3, 4).mean(2) == pytest.approx(FRAMES.mean((1, 2)), abs=1e-2)
    extract = FrameFeatures.load(str(save(ListedPictureNetwork(), tmp_path / "listed.pt")), "0..1")
    assert extract(FRAMES) == pytest.approx(FRAMES.mean((1, 2)) / 255, abs=1e-5)


def test_the_distance_of_pictures(tmp_path):
    distance = PictureDistance.load(save(Distance(), tmp_path / "lpips.pt"))
    other = FRAMES.copy()
    other[:4] = 255 - other[:4]
    expected = np.abs(FRAMES.astype(float) - other).mean() / 127.5
    assert distance(FRAMES, FRAMES) == 0 and distance(FRAMES, other) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("nan", [True, False])
def test_a_network_that_answers_something_else_is_named(tmp_path, nan):
    path = save(Broken(nan), tmp_path / "broken.pt")
    message = "broken.pt returns features that are NaN" if nan else r"broken.pt should return features \[B, D\]"
    with pytest.raises(InputError, match=message):
        VideoFeatures.load(path)(FRAMES, SQUASHED)
    with pytest.raises(InputError, match=message):
        FrameFeatures.load(str(path), "0..1")(FRAMES)
    with pytest.raises(InputError, match=r"broken.pt should return one distance for each of 16 pairs"):
        PictureDistance.load(path)(FRAMES, FRAMES)


def test_a_network_that_fails_is_named_with_its_input(tmp_path):
    path = save(PictureNetwork(), tmp_path / "inception.pt")
    with pytest.raises(InputError, match=r"inception.pt fails on an input \[1, 3, 19, 224, 224\]: .*\.$"):
        VideoFeatures.load(path)(FRAMES, SQUASHED)


def test_what_is_no_network_is_refused(tmp_path):
    class Runs:
        def __reduce__(self):
            return (open, (str(tmp_path / "was run"), "w"))

    (tmp_path / "text.pt").write_text("no network")
    (tmp_path / "empty.pt").touch()
    (tmp_path / "pickle.pt").write_bytes(pickle.dumps(Runs()))
    torch.save(Runs(), tmp_path / "weights.pt")
    network = save(VideoNetwork(), tmp_path / "i3d.pt")
    (tmp_path / "cut.pt").write_bytes(network.read_bytes()[:-300])
    for name in ("text", "empty", "pickle", "weights", "cut"):
        with pytest.raises(InputError, match=f"{name}.pt cannot be read as TorchScript"):
            VideoFeatures.load(tmp_path / f"{name}.pt")
        with pytest.raises(InputError, match=f"{name}.pt cannot be read as the weights of torch-fidelity"):
            FrameFeatures.load(f"torch-fidelity:{tmp_path}/{name}.pt", "0..255")
    assert not (tmp_path / "was run").exists()
    for name in ("missing.pt", "."):
        with pytest.raises(InputError, match="There is no file"):
            PictureDistance.load(tmp_path / name)
    with pytest.raises(InputError, match="device should be"):
        VideoFeatures.load(network, "nowhere")


def test_the_inception_of_torch_fidelity_is_asked_for_with_its_weights(tmp_path, monkeypatch):
    torch.save({"weight": torch.ones(1)}, tmp_path / "weights.pth")
    name = f"torch-fidelity:{tmp_path}/weights.pth"
    monkeypatch.setitem(sys.modules, "torch_fidelity", None)
    with pytest.raises(InputError, match="torch-fidelity is not installed"):
        FrameFeatures.load(name, "0..255")
    with pytest.raises(InputError, match="needs its file of weights"):
        FrameFeatures.load("torch-fidelity:", "0..255")  # without it, it would download them
