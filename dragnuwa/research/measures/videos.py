"""`python -m dragnuwa.evaluation videos A B --out LINES.jsonl`: two folders of videos, as pairs and as sets."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from ...common.atomic import atomic_write, remove_partial_files
from ...common.errors import InputError
from ..resumed_lines import append, begin
from .conventions import FID, FVD
from .extractors import TORCH_FIDELITY
from .options import add_pool, pool_of
from .sizes import size_of
from .video_report import report_of
from .video_sets import Case, Clips, cases_of, check_lengths
from .video_work import Work, digests, unpacked
from .workers import Pool, failed, outcomes

log = logging.getLogger(__name__)


def add_parser(commands) -> None:
    parser = commands.add_parser(
        "videos",
        help="two folders of videos, as pairs and as sets",
        description="Compare two folders of videos: those of the same name, frame by frame (PSNR, SSIM, LPIPS), and "
        "all of them as sets (FVD, FID). The networks are files that you name; nothing is downloaded. FVD and FID of "
        "different conventions, networks or numbers of videos cannot be compared.",
        epilog="Conventions of FVD: "
        + "; ".join(f"{each.label} ({each.source})" for each in FVD.values())
        + ". Of FID: "
        + "; ".join(f"{each.label} ({each.source})" for each in FID.values())
        + ". An interrupted run is resumed by the same command; features are kept in OUT.features/.",
    )
    add = parser.add_argument
    add("a", type=Path, metavar="A", help="a folder of videos, such as generated ones")
    add("b", type=Path, metavar="B", help="the folder to compare with, such as real ones")
    add("--out", type=Path, required=True, help="the file of lines, one for each name; created or resumed")
    add("--fvd", type=Path, metavar="FILE", help="measure FVD with this I3D in TorchScript, such as i3d_torchscript.pt")
    add("--convention", default="stylegan-v", metavar="NAMES", help=f"of FVD, of {','.join(FVD)} (default stylegan-v)")
    add("--fid", metavar="FILE",
        help="measure FID with this Inception in TorchScript, such as inception-2015-12-05.pt, or torch-fidelity's: "
        f"{TORCH_FIDELITY}:WEIGHTS")  # fmt: skip
    add("--fid-convention", choices=list(FID), help=f"of FID (default stylegan, and {TORCH_FIDELITY} with that)")
    add("--lpips", type=Path, metavar="FILE", help="measure LPIPS with this TorchScript, which takes two pictures")
    add("--frames", type=int, help="how many of each video's first frames (default all)")
    add("--size", metavar="WxH", help="stretch all frames to this size first (default each pair's own)")
    add("--device", default="cpu", help="of the networks (default cpu)")
    add_pool(parser)
    add("--json", action="store_true", help="the table as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> str:
    """The table of a new or resumed run, or JSON."""
    work, pool = _work(options), pool_of(options)
    cases = cases_of(options.a, options.b, work.clips, tell=log.info)
    _check(cases, work)
    lines = measured(options.out, work, cases, pool)
    report = report_of(work, cases, lines, features_folder(options.out))
    if options.json:
        return json.dumps({"settings": work.as_json(), **report.as_json()}, indent=1)
    return str(report)


def measured(out: Path, work: Work, cases: Sequence[Case], pool: Pool) -> list[dict]:
    """Measures the cases that a file of lines lacks, and appends each as soon as it is done.

    A line counts for a case if it has the name and was measured of the same contents, and the features are there.

    Returns:
        The line of each case.

    Raises:
        ValueError: if the file has other settings or is something else, a network cannot be used, or cases could not
            be measured; the others are kept.
    """
    folder = features_folder(out)
    if not out.exists():
        work.begin()  # so that a file that cannot be loaded does not become a setting of OUT
    lines = begin(out, work.as_json())
    if work.keys:
        folder.mkdir(parents=True, exist_ok=True)
        remove_partial_files(folder)
    kept = {(line.get("name"), json.dumps(line.get("videos"))): line for line in lines}
    done = {n: kept.get((case.name, json.dumps(digests(case)))) for n, case in enumerate(cases)}
    todo = [(n, case) for n, case in enumerate(cases) if done[n] is None or not _has_features(case, work, folder)]
    if len(todo) < len(cases):
        log.info("%d of %d were measured before", len(cases) - len(todo), len(cases))
    problems = []
    for count, outcome in enumerate(outcomes(work, todo, pool), len(cases) - len(todo) + 1):
        if outcome.problem:
            problems.append(outcome.problem)
            log.warning("%d of %d: %s", count, len(cases), outcome.problem)
            continue
        for digest, content in outcome.features.items():
            with atomic_write(folder / f"{digest}.npz") as file:
                file.write(content)
        append(out, outcome.line)
        done[outcome.number] = outcome.line
        log.info("%d of %d: %s", count, len(cases), outcome.line["name"])
    if problems:
        raise InputError(failed(problems, len(cases)))
    return [done[n] for n in range(len(cases))]


def features_folder(out: Path) -> Path:
    """Where the features of a run are kept, a file for each video."""
    return out.with_name(f"{out.name}.features")


def _has_features(case: Case, work: Work, folder: Path) -> bool:
    return not work.keys or all(unpacked(folder / f"{each.digest}.npz", work.keys) for each in case.videos)


def _work(options: argparse.Namespace) -> Work:
    fidelity = (options.fid or "").startswith(f"{TORCH_FIDELITY}:")
    return Work(
        clips=Clips(options.frames, size_of(options.size) if options.size else None),
        fvd=options.fvd,
        fvd_conventions=tuple(options.convention.split(",")),
        fid=options.fid,
        fid_convention=options.fid_convention or (TORCH_FIDELITY if fidelity else "stylegan"),
        lpips=options.lpips,
        device=options.device,
    )


def _check(cases: Sequence[Case], work: Work) -> None:
    """Raises InputError if there is nothing to measure, or too little for what is asked for."""
    pairs = sum(case.is_pair for case in cases)
    if not pairs and (work.lpips or not work.keys):
        raise InputError(
            "No video has the same name in both folders, and PSNR, SSIM and LPIPS compare pairs. Name them alike, or "
            "give --fvd or --fid, which compare sets."
        )
    if work.fvd:
        check_lengths(cases)
        for side in ("a", "b"):
            count = sum(getattr(case, side) is not None for case in cases)
            if count < 2:
                raise InputError(f"FVD needs at least 2 videos in each folder; the folder {side.upper()} has {count}.")
