"""The modes: the same scenes with conditions left out (arXiv 2308.08089, section 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

FIVE = ("s2v", "p2v", "gs2v", "ps2v", "pgs2v")
MODES = (*FIVE, "pg2v")  # the sixth shows whether drags act where there is no picture


@dataclass(frozen=True)
class Mode:
    """Which conditions the model is given, by the letters of its name: s the picture, p the prompt, g the drags.

    What is left out is zero, as training drops it: the start picture's latent, the text's context, the drag maps.
    """

    name: str

    @property
    def picture(self) -> bool:
        return "s" in self._letters

    @property
    def prompt(self) -> bool:
        return "p" in self._letters

    @property
    def drags(self) -> bool:
        return "g" in self._letters

    @property
    def without_drags(self) -> str:
        """The mode that lacks the drags alone; itself where it has none."""
        return self._letters.replace("g", "") + "2v"

    @property
    def _letters(self) -> str:
        return self.name.removesuffix("2v")
