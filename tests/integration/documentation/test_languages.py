"""Every language has every text of the nodes."""

import json
import re

import pytest

from scripts.host import ROOT
from tests.integration.documentation.reading import read
from tests.integration.node_ids import NODES
from tools.docs import english_texts, leaves, translation_gaps

LANGUAGES = sorted(path.parent.name for path in ROOT.glob("locales/*/nodeDefs.json"))


@pytest.mark.parametrize("name", NODES)
def test_english_is_the_schema(name, nodes, i18n):
    assert i18n["en"]["nodeDefs"][name] == english_texts(nodes[name])


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text(language, name, nodes, i18n):
    texts = leaves(i18n[language]["nodeDefs"][name])
    assert texts.keys() == leaves(english_texts(nodes[name])).keys()
    for key, text in texts.items():
        assert text.strip(), key
        assert not set(text) & set("{}|@"), f"{key}: the frontend's translator takes these as its own signs"


def test_the_texts_that_a_language_lacks_are_listed(nodes):
    assert {"en", "zh"} <= set(LANGUAGES)
    assert translation_gaps(nodes) == []
    node = nodes["DragNUWAApply"]
    changed = {**nodes, "DragNUWANew": node}
    del changed["DragNUWAApply"]
    gaps = translation_gaps(changed)
    assert "locales/zh/nodeDefs.json lacks /DragNUWANew/inputs/flow/tooltip" in gaps
    assert "locales/zh/nodeDefs.json has no use for /DragNUWAApply/outputs/0/name" in gaps
    assert len(gaps) == 2 * len(leaves(english_texts(node)))


def test_chinese_is_chinese(nodes, i18n):
    for key, text in leaves(i18n["zh"]["nodeDefs"]).items():
        if not key.endswith("/name"):  # names such as vae stay
            assert re.search(r"[\u4e00-\u9fff]", text), key


def test_a_language_has_no_node_that_is_gone():
    for language in LANGUAGES:
        texts = json.loads(read(f"locales/{language}/nodeDefs.json"))
        assert sorted(texts) == NODES
