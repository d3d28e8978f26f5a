"""The documentation's site is built without a warning, and every link and picture in it is there. Uses no network."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from scripts.host import ROOT
from tests.integration.documentation.reading import read
from tests.integration.node_ids import NODES
from tools import site_hook

ADDRESS = site_hook.repository()
PATHS = {"docs/batch.md": "batch.md", "web/docs/A.md": "nodes/A.md", "web/docs/a b.jpg": "nodes/a b.jpg"}


class Page(HTMLParser):
    """The ids of a page, and what it links to and shows."""

    def __init__(self, path: Path):
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.ids |= {values[key] for key in ("id", "name") if values.get(key)}
        self.links |= {values[key] for key in ("href", "src") if values.get(key) and tag in ("a", "img")}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The site, built as `make site` builds it: a warning is an error (with --quiet, MkDocs would not count any)."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    return {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}


def test_every_link_of_the_site_leads_somewhere(pages):
    lost = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.exists() or (parts.fragment and target in pages and parts.fragment not in pages[target].ids):
                lost.append(f"{path}: {link}")
    assert len(pages) > 50 and lost == []


def test_what_is_on_the_site_is_not_linked_to_elsewhere(pages):
    elsewhere = {f"{ADDRESS}/blob/main/{path}" for path in site_hook.site_paths()}
    assert [link for page in pages.values() for link in page.links if link.partition("#")[0] in elsewhere] == []


def test_every_node_and_every_page_is_there(site):
    assert [name for name in NODES if not (site / "nodes" / name / "index.html").exists()] == []
    home = (site / "index.html").read_text("utf-8")
    assert [name for name in NODES if f'href="nodes/{name}/"' not in home] == [], "not in the navigation"
    assert "<title>DragNUWA for ComfyUI</title>" in home and "assets/demo.gif" in home
    text = (site / "format" / "index.html").read_text("utf-8")
    assert 'id="the-whole-value"' in text
    assert 'id="the-whole-value"' not in (site / "nodes/DragNUWATrajectoryEditor/index.html").read_text("utf-8")


def test_the_reference_has_the_docstrings(site):
    page = (site / "reference/flow/index.html").read_text("utf-8")
    assert 'id="dragnuwa.flow.encode"' in page and "Draws sampled trajectories as drag maps" in page


@pytest.mark.parametrize(
    ("link", "on_site"),
    [
        ("../../docs/batch.md#resuming", "../batch.md#resuming"),
        (f"{ADDRESS}/blob/main/docs/batch.md", "../batch.md"),
        ("a b.jpg", "a b.jpg"),
        ("../../LICENSE", f"{ADDRESS}/blob/main/LICENSE"),
        ("../../workflows", f"{ADDRESS}/tree/main/workflows"),
        ("../../workflows/Drag a picture.json", f"{ADDRESS}/blob/main/workflows/Drag%20a%20picture.json"),
        (f"{ADDRESS}/issues", f"{ADDRESS}/issues"),
        ("#limits", "#limits"),
        ("gone.md", "gone.md"),  # MkDocs reports it
        ("DragNUWATrajectoryEditor.md#a-track", "../format.md#a-track"),
    ],
)
def test_a_link_becomes_the_sites_own(link, on_site):
    assert site_hook.site_link(link, "web/docs/A.md", "nodes/A.md", PATHS, ADDRESS) == on_site


def test_links_in_code_stay():
    text = "[a](../../LICENSE) `[b](../../LICENSE)`\n\n```text\n[c](../../LICENSE)\n```\n[d](<a b.jpg>)\n"
    made = site_hook.with_site_links(text, "web/docs/A.md", "nodes/A.md", PATHS, ADDRESS)
    assert made == text.replace("[a](../../LICENSE)", f"[a]({ADDRESS}/blob/main/LICENSE)")


def test_a_warning_is_an_error():
    """MkDocs only warns of what its configuration names."""
    text = read("mkdocs.yml")
    kinds = re.findall(r"^    (\w+): (\w+)$", re.search(r"^validation:\n(.+?)\n\n", text, re.M | re.S)[1], re.M)
    assert len(kinds) == 7 and {level for _, level in kinds} == {"warn"}
