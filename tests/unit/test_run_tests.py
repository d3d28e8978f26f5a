"""`make test`: few failures in a browser are run again alone, and fail if they fail again."""

import pytest

from scripts import run_tests

PASSES_LATER = """
from pathlib import Path
import pytest
SEEN = Path(__file__).with_name("seen")

@pytest.mark.parametrize("number", range({count}))
def test_a_page(number):
    again = SEEN.with_name(f"seen_{{number}}")
    before = again.exists()
    again.touch()
    assert before and {passes}
"""


@pytest.mark.parametrize(
    ("group", "count", "passes", "code", "said"),
    [
        ("browser", 2, True, run_tests.PASSED, 1), ("browser", 2, False, run_tests.FAILED, 1),
        ("browser", run_tests.FEW + 1, True, run_tests.FAILED, 0), ("unit", 1, True, run_tests.FAILED, 0),
    ],
)  # fmt: skip
def test_few_failures_in_a_browser_are_run_again_alone(tmp_path, monkeypatch, capfd, group, count, passes, code, said):
    (tmp_path / "test_page.py").write_text(PASSES_LATER.format(count=count, passes=passes))
    (tmp_path / "test_other.py").write_text("def test_other(): pass")
    (tmp_path / "pytest.ini").write_text("[pytest]")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run_tests, "GROUPS", {group: ["test_page.py"], "other": ["test_other.py"]})
    monkeypatch.setattr(run_tests, "IN_BROWSER", {group} & run_tests.IN_BROWSER)
    assert run_tests.main([]) == code
    assert capfd.readouterr().out.count("again, alone: ") == said
