"""Finds the objects on which the tracks of a clip begin."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...common.interrupt import InterruptCheck, no_interrupt
from ...common.masks import MASKED
from .find import FoundObject, find_objects
from .prepared import PreparedPicture


@dataclass(frozen=True)
class TrackSearch:
    """
    Attributes:
        picture: prepared for the clip.
        tracks: `[N, T]` complex, in pixels of the clip, anchors without their drift.
    """

    picture: PreparedPicture
    tracks: np.ndarray

    def find(
        self, asked: np.ndarray, pins: np.ndarray, check_interrupt: InterruptCheck = no_interrupt
    ) -> list[FoundObject]:
        """
        Args:
            asked: indices of the requested tracks, ascending. A track that begins on the bars of a padded picture has
                no object.
            pins: indices of tracks whose start points belong to none of the objects.
            check_interrupt: as for `find_objects`.

        Returns:
            The visible objects, with the indices of their tracks and masks of the prepared picture's image.
        """
        picture, starts = self.picture, self.tracks[:, 0]
        asked = asked[picture.shows(starts[asked])]
        if not len(asked):
            return []
        others = picture.in_image(starts[pins][picture.shows(starts[pins])])
        found = find_objects(picture.search, picture.in_image(self.tracks[asked]), others, check_interrupt)
        shown = []
        for each in found:
            check_interrupt()
            if (picture.at_clip(each.mask) >= MASKED).any():
                shown.append(replace(each, tracks=asked[each.tracks]))
        return shown
