"""What a click means: masks of the thing under it, an estimate of how good any mask is, and whether there is a thing.

A picture is encoded once (`ClickNetwork.encode`). A query is a set of points that belong to the thing or do not, a box
around it, and the mask that it had before, each of them optional but for one point or a box. On every level the
decoder sees the features, their likeness to those under the points, and the distance to the points.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTHS = 32, 64, 96, 128  # channels at 1/4, 1/8, 1/16 and 1/32 of the picture's size
EMBEDDING = 32  # channels of which likeness is measured
MASKS = 3  # answers to one query
HEADS = 4
REACHES = 0.03, 0.12, 0.4  # of the picture's longer side, of the Gaussians around points that belong
OUTSIDE_RADIUS = 0.04  # the same, around points that do not
GUIDES = len(REACHES) + 5  # maps that tell the decoder about the query
HIDDEN = 96
FACTS = 3 * MASKS + 6  # numbers about a mask that are not pooled features
STRIDE = 32  # px; a picture's sides have to be multiples of it
CHANNELS = 24, 40, 112, 320  # of the features at 1/4, 1/8, 1/16 and 1/32 of the picture's size
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's pictures


@dataclass(frozen=True)
class Query:
    """Q questions about pictures.

    Attributes:
        picture: `[Q]` int64, the picture of each.
        points: `[Q, P, 2]`, (x, y) as fractions of the picture's width and height.
        belongs: `[Q, P]`, 1 where a point belongs to the thing, -1 where it does not, 0 where there is none.
        box: `[Q, 4]`, left, top, right, bottom as fractions; the whole picture where there is none.
        before: `[Q, 1, H/4, W/4]`, the probability that the last answer gave, or -1 where there is none.
    """

    picture: Tensor
    points: Tensor
    belongs: Tensor
    box: Tensor
    before: Tensor


@dataclass(frozen=True)
class Encoded:
    """
    Attributes:
        levels: the features of B pictures at 1/4, 1/8, 1/16 and 1/32 of their size.
        embeddings: of the same sizes, of unit length.
        small: `[B, 3, H/4, W/4]`, the pictures.
    """

    levels: list[Tensor]
    embeddings: list[Tensor]
    small: Tensor


@dataclass(frozen=True)
class Answer:
    """
    Attributes:
        logits: `[Q, MASKS, H/4, W/4]`, whether a pixel belongs to the thing.
        thing: `[Q]`, logits: whether there is a thing, rather than ground.
        features: `[Q, C, h, w]` of the decoder at 1/4, 1/16 and 1/32, from which masks are judged.
    """

    logits: Tensor
    thing: Tensor
    features: list[Tensor]


class Mix(nn.Module):
    """Joins inputs to a width, and looks around twice."""

    def __init__(self, inputs: int, width: int):
        super().__init__()
        self.join = nn.Conv2d(inputs, width, 1)
        self.around = nn.ModuleList([nn.Conv2d(width, width, 5, padding=2, groups=width) for _ in range(2)])
        self.norms = nn.ModuleList([nn.GroupNorm(8, width) for _ in range(2)])
        self.widen = nn.ModuleList([nn.Conv2d(width, 2 * width, 1) for _ in range(2)])
        self.narrow = nn.ModuleList([nn.Conv2d(2 * width, width, 1) for _ in range(2)])

    def forward(self, x: Tensor) -> Tensor:
        x = self.join(x)
        for around, norm, widen, narrow in zip(self.around, self.norms, self.widen, self.narrow, strict=True):
            x = x + narrow(F.silu(widen(norm(around(x)))))
        return x


class Attention(nn.Module):
    """A transformer layer over all positions, whose places come from a depthwise convolution (arXiv 2102.10882)."""

    def __init__(self, width: int):
        super().__init__()
        self.place = nn.Conv2d(width, width, 3, padding=1, groups=width)
        self.norm, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.SiLU(), nn.Linear(2 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.place(x)
        queries, channels, height, width = x.shape
        tokens = x.flatten(2).transpose(1, 2)  # [Q, N, C]
        qkv = self.qkv(self.norm(tokens)).view(queries, -1, 3, HEADS, channels // HEADS)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # [Q, heads, N, C / heads]
        seen = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(queries, -1, channels)
        tokens = tokens + self.out(seen)
        tokens = tokens + self.mlp(self.norm2(tokens))
        return tokens.transpose(1, 2).reshape(queries, channels, height, width)


class ClickNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.inputs = nn.ModuleList([nn.GroupNorm(8, one) for one in CHANNELS])
        self.lateral = nn.ModuleList([nn.Conv2d(one, width, 1) for one, width in zip(CHANNELS, WIDTHS, strict=True)])
        self.down = nn.ModuleList([nn.Conv2d(a, b, 1) for a, b in zip(WIDTHS[1:], WIDTHS, strict=False)])
        self.embed = nn.ModuleList([nn.Conv2d(width, EMBEDDING, 1) for width in WIDTHS])
        below = (*WIDTHS[1:], 0)
        colours = 3, 0, 0, 0  # the finest level sees the picture itself, too
        self.mixes = nn.ModuleList(
            [Mix(own + low + GUIDES + rgb, own) for own, low, rgb in zip(WIDTHS, below, colours, strict=True)]
        )
        self.attention = nn.Sequential(Attention(WIDTHS[3]), Attention(WIDTHS[3]))
        self.masks = nn.Conv2d(WIDTHS[0], MASKS, 1)
        self.thing = nn.Sequential(nn.Linear(WIDTHS[3] + WIDTHS[2], HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, 1))
        self.judge = Judge()

    def encode(self, pictures: Tensor) -> Encoded:
        """Features of `[B, 3, H, W]` from 0 to 1, for any number of queries."""
        found = [norm(one) for norm, one in zip(self.inputs, self.encoder(pictures), strict=True)]
        levels = [lateral(one) for lateral, one in zip(self.lateral, found, strict=True)]
        for n in (2, 1, 0):
            levels[n] = levels[n] + self.down[n](_resized(levels[n + 1], levels[n]))
        embeddings = [F.normalize(embed(one), dim=1) for embed, one in zip(self.embed, levels, strict=True)]
        return Encoded(levels, embeddings, F.avg_pool2d(pictures, 4) - 0.5)

    def forward(self, encoded: Encoded, query: Query) -> Answer:
        kept, h = {}, None
        for n in (3, 2, 1, 0):
            level = _of(encoded.levels[n], query)  # [Q, C, h, w]
            parts = [level, _guides(encoded.embeddings[n], query)]
            if h is not None:
                parts.append(_resized(h, level))
            if n == 0:
                parts.append(_of(encoded.small, query))
            h = self.mixes[n](torch.cat([_channels_last(part) for part in parts], 1))
            if n == 3:
                h = self.attention(h)
            kept[n] = h
        pooled = torch.cat([kept[3].mean((2, 3)), kept[2].mean((2, 3))], 1)
        return Answer(self.masks(h), self.thing(pooled)[:, 0], [kept[0], kept[2], kept[3]])

    def overlap(self, encoded: Encoded, query: Query, answer: Answer, masks: Tensor) -> Tensor:
        """`[Q, M]` from 0 to 1: the estimated intersection over union of each mask `[Q, M, H/4, W/4]` (0 to 1) with the
        whole thing that is meant."""
        return self.judge(encoded, query, answer, masks)


class Judge(nn.Module):
    """Estimates how good a mask is: from the features inside of it, around it and outside, and from the answer."""

    def __init__(self):
        super().__init__()
        pooled = WIDTHS[0] + 3 * WIDTHS[2] + 2 * WIDTHS[3]
        self.net = nn.Sequential(
            nn.Linear(pooled + FACTS, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, 1)
        )

    def forward(self, encoded: Encoded, query: Query, answer: Answer, masks: Tensor) -> Tensor:
        fine, middle, coarse = (one.float() for one in answer.features)  # sums over a mask need the precision
        m16, m32 = (F.adaptive_avg_pool2d(masks, one.shape[-2:]) for one in (middle, coarse))
        ring = (F.max_pool2d(m16, 5, 1, 2) - m16).clamp(min=0)
        pooled = [
            _pooled(fine, masks),
            _pooled(middle, m16),
            _pooled(middle, ring),
            _pooled(middle, 1 - m16),
            _pooled(coarse, m32),
            _pooled(coarse, 1 - m32),
        ]
        likeness = self._likeness(_of(encoded.embeddings[2], query).float(), query, m16, ring)
        return self.net(torch.cat([*pooled, likeness, _facts(answer.logits.float(), masks)], 2))[..., 0].sigmoid()

    def _likeness(self, embedding: Tensor, query: Query, inside: Tensor, ring: Tensor) -> Tensor:
        """`[Q, M, 4]`: of the mask's inside to what is around it, to itself, and to the points."""
        mean = F.normalize(_pooled(embedding, inside), dim=2)  # [Q, M, E]
        around = F.normalize(_pooled(embedding, ring), dim=2)
        at = _at(embedding, query.points)  # [Q, P, E]
        weight = (query.belongs > 0).to(at.dtype)[..., None]
        click = F.normalize((at * weight).sum(1) / weight.sum(1).clamp(min=1), dim=1)[:, None]
        uniform = _pooled(torch.einsum("qme,qehw->qmhw", mean, embedding)[:, :, None], inside[:, :, None])
        return torch.stack(
            [(mean * around).sum(2), uniform[..., 0, 0], (mean * click).sum(2), (around * click).sum(2)], 2
        )


def _pooled(features: Tensor, masks: Tensor) -> Tensor:
    """The mean of features under masks: `[Q, C, h, w]` and `[Q, M, h, w]` to `[Q, M, C]`; or, for features of each
    mask, `[Q, M, C, h, w]` and `[Q, M, 1, h, w]` to `[Q, M, C, 1]`."""
    total = masks.sum((-2, -1)).clamp(min=1e-3)
    if features.dim() == 5:
        return (features * masks).sum((-2, -1), keepdim=True)[..., 0] / total[..., None]
    return torch.einsum("qchw,qmhw->qmc", features, masks) / total[..., None]


def _facts(logits: Tensor, masks: Tensor) -> Tensor:
    """`[Q, M, 3 MASKS + 2]`: the agreement with each answer, the size, and how much lies on the picture's border."""
    answers, size = logits.sigmoid().flatten(2), masks.flatten(2).mean(2)  # [Q, A, N], [Q, M]
    both = torch.einsum("qan,qmn->qma", answers, masks.flatten(2)) / masks[0, 0].numel()
    total = answers.mean(2)[:, None]  # [Q, 1, A]
    shared = both / (size[..., None] + total - both).clamp(min=1e-4)
    inside, covered = both / size[..., None].clamp(min=1e-4), both / total.clamp(min=1e-4)
    rim = torch.cat([masks[..., 0, :], masks[..., -1, :], masks[..., 0], masks[..., -1]], 2).mean(2)
    return torch.cat([shared, inside, covered, torch.stack([size, rim], 2)], 2)


def _guides(embedding: Tensor, query: Query) -> Tensor:
    """`[Q, GUIDES, h, w]`: likeness to the points, Gaussians around them, the box, the mask before."""
    height, width = embedding.shape[-2:]
    own = _of(embedding, query)  # [Q, E, h, w]
    at = _at(own, query.points)  # [Q, P, E]
    like = torch.einsum("qpe,qehw->qphw", at, own)
    y = (torch.arange(height, device=own.device, dtype=torch.float32) + 0.5) / height
    x = (torch.arange(width, device=own.device, dtype=torch.float32) + 0.5) / width
    longer = max(height, width)
    across = (x[None, None] - query.points[..., 0, None]) * (width / longer)  # [Q, P, w]
    along = (y[None, None] - query.points[..., 1, None]) * (height / longer)
    distance = across.square()[:, :, None] + along.square()[..., None]  # [Q, P, h, w]
    maps = []
    for sign, reaches in ((1, REACHES), (-1, (OUTSIDE_RADIUS,))):
        there = (query.belongs == sign)[..., None, None]
        maps.append(torch.where(there, like.float(), -1.0).amax(1))
        nearest = torch.where(there, distance, torch.inf).amin(1)
        maps += [torch.exp(nearest / (-2 * reach * reach)) for reach in reaches]
    left, top, right, bottom = query.box[:, :, None, None].unbind(1)
    maps.append(((x >= left) & (x <= right) & (y[:, None] >= top) & (y[:, None] <= bottom)).float())
    maps.append(F.adaptive_avg_pool2d(query.before.float(), (height, width))[:, 0])
    return torch.stack(maps, 1).to(own.dtype)


def _at(features: Tensor, points: Tensor) -> Tensor:
    """`[Q, P, C]`: features `[Q, C, h, w]` at points `[Q, P, 2]`."""
    grid = (points * 2 - 1)[:, None].to(features.dtype)
    return F.grid_sample(features, grid, align_corners=False, padding_mode="border")[:, :, 0].transpose(1, 2)


def _of(features: Tensor, query: Query) -> Tensor:
    """`[Q, C, h, w]`: features `[B, C, h, w]` of the picture of each question; not copied where there is one."""
    if len(features) == 1:
        return features.expand(len(query.picture), -1, -1, -1)
    return features[query.picture]


def _channels_last(x: Tensor) -> Tensor:
    """In the memory format in which a CPU convolves fastest (`weights.load`)."""
    return x.contiguous(memory_format=torch.channels_last)


def _resized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=False)


@dataclass(frozen=True)
class Stage:
    """Blocks of the same width; the first one has the stride."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STEM = 32
STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
OUTPUTS = 1, 2, 4, 6  # the stages whose last block's output is returned


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow pads with "SAME": where a stride leaves an odd number, one more at the end."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1):
        super().__init__(inputs, outputs, kernel, stride, 0, groups=groups)
        total = kernel - stride
        self.margin = (total // 2, total - total // 2) * 2

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.margin) if any(self.margin) else x)


class Block(nn.Module):
    """An inverted residual: expansion, depthwise convolution, projection."""

    def __init__(self, inputs: int, stage: Stage, stride: int):
        super().__init__()
        width = inputs * stage.expansion
        self.expand = nn.Conv2d(inputs, width, 1) if stage.expansion > 1 else None
        self.depthwise = SameConv(width, width, stage.kernel, stride, groups=width)
        self.project = nn.Conv2d(width, stage.channels, 1)
        self.residual = stride == 1 and inputs == stage.channels

    def forward(self, x: Tensor) -> Tensor:
        h = x if self.expand is None else F.relu6(self.expand(x))
        h = self.project(F.relu6(self.depthwise(h)))
        return x + h if self.residual else h


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = SameConv(3, STEM, 3, 2)
        self.stages, width = nn.ModuleList(), STEM
        for stage in STAGES:
            blocks = [
                Block(width if n == 0 else stage.channels, stage, stage.stride if n == 0 else 1)
                for n in range(stage.repeats)
            ]
            self.stages.append(nn.Sequential(*blocks))
            width = stage.channels
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(1, 3, 1, 1), persistent=False)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Features of pictures `[B, 3, H, W]` from 0 to 1, whose sides are multiples of `STRIDE`: `[B, C, H/s, W/s]`
        for s of 4, 8, 16 and 32."""
        h = F.relu6(self.stem((pictures - self.mean) / self.deviation))  # [B, 32, H/2, W/2]
        outputs = []
        for number, stage in enumerate(self.stages):
            h = stage(h)
            if number in OUTPUTS:
                outputs.append(h)
        return outputs
