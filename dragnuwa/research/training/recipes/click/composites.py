"""Composites: cut-outs over photographs, many at once, on any device.

Things have many colours (patches and bands inside one silhouette), overlap, cast shadows, take on the colours and the
light around them, and the whole goes through a camera: defocus, noise, another exposure, JPEG.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .camera import blurred, through_camera
from .stock import Stock

LAYERS = 6  # things in a picture, at most
SIZES = 0.1, 1.1  # of a thing, as a fraction of the picture's side
TWIN = 0.25  # probability that a thing is beside another one of its kind
SMALLEST = 0.0025  # of the picture's area that a thing has to show
SHOWN = 0.3  # of a thing that has to be visible


@dataclass(frozen=True)
class Composites:
    """
    Attributes:
        pictures: `[B, 3, S, S]` from 0 to 1.
        things: `[B, LAYERS, S/4, S/4]` from 0 to 1, what is seen of each thing.
        usable: `[B, LAYERS]` bool, whether enough of it is seen.
        ground: `[B, S/4, S/4]` bool, where no thing is near.
    """

    pictures: Tensor
    things: Tensor
    usable: Tensor
    ground: Tensor


class Composer:
    def __init__(self, stock: Stock, side: int, seed: int):
        self.stock, self.side = stock, side
        self.device = stock.cutouts.device
        self.random = torch.Generator(self.device).manual_seed(seed)

    @torch.no_grad()
    def batch(self, count: int) -> Composites:
        picture = self._background(count)
        rgb, alpha = self._things(count, picture)
        shadows = self._uniform(count, LAYERS) < 0.4
        strength = self._uniform(count, LAYERS, low=0.15, high=0.65) * shadows
        shift = self._uniform(count, LAYERS, 2, low=-0.05, high=0.05)
        seen = torch.zeros_like(alpha)
        for n in range(LAYERS):
            shadow = blurred(_shifted(alpha[:, n, None], shift[:, n]), self.side / 60)[:, 0]
            picture = picture * (1 - strength[:, n, None, None] * shadow)[:, None]
            a = alpha[:, n, None]
            picture = picture * (1 - a) + self._harmonised(rgb[:, n], a, picture) * a
            seen = seen * (1 - a)
            seen[:, n] = alpha[:, n]
        picture = through_camera(picture, self.random)
        things, whole = (F.avg_pool2d(one, 4) for one in (seen, alpha))
        area, total = things.mean((2, 3)), whole.mean((2, 3))
        usable = (area > SMALLEST) & (area > SHOWN * total)
        near = F.max_pool2d(things.amax(1, keepdim=True), 13, 1, 6)[:, 0]
        return Composites(picture, things, usable, near < 0.02)

    def _background(self, count: int) -> Tensor:
        photos = self._photo_crops(count, self.side, (0.45, 1.0))
        flat = self._uniform(count, 3, 1, 1).expand_as(photos)
        other = self._uniform(count, 3, 1, 1)
        ramp = torch.linspace(0, 1, self.side, device=self.device)[:, None]
        flat = torch.where(self._chance(count, 0.5), flat, flat + (other - flat) * ramp)
        picture = torch.where(self._chance(count, 0.06), flat, photos)
        return torch.where(self._chance(count, 0.25), blurred(picture, self.side / 120), picture)

    def _photo_crops(self, count: int, side: int, zoom: tuple[float, float]) -> Tensor:
        """`[count, 3, side, side]`: parts of photographs, mirrored and slightly turned."""
        photos = self.stock.photos[self._index(count, len(self.stock.photos))].float() / 255
        scale = self._uniform(count, low=zoom[0], high=zoom[1])
        angle = self._normal(count) * 0.08
        mirror = (self._uniform(count) < 0.5) * 2.0 - 1
        centre = self._uniform(count, 2, low=-1, high=1) * (1 - scale)[:, None]
        c, s = torch.cos(angle) * scale, torch.sin(angle) * scale
        theta = torch.stack([c * mirror, -s, centre[:, 0], s * mirror, c, centre[:, 1]], 1).view(-1, 2, 3)
        grid = F.affine_grid(theta, [count, 3, side, side], align_corners=False)
        return F.grid_sample(photos, grid, align_corners=False, padding_mode="reflection")

    def _things(self, count: int, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Colours `[B, LAYERS, 3, S, S]` and opacity `[B, LAYERS, S, S]` of the things, in front of each other."""
        total = count * LAYERS
        index = self._index(total, len(self.stock.cutouts)).view(count, LAYERS)
        size = torch.exp(self._uniform(count, LAYERS, low=math.log(SIZES[0]), high=math.log(SIZES[1])))
        place = self._uniform(count, LAYERS, 2, low=-0.95, high=0.95) * (1 - 0.35 * size)[..., None]
        angle = self._normal(count, LAYERS) * torch.where(self._uniform(count, LAYERS) < 0.8, 0.15, 1.2)
        mirror = (self._uniform(count, LAYERS) < 0.5) * 2.0 - 1
        twin = self._uniform(count, LAYERS) < TWIN
        for n in range(1, LAYERS):  # beside the one before, of about its size
            t, last = twin[:, n], n - 1
            index[:, n] = torch.where(t, index[:, last], index[:, n])
            size[:, n] = torch.where(t, size[:, last] * self._uniform(count, low=0.8, high=1.2), size[:, n])
            beside = place[:, last] + self._uniform(count, 2, low=-1.3, high=1.3) * size[:, last, None]
            place[:, n] = torch.where(t[:, None], beside, place[:, n])
            angle[:, n] = torch.where(t, angle[:, last] + 0.1 * self._normal(count), angle[:, n])
        cut = self._recoloured(self.stock.cutouts[index.flatten()].float() / 255, total)
        squeeze = torch.where(self._uniform(total) < 0.2, self._uniform(total, low=0.35, high=1), 1.0)
        half = size.flatten() * 128 / 118
        c, s = torch.cos(angle.flatten()), torch.sin(angle.flatten())
        sx, sy = mirror.flatten() / (half * squeeze), 1 / half
        x, y = place.view(total, 2).unbind(1)
        theta = torch.stack([c * sx, s * sx, -(c * x + s * y) * sx, -s * sy, c * sy, (s * x - c * y) * sy], 1)
        grid = F.affine_grid(theta.view(-1, 2, 3), [total, 4, self.side, self.side], align_corners=False)
        layers = F.grid_sample(torch.cat([cut[:, :3] * cut[:, 3:], cut[:, 3:]], 1), grid, align_corners=False)
        soft = blurred(layers, self.side / 300)
        layers = torch.where(self._chance(total, 0.4), soft, layers)
        layers = torch.where(self._chance(total, 0.08), blurred(soft, self.side / 110), layers)
        number = 1 + self._index(count, LAYERS)  # things of this picture
        there = (torch.arange(LAYERS, device=self.device) < number[:, None]).view(total, 1, 1)
        alpha = layers[:, 3] * there
        rgb = layers[:, :3] / layers[:, 3:].clamp(min=1e-3)
        return rgb.view(count, LAYERS, 3, self.side, self.side), alpha.view(count, LAYERS, self.side, self.side)

    def _recoloured(self, cut: Tensor, total: int) -> Tensor:
        """Cut-outs `[N, 4, C, C]` with patches, bands and textures of other colours inside their silhouettes; some are
        shapes instead."""
        side = cut.shape[-1]
        alpha = torch.where(self._chance(total, 0.1), self._shapes(total, side), cut[:, 3:])
        texture = self._photo_crops(total, side, (0.1, 0.8))
        rgb = torch.where(self._chance(total, 0.07), texture, cut[:, :3])
        many = self._chance(total, 0.45)
        for _ in range(3):
            plain = self._uniform(total, 3, 1, 1).expand_as(rgb)
            black_or_white = torch.where(self._chance(total, 0.3), (plain[:, :1] > 0.5).float().expand_as(rgb), plain)
            dimmed = rgb * self._uniform(total, 1, 1, 1, low=0.3, high=1.7)
            colour = torch.where(
                self._chance(total, 0.3), texture.flip(3), torch.where(self._chance(total, 0.3), dimmed, black_or_white)
            )
            part = torch.where(self._chance(total, 0.4), self._bands(total, side), self._patches(total, side))
            part = part * many * (self._uniform(total, 1, 1, 1) < 0.7) * self._uniform(total, 1, 1, 1, low=0.5, high=1)
            rgb = rgb + (colour - rgb) * part
        tint = 1 + 0.25 * self._normal(total, 3, 1, 1)
        rgb = torch.where(self._chance(total, 0.3), rgb * tint, rgb)
        return torch.cat([rgb.clamp(0, 1), alpha], 1)

    def _patches(self, total: int, side: int) -> Tensor:
        """`[N, 1, side, side]`: blotches with sharp edges."""
        return self._edged(self._noise(total, side), self._normal(total, 1, 1, 1) * 0.25)

    def _bands(self, total: int, side: int) -> Tensor:
        """`[N, 1, side, side]`: one band, or stripes, mostly level."""
        line = torch.linspace(-1, 1, side, device=self.device)
        angle = torch.where(self._uniform(total) < 0.6, 1.5708, self._uniform(total) * 3.1416)[:, None, None]
        across = torch.cos(angle) * line[None, None, :] + torch.sin(angle) * line[None, :, None]  # [N, side, side]
        across = across + 0.1 * self._noise(total, side)[:, 0]
        often = torch.where(
            self._uniform(total) < 0.7, self._uniform(total, low=0.3, high=0.8), self._uniform(total, low=1, high=6)
        )
        wave = torch.sin(across * 3.1416 * often[:, None, None] + 6.2832 * self._uniform(total, 1, 1))
        return self._edged(wave[:, None], self._uniform(total, 1, 1, 1, low=-0.5, high=0.5))

    def _edged(self, height: Tensor, level: Tensor) -> Tensor:
        sharp = torch.exp(self._uniform(len(height), 1, 1, 1, low=1.5, high=4.5))
        return ((height - level) * sharp).sigmoid()

    def _noise(self, total: int, side: int) -> Tensor:
        """`[N, 1, side, side]` smooth noise of about unit deviation, coarse or finer."""
        coarse, fine = (
            F.interpolate(self._normal(total, 1, cells, cells), size=side, mode="bicubic") for cells in (4, 10)
        )
        return torch.where(self._chance(total, 0.6), coarse, fine)

    def _shapes(self, total: int, side: int) -> Tensor:
        """`[N, 1, side, side]`: silhouettes of random shapes, round, lobed or star-like."""
        line = torch.linspace(-1.05, 1.05, side, device=self.device)
        y, x = line[:, None], line[None, :]
        angle, radius = torch.atan2(y, x).expand(side, side), (x.square() + y.square()).sqrt()
        waves = torch.arange(1, 8, device=self.device)
        height = self._normal(total, 7, 1, 1) * 0.25 / waves.view(-1, 1, 1)
        phase = self._uniform(total, 7, 1, 1) * 6.2832
        rim = 0.65 + (height * torch.cos(angle * waves.view(-1, 1, 1) + phase)).sum(1)
        return ((rim.clamp(0.2, 0.95) - radius) * side / 2).clamp(0, 1)[:, None]

    def _harmonised(self, rgb: Tensor, alpha: Tensor, picture: Tensor) -> Tensor:
        """A thing's colours, moved towards those around it, and lit from one side."""
        wide = F.interpolate(F.avg_pool2d(alpha, 8), scale_factor=8.0)
        around = (blurred(wide, self.side / 24) - alpha).clamp(min=0)
        own = (rgb * alpha).sum((2, 3), keepdim=True) / alpha.sum((2, 3), keepdim=True).clamp(min=1)
        near = (picture * around).sum((2, 3), keepdim=True) / around.sum((2, 3), keepdim=True).clamp(min=1)
        count = len(rgb)
        share = self._uniform(count, 1, 1, 1, low=0, high=0.75) * self._chance(count, 0.6)
        line = torch.linspace(-1, 1, self.side, device=self.device)
        light = self._normal(count, 2, 1, 1) * 0.25
        lit = 1 + light[:, :1] * line[:, None] + light[:, 1:] * line
        return ((own + (rgb - own) * (1 - 0.5 * share) + (near - own) * share) * lit).clamp(0, 1)

    def _uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return torch.rand(shape, generator=self.random, device=self.device) * (high - low) + low

    def _normal(self, *shape: int) -> Tensor:
        return torch.randn(shape, generator=self.random, device=self.device)

    def _index(self, count: int, below: int) -> Tensor:
        return torch.randint(below, (count,), generator=self.random, device=self.device)

    def _chance(self, count: int, probability: float) -> Tensor:
        """`[count, 1, 1, 1]` bool."""
        return self._uniform(count, 1, 1, 1) < probability


def _shifted(x: Tensor, shift: Tensor) -> Tensor:
    """Pictures moved by a fraction of their size, `[B, 2]`."""
    theta = torch.zeros(len(x), 2, 3, device=x.device)
    theta[:, 0, 0] = theta[:, 1, 1] = 1
    theta[:, :, 2] = -2 * shift
    return F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), align_corners=False)
