"""Networks that FVD, FID and LPIPS are measured with, from files that the user has. Nothing is downloaded."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from ...common.errors import InputError
from .conventions import for_i3d, for_inception
from .torchscript import answer, device_named, load

TORCH_FIDELITY = "torch-fidelity"
AT_ONCE = 16  # frames

Network = Callable[..., object]


@dataclass(frozen=True)
class VideoFeatures:
    """I3D: takes `[B, 3, T, 224, 224]` from -1 to 1 and returns `[B, D]`, as the i3d_torchscript.pt of StyleGAN-V does
    with rescale and resize off and return_features on. Of these options, it gets those that it has.

    Attributes:
        network: as `torchscript.load` returns it.
        name: of its file.
        device: where it is.
    """

    network: torch.nn.Module
    name: str
    device: torch.device

    @classmethod
    def load(cls, path: Path, device: str = "cpu") -> VideoFeatures:
        """Raises InputError as `torchscript.load`."""
        return cls(load(path, device, "I3D"), path.name, torch.device(device))

    def __call__(self, frames: np.ndarray, how: str) -> np.ndarray:
        """Features `[1, D]` float32 of a video `[T, H, W, 3]` uint8, its frames resized as a convention says.

        Raises:
            InputError: if the network fails, or returns something else.
        """
        clip = for_i3d(frames, how).to(self.device)
        options = {"rescale": False, "resize": False, "return_features": True}
        return _features(answer(self.network, self.name, clip, **options), 1, self.name)


@dataclass(frozen=True)
class FrameFeatures:
    """Inception: takes pictures `[B, 3, H, W]`, resizes them itself, and returns `[B, D]`, or a list that begins with
    it. TorchScript gets return_features=True if it has that option, as NVIDIA's inception-2015-12-05.pt has.

    Attributes:
        network: called with the pictures.
        name, device: as of `VideoFeatures`.
        pixels: the range of the pictures, `conventions.UNIT` or `BYTES`.
    """

    network: Network
    name: str
    device: torch.device
    pixels: str

    @classmethod
    def load(cls, name: str, pixels: str, device: str = "cpu") -> FrameFeatures:
        """
        Args:
            name: path of a TorchScript file; or "torch-fidelity:FILE", with the file of weights that torch-fidelity
                uses, where that package is installed.

        Raises:
            InputError: as `torchscript.load`, or if torch-fidelity is not installed.
        """
        kind, _, weights = name.partition(":")
        if kind == TORCH_FIDELITY:
            network = _torch_fidelity(Path(weights), device)
            return cls(network, name, torch.device(device), pixels)
        network = load(Path(name), device, "Inception")
        run = partial(answer, network, Path(name).name, return_features=True)
        return cls(run, Path(name).name, torch.device(device), pixels)

    def __call__(self, frames: np.ndarray) -> np.ndarray:
        """Features `[T, D]` float32 of frames `[T, H, W, 3]` uint8.

        Raises:
            InputError: if the network fails, or returns something else.
        """
        parts = []
        for start in range(0, len(frames), AT_ONCE):
            pictures = for_inception(frames[start : start + AT_ONCE], self.pixels).to(self.device)
            parts.append(_features(self.network(pictures), len(pictures), self.name))
        return np.concatenate(parts)


@dataclass(frozen=True)
class PictureDistance:
    """LPIPS (arXiv 1801.03924): takes two pictures `[B, 3, H, W]` from -1 to 1, and returns B distances.

    Attributes:
        network, name, device: as of `VideoFeatures`.
    """

    network: torch.nn.Module
    name: str
    device: torch.device

    @classmethod
    def load(cls, path: Path, device: str = "cpu") -> PictureDistance:
        """Raises InputError as `torchscript.load`."""
        return cls(load(path, device, "LPIPS"), path.name, torch.device(device))

    def __call__(self, a: np.ndarray, b: np.ndarray) -> float:
        """The mean distance between the frames of two videos `[T, H, W, 3]` uint8 of one size.

        Raises:
            InputError: if the network fails, or returns something else.
        """
        found = []
        for start in range(0, len(a), AT_ONCE):
            pair = [
                torch.from_numpy(each[start : start + AT_ONCE]).to(self.device).movedim(-1, 1) / 127.5 - 1
                for each in (a, b)
            ]
            distances = answer(self.network, self.name, *pair)
            if not isinstance(distances, torch.Tensor) or distances.numel() != len(pair[0]):
                raise InputError(
                    f"{self.name} should return one distance for each of {len(pair[0])} pairs of pictures; found "
                    f"{_shape(distances)}."
                )
            found.append(distances.detach().double().cpu().flatten())
        mean = float(torch.cat(found).mean())
        if not np.isfinite(mean):
            raise InputError(f"{self.name} returns distances that are NaN or infinite.")
        return mean


def _features(value: object, count: int, name: str) -> np.ndarray:
    """`[count, D]` float32 of what a network returned."""
    first = value[0] if isinstance(value, (list, tuple)) and value else value
    shape = tuple(first.shape) if isinstance(first, torch.Tensor) else ()
    if len(shape) < 2 or shape[0] != count or set(shape[2:]) - {1}:
        raise InputError(f"{name} should return features [B, D] with B = {count}; found {_shape(first)}.")
    features = first.detach().float().cpu().reshape(count, -1).numpy()
    if not np.isfinite(features).all():
        raise InputError(f"{name} returns features that are NaN or infinite.")
    return features


def _shape(value: object) -> object:
    return list(value.shape) if isinstance(value, torch.Tensor) else f"a {type(value).__name__}"


def _torch_fidelity(weights: Path, device: str) -> Network:
    """The Inception of torch-fidelity, with weights of a file: without one, it would download them."""
    if not weights.is_file():
        raise InputError(
            f"torch-fidelity's Inception needs its file of weights: {TORCH_FIDELITY}:FILE.pth; there is no file "
            f"{str(weights)!r}."
        )
    place = device_named(device)
    wrong = InputError(f"{weights.name} cannot be read as the weights of torch-fidelity's Inception.")
    try:
        torch.load(weights, map_location="cpu", weights_only=True)  # torch-fidelity would run what is in a pickle
    except (RuntimeError, OSError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise wrong from error
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except ImportError as error:
        raise InputError("torch-fidelity is not installed: pip install torch-fidelity. Or give TorchScript.") from error
    try:
        network = FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(weights))
    except (RuntimeError, TypeError, AttributeError) as error:
        raise wrong from error
    return torch.inference_mode()(network.eval().to(place))
