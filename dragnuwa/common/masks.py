"""Masks: checked where they come in, fitted to a clip as its picture is, and given to the tracks they belong to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import torch

from .errors import InputError
from .images import check_form, checked_values, fit, placement, resize

MASKED = 0.5  # what has at least this value belongs to a mask
FAINT = 0.05  # opacity from which a place shows something of an object
MASK_TOLERANCE = 0.01  # of sqrt(width * height): how far beside its own mask a track may begin, since hands paint masks
LEAST_BESIDE = 2  # px

Masks = TypeVar("Masks", np.ndarray, torch.Tensor)


def as_masks(value: torch.Tensor, what: str = "mask") -> torch.Tensor:
    """Masks from another node: `[B, H, W]`, `[H, W]` or `[B, 1, H, W]` from 0 to 1 -> `[B, H, W]` float32.

    Values a little beyond are cut off, as where masks were added.

    Raises:
        InputError: another shape, no mask, or values that are not finite, or far from 0 to 1.
    """
    check_form(value, what, "[B, H, W] and not empty", (2, 3, 4))
    if value.ndim == 4 and value.shape[1] != 1:
        raise InputError(f"{what} should be [B, H, W]; found {list(value.shape)}. Convert the picture to a mask.")
    return checked_values(value, what).reshape(-1, *value.shape[-2:]).float()


def as_object_masks(value: torch.Tensor, what: str = "masks") -> torch.Tensor:
    """Masks of objects, as `as_masks` takes and gives them: each covers something with `MASKED`, or is empty.

    Raises:
        InputError: as `as_masks`, or for a mask that is there but too faint, which would count as empty.
    """
    masks = as_masks(value, what)
    most = masks.amax((1, 2))  # [B]
    faint = ((most >= FAINT) & (most < MASKED)).nonzero().flatten().tolist()
    if faint:
        raise InputError(
            f"{what} should reach {MASKED} on what they cover, or be empty; found {float(most[faint[0]]):.2g} at most "
            f"in mask {faint[0] + 1} of {len(masks)}. Put Threshold Mask behind them, or paint more strongly."
        )
    return masks


def fit_mask(mask: torch.Tensor, width: int, height: int, mode: str = "crop") -> torch.Tensor:
    """Fits masks to a size just as `fit` does pictures, so that what was painted on a picture stays on it.

    Args:
        mask: as `as_masks` takes it. The rest as for `fit`.

    Returns:
        `[B, height, width]` from 0 to 1.

    Raises:
        InputError: if the mask is not of that form.
        ValueError: if there is no such mode.
    """
    return fit(as_masks(mask)[..., None], width, height, mode)[..., 0]


def check_size(masks: torch.Tensor, picture: tuple[int, int], clip: tuple[int, int]) -> None:
    """Raises an InputError for masks `[B, h, w]` of neither of these sizes (width, height)."""
    found = (masks.shape[-1], masks.shape[-2])
    if masks.ndim != 3 or found not in (picture, clip):
        raise InputError(
            f"The masks are {found[0]}x{found[1]} pixels, the picture is {picture[0]}x{picture[1]} and the clip "
            f"{clip[0]}x{clip[1]}. Make the masks from the same picture."
        )


def masks_for(
    size: tuple[int, int], masks: torch.Tensor, picture: tuple[int, int], clip: tuple[int, int], mode: str = "crop"
) -> torch.Tensor:
    """Masks of a picture, or of the clip that was made from it, so that they fit what is `size` large.

    Args:
        size: (width, height), of the clip's aspect ratio.
        masks: `[B, h, w]`, as `as_masks` gives them.
        picture, clip: the (width, height) of each.
        mode: how the picture was fitted, as `fit` says.

    Returns:
        Masks of the picture's size fitted to `size`; those of `size` or of the clip's size as they are.

    Raises:
        InputError: if they have another size.
    """
    found = (masks.shape[-1], masks.shape[-2])
    if found != size:
        check_size(masks, picture, clip)
    return fit_mask(masks, *size, mode) if found == picture != size else masks


def unfit_mask(mask: torch.Tensor, width: int, height: int, mode: str = "crop") -> torch.Tensor:
    """The reverse of `fit_mask`: masks of a clip's size laid over the picture that the clip was made from.

    Args:
        mask: `[B, h, w]` float from 0 to 1.
        width, height: of the picture, in pixels.
        mode: as for `fit`.

    Returns:
        `[B, height, width]`, 0 where the picture was cut off.
    """
    shown, place = placement((width, height), (mask.shape[2], mask.shape[1]), mode)
    enlarged = resize(mask[(slice(None), None, *place.slices)], shown.columns, shown.rows)[:, 0]
    return shown.framed(enlarged, width, height)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Of two masks `[h, w]` bool: intersection over union."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def reaches_border(mask: np.ndarray) -> bool:
    """Whether a mask `[H, W]` bool reaches the picture's border."""
    return bool(mask[[0, -1]].any() or mask[:, [0, -1]].any())


def touching(mask: np.ndarray, other: np.ndarray, connectivity: int = 8) -> np.ndarray:
    """`[h, w]` bool: the connected parts of a mask in which a place of another mask `[h, w]` bool lies."""
    import cv2  # imported lazily: the pack loads without it

    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=connectivity)
    touches = np.zeros(count, bool)
    touches[labels[other]] = True
    touches[0] = False
    return touches[labels]


def middle_of(mask: np.ndarray) -> complex:
    """The mean position of a mask's pixels `[H, W]` bool, of which there is at least one."""
    rows, columns = np.nonzero(mask)
    return complex(columns.mean(), rows.mean())


def owners(holds: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Which mask each track has: `[N]` int, -1 for none.

    Where there are as many masks as tracks, and each track begins in the mask of its own number or that one is empty,
    each has its own. Otherwise a track has the smallest of the masks in which it begins.

    Args:
        holds: `[N, M]` bool, whether a track begins in a mask.
        area: `[M]`, the number of pixels of each mask.
    """
    if holds.shape[0] == holds.shape[1] and (holds.diagonal() | (area == 0)).all():
        return np.where(holds.diagonal(), np.arange(len(holds)), -1)
    return np.where(holds.any(1), np.where(holds, area, np.inf).argmin(1), -1)


def masks_of_tracks(
    holds: np.ndarray,
    area: np.ndarray,
    present: np.ndarray,
    own: Callable[[int], tuple[np.ndarray, complex]],
    name: Callable[[int], str],
) -> np.ndarray:
    """`[N]` int: the mask of each track, or -1, by `owners`. Where there are as many masks as tracks, a track that
    begins in none of them, but just beside the one of its own number, has that.

    Args:
        holds, area: as for `owners`.
        present: `[N]` bool, whether a track carries something; the others may begin anywhere.
        own: by a track's number, the mask of that number `[H, W]` in the track's first frame, and where the track
            begins, x + iy in its pixels.
        name: by a track's number, what to call it, such as "Drag 2".

    Raises:
        InputError: if no track has a mask, or there are as many as tracks, and a track is not where its own is.
    """
    owner, count = owners(holds, area), len(area)
    missed = np.flatnonzero((owner < 0) & present & (area > 0)) if len(owner) == count else np.zeros(0, int)
    beside = [number for number in missed if begins_beside(*own(number))]
    owner[beside] = beside
    if (owner < 0).all():
        raise InputError(
            f"No track begins in {'the mask' if count == 1 else f'one of the {count} masks'}. Begin the drag on the "
            "object that the mask covers."
        )
    elsewhere = next((number for number in missed if owner[number] < 0), None)
    if elsewhere is not None:
        raise InputError(
            f"{name(elsewhere)} begins in none of the {count} masks, and mask {elsewhere + 1}, of the same number, is "
            "elsewhere. Begin it on the object that its mask covers, or leave its mask empty."
        )
    return owner


def begins_beside(mask: np.ndarray, start: complex) -> bool:
    """Whether a mask `[H, W]` covers something next to a place, x + iy in its pixels."""
    height, width = mask.shape
    reach = max(LEAST_BESIDE, round(MASK_TOLERANCE * (height * width) ** 0.5))
    left, top = (max(0, round(part) - reach) for part in (start.real, start.imag))
    return bool((mask[top : round(start.imag) + reach + 1, left : round(start.real) + reach + 1] >= MASKED).any())


def check_object_mask(mask: np.ndarray, outline: np.ndarray, name: str) -> None:
    """Raises an InputError for a mask `[H, W]` that should replace the outline `[H, W]` of an object, and is elsewhere.
    One that is empty replaces none, and an outline outside of the picture may be replaced by anything."""
    covered = mask >= MASKED
    if covered.any() and (outline >= MASKED).any() and not (covered & (outline >= MASKED)).any():
        raise InputError(
            f"The mask of the object '{name}' covers nothing of its outline. Make the masks from the same picture, in "
            "the order of the drags and then the objects, or leave this one empty."
        )


def split_masks(masks: Masks | None, tracks: int, objects: int) -> tuple[Masks | None, Masks | None]:
    """The masks `[M, H, W]` from 0 to 1 that belong to tracks, and those that belong to objects, of which there is one
    each where masks are for both; None where there are none.

    Args:
        tracks, objects: how many there are.

    Raises:
        ValueError: if there are objects only, and not a mask for each.
    """
    if masks is None or not objects:
        return masks, None
    if len(masks) == tracks + objects:
        of_tracks = masks[:tracks]
        return (of_tracks if (of_tracks >= MASKED).any() else None), masks[tracks:]
    if not tracks:
        raise ValueError(
            f"Expected one mask for each of {objects} objects; found {len(masks)}. Connect as many masks as objects, "
            "or none."
        )
    return masks, None
