"""What is said where OpenCV cannot be imported. Each in a Python of its own that has another cv2."""

from pathlib import Path

import pytest

from tests.support.commands import run_python

ROOT = Path(__file__).resolve().parents[3]
ASK = "from dragnuwa.common.errors import *\ntry: need_opencv()\nexcept PackageError as e: print(e)"
LACKS = "libGL.so.1: cannot open shared object file: No such file or directory"
# By what cv2 does when it is imported: a part of the message.
CASES = {
    f"raise ImportError({LACKS!r}, name='cv2')": f"({LACKS}). It is installed, but does not fit this machine.",
    "raise ImportError('numpy.core.multiarray failed to import')": "--no-deps opencv-python-headless",
    "raise AttributeError('_ARRAY_API not found')": "--no-deps opencv-python-headless",
    "raise ModuleNotFoundError('No module named cv2')": 'pip install "opencv-python>=4.8"',
}


@pytest.mark.parametrize("code", CASES)
def test_one_sentence_says_what_to_run(code, tmp_path):
    (tmp_path / "cv2.py").write_text(code, encoding="utf-8")
    path = f"import sys; sys.path[:0] = {[str(tmp_path), str(ROOT)]}\n"
    done = run_python("-c", path + ASK, check=True)
    assert done.stdout.startswith("This needs OpenCV, which cannot be imported (") and done.stdout.count("\n") == 1
    assert CASES[code] in done.stdout
