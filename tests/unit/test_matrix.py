"""`make matrix`: it tries what README promises, its checks exist, and a failure is told with its reason."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from scripts.host import ROOT
from scripts.setup import ARCHIVE
from tests.long import matrix
from tests.support.commands import run_python

TESTS = """
import pytest

@pytest.fixture
def server():
    pytest.fail("ComfyUI stopped")

@pytest.mark.parametrize("number", [1, 2])
def test_some(number):
    assert number == 1, "two | is too many"

def test_good(): pass
def test_starts(server): pass
def test_absent(): pytest.skip("not here")
"""


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> list[ElementTree.Element]:
    """What pytest writes about the tests above."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "test_it.py").write_text(TESTS)
    run_python("-m", "pytest", "--rootdir=.", *matrix.RESULTS, "results.xml", "test_it.py", cwd=folder)
    return list(ElementTree.parse(folder / "results.xml").iter("testcase"))


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        (["good"], ""),
        (["good", "some"], "test_some[2]: AssertionError: two | is too many assert 2 == 1"),
        (["starts"], 'test_starts: failed on setup with "Failed: ComfyUI stopped"'),
        (["absent"], "test_absent: not here"),
        (["gone"], "test_gone was not run"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_why_a_check_failed(cases, tests, reason):
    assert matrix.reason_of(cases, [f"test_it.py::test_{name}" for name in tests]) == reason


def test_the_table_says_what_passed_failed_and_was_not_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(matrix, "FOUND", tmp_path / "found.json")
    found = matrix.Found()
    good = dict.fromkeys(matrix.CHECKS, "")
    for python, failed in {"3.10": good, "3.11": good | {"loads": "a | b"}, "3.12": good | {"loads": "a | b"}}.items():
        entry = {"date": "2026-01-02", "frontend": "1.2.3", "failed": failed}
        found.add(matrix.Combination("0.24.0", "pinned", python), entry)
    table, below = matrix.report(matrix.Found(), dict.fromkeys(("3.10", "3.11", "3.12")))
    bad = "boots, runs, draws; not loads (1)"
    assert table[1] == ["0.24.0", "1.2.3 (pinned)", "all", bad, bad, "not available here"]
    assert table[2] == ["0.24.0", "(newest)", "not tried", "not tried", "not tried", "not available here"]
    assert below == "Tried with `make matrix`: 2026-01-02.\n\n1. loads: a / b"


def test_what_was_found_counts_for_this_pack_only(tmp_path, monkeypatch):
    monkeypatch.setattr(matrix, "FOUND", tmp_path / "found.json")
    monkeypatch.setattr(matrix, "PACK", ("__init__.py",))
    combination = matrix.Combination("0.24.0", "pinned", "3.10")
    matrix.Found().add(combination, {"date": "", "frontend": "", "failed": {}})
    assert matrix.Found().passed(combination)
    monkeypatch.setattr(matrix, "PACK", ("__init__.py", "requirements.txt"))
    assert not matrix.Found().of(combination)


def test_the_oldest_and_the_pinned_comfyui_are_tried():
    oldest = re.search(r'requires-comfyui = ">=(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"))[1]
    assert next(iter(matrix.ARCHIVES)) == oldest
    assert f"Restart ComfyUI, {oldest} or newer" in (ROOT / "README.md").read_text("utf-8")
    assert list(matrix.ARCHIVES.values())[-1] == ARCHIVE


def test_its_checks_are_tests_that_exist():
    for test in (test for tests in matrix.CHECKS.values() for test in tests):
        path, name = test.split("::")
        assert f"\ndef {name}(" in (ROOT / path).read_text("utf-8"), test
