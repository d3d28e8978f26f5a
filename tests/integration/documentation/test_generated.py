"""What `make docs` writes is current."""

import pytest

from scripts.host import ROOT
from tools.docs import PAGES, README, documents

NEW = "DragNUWANew"


def test_generated_files_are_current(nodes):
    wanted = documents(nodes)
    stale = [str(path.relative_to(ROOT)) for path, text in wanted.items() if path.read_text("utf-8") != text]
    assert stale == [], "run make docs"


def test_a_new_node_gets_its_row_and_a_page_to_fill_in(nodes):
    node = {**nodes["DragNUWAApply"], "display_name": "DragNUWA New"}
    wanted = documents({**nodes, NEW: node})
    page = wanted[PAGES / f"{NEW}.md"]
    assert page.startswith(f"# DragNUWA New\n\n{node['description']}\n\n## Inputs\n")
    assert "| `strength` |" in page and "| `model` |" in page
    assert f"| [`{NEW}`](web/docs/{NEW}.md) | `model`, `adapter`, `flow`, `strength`," in wanted[README]


def test_a_page_without_the_places_of_its_tables_is_an_error(nodes, tmp_path, monkeypatch):
    (tmp_path / f"{NEW}.md").write_text("# DragNUWA New\n\n## Inputs\n", encoding="utf-8")
    monkeypatch.setattr("tools.docs.PAGES", tmp_path)
    with pytest.raises(ValueError, match=rf"{NEW}\.md should have the line '<!-- inputs: written by make docs -->'"):
        documents({NEW: nodes["DragNUWAApply"]})
