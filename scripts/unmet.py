"""Print, one a line, the requirements that the Python running this does not meet.

usage: unmet.py FILE...   each a requirements file, or a pyproject.toml (its dependencies and its extra `dev`)

Run with the interpreter that is asked about, so it uses only what every ComfyUI's Python has.
"""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

try:
    from packaging.requirements import Requirement
except ImportError:
    from pip._vendor.packaging.requirements import Requirement

# Any of these gives the same `cv2`, and two of them in one environment break each other.
SAME = {"opencv-python": ["opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"]}


def read(path: Path) -> list[str]:
    if path.suffix == ".toml":
        if sys.version_info >= (3, 11):
            import tomllib
        else:
            import tomli as tomllib
        project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        return [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def is_met(requirement: Requirement) -> bool:
    if requirement.marker and not requirement.marker.evaluate():
        return True
    for name in [requirement.name, *SAME.get(requirement.name, [])]:
        try:
            return requirement.specifier.contains(version(name), prereleases=True)
        except PackageNotFoundError:
            continue
    return False


if __name__ == "__main__":
    requirements = [Requirement(line) for name in sys.argv[1:] for line in read(Path(name))]
    for unmet in [requirement for requirement in requirements if not is_met(requirement)]:
        print(unmet)
