"""Layers from tracks: the object under a mask, a segmented object, or the surroundings of a track.

Points are complex numbers x + iy in pixels, as in `dragnuwa.geometry.warps`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ..common.masks import MASKED, masks_of_tracks
from ..geometry.grids import Box
from ..geometry.similarity import REST, find_camera_motion, find_ground_motion, fit_similarity
from ..geometry.warps import InverseDistanceWarp, SimilarityWarp
from ..trajectory.bending import BentShape
from ..vision.segmentation import FoundObject
from ..vision.segmentation.find import TrackSearch
from .bend_warp import BendWarp
from .bent import PinTracks, bent_layers
from .layers import Layer, whole_thing

STRETCH = 0.5  # largest relative change in the distance of two neighbours in one layer


@dataclass(frozen=True)
class Assigned:
    """What each track carries.

    Attributes:
        tracks: `[N, T]` complex.
        masks: `[H, W]` float32 each: the connected ones, then those of the objects found.
        owner: `[N]` int, the mask of each track, or -1.
        found: these objects, with masks of the prepared picture.
        free: `[n]` int, the tracks that carry their surroundings.
        camera: the camera's motion, if the tracks without masks show one.
        pins: what the drawing says of the tracks as pins; None if none bends anything.
    """

    tracks: np.ndarray
    masks: list[np.ndarray]
    owner: np.ndarray
    found: list[FoundObject]
    free: np.ndarray
    camera: SimilarityWarp | None
    pins: PinTracks | None = None

    def together(self, visible: np.ndarray) -> list[np.ndarray]:
        """The tracks of each mask, `[m]` int each. Equal masks are one object."""
        objects: dict[bytes, list[int]] = {}
        present = visible[:, 0] & (self.owner >= 0)
        digests = {
            number: hashlib.blake2b(self.masks[number].tobytes()).digest() for number in np.unique(self.owner[present])
        }
        for track in np.flatnonzero(present):
            objects.setdefault(digests[self.owner[track]], []).append(track)
        return [np.array(members) for members in objects.values()]

    def bent(self, visible: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """The tracks `[m]` of each object that they bend, and its mask `[H, W]`."""
        if self.pins is None:
            return ()
        return tuple(
            (members, self.masks[self.owner[members[0]]]) for members in self.together(visible) if self._bends(members)
        )

    def _bends(self, members: np.ndarray) -> bool:
        if self.pins is None or not self.pins.joined[members].any():
            return False
        return self.pins.bends(members, self.tracks[members], self.masks[self.owner[members[0]]])

    def shape(self, members: np.ndarray) -> BentShape | None:
        """The object on which tracks are, if they bend it."""
        if not self._bends(members):
            return None
        return self.pins.shape(members, self.tracks[members], self.masks[self.owner[members[0]]])


def layers_of(assigned: Assigned, visible: np.ndarray, size: tuple[int, int], radius: float) -> list[Layer]:
    """The layers of the tracks, from back to front: first the resting ones, then the moving ones, in track order.

    Args:
        assigned: what each track carries.
        visible: `[N, T]` bool.
        size: (width, height) of the picture.
        radius: in pixels, of the surroundings that a track carries.
    """
    tracks, masks, owner = assigned.tracks, assigned.masks, assigned.owner
    layers = [
        (members.max(), layer) for members in assigned.together(visible) for layer in _of(assigned, members, visible)
    ]
    taken = np.zeros(size[::-1], bool)
    for number in np.unique(owner[owner >= 0]):
        taken |= masks[number] >= MASKED
    layers += _around_tracks(tracks, visible, assigned.free, taken, radius)
    return [layer for _, layer in sorted(layers, key=lambda pair: (pair[1].warp is not None, pair[0]))]


def assign(
    tracks: np.ndarray,
    visible: np.ndarray,
    masks: np.ndarray | None,
    size: tuple[int, int],
    search: TrackSearch | None = None,
    pins: PinTracks | None = None,
) -> Assigned:
    """Assigns to each track a mask, a segmented object, its surroundings, or the camera's motion.

    Args:
        tracks: `[N, T]` complex, in pixels.
        visible: `[N, T]` bool. A track that is hidden in frame 0 carries nothing.
        masks: `[M, H, W]` from 0 to 1, assigned to tracks by `dragnuwa.common.masks.masks_of_tracks`.
        size: (width, height) of the picture that tracks and masks refer to.
        search: finds the objects under moving tracks without a mask; None to carry their surroundings instead.
        pins: what the drawing says of the tracks as pins; None if none bends anything.

    Raises:
        InputError: as `dragnuwa.common.masks.masks_of_tracks`.
    """
    masks = None if masks is None else masks.astype(np.float32)
    present = visible[:, 0]
    owner = _owners(tracks[:, 0], present, masks)
    free = np.flatnonzero(present & (owner < 0))
    camera, of_camera = find_camera_motion(tracks[free], visible[free], size)
    free = free[~of_camera]
    moves = np.abs(tracks - tracks[:, :1]).max(1) >= REST
    asked, found = free[moves[free]], []
    masks = [] if masks is None else list(masks)
    if search is not None and len(asked):
        if pins is not None:
            joined = free[pins.joined[free]]
            others = np.setdiff1d(np.flatnonzero(present), joined)
            found = search.find_together(joined[moves[joined]], joined[~moves[joined]], others)
            for number, each in enumerate(found, len(masks)):
                owner[each.tracks] = number
        rest = asked[owner[asked] < 0]
        begun = len(masks) + len(found)
        found += search.find(rest, np.flatnonzero(present & ((owner >= 0) | ~moves)))
        for number, each in enumerate(found[begun - len(masks) :], begun):
            owner[each.tracks] = number
        masks += [search.picture.fitted(each.mask, size) for each in found]
        free, on_ground = free[owner[free] < 0], asked[owner[asked] < 0]
        if camera is None and (camera := find_ground_motion(tracks[on_ground], visible[on_ground], size)) is not None:
            free = np.setdiff1d(free, on_ground)
    return Assigned(tracks, masks, owner, found, free, None if camera is None else SimilarityWarp(camera), pins)


def _owners(starts: np.ndarray, present: np.ndarray, masks: np.ndarray | None) -> np.ndarray:
    """`[N]`: the number of each track's mask, from `dragnuwa.common.masks.masks_of_tracks`, or -1 for none.

    Args:
        starts: `[N]` complex, in pixels of the masks.
        present: `[N]` bool, which tracks carry something.
        masks: `[M, H, W]` from 0 to 1.
    """
    if masks is None:
        return np.full(len(starts), -1)
    x, y = (np.rint(part).astype(int) for part in (starts.real, starts.imag))
    holds, area = (masks[:, y, x] >= MASKED).T, (masks >= MASKED).sum((1, 2))
    return masks_of_tracks(
        holds, area, present, lambda number: (masks[number], starts[number]), lambda number: f"Drag {number + 1}"
    )


def _of(assigned: Assigned, members: np.ndarray, visible: np.ndarray) -> list[Layer]:
    """The layers of the object under some tracks."""
    tracks = assigned.tracks[members]
    mask, shown = assigned.masks[assigned.owner[members[0]]], visible[members].any(0)
    shape = assigned.shape(members)
    motion = fit_similarity(tracks) if shape is None and _moves(tracks) else None
    layer = replace(whole_thing(mask, motion, shown), foreground=True)
    return [layer] if shape is None else bent_layers(replace(layer, warp=BendWarp.of(shape)))


def _around_tracks(
    tracks: np.ndarray, visible: np.ndarray, free: np.ndarray, taken: np.ndarray, radius: float
) -> list[tuple[int, Layer]]:
    """Layers of the tracks without a mask: every pixel within `radius` of a track's start belongs to the nearest one.

    The weight is the drag maps' Gaussian, which has fallen to 0.5 where the layer ends.
    """
    if not len(free):
        return []
    nearest, distance = _nearest(tracks[free, 0], taken.shape)
    weight = np.exp(-np.log(2) * (distance / radius) ** 2).astype(np.float32)
    nearest[(distance > radius) | taken] = -1
    height, width = taken.shape
    layers = []
    for members in _moving_alike(tracks[free], radius):
        own = tracks[free[members]]  # [n, T]
        box = Box.around(own[:, 0], radius + 1).within(width, height)
        inside = np.isin(nearest[box.slices], members)
        if inside.any():
            warp = _warp(own, radius) if _moves(own) else None
            opacity, shown = inside.astype(np.float32), visible[free[members]].any(0)
            layers.append((free[members].max(), Layer(box, opacity, weight[box.slices], inside, warp, shown)))
    return layers


def _warp(tracks: np.ndarray, radius: float) -> SimilarityWarp | InverseDistanceWarp:
    return SimilarityWarp(fit_similarity(tracks)) if len(tracks) == 1 else InverseDistanceWarp(tracks, radius)


def _nearest(starts: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """For every pixel `[H, W]`, the nearest of `starts`, and its distance. If two share a pixel, the later one wins."""
    seeds = np.ones(shape, np.uint8)
    x, y = np.rint(starts.real).astype(int), np.rint(starts.imag).astype(int)
    seeds[y, x] = 0
    _, labels = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    of_label = np.zeros(labels.max() + 1, int)
    for index, (row, column) in enumerate(zip(y, x, strict=True)):
        of_label[labels[row, column]] = index
    nearest = of_label[labels]
    height, width = shape
    return nearest, np.abs(Box(0, 0, width, height).positions() - starts[nearest])


def _moving_alike(tracks: np.ndarray, radius: float) -> list[np.ndarray]:
    """Track indices of each layer: neighbours whose surroundings touch, and whose distance hardly changes. A track at
    rest has its own layer, so that what it holds is not bent."""
    moves = np.abs(tracks - tracks[:, :1]).max(1) >= REST
    starts = tracks[:, 0]
    pairs = cKDTree(np.stack([starts.real, starts.imag], -1)).query_pairs(2 * radius, output_type="ndarray")  # [P, 2]
    u, v = pairs[moves[pairs].all(1)].T
    parting = np.abs((tracks[u] - starts[u, None]) - (tracks[v] - starts[v, None])).max(1, initial=0)
    alike = parting <= STRETCH * np.abs(starts[u] - starts[v])
    u, v = u[alike], v[alike]
    links = coo_array((np.ones(len(u)), (u, v)), shape=(len(tracks), len(tracks)))
    count, label = connected_components(links, directed=False)
    return [np.flatnonzero(label == number) for number in range(count)]


def _moves(tracks: np.ndarray) -> bool:
    return bool(np.abs(tracks - tracks[:, :1]).max() >= REST)
