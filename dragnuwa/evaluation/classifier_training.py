"""Training the classifier on scenes as they look after the checkpoint's VAE, and keeping it beside the results."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import save as serialise
from torch import Tensor

from ..atomic import atomic_write
from ..scenes import HELD_OUT_SEED, SceneConfig, make_scene
from ..weights import CheckpointError, open_tensors
from .cases import plainly_colored
from .classifier import CELLS, COLORS, KINDS, SIDE, Classifier, pictures

log = logging.getLogger(__name__)

TRAIN_SEED = HELD_OUT_SEED + 100_000_000  # beyond those of all cases
TEST_SEED = HELD_OUT_SEED + 200_000_000  # of the scenes on which the accuracy is measured
CHUNK, CHUNK_SEEDS = 500, 10_000  # scenes in memory at full size at a time, and the seeds reserved for them
FRAMES = 4  # of a scene, two of which are used
VAE_BATCH = 16

# Encodes and decodes frames `[B, H, W, 3]` uint8 by the checkpoint's VAE.
ThroughVae = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ClassifierConfig:
    """Everything that a classifier depends on.

    Attributes:
        vae: digest of the VAE's weights.
        width, height: of the pictures.
        assets: pack of the scenes' backgrounds, or None.
        scenes: to train on, two frames of each.
        blurred: scenes to train on whose frames go through the VAE, which costs fifty times as much as painting them;
            a quarter of each batch is drawn from these.
        tests: scenes for the accuracy, all of them through the VAE.
        steps, batch, rate: of the training; AdamW with a learning rate that decays to 0.
    """

    vae: str
    width: int
    height: int
    assets: str | None = None
    scenes: int = 15000
    blurred: int = 400
    tests: int = 150
    steps: int = 2000
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
        if at % (10 * VAE_BATCH) == 0:
            log.info("classifier: %d of %d frames through the VAE", at, count)
    return replace(known, frames=np.concatenate(frames))


def shrunk(known: Examples) -> Examples:
    """The same at the classifier's input size, to save memory."""
    frames, masks = (
        np.stack([cv2.resize(one, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for one in pictures])
        for pictures in (known.frames, known.masks.astype(np.float32))
    )
    return replace(known, frames=frames, masks=masks > 0)


def _many(config: ClassifierConfig) -> Examples:
    """All sharp examples to train on, painted and shrunk a chunk at a time."""
    parts = []
    for first in range(0, config.scenes, CHUNK):
        count = min(CHUNK, config.scenes - first)
        parts.append(shrunk(examples(TRAIN_SEED + first // CHUNK * CHUNK_SEEDS, count, config)))
        log.info("classifier: %d of %d scenes", first + count, config.scenes)
    frames, masks = (np.concatenate([getattr(part, name) for part in parts]) for name in ("frames", "masks"))
    kinds, colors = (torch.cat([getattr(part, name) for part in parts]) for name in ("kinds", "colors"))
    return Examples(frames, masks, kinds, colors)


def train(config: ClassifierConfig, through_vae: ThroughVae) -> TrainedClassifier:
    """The same configuration and VAE give the same classifier; the global random state is not changed."""
    log.info("training the classifier that looks for what prompts name, once for these settings")
    soft = shrunk(blurred(examples(TRAIN_SEED, config.blurred, config), through_vae))
    sharp = _many(config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        classifier = Classifier()
    fit(classifier, sharp, soft, config)
    tests = examples(TEST_SEED, config.tests, config)
    accuracy = accuracy_of(classifier, blurred(tests, through_vae))
    log.info("classifier: %s", json.dumps(asdict(accuracy)))
    return TrainedClassifier(classifier, accuracy, config)


def fit(classifier: Classifier, sharp: Examples, soft: Examples, config: ClassifierConfig) -> None:
    """Train on the examples, mirrored and shifted at random; a quarter of each batch is drawn from the soft ones."""
    rng = np.random.default_rng(0)
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=config.rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, config.rate, total_steps=config.steps, pct_start=0.1)
    classifier.train()
    for step in range(config.steps):
        few = config.batch // 4
        batch = [_drawn(sharp, config.batch - few, rng), _drawn(soft, few, rng)]
        frames, *right = (torch.cat(parts) for parts in zip(*batch, strict=True))
        with torch.autocast(frames.device.type, torch.bfloat16):
            scores = classifier(frames)
        losses = [F.cross_entropy(score.float(), one) for score, one in zip(scores, right, strict=True)]
        optimizer.zero_grad()
        sum(losses).backward()
        optimizer.step()
        schedule.step()
        if (step + 1) % 100 == 0:
            values = ", ".join(f"{float(loss.detach()):.2f}" for loss in losses)
            log.info("classifier: step %d of %d, losses of kind, colour and place %s", step + 1, config.steps, values)


def _drawn(known: Examples, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of `count` random examples, each randomly mirrored and shifted by up to an eighth: pictures `[B, 3, H, W]`, kinds
    and colours `[B]`, and the fraction of the object in each cell of the attention map `[B, 144]`."""
    chosen = rng.integers(len(known.kinds), size=count)
    frames, masks = pictures(known.frames[chosen]), torch.from_numpy(known.masks[chosen])[:, None].float()
    both = torch.stack([_varied(one, rng) for one in torch.cat([frames, masks], 1)])  # [B, 4, H, W]
    places = F.adaptive_avg_pool2d(both[:, 3:], CELLS).flatten(1)  # [B, 144]
    return both[:, :3], known.kinds[chosen], known.colors[chosen], places / places.sum(1, keepdim=True)


def _varied(picture: Tensor, rng: np.random.Generator) -> Tensor:
    """`[C, H, W]`, randomly mirrored, and shifted with wrap-around."""
    picture = picture.flip(2) if rng.random() < 0.5 else picture
    down, right = (int(rng.integers(-side // 8, side // 8 + 1)) for side in picture.shape[1:])
    return picture.roll((down, right), (1, 2))


@torch.no_grad()
def accuracy_of(classifier: Classifier, known: Examples) -> Accuracy:
    classifier.eval()
    kinds, colors = [], []
    for at in range(0, len(known.kinds), VAE_BATCH):
        kind, color, _ = classifier(pictures(known.frames[at : at + VAE_BATCH]))
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
