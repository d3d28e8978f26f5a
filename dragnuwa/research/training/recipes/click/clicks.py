"""Simulated users: where they click first, and how they correct an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from .....vision.click_network.network import Query
from .composites import Composites

POINTS = 6  # of a query, at most
PER_PICTURE = 4  # queries: three of things, one of the ground
DEEPEST = 0.4  # probability that a click is at the deepest place; otherwise it is anywhere that is not near the rim
MORE = 0.35  # probability of each further first point: a drag has several starts, and other drags say what is not meant
BOXED = 0.12  # probability that a box is drawn instead of a click
EROSIONS = 40


@dataclass(frozen=True)
class Asked:
    """
    Attributes:
        query: Q questions.
        wanted: `[Q, 1, S/4, S/4]` from 0 to 1.
        thing: `[Q]` bool, whether a thing is meant rather than ground.
    """

    query: Query
    wanted: Tensor
    thing: Tensor


def first(composites: Composites, random: torch.Generator) -> Asked:
    """Three clicks on things of each picture, and one on its ground."""
    count, _, height, width = composites.things.shape
    device = composites.things.device
    weight = composites.usable.float() + 1e-6
    chosen = torch.multinomial(weight, PER_PICTURE - 1, replacement=False, generator=random)  # [B, 3]
    again = torch.multinomial(weight, PER_PICTURE - 1, replacement=True, generator=random)
    chosen = torch.where(composites.usable.gather(1, chosen), chosen, again)
    rows = torch.arange(count, device=device)[:, None]
    things = composites.things[rows, chosen]  # [B, 3, h, w]
    wanted = torch.cat([things, composites.ground[:, None].to(things.dtype)], 1).view(-1, 1, height, width)
    usable = torch.cat(
        [composites.usable.gather(1, chosen), composites.ground.flatten(1).any(1, keepdim=True)], 1
    ).flatten()
    picture = rows.expand(-1, PER_PICTURE).flatten()
    thing = (torch.arange(PER_PICTURE, device=device) < PER_PICTURE - 1).repeat(count)

    own = wanted[:, 0] > 0.5
    other = composites.things.sum(1)[picture] > 0.5
    near = F.max_pool2d(wanted, 25, 1, 12)[:, 0] > 0.5
    beside = torch.where(_chance(len(own), 0.5, random)[:, None, None], near | other, torch.ones_like(own)) & ~own
    beside &= F.max_pool2d(wanted, 5, 1, 2)[:, 0] < 0.5
    points, belongs = [place(own, random)], [torch.ones(len(own), device=device)]
    for sign, where in ((1, own), (1, own), (-1, beside), (-1, beside)):
        there = _chance(len(own), MORE, random) & where.flatten(1).any(1) & thing
        points.append(anywhere(where, random))
        belongs.append(there * sign)
    points.append(torch.zeros_like(points[0]))
    belongs.append(torch.zeros_like(belongs[0]))
    belongs = torch.stack(belongs, 1).float()
    boxed = _chance(len(own), BOXED, random) & thing
    box = torch.where(boxed[:, None], _around(own, random), torch.tensor([0.0, 0, 1, 1], device=device))
    belongs = belongs * ~boxed[:, None]
    query = Query(picture, torch.stack(points, 1), belongs, box, -torch.ones_like(wanted))
    return _kept(Asked(query, wanted, thing), usable)


def corrected(asked: Asked, found: Tensor) -> Asked:
    """One more click on each answer `[Q, 1, h, w]` (probabilities): at the deepest place of its largest mistake."""
    query = asked.query
    mistake = (found > 0.5) != (asked.wanted > 0.5)
    missing = mistake & (asked.wanted > 0.5)
    depths = torch.stack([depth((mistake & ~missing)[:, 0]), depth(missing[:, 0])], 1)  # [Q, 2, h, w]
    deepest, at = depths.flatten(1).max(1)
    count, _, height, width = depths.shape
    at = at % (height * width)
    sign = missing[torch.arange(count, device=at.device), 0, at // width, at % width] * 2.0 - 1
    sign = sign * (deepest > 1)
    point = _fractions(at, height, width)
    points, belongs = _pushed(query.points, query.belongs, point, sign)
    return replace(asked, query=replace(query, points=points, belongs=belongs, before=found.detach().float()))


def _pushed(points: Tensor, belongs: Tensor, point: Tensor, sign: Tensor) -> tuple[Tensor, Tensor]:
    """The point in the first free place of each query, or in the last one."""
    free = (belongs == 0).float()
    free[:, -1] += 0.5
    slot = free.argmax(1)
    rows = torch.arange(len(points), device=points.device)
    points, belongs = points.clone(), belongs.clone()
    points[rows, slot], belongs[rows, slot] = point, sign.to(belongs.dtype)
    return points, belongs


def depth(masks: Tensor) -> Tensor:
    """`[Q, h, w]`: how many pixels a place is inside of a mask `[Q, h, w]` bool, in the larger of both directions; up
    to `EROSIONS`. What is beyond the picture counts as outside."""
    kept = F.pad(masks.float(), (1, 1, 1, 1))[:, None]
    total = torch.zeros_like(kept)
    for _ in range(EROSIONS):
        total += kept
        kept = -F.max_pool2d(-kept, 3, 1, 1)
    return total[:, 0, 1:-1, 1:-1]


def place(masks: Tensor, random: torch.Generator) -> Tensor:
    """`[Q, 2]`: a click on each mask, at its deepest place or at any that is not near its rim."""
    inside = depth(masks).flatten(1)
    most = inside.max(1, keepdim=True).values
    share = 0.1 + 0.5 * torch.rand((len(masks), 1), generator=random, device=masks.device)
    share = torch.where(_chance(len(masks), DEEPEST, random)[:, None], torch.ones_like(share), share)
    weight = (inside >= share * most).float() + 1e-9
    at = torch.multinomial(weight, 1, generator=random)[:, 0]
    return _jittered(at, *masks.shape[1:], random)


def anywhere(masks: Tensor, random: torch.Generator) -> Tensor:
    """`[Q, 2]`: any place of each mask."""
    at = torch.multinomial(masks.flatten(1).float() + 1e-9, 1, generator=random)[:, 0]
    return _jittered(at, *masks.shape[1:], random)


def _jittered(at: Tensor, height: int, width: int, random: torch.Generator) -> Tensor:
    shift = torch.rand((len(at), 2), generator=random, device=at.device) - 0.5
    return _fractions(at, height, width) + shift / torch.tensor([width, height], device=at.device)


def _fractions(at: Tensor, height: int, width: int) -> Tensor:
    return torch.stack([(at % width + 0.5) / width, (at // width + 0.5) / height], 1)


def _around(masks: Tensor, random: torch.Generator) -> Tensor:
    """`[Q, 4]`: boxes around masks, drawn up to a tenth too large or too small to each side."""
    height, width = masks.shape[1:]
    columns, rows = masks.any(1).float(), masks.any(2).float()
    left, top = columns.argmax(1) / width, rows.argmax(1) / height
    right, bottom = 1 - columns.flip(1).argmax(1) / width, 1 - rows.flip(1).argmax(1) / height
    box = torch.stack([left, top, right, bottom], 1)
    size = torch.stack([right - left, bottom - top] * 2, 1)
    error = torch.rand(box.shape, generator=random, device=box.device) * 0.16 - 0.06  # mostly outwards
    return (box + error * size * torch.tensor([-1.0, -1, 1, 1], device=box.device)).clamp(0, 1)


def _kept(asked: Asked, usable: Tensor) -> Asked:
    query = asked.query
    kept = Query(*(one[usable] for one in (query.picture, query.points, query.belongs, query.box, query.before)))
    return Asked(kept, asked.wanted[usable], asked.thing[usable])


def _chance(count: int, probability: float, random: torch.Generator) -> Tensor:
    return torch.rand(count, generator=random, device=random.device) < probability
