"""The table of the modes: a figure in each row, a mode in each column, and the two baselines beside them."""

from __future__ import annotations

from .modes import Mode
from .table import Row, figure, row, text

APPEARS = 0.7  # least share of prompts, without a picture, whose named colour and kind of object appear
WITHOUT_PICTURE = "p2v"  # the mode that has to reach it
BASELINES = {"still": "still video", "ceiling": "true clip through the VAE"}


def summarise_modes(lines: list[dict], modes: tuple[str, ...]) -> list[Row]:
    """The table of a run's lines; shares and figures are means over the scenes."""
    videos = (*modes, *BASELINES)

    def means(name: str, key: str) -> Row:
        return row(name, None, lines, figure(key), videos=videos)

    appears = row(
        "prompts whose named colour and kind appear, share", APPEARS, lines, figure("both"),
        videos=videos, of=WITHOUT_PICTURE, at_least=True,
    )  # fmt: skip
    rows = [
        means("relative ObjMC by the thing's cut-out", "relative_objmc"),
        means("relative ObjMC by Lucas-Kanade, what is there", "relative_objmc_lucas_kanade"),
        means("motion along the drags, share of theirs", "along"),
        means("direction of motion at the drags, cosine", "direction"),
        row("scenes that move along more than without drags, share", None, lines, _more, videos=videos),
        appears,
        means("named kind appears, share", "kind"),
        means("named colour appears, share", "color"),
        means("PSNR against the true clip, dB", "psnr"),
        means("CPU seconds a clip", "cpu_seconds"),
    ]
    return [one for one in rows if one.scenes]


def mode_text(rows: list[Row], modes: tuple[str, ...]) -> str:
    return text(rows, {**{name: name for name in modes}, **BASELINES})


def _more(line: dict, video: str) -> list[float]:
    """1 where drags make the video of the same noise, picture and prompt move along them more than none do."""
    without = "" if video in BASELINES else Mode(video).without_drags
    if without in (video, "") or without not in line or video not in line:
        return []
    return [float(line[video]["along"] > line[without]["along"])]
