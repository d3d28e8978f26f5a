"""The script that checks a release, and the workflow that publishes one."""

import re

import pytest
import yaml

from scripts import project, release

TEXT = "# Changes\n\n## 1.2.0 (2026-02-01)\n\n- New.\n\n## 1.1.0 (2026-01-01)\n\n- Old.\n"
WORKFLOW = yaml.safe_load((project.ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8"))


def test_the_newest_changes():
    assert release.changes(TEXT) == ("1.2.0", "- New.")
    assert release.changes(TEXT[TEXT.index("## 1.1") :]) == ("1.1.0", "- Old.")


@pytest.mark.parametrize(
    "text", ["", "# Changes\n## 1.2\n- New.", "## 1.2.0 (2026-02-01)\n\n## 1.1.0 (2026-01-01)\n- Old."]
)
def test_a_changelog_that_does_not_tell(text):
    with pytest.raises(release.ReleaseError, match=r"CHANGELOG.md (has no heading|says nothing of 1\.2\.0)"):
        release.changes(text)


def test_this_version_agrees_everywhere():
    release.check_versions(None)
    release.check_versions(f"v{project.version()}")


@pytest.mark.parametrize("tag", ["1.0.0", "v99.0.0", "v1.0.0; echo"])
def test_another_tag_is_refused(tag):
    with pytest.raises(release.ReleaseError, match="it has to be v"):
        release.check_versions(tag)


def test_what_is_published_was_checked():
    jobs = WORKFLOW["jobs"]
    assert any(step.get("run") == "make release" for step in jobs["check"]["steps"])
    for name in ("registry", "pypi"):
        assert jobs[name]["needs"] == "check"
        assert "github.ref_type == 'tag'" in jobs[name]["if"]
    assert jobs["pypi"]["permissions"] == {"id-token": "write"} and "secrets." not in str(jobs["pypi"])


def test_no_workflow_puts_a_name_from_outside_into_a_command():
    for path in (project.ROOT / ".github" / "workflows").glob("*.yml"):
        steps = [step for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values() for step in job["steps"]]
        assert not [step["run"] for step in steps if re.search(r"\$\{\{.*github\.", step.get("run", ""))]


def test_the_tests_that_it_runs_are_there():
    assert [path for paths in release.TESTS.values() for path in paths if not (project.ROOT / path).exists()] == []
