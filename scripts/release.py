"""Checks that this commit can be released, and builds what is published into dist/.

    make release                 checks, as often as you like
    make release TAG=v1.0.0      what CI runs when the tag is pushed

Publishing itself is .github/workflows/publish.yml: pushing a tag vX.Y.Z sends the archive to the Comfy registry and
the wheel to PyPI. CONTRIBUTING.md has the steps.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import archive, project

ROOT = project.ROOT
DIST = ROOT / "dist"
PYTHON = sys.executable
VERSION = re.compile(r"\d+\.\d+\.\d+")
HEADING = re.compile(r"^## (\d+\.\d+\.\d+) \((\d{4}-\d{2}-\d{2})\)$", re.M)
# What the release promises, and what proves it.
TESTS = {
    "the archive is installed and scanned, the wheel is used": ["tests/release"],
    "workflows, drags and batches of older versions open": [
        "tests/unit/test_saved_drags.py",
        "tests/unit/test_saved_batches.py",
        "tests/host/test_saved_checkpoint.py",
        "tests/integration/editor/test_saved_workflows.py",
    ],
    "the documentation is up to date, and the site builds": ["tests/integration/documentation"],
    "the table of tried versions has all of them": ["tests/unit/test_matrix.py"],
}


class ReleaseError(RuntimeError):
    """Why this commit cannot be released, and what to do."""


def changes(text: str) -> tuple[str, str]:
    """The newest version in a changelog, and what it says of it.

    Raises:
        ReleaseError: if there is no heading of the form "## 1.2.3 (2026-01-31)", or nothing under it.
    """
    found = list(HEADING.finditer(text))
    if not found:
        raise ReleaseError('CHANGELOG.md has no heading such as "## 1.2.3 (2026-01-31)".')
    end = found[1].start() if len(found) > 1 else len(text)
    body = text[found[0].end() : end].strip()
    if not body:
        raise ReleaseError(f"CHANGELOG.md says nothing of {found[0][1]}.")
    return found[0][1], body


def check_versions(tag: str | None) -> None:
    """The version is a semantic one, and the same in pyproject.toml, the changelog and the tag."""
    version = project.version()
    if not VERSION.fullmatch(version):
        raise ReleaseError(f"The version {version} in pyproject.toml is not of the form 1.2.3.")
    told, _ = changes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    if told != version:
        raise ReleaseError(f"CHANGELOG.md begins with {told}, and pyproject.toml has {version}.")
    if tag is not None and tag != f"v{version}":
        raise ReleaseError(f"The tag is {tag}, and the version is {version}: it has to be v{version}.")


def check_tree() -> None:
    """Nothing is uncommitted: what is built is what was committed."""
    changed = _output("git", "status", "--porcelain", "--untracked-files=no")
    if changed:
        raise ReleaseError(f"There are changes that are not committed:\n{changed}")


def check_generated() -> None:
    """Texts that are generated are those that the code gives."""
    _run(PYTHON, "tools/docs.py")
    if changed := _output("git", "status", "--porcelain", "--untracked-files=no"):
        raise ReleaseError(f"`make docs` changed these; look at them and commit:\n{changed}")


def build() -> None:
    """The archive, the wheel and the source distribution, in dist/."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    archive.write(DIST / f"dragnuwa-{project.version()}-registry.zip")
    _run(PYTHON, "-m", "uv", "build", "--quiet", "--out-dir", str(DIST))
    for path in sorted(DIST.glob("dragnuwa-*")):
        print(f"  {path.name}: {path.stat().st_size / archive.MIB:.1f} MiB")


def run_tests() -> None:
    for promise, paths in TESTS.items():
        print(f"[release]   {promise}", flush=True)
        _run(PYTHON, "-m", "pytest", "-q", *paths)


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise ReleaseError(f"This failed: {' '.join(command)}")


def _output(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.rstrip()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tag", help="the tag that is to be published, such as v1.0.0")
    tag = parser.parse_args().tag or None
    steps: dict[str, Callable[[], None]] = {
        "versions agree": lambda: check_versions(tag),
        "all is committed": check_tree,
        "generated texts are up to date": check_generated,
        "dist/ is built": build,
        "tests": run_tests,
    }
    for name, step in steps.items():
        print(f"[release] {name}", flush=True)
        try:
            step()
        except ReleaseError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    print(f"[release] {project.version()} can be released.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
