"""Every language has every text of the nodes."""

import json
import re

import pytest

from tests.integration.documentation.reading import FILE_LISTS, NODES, inputs_of, read

LANGUAGES = ("en", "zh")


def english(node: dict) -> dict:
    """The locale entry that says just what the schema says."""
    inputs = {}
    for name, (kind, options) in inputs_of(node).items():
        inputs[name] = {"name": options.get("display_name") or name, "tooltip": options["tooltip"]}
        if kind == "COMBO" and name not in FILE_LISTS:
            inputs[name]["options"] = {option: option for option in options["options"]}
    outputs = zip(node["output_name"], node["output_tooltips"], strict=True)
    return {
        "display_name": node["display_name"],
        "description": node["description"],
        "inputs": inputs,
        "outputs": {str(index): {"name": name, "tooltip": tooltip} for index, (name, tooltip) in enumerate(outputs)},
    }


def leaves(value: dict | str, path: str = "") -> dict[str, str]:
    if isinstance(value, str):
        return {path: value}
    return {key: text for name, inner in value.items() for key, text in leaves(inner, f"{path}/{name}").items()}


@pytest.mark.parametrize("name", NODES)
def test_english_is_the_schema(name, nodes, i18n):
    """After a change of a schema, make the same change in locales/en/nodeDefs.json."""
    assert i18n["en"]["nodeDefs"][name] == english(nodes[name])


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text(language, name, nodes, i18n):
    texts = leaves(i18n[language]["nodeDefs"][name])
    assert texts.keys() == leaves(english(nodes[name])).keys()
    for key, text in texts.items():
        assert text.strip(), key
        assert not set(text) & set("{}|@"), f"{key}: the frontend's translator takes these as its own signs"


def test_chinese_is_chinese(nodes, i18n):
    for key, text in leaves(i18n["zh"]["nodeDefs"]).items():
        if not key.endswith("/name"):  # names such as vae stay
            assert re.search(r"[\u4e00-\u9fff]", text), key


def test_a_language_has_no_node_that_is_gone():
    for language in LANGUAGES:
        texts = json.loads(read(f"locales/{language}/nodeDefs.json"))
        assert sorted(texts) == NODES
