"""Training the classifier on scenes as they look after the checkpoint's VAE, and keeping it beside the results."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import save as serialise
from torch import Tensor, nn

from ...common.atomic import atomic_write
from ...models.weights import CheckpointError, open_tensors
from ..scenes import HELD_OUT_SEED, SceneConfig, make_scene
from .cases import plainly_colored
from .classifier import CELLS, COLORS, FINDER_SIDE, KINDS, Classifier, bounding_boxes, crops, pictures, scaled

log = logging.getLogger(__name__)

TRAIN_SEED = HELD_OUT_SEED + 100_000_000  # beyond those of all cases
TEST_SEED = HELD_OUT_SEED + 200_000_000  # of the scenes on which the accuracy is measured
FRAMES = 4  # of a scene, two of which are used
VAE_BATCH = 16
SHIFT, SCALE = 0.15, (0.85, 1.3)  # of crops in training, as multiples of half of the object's side, and of its side

# Encodes and decodes frames `[B, H, W, 3]` uint8 by the checkpoint's VAE.
ThroughVae = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ClassifierConfig:
    """Everything that a classifier depends on.

    Attributes:
        vae: digest of the VAE's weights.
        width, height: of the pictures.
        assets: pack of the scenes' backgrounds, or None.
        scenes, tests: to train on and for the accuracy; two frames of each, through the VAE.
        finder_steps, namer_steps: of the trainings of the two networks.
        batch, rate: of both; AdamW with a learning rate that decays to 0.
    """

    vae: str
    width: int
    height: int
    assets: str | None = None
    scenes: int = 4000
    tests: int = 150
    finder_steps: int = 8000
    namer_steps: int = 12000
    batch: int = 64
    rate: float = 4e-3


@dataclass(frozen=True)
class Accuracy:
    """Fractions of held-out true frames, through the VAE, whose kind, colour and both are classified correctly."""

    kind: float
    color: float
    both: float


@dataclass(frozen=True)
class TrainedClassifier:
    """A classifier, its accuracy, and what it was made with."""

    classifier: Classifier
    accuracy: Accuracy
    config: ClassifierConfig

    @property
    def digest(self) -> str:
        """16 hexadecimal digits of its weights' SHA-256."""
        return hashlib.sha256(serialise(_weights(self.classifier))).hexdigest()[:16]


@dataclass(frozen=True)
class Examples:
    """Frames `[B, H, W, 3]` uint8, the object's masks `[B, H, W]` bool, and `[B]` indices into `KINDS` and `COLORS`."""

    frames: np.ndarray
    masks: np.ndarray
    kinds: Tensor
    colors: Tensor


def examples(first_seed: int, count: int, config: ClassifierConfig) -> Examples:
    """The first and another frame of each of `count` scenes that have one object, a drawn shape in a plain colour."""
    scenes = SceneConfig(
        frames=FRAMES,
        sizes=((config.height, config.width),),
        objects=(1, 1),
        cutout_share=0.0,
        leaving_share=0.0,
        assets=config.assets,
    )
    frames, masks, kinds, colors = [], [], [], []
    seed = first_seed
    while len(kinds) < 2 * count:
        scene = make_scene(seed, scenes)
        other = 1 + seed % (FRAMES - 1)
        seed += 1
        if plainly_colored(scene) and scene.visible[0, other]:
            frames += [scene.frames[0].copy(), scene.frames[other].copy()]  # a view would keep the whole scene
            masks += [scene.owner[0] == 1, scene.owner[other] == 1]
            kinds += [KINDS.index(scene.objects[0].kind)] * 2
            colors += [COLORS.index(scene.objects[0].color)] * 2
    return Examples(np.stack(frames), np.stack(masks), torch.tensor(kinds), torch.tensor(colors))


def blurred(known: Examples, through_vae: ThroughVae) -> Examples:
    """The same after the VAE."""
    count, frames = len(known.frames), []
    for at in range(0, count, VAE_BATCH):
        frames.append(through_vae(known.frames[at : at + VAE_BATCH]))
        if at % (40 * VAE_BATCH) == 0:
            log.info("classifier: %d of %d frames through the VAE", at, count)
    return replace(known, frames=np.concatenate(frames))


def train(config: ClassifierConfig, through_vae: ThroughVae) -> TrainedClassifier:
    """The same configuration and VAE give the same classifier; the global random state is not changed."""
    log.info("training the classifier that looks for what prompts name, once for these settings")
    painted = examples(TRAIN_SEED, config.scenes, config)
    with torch.autocast("cpu", torch.bfloat16):  # 0.6 of 255 levels off in the mean, in less than half of the time
        known = blurred(painted, through_vae)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        classifier = Classifier()
    fit(classifier, known, config)
    tests = examples(TEST_SEED, config.tests, config)
    accuracy = accuracy_of(classifier, blurred(tests, through_vae))
    log.info("classifier: %s", json.dumps(asdict(accuracy)))
    return TrainedClassifier(classifier, accuracy, config)


def fit(classifier: Classifier, known: Examples, config: ClassifierConfig) -> None:
    """Train both networks on the examples: the finder on the objects' masks, the namer on crops around them."""
    find = _finding(classifier.finder, known, config.batch, np.random.default_rng(0))
    _minimise(classifier.finder, find, config.finder_steps, config.rate)
    name = _naming(classifier.namer, known, config.batch, np.random.default_rng(1))
    _minimise(classifier.namer, name, config.namer_steps, config.rate)


def _minimise(network: nn.Module, loss_of_batch: Callable[[], Tensor], steps: int, rate: float) -> None:
    optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.1)
    network.train().to(memory_format=torch.channels_last)
    for step in range(steps):
        loss = loss_of_batch()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if (step + 1) % 200 == 0:
            name, value = type(network).__name__, float(loss.detach())
            log.info("classifier: step %d of %d of the %s, loss %.3f", step + 1, steps, name, value)


def _finding(finder: nn.Module, known: Examples, batch: int, rng: np.random.Generator) -> Callable[[], Tensor]:
    """The finder's loss on a random batch, all of which is randomly mirrored, turned by quarters, and shifted by up to
    an eighth with wrap-around."""
    masks = F.adaptive_avg_pool2d(torch.from_numpy(known.masks).float(), CELLS)  # [N, 48, 48]
    small = torch.cat([scaled(pictures(part)) for part in np.array_split(known.frames, len(masks) // 100 + 1)])
    cell = FINDER_SIDE // CELLS  # px

    def loss() -> Tensor:
        chosen = rng.integers(len(masks), size=batch)
        mirror, turns = rng.random() < 0.5, int(rng.integers(4))
        down, right = (int(cells) for cells in rng.integers(-CELLS // 8, CELLS // 8 + 1, 2))

        def varied(x: Tensor, unit: int) -> Tensor:
            x = x.flip(-1) if mirror else x
            return x.rot90(turns, (-2, -1)).roll((down * unit, right * unit), (-2, -1))

        logits = _in_bfloat16(finder, varied(small[chosen], cell))
        return F.binary_cross_entropy_with_logits(logits.float(), varied(masks[chosen], 1))

    return loss


def _naming(namer: nn.Module, known: Examples, batch: int, rng: np.random.Generator) -> Callable[[], Tensor]:
    """The namer's loss on a random batch of crops that are randomly turned, mirrored, and off as the finder's are."""
    height, width = known.frames.shape[1:3]
    boxes = bounding_boxes(known.masks, width, height)  # [N, 3]

    def loss() -> Tensor:
        chosen = rng.integers(len(boxes), size=batch)
        near = boxes[chosen]
        shift = _uniform(rng, -SHIFT, SHIFT, batch, 2) * near[:, 2:]
        near = torch.cat([near[:, :2] + shift, near[:, 2:] * _uniform(rng, *SCALE, batch, 1)], 1)  # [B, 3]
        mirror = torch.from_numpy(rng.choice([-1.0, 1.0], batch)).float()
        shown = crops(pictures(known.frames[chosen]), near, angle=_uniform(rng, 0, 2 * np.pi, batch), mirror=mirror)
        kinds, colors = _in_bfloat16(namer, shown)
        right = F.cross_entropy(kinds.float(), known.kinds[chosen])
        return right + F.cross_entropy(colors.float(), known.colors[chosen])

    return loss


def _in_bfloat16(network: nn.Module, x: Tensor):
    with torch.autocast("cpu", torch.bfloat16):
        return network(x.contiguous(memory_format=torch.channels_last))


def _uniform(rng: np.random.Generator, low: float, high: float, *shape: int) -> Tensor:
    return torch.from_numpy(rng.uniform(low, high, shape)).float()


@torch.no_grad()
def accuracy_of(classifier: Classifier, known: Examples) -> Accuracy:
    classifier.eval()
    kinds, colors = [], []
    for at in range(0, len(known.kinds), VAE_BATCH):
        kind, color = classifier(pictures(known.frames[at : at + VAE_BATCH]))
        kinds.append(kind.argmax(1))
        colors.append(color.argmax(1))
    kind, color = torch.cat(kinds) == known.kinds, torch.cat(colors) == known.colors
    return Accuracy(*(float(right.float().mean()) for right in (kind, color, kind & color)))


def load_or_train(path: Path, config: ClassifierConfig, begin: Callable[[], ThroughVae]) -> TrainedClassifier:
    """The classifier in `path`, if it is of this configuration; else a new one, which is saved there. `begin` gives the
    VAE, and is called only for a new one.

    Raises:
        ValueError: if there is a file at `path` that is no classifier.
    """
    if path.exists():
        kept = load(path)
        if kept.config == config:
            return kept
        log.info("%s is of other settings and is replaced", path)
    trained = train(config, begin())
    metadata = {"config": asdict(config), "accuracy": asdict(trained.accuracy)}
    with atomic_write(path) as file:
        file.write(serialise(_weights(trained.classifier), {"classifier": json.dumps(metadata)}))
    return trained


def _weights(classifier: Classifier) -> dict[str, Tensor]:
    return {key: value.contiguous() for key, value in classifier.state_dict().items()}


def load(path: Path) -> TrainedClassifier:
    """
    Raises:
        ValueError: if `path` is no classifier.
    """
    classifier = Classifier()
    try:
        with open_tensors(path) as tensors:
            metadata = json.loads(tensors.metadata["classifier"])
            config, accuracy = ClassifierConfig(**metadata["config"]), Accuracy(**metadata["accuracy"])
            classifier.load_state_dict({key: tensors.get(key) for key in list(tensors.keys())})
    except (CheckpointError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{path} is no classifier of this program. Give another file or --out.") from error
    return TrainedClassifier(classifier, accuracy, config)
