"""What `make docs` writes is current."""

import pytest

from scripts.host import ROOT
from tools.docs import NODES_PAGE, PAGES, documents
from tools.gallery import SHEETS, said_of

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
    assert f"| [DragNUWA New](../web/docs/{NEW}.md) | {node['description']} | `{NEW}` |" in wanted[NODES_PAGE]


def test_a_page_without_the_places_of_its_tables_is_an_error(nodes, tmp_path, monkeypatch):
    (tmp_path / f"{NEW}.md").write_text("# DragNUWA New\n\n## Inputs\n", encoding="utf-8")
    monkeypatch.setattr("tools.docs.PAGES", tmp_path)
    with pytest.raises(ValueError, match=rf"{NEW}\.md should have the line '<!-- inputs: written by make docs -->'"):
        documents({NEW: nodes["DragNUWAApply"]})


def test_every_sheet_is_in_the_gallery():
    shown = {sheet.picture for sheet in SHEETS}
    assert {f"assets/{path.name}" for path in ROOT.glob("assets/*.jpg")} <= shown


def test_a_sheets_text_ends_at_the_next_picture_heading_or_table():
    page = "![One](a.jpg)\n\n*What it is.* It is\nwrong.\n\n```bash\nmake\n```\n\n![Two](b.jpg)\n\nOther.\n"
    assert said_of(page, "a.jpg") == page.split("\n\n![Two]", maxsplit=1)[0]
    assert said_of(page, "b.jpg") == "![Two](b.jpg)\n\nOther."
    with pytest.raises(ValueError, match=r"should show c\.jpg"):
        said_of(page, "c.jpg")
