"""What the click network is trained on: its masks, its estimates of overlap, and whether there is a thing."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .....vision.click_network.network import MASKS, Answer, ClickNetwork, Encoded
from .clicks import Asked
from .composites import Composites

FOCAL = 8.0  # weight of the focal term beside that of Dice
BEST = 0.85  # share of the best of the masks in the loss; the others keep learning with the rest
JUDGED = 1.5
THING = 0.2


def losses(
    network: ClickNetwork, encoded: Encoded, asked: Asked, answer: Answer, composites: Composites
) -> tuple[Tensor, dict[str, Tensor], Tensor]:
    """The loss, figures to log, and the mask `[Q, 1, h, w]` that the network prefers."""
    thing, wanted = asked.thing, asked.wanted
    logits = answer.logits.float()
    found = logits.sigmoid()
    each = _mask_loss(logits, wanted.expand_as(logits))  # [Q, MASKS]
    each = BEST * each.min(1).values + (1 - BEST) * each.mean(1)
    weight = torch.where(thing, 1.0, 0.25)  # whether ground is one or many is open
    masks = torch.cat([found.detach(), _variants(asked, composites)], 1)
    with torch.autocast(logits.device.type, enabled=False):
        judged = network.overlap(encoded, asked.query, answer, masks)
    overlaps = overlap(masks, wanted)
    estimate = (judged - overlaps).square()
    estimate = (estimate[:, :MASKS].mean(1) + estimate[:, MASKS:].mean(1)) * thing
    decided = F.binary_cross_entropy_with_logits(answer.thing.float(), thing.float(), reduction="none")
    total = (weight * each + JUDGED * estimate + THING * decided).mean()
    preferred = judged[:, :MASKS].argmax(1)
    rows = torch.arange(len(preferred), device=preferred.device)
    own = overlaps[:, :MASKS]
    figures = {
        "overlap": own[rows, preferred][thing].mean(),
        "best": own.max(1).values[thing].mean(),
        "estimate_error": (judged - overlaps).abs()[thing].mean(),
        "thing": ((answer.thing > 0) == thing).float().mean(),
        "loss": total,
    }
    return total, {name: value.detach() for name, value in figures.items()}, found[rows, preferred, None]


def overlap(masks: Tensor, wanted: Tensor) -> Tensor:
    """`[Q, M]`: intersection over union of `[Q, M, h, w]` with `[Q, 1, h, w]`, both at one half."""
    one, other = masks > 0.5, wanted > 0.5
    return (one & other).sum((2, 3)) / (one | other).sum((2, 3)).clamp(min=1)


def _mask_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    found = logits.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    focal = ((found - wanted).abs() * entropy).mean((2, 3))
    area = wanted.mean((2, 3)).clamp(min=0.01)
    both = (found * wanted).sum((2, 3))
    dice = 1 - (2 * both + 1) / (found.sum((2, 3)) + wanted.sum((2, 3)) + 1)
    return FOCAL * focal * (0.1 / area).sqrt().clamp(0.5, 2) + dice


def _variants(asked: Asked, composites: Composites) -> Tensor:
    """`[Q, 7, h, w]`: masks that are nearly right or plainly wrong, for the estimate of any mask's overlap: the thing
    itself, smaller, larger, a part of it, with another thing, another thing, with some of its surroundings."""
    wanted = asked.wanted
    count, _, height, width = wanted.shape
    device = wanted.device
    size = 1 + 2 * torch.randint(1, 5, (1,)).item()
    larger = F.max_pool2d(wanted, size, 1, size // 2)
    smaller = -F.max_pool2d(-wanted, size, 1, size // 2)
    noise = F.interpolate(torch.randn(count, 1, 4, 4, device=device), size=(height, width), mode="bicubic")
    patch = (noise * 8).sigmoid()
    layers = composites.things.shape[1]
    other = composites.things[asked.query.picture, torch.randint(layers, (count,), device=device)][:, None]
    wide = F.max_pool2d(wanted, 17, 1, 8)
    return torch.cat(
        [
            wanted,
            smaller,
            larger,
            wanted * patch,
            torch.maximum(wanted, other),
            other,
            torch.maximum(wanted, wide * patch),
        ],
        1,
    )
