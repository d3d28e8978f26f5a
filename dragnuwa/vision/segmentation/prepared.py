"""A picture prepared for segmentation, at the resolution used for the search: the part that a clip shows, or all of it
where the clip crops no more than the multiples of its model need.

It is made once per picture and clip. Drags and clicks share it, so that both find the same object; and so do a clip and
a video of the whole picture (`dragnuwa.common.images.full_size`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import cv2
import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor

from ...common.clip_shape import Size
from ...common.images import Part, Placed, drawn_area, fit, placement, same_but_for_model, to_bytes
from ...common.interrupt import checkpoint
from ...common.kept import Kept
from ...common.masks import fit_mask
from ...trajectory.objects import Outline
from ...trajectory.objects.masks import outline_mask
from ..click_network.network import STRIDE, Answer, ClickNetwork, Encoded, Query
from ..click_network.weights import SIDE, Networks, shipped
from .candidates import is_ground
from .outline import deepest
from .superpixels import Superpixels, overlap, superpixels

DIGITS = 6  # decimals to which pixel coordinates are rounded, so that rounding errors do not change the result
LONGEST = 1024  # px, maximum of the longer side
UNIT = 400.0  # px, square root of the copy's area; fixed, so that results do not depend on the picture's size
LONGEST_SEEN = 512  # px, of the longer side of the copy that the network sees
MOST_POINTS = 16  # of each kind that the network is asked with: the last ones
HALF = 0.5  # part of a superpixel that has to be inside a mask or an outline
IS_THING = 0.5  # probability from which an object is meant rather than ground
MAY_BE_THING = 0.1  # the same on the main subject
SUBJECT = 0.3, 0.6, 0.9  # saliency from which a connected area is a candidate for what is under a click on it
STANDS_OUT = 0.3  # saliency from which a superpixel belongs to a thing
GRID = 16  # places along the longer side where the click network is asked for other things
SURE_GROUND = 0.3  # probability of a thing at such a place, below which all of the answer is ground
SURE_THING = 0.7  # the same, from which a thing is there
AGAIN = 0.7  # intersection over union of such a thing with the answer to a click on its deepest place
LARGEST_THING = 0.3  # of the picture
BESIDE = 0.5  # of such a thing's outline, at most, that may touch what stands out: more is the ground around that
EDGE = 2.0  # least strength of the rest of it, as a multiple of that of the picture's edges: ground ends at none
AROUND_THINGS = np.ones((5, 5), np.uint8)  # px of the small copy, by which things are enlarged
ANSWERS = 2  # to what was asked last: a drawing is searched for what bends, and for what does not
LOOKS = 8  # of which each may hold a mask of the image
SALIENT = 0.2  # bonus to the estimate of a mask that is the main subject, where that is certain at the clicks


@dataclass(frozen=True)
class PreparedPicture:
    """
    Attributes:
        image: `[h, w, 3]` uint8, the part of the picture that is searched, at most `LONGEST` on its longer side.
        picture, clip: (width, height) in pixels of each.
        mode: how the picture is fitted to the clip; see `dragnuwa.common.images.fit`.
        shown: that part of the picture.
        place: where it lies in the clip, in fractions of pixels, and beyond the clip's edges where that crops it.
    """

    image: np.ndarray
    picture: tuple[int, int]
    clip: tuple[int, int]
    mode: str
    shown: Part
    place: Placed

    @cached_property
    def search(self) -> SearchImage:
        """Its small copy and superpixels; computed on first use, since not every clip needs them."""
        return search_image(self.image)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the image."""
        return self.image.shape[1], self.image.shape[0]

    def in_image(self, points: np.ndarray) -> np.ndarray:
        """Points of the clip (complex, 0 being the centre of a pixel) in image coordinates, clipped to the image."""
        width, height = self.size
        x = (points.real - self.place.left + 0.5) * width / self.place.columns - 0.5
        y = (points.imag - self.place.top + 0.5) * height / self.place.rows - 0.5
        return x.round(DIGITS).clip(0, width - 1) + 1j * y.round(DIGITS).clip(0, height - 1)

    def in_layers(self, points: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Points in image coordinates (complex) in pixels of the clip at another (width, height)."""
        width, height = self.size
        x = ((points.real + 0.5) * self.place.columns / width + self.place.left) * size[0] / self.clip[0] - 0.5
        y = ((points.imag + 0.5) * self.place.rows / height + self.place.top) * size[1] / self.clip[1] - 0.5
        return x + 1j * y

    def shows(self, points: np.ndarray) -> np.ndarray:
        """`[n]` bool: whether points of the clip lie on the picture, rather than on the bars of a padded one."""
        x, y = points.real - self.place.left + 0.5, points.imag - self.place.top + 0.5
        return (x >= 0) & (x <= self.place.columns) & (y >= 0) & (y <= self.place.rows)

    def at_clip(self, mask: np.ndarray) -> np.ndarray:
        """`[H, W]` of the clip, from a mask `[h, w]` of the image."""
        return self.fitted(mask, self.clip)

    def fitted(self, mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """`[H, W]` of the clip at another (width, height) with the same aspect ratio."""
        shown, place = placement(self.picture, size, self.mode)
        found = torch.from_numpy(mask)[None]
        if shown != self.shown:  # at the picture's own pixels, by which the picture is cropped, too
            found = self.at_picture(mask)[None][(..., *shown.slices)]
        return place.framed(fit_mask(found, place.columns, place.rows, "stretch"), *size)[0].numpy()

    def outlined(self, outline: Outline) -> np.ndarray:
        """`[h, w]` float32 from 0 to 1: coverage of the image by an outline in fractions of the clip."""
        place, (width, height) = self.place, self.clip
        rings = tuple(
            tuple(((x * width - place.left) / place.columns, (y * height - place.top) / place.rows) for x, y in ring)
            for ring in outline
        )
        return outline_mask(rings, *self.size)

    def at_picture(self, mask: np.ndarray) -> Tensor:
        """`[H', W']` of the picture, from a mask `[h, w]` of the image; 0 where that does not show it."""
        fitted = fit_mask(torch.from_numpy(mask)[None], self.shown.columns, self.shown.rows, "stretch")
        return self.shown.framed(fitted, *self.picture)[0]


def prepare(
    picture: Tensor, clip: tuple[int, int], mode: str = "crop", like: PreparedPicture | None = None
) -> PreparedPicture:
    """
    Args:
        picture: `[H, W, 3]` from 0 to 1.
        clip: (width, height) in pixels.
        mode: how the picture is fitted; see `dragnuwa.common.images.fit`.
        like: the same picture, prepared for another clip; what has been searched in it is not searched again, if the
            same part of it is.
    """
    shown, place = _searched((picture.shape[1], picture.shape[0]), clip, mode)
    if like is not None and like.shown == shown:
        prepared = replace(like, clip=clip, mode=mode, place=place)
        if "search" in vars(like):  # the cached property
            vars(prepared)["search"] = like.search
        return prepared
    scale = min(1.0, LONGEST / max(shown.rows, shown.columns))
    size = max(2, round(shown.columns * scale)), max(2, round(shown.rows * scale))
    image = to_bytes(fit(picture[shown.slices][None], *size, "stretch")[0])
    return PreparedPicture(image, (picture.shape[1], picture.shape[0]), clip, mode, shown, place)


def _searched(picture: Size, clip: Size, mode: str) -> tuple[Part, Placed]:
    """The part of a picture that is searched, and where it lies in the clip. Both sizes are (width, height)."""
    if mode != "crop" or not same_but_for_model(picture, clip):
        shown, place = placement(picture, clip, mode)
        return shown, Placed(*place)
    left, top, width, height = drawn_area(picture, clip, mode)
    across, down = clip[0] / width, clip[1] / height
    whole = Placed(-top * down, -left * across, picture[1] * down, picture[0] * across)
    return Part(0, 0, picture[1], picture[0]), whole


@dataclass(frozen=True)
class SearchImage:
    """The downscaled copy of a picture in which objects are searched.

    Attributes:
        image: `[H, W, 3]` uint8.
        small: `[h, w, 3]` uint8, the copy that is searched.
        patches: its superpixels.
        networks: those that are asked; None for colours and edges alone.
        answers: the last objects that were found under drags (`dragnuwa.vision.segmentation.find`): a run's video, its
            draft and the page ask for the same ones, perhaps at once.
        looks: what closer looks at the last points have shown (`dragnuwa.vision.segmentation.closer`), which no other
            drag changes.
    """

    image: np.ndarray
    small: np.ndarray
    patches: Superpixels
    networks: Networks | None = None
    answers: Kept = field(default_factory=lambda: Kept(ANSWERS), repr=False, compare=False)
    looks: Kept = field(default_factory=lambda: Kept(LOOKS), repr=False, compare=False)

    @cached_property
    def learned(self) -> Shown | None:
        """The picture as the networks see it, encoded on first use; None without them."""
        return None if self.networks is None else shown(self.networks, self.image, self.patches)

    @cached_property
    def things(self) -> np.ndarray:
        """`[h, w]` bool, of the small copy: what the networks take for people, animals and other things, rather than
        for ground, and a rim around it; nothing without them."""
        if self.learned is None:
            return np.zeros(self.patches.label.shape, bool)
        found = self.learned.things()[self.patches.label]
        return cv2.dilate(found.astype(np.uint8), AROUND_THINGS).astype(bool)

    @property
    def ready(self) -> bool:
        """Whether the next question needs no encoding."""
        return self.networks is None or "learned" in vars(self)

    def ask(
        self,
        inside: np.ndarray,
        outside: np.ndarray,
        box: tuple[complex, complex] | None = None,
        before: np.ndarray | None = None,
    ) -> Found | None:
        """What the click network says, as `Shown.ask`; None without one."""
        return None if self.learned is None else self.learned.ask(inside, outside, box, before)

    def in_small(self, points: np.ndarray) -> np.ndarray:
        """Points of the image (complex, in pixels) in the small copy. In both, 0 is the centre of the first pixel."""
        (height, width), (rows, columns) = self.image.shape[:2], self.small.shape[:2]
        x = (points.real + 0.5) * columns / width - 0.5
        y = (points.imag + 0.5) * rows / height - 0.5
        return x.clip(0, columns - 1) + 1j * y.clip(0, rows - 1)


def search_image(image: np.ndarray, networks: Networks | None = None) -> SearchImage:
    """An image `[H, W, 3]` uint8, prepared for any number of drags and clicks. The networks that are asked are those in
    the pack's folder models/finding, if they are there, unless others are given."""
    small = _reduced(image)
    return SearchImage(image, small, superpixels(small), networks or shipped())


def _reduced(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    scale = UNIT / (height * width) ** 0.5
    if scale >= 1:
        return np.ascontiguousarray(image)
    size = max(2, round(width * scale)), max(2, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


@dataclass(frozen=True)
class Shown:
    """A picture as the networks see it, encoded.

    Attributes:
        network: the click network.
        encoded: the features.
        size: (width, height) in pixels of the small picture, in which clicks are given.
        patches: the superpixels of that small picture.
        cover: `[S, h w]`, the part of each position of the network's masks that each superpixel covers.
        salient: `[S]` from 0 to 1, how much each superpixel belongs to the main subject.
        subjects: `[h, w]` int32 of the small picture for each of `SUBJECT`: the numbers of the connected areas that
            are at least as salient, 0 elsewhere.
    """

    network: ClickNetwork
    encoded: Encoded
    size: tuple[int, int]
    patches: Superpixels
    cover: csr_array
    salient: np.ndarray
    subjects: list[np.ndarray]

    @torch.inference_mode()
    def ask(
        self,
        inside: np.ndarray,
        outside: np.ndarray,
        box: tuple[complex, complex] | None = None,
        before: np.ndarray | None = None,
    ) -> Found:
        """
        Args:
            inside, outside: `[n]` complex, points of the small picture that belong to the object and that do not.
            box: opposite corners of a box around it.
            before: `[S]` bool, the mask that the last of the points corrects.
        """
        inside, outside = inside[-MOST_POINTS:], outside[-MOST_POINTS:]
        points = np.concatenate([inside, outside])
        size = torch.tensor(self.size)
        places = (torch.from_numpy(np.stack([points.real, points.imag], -1)).float() + 0.5) / size
        belongs = torch.cat([torch.ones(len(inside)), -torch.ones(len(outside))])
        corners = torch.tensor([0.0, 0, 1, 1])
        if box is not None:
            ends = (torch.tensor([[one.real, one.imag] for one in box]) + 0.5) / size
            corners = torch.cat([ends.min(0).values, ends.max(0).values]).float()
        if not len(points):  # a box alone
            places, belongs = torch.zeros(1, 2), torch.zeros(1)
        grid = -torch.ones(1, 1, *self.encoded.small.shape[-2:])
        if before is not None:
            grid = self.on_grid([before])
        query = Query(torch.zeros(1, dtype=torch.int64), places[None], belongs[None], corners[None], grid)
        return Found(self, query, self.network(self.encoded, query), *self.subjects_at(inside))

    def subjects_at(self, points: np.ndarray) -> tuple[list[np.ndarray], float]:
        """Of points of the small picture: the salient areas that hold all of them, `[S]` bool each, from large to
        small; and from 0 to 1, how certain it is that all of them are on the main subject."""
        certainty = float(self.salient[self.patches.at(points)].min()) if len(points) else 0.0
        found = []
        for areas in self.subjects:
            held = np.unique(areas[np.rint(points.imag).astype(int), np.rint(points.real).astype(int)])
            if len(held) == 1 and held[0]:
                found.append(self.patches.mean((areas == held[0]).astype(np.float32)) >= HALF)
        return [mask for mask in found if mask.any()], certainty

    def things(self) -> np.ndarray:
        """`[S]` bool: salient areas, and the things that the click network is sure about at the places of a grid; what
        it takes for ground at one place is not asked again at others."""
        found = self._stands_out()
        (height, width), decided, things = self.patches.label.shape, found.copy(), found.copy()
        step = max(height, width) / GRID
        for row in np.arange(step / 2, height - 0.5, step):  # the centres of the last pixels
            for column in np.arange(step / 2, width - 0.5, step):
                place = np.array([complex(column, row)])
                if decided[self.patches.at(place)[0]]:
                    continue
                checkpoint()
                probability, mask = self._likeliest(place)
                if probability < SURE_GROUND:
                    decided |= mask
                elif probability >= SURE_THING and self._is_apart(mask, found) and self._is_again(mask):
                    decided, things = decided | mask, things | mask
        return things

    def _stands_out(self) -> np.ndarray:
        """`[S]` bool: the salient areas without those that the click network takes for ground, such as a sky."""
        areas = cv2.connectedComponents((self.salient >= STANDS_OUT)[self.patches.label].astype(np.uint8))[1]
        found = np.zeros(self.patches.count, bool)
        for number in range(1, areas.max() + 1):
            checkpoint()
            area = areas == number
            if self.ask(deepest(area), np.zeros(0, complex)).is_thing():
                found[self.patches.label[area]] = True
        return found

    def _likeliest(self, place: np.ndarray) -> tuple[float, np.ndarray]:
        """How probably a thing is at a place `[1]` of the small picture, from 0 to 1, and the best answer `[S]` bool,
        which may be empty."""
        asked = self.ask(place, np.zeros(0, complex))
        masks = asked.containing(place, np.zeros(0, complex)) or [np.zeros(self.patches.count, bool)]
        best = int(asked.overlaps(masks).argmax()) if len(masks) > 1 else 0
        return float(asked.answer.thing.sigmoid()), masks[best]

    def _is_again(self, thing: np.ndarray) -> bool:
        """Whether a mask `[S]` bool has a thing's size, and a click on its deepest place surely gives it again."""
        area = self.patches.area
        if area[thing].sum() > LARGEST_THING * area.sum() or is_ground(self.patches, thing):
            return False
        probability, again = self._likeliest(deepest(thing[self.patches.label]))
        return probability >= SURE_THING and overlap(self.patches, thing, again) >= AGAIN

    def _is_apart(self, thing: np.ndarray, salient: np.ndarray) -> bool:
        """Whether a mask `[S]` bool is a thing beside what is salient, rather than a piece of the ground around it."""
        patches = self.patches
        outline = thing[patches.u] != thing[patches.v]
        free = outline & ~(salient[patches.u] | salient[patches.v])
        length = patches.length[free].sum()
        if not thing.any() or length <= (1 - BESIDE) * patches.length[outline].sum():
            return False
        strength = (patches.length * patches.strength)[free].sum() / length
        return bool(strength >= EDGE * patches.typical_strength)

    def on_grid(self, masks: list[np.ndarray]) -> torch.Tensor:
        """`[1, M, h, w]` from 0 to 1: how much of each position of the network's masks the masks `[S]` bool cover."""
        covered = np.stack(masks).astype(np.float32) @ self.cover  # [M, h w]
        grid = torch.from_numpy(np.asarray(covered, np.float32))
        return grid.view(1, len(masks), *self.encoded.small.shape[-2:]).clamp(0, 1)


@dataclass(frozen=True)
class Found:
    """The networks' answer to one question.

    Attributes:
        subjects: `[S]` bool each, from large to small: the salient areas that hold all points of the object.
        certainty: from 0 to 1, of all points of the object being on the main subject.
    """

    shown: Shown
    query: Query
    answer: Answer
    subjects: list[np.ndarray]
    certainty: float

    def masks(self) -> list[np.ndarray]:
        """`[S]` bool each: the superpixels of the masks that are not empty."""
        width, height = self.shown.size
        found = list(self.subjects)
        for probability in self.answer.logits[0].sigmoid().numpy():
            large = cv2.resize(probability, (width, height), interpolation=cv2.INTER_LINEAR)
            mask = self.shown.patches.mean(large) >= HALF
            if mask.any():
                found.append(mask)
        return found

    def containing(self, inside: np.ndarray, outside: np.ndarray) -> list[np.ndarray]:
        """Those of the masks that have all points of the small picture `inside`, and none of those `outside`."""
        needed, barred = (self.shown.patches.at(points) for points in (inside, outside))
        return [mask for mask in self.masks() if mask[needed].all() and not mask[barred].any()]

    def overlaps(self, masks: list[np.ndarray]) -> np.ndarray:
        """`[M]`: as `estimates`, and up to `SALIENT` more for what agrees with the main subject."""
        return self.estimates(masks) + SALIENT * self.agreement(np.stack(masks)) if masks else np.zeros(0)

    @torch.inference_mode()
    def estimates(self, masks: list[np.ndarray]) -> np.ndarray:
        """`[M]` from 0 to 1: the estimated intersection over union of masks `[S]` bool with what is meant."""
        shown = self.shown
        return shown.network.overlap(shown.encoded, self.query, self.answer, shown.on_grid(masks))[0].numpy()

    def agreement(self, masks: np.ndarray) -> np.ndarray:
        """`[M]` from 0 to 1: of masks `[M, S]` bool with the main subject under the points, by how certain that is."""
        if not self.subjects:
            return np.zeros(len(masks))
        area = self.shown.patches.area
        subject = self.shown.salient * self.subjects[0]  # [S]
        return self.certainty * ((masks * subject) @ area) / (np.maximum(masks, subject) @ area)

    def is_thing(self) -> bool:
        """Whether an object is meant rather than ground."""
        least = MAY_BE_THING if self.certainty >= HALF else IS_THING
        return float(self.answer.thing.sigmoid()) >= least


@torch.inference_mode()
def shown(networks: Networks, image: np.ndarray, patches: Superpixels) -> Shown:
    """
    Args:
        image: `[H, W, 3]` uint8.
        patches: of a copy of it of any size.
    """
    height, width = image.shape[:2]
    scale = LONGEST_SEEN / max(height, width)
    columns, rows = (max(STRIDE, round(side * scale / STRIDE) * STRIDE) for side in (width, height))
    encoded = networks.click.encode(_resized(image, columns, rows))
    size = patches.label.shape[::-1]
    saliency = networks.saliency(_resized(image, SIDE, SIDE))[0, 0].numpy()
    saliency = cv2.resize(saliency, size, interpolation=cv2.INTER_LINEAR)
    subjects = [cv2.connectedComponents((saliency > least).astype(np.uint8))[1] for least in SUBJECT]
    cover = _cover(patches, rows // 4, columns // 4)
    return Shown(networks.click, encoded, size, patches, cover, patches.mean(saliency), subjects)


def _resized(image: np.ndarray, width: int, height: int) -> torch.Tensor:
    """`[1, 3, height, width]` from 0 to 1."""
    smaller = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_LINEAR
    small = cv2.resize(image, (width, height), interpolation=smaller)
    return torch.from_numpy(small).permute(2, 0, 1)[None].float() / 255


def _cover(patches: Superpixels, rows: int, columns: int) -> csr_array:
    """`[S, rows columns]`: the part of each cell of a grid over the picture that each superpixel covers."""
    height, width = patches.label.shape
    y, x = (np.arange(height) * rows // height)[:, None], (np.arange(width) * columns // width)[None]
    cells = (y * columns + x).ravel()
    shares = 1 / np.maximum(np.bincount(cells, minlength=rows * columns), 1)
    return csr_array((shares[cells], (patches.label.ravel(), cells)), shape=(patches.count, rows * columns))
