"""The command line: makes a certificate for trying, signs videos, and reads what videos say of themselves."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from ..common.atomic import atomic_write
from ..common.errors import InputError, PackageError, printable
from .comfy_metadata import comfy_metadata, models_of_prompt
from .identity import FILE, read_identity, read_roots
from .manifest import CHOICES, Record
from .reading import read

log = logging.getLogger(__name__)

DONE, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: all is done, and what was read is intact or unsigned; a file cannot be used, or was changed; the
arguments cannot be used (argparse's own code); Ctrl-C."""
NAME, DAYS = "Unknown", 365


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.provenance",
        description="Content credentials (C2PA) in videos. See docs/provenance.md.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    made = commands.add_parser("certificate", help=f"make a certificate for trying, its key, and {FILE}")
    made.add_argument("folder", type=Path, metavar="FOLDER", help="where to write them")
    made.add_argument("--name", default=NAME, help="whom the certificate names (default %(default)s)")
    made.add_argument("--days", type=_days, default=DAYS, help="how long it is valid (default %(default)s)")
    signed = commands.add_parser("sign", help="sign MP4 files, in place")
    signed.add_argument("files", type=Path, nargs="+", metavar="FILE.mp4")
    signed.add_argument("--identity", type=Path, required=True, metavar=FILE, help="names the certificate and the key")
    signed.add_argument("--made", choices=CHOICES, default="model", help=f"how: {_explained()} (default %(default)s)")
    signed.add_argument("--model", default="", metavar="NAME", help="of the model (default: from ComfyUI's metadata)")
    signed.add_argument("--picture", type=Path, metavar="FILE", help="the start picture")
    shown = commands.add_parser("read", help="tell what videos or pictures say of themselves")
    shown.add_argument("files", type=Path, nargs="+", metavar="FILE")
    shown.add_argument("--trust", type=Path, metavar="ROOTS.pem", help="the roots that you trust")
    shown.add_argument("--drawing", type=Path, metavar="OUT.json", help="write the drags of the one FILE as JSON")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command; gives its exit code. Raises SystemExit for arguments that cannot be used."""
    parser = argument_parser()
    options = parser.parse_args(arguments)
    if options.command == "read" and options.drawing and len(options.files) > 1:
        parser.error("--drawing is for one FILE.")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        return {"certificate": _certificate, "sign": _sign, "read": _read}[options.command](options)
    except (InputError, PackageError) as error:
        log.error("%s", error)
    except OSError as error:
        log.error("%s", printable(f"{error.strerror or error} ({error.filename})."))
    except KeyboardInterrupt:
        return INTERRUPTED
    return FAILED


def _certificate(options: argparse.Namespace) -> int:
    try:
        from .certificate import make_certificate
    except ImportError:
        raise PackageError(
            'This needs more. Run python -m pip install "dragnuwa[provenance]" with the same Python, and then this '
            "again, in another folder than the pack's."  # where `python -m` would take the same copy again
        ) from None
    for path in make_certificate(options.folder, options.name, options.days):
        log.info("%s", printable(str(path)))
    log.info("It is for trying: it names whom you like, and nobody else trusts it. Keep key.pem to yourself.")
    return DONE


def _sign(options: argparse.Namespace) -> int:
    from .manifest import picture_of_file
    from .signing import check_identity, sign  # imported lazily: they load numpy

    identity = read_identity(options.identity)
    check_identity(identity)
    picture = options.picture and picture_of_file(options.picture)
    code = DONE
    for path in options.files:
        try:
            known = read(path)
            model = options.model or ", ".join(models_of_prompt(comfy_metadata(path).get("prompt")))
            drawing = known.drawing and known.drawing.to_json()
            sign(path, path, Record(CHOICES[options.made], path.name, drawing, model, picture), identity)
            log.info("%s: signed.", printable(path.name))
        except (InputError, OSError) as error:
            log.error("%s: %s", printable(path.name), printable(str(error)))
            code = FAILED
    return code


def _read(options: argparse.Namespace) -> int:
    trust = options.trust and read_roots(options.trust)
    code = DONE
    for path in options.files:
        found = read(path, trust)
        log.info("%s", printable(f"{path.name}\n{found.report()}"))
        code = FAILED if found.is_changed else code
        if options.drawing:
            if found.drawing is None:
                raise InputError("There are no drags to write.")
            with atomic_write(options.drawing) as file:
                file.write(found.drawing.to_json().encode())
    return code


def _explained() -> str:
    return "; ".join(f"{choice}: {made}" for choice, made in CHOICES.items())


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"expected a whole number of days from 1 to 3650; found {text!r}")
    return int(text)
