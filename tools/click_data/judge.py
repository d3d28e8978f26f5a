"""Fits what estimates how good a mask is, in the click network, to choices that people made on photographs.

    .venv/bin/python tools/click_data/photographs.py FOLDER --things tools/click_data/choices.json
    .venv/bin/python tools/click_data/judge.py FOLDER --pack PACK --photos PHOTOS --cutouts CUTOUTS --out WEIGHTS

`choices.json` beside this file has clicks on photographs of free packages, and for each the outline that a person chose
among the candidates. A fifth of the photographs is held out. So that composites are not forgotten, the scenes of
`benchmarks/picking.py` on which choices are made count as much. The result lies between the network that was fitted to
both and the one before (`SHARE`).
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.object_cases import add_sources, case_sets
from benchmarks.picking import CLICK_SIDE, anywhere, deepest
from dragnuwa.common.picture_files import open_picture
from dragnuwa.research.training.recipes.click.export import LICENCE
from dragnuwa.trajectory.objects.masks import outline_mask
from dragnuwa.vision.click_network.network import ClickNetwork
from dragnuwa.vision.click_network.weights import load, save, shipped
from dragnuwa.vision.segmentation.candidates import is_ground
from dragnuwa.vision.segmentation.pick import IN_THE_MIDDLE_LEARNED, centred, first_pick
from dragnuwa.vision.segmentation.prepared import SALIENT, SearchImage, search_image

log = logging.getLogger(__name__)

CHOICES = Path(__file__).with_name("choices.json")
SIDE = 1024  # px, the longer side of a photograph
HELD_OUT = 5  # each fifth photograph
FIRST, SCENES = 100, 80  # seeds of the composites of each set
SHARE = 0.4  # of the fitted weights, against those before
FITS = 4  # of which the mean is taken
EPOCHS, BATCH, RATE = 5, 16, 3e-4
SHARPNESS = 0.05  # of the choice among masks, in overlap
CALIBRATION = 0.5  # weight of the squared error of the estimate
CLOSE = 0.3  # weight of the squared distance from the weights before


@dataclass(frozen=True)
class Question:
    """A click, and M masks among which one is chosen.

    Attributes:
        facts: `[M, D]`, what the judge sees of each mask.
        bonus: `[M]`, what counts beside its estimate.
        overlap: `[M]` from 0 to 1, intersection over union with what was meant.
        photograph: of which it is; empty for a composite.
    """

    facts: Tensor
    bonus: Tensor
    overlap: Tensor
    photograph: str = ""


def asked(picture: SearchImage, click: complex, meant: np.ndarray, photograph: str = "") -> Question | None:
    """
    Args:
        click: in pixels of the image.
        meant: `[H, W]` from 0 to 1, the thing under it.
    """
    patches, seen = picture.patches, []
    pick = first_pick(picture, click)
    masks = [pick.candidates[number] for number in pick.scores or ()]
    masks = [mask for mask in masks if not is_ground(patches, mask)] or masks
    if not masks:
        return None
    found = picture.ask(pick.inside, pick.outside)
    hook = found.shown.network.judge.net.register_forward_hook(lambda _, given, __: seen.append(given[0][0]))
    found.overlaps(masks)
    hook.remove()
    stacked = np.stack(masks)
    middle = [centred(patches, mask, pick.inside[0]) for mask in masks]
    bonus = SALIENT * found.agreement(stacked) + IN_THE_MIDDLE_LEARNED[0] * np.array(middle)
    small = cv2.resize(meant.astype(np.float32), picture.small.shape[1::-1], interpolation=cv2.INTER_AREA)
    area = patches.mean(small) * patches.area
    both = stacked @ area
    overlap = both / (stacked @ patches.area + area.sum() - both)
    return Question(seen[0].clone(), *(torch.from_numpy(part).float() for part in (bonus, overlap)), photograph)


def of_photographs(folder: Path) -> Iterator[Question]:
    for each in json.loads(CHOICES.read_text(encoding="utf-8"))["photographs"]:
        with open_picture(folder / each["file"]) as opened:
            scale = SIDE / max(opened.size)
            size = tuple(round(side * scale) for side in opened.size)
            picture = search_image(np.asarray(opened.convert("RGB").resize(size)))
        for choice in each["choices"]:
            click = complex(choice["click"][0] * size[0] - 0.5, choice["click"][1] * size[1] - 0.5)
            question = asked(picture, click, outline_mask(choice["outline"], *size), each["file"])
            if question is not None:
                yield question


def of_composites(options: argparse.Namespace) -> Iterator[Question]:
    for make in case_sets(options).values():
        for seed in range(FIRST, FIRST + SCENES):
            case, rng = make(seed), np.random.default_rng(seed)
            scale = CLICK_SIDE / max(case.mask.shape)
            size = tuple(round(side * scale) for side in case.mask.shape[::-1])
            picture = search_image(cv2.resize(case.image, size, interpolation=cv2.INTER_CUBIC))
            mask = cv2.resize(case.mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
            for click in (deepest(mask), anywhere(mask, rng)):
                question = asked(picture, click, mask)
                if question is not None:
                    yield question


def fitted(before: nn.Module, questions: list[Question], seed: int) -> nn.Module:
    """The judge's network, such that what it chooses overlaps well, and that it says how well."""
    torch.manual_seed(seed)
    network = copy.deepcopy(before).requires_grad_(True)
    weights, first = list(network.parameters()), list(before.parameters())
    optimiser = torch.optim.Adam(weights, RATE)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(questions)).split(BATCH):
            loss = CLOSE * sum((one - other).square().sum() for one, other in zip(weights, first, strict=True))
            for question in (questions[number] for number in batch):
                estimate = network(question.facts)[:, 0].sigmoid()
                choice = ((estimate + question.bonus) / SHARPNESS).softmax(0)
                error = 1 - (choice * question.overlap).sum()
                error = error + CALIBRATION * (estimate - question.overlap).square().mean()
                loss = loss + error / len(batch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return network.requires_grad_(False)


def between(before: nn.Module, fits: list[nn.Module]) -> nn.Module:
    """The network `SHARE` of the way from one to the mean of others."""
    found = copy.deepcopy(before)
    for number, weight in enumerate(found.parameters()):
        mean = torch.stack([list(one.parameters())[number] for one in fits]).mean(0)
        weight.data.lerp_(mean, SHARE)
    return found


def chosen(network: nn.Module, questions: Iterable[Question]) -> float:
    """The mean overlap of the masks that are chosen."""
    found = [float(each.overlap[(network(each.facts)[:, 0].sigmoid() + each.bonus).argmax()]) for each in questions]
    return float(np.mean(found))


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the photographs")
    add_sources(parser)
    parser.add_argument("--click", type=Path, help="weights before; the pack's by default")
    parser.add_argument("--out", type=Path, required=True, help="file for the weights of the click network")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    network = shipped().click if options.click is None else load(options.click, ClickNetwork())
    real, composites = list(of_photographs(options.folder)), list(of_composites(options))
    names = sorted({question.photograph for question in real})[::HELD_OUT]
    held_out = [question for question in real if question.photograph in names]
    trained = [question for question in real if question.photograph not in names]
    log.info("%d choices, %d of them held out, %d composites", len(real), len(held_out), len(composites))
    before = network.judge.net
    after = between(before, [fitted(before, trained + composites, seed) for seed in range(FITS)])
    for name, part in {"trained": trained, "held out": held_out, "composites": composites}.items():
        best = np.mean([float(question.overlap.max()) for question in part])
        log.info("%s: %.3f before, %.3f after; best %.3f", name, chosen(before, part), chosen(after, part), best)
    network.judge.net = after
    save(network.state_dict(), options.out, licence=LICENCE)


if __name__ == "__main__":
    main()
