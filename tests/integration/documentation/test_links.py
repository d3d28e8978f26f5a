"""Every link between the repository's files leads somewhere, and to a heading that is there. No network is used."""

import posixpath
import re

import pytest

from scripts.host import ROOT
from tests.integration.documentation.links import anchors, links, markdown_files
from tests.integration.documentation.reading import read

ADDRESS = re.search(r'^Repository = "(.+)"$', read("pyproject.toml"), re.MULTILINE)[1]


def problem(link: tuple[str, str], page: str) -> str | None:
    """What is wrong with a link of a page; nothing with addresses of other sites."""
    target, anchor = link
    if target.startswith(f"{ADDRESS}/blob/main/"):
        path = target.removeprefix(f"{ADDRESS}/blob/main/")
    elif re.match(r"[a-z]+:", target):
        return None
    else:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target)) if target else page
        if page.startswith("web/docs/") and not path.startswith("web/docs/"):
            return f"{path}: ComfyUI shows a help page far from the files of the repository; give the whole address"
    if not (ROOT / path).exists():
        return f"there is no {path}"
    if anchor and anchor not in anchors(read(path)):
        return f"{path} has no heading #{anchor}"
    return None


@pytest.mark.parametrize("page", markdown_files())
def test_links_lead_somewhere(page):
    assert [found for link in links(read(page)) if (found := problem(link, page))] == []


PAGE = f"""# A `first` title
## Twice
## Twice
[good](../README.md#install) [with spaces](<../workflows/Drag a picture.json>) [whole]({ADDRESS}/blob/main/docs/gone.md)
[gone](gone.md) [no heading](../README.md#gone) `[code](gone.md)`
```markdown
[code](gone.md)
# no heading
```
"""


def test_what_is_wrong_is_found():
    gone = "there is no docs/gone.md"
    assert anchors(PAGE) == {"a-first-title", "twice", "twice-1"}
    found = [problem(link, "docs/page.md") for link in links(PAGE)]
    assert found == [None, None, gone, gone, "README.md has no heading #gone"]
    assert "give the whole address" in problem(("../../docs/batch.md", ""), "web/docs/DragNUWAApply.md")


def test_there_are_links():
    assert len(markdown_files()) > 50 and sum(1 for page in markdown_files() for _ in links(read(page))) > 250
