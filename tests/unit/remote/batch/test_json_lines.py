"""Jobs as JSON lines: what they set, and every mistake in them said with its line before anything is queued."""

import json

import pytest

from dragnuwa.remote.batch.jobs import JobsError, Setting, Upload
from dragnuwa.remote.batch.json_lines import MAX_JOBS, read_json_lines

PROMPT = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "_meta": {"title": "Load Image"}},
    "2": {
        "class_type": "KSampler",
        "inputs": {"seed": 1, "cfg": 2.5, "model": ["9", 0], "sizes": [1, 2]},
        "_meta": {"title": "Sampler v1.5"},
    },
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}, "_meta": {"title": "Text"}},
    "4": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}, "_meta": {"title": "Text"}},
    "5": {"class_type": "Note", "inputs": {}},
}


@pytest.fixture
def read(tmp_path):
    """read(*lines): each an object, or a line of text."""

    def read_lines(*lines):
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        (tmp_path / "jobs.jsonl").write_text(text, encoding="utf-8")
        return read_json_lines(tmp_path / "jobs.jsonl", PROMPT)

    return read_lines


def job(name="a", **inputs) -> dict:
    return {"name": name, "inputs": inputs}


def test_inputs_by_title_and_by_id(read, tmp_path):
    (tmp_path / "drags.csv").write_text("﻿x,y\n1,2\n", encoding="utf-8")
    (tmp_path / "bird.PNG").write_bytes(b"content")
    first, second = read(
        {"name": "a", "inputs": {"Sampler v1.5": {"seed": 3, "model": None}, "4": {"text": {"read": "drags.csv"}}}},
        "",
        {"name": "b", "inputs": {"Load Image": {"image": {"upload": "bird.PNG"}}, "2": {"sizes": [3, 4]}}},
    )
    assert first.settings == (Setting("2", "seed", 3), Setting("2", "model", None), Setting("4", "text", "x,y\n1,2\n"))
    upload = second.settings[0].value
    assert isinstance(upload, Upload)
    assert upload.path == (tmp_path / "bird.PNG").resolve()
    assert upload.name == upload.digest[:32] + ".png"
    filled = first.fill(PROMPT, str)
    assert filled["2"]["inputs"] == {"seed": 3, "cfg": 2.5, "model": None, "sizes": [1, 2]}
    assert PROMPT["2"]["inputs"]["seed"] == 1


def test_a_fingerprint_tells_what_decides_the_result(read, tmp_path):
    picture = tmp_path / "bird.png"
    picture.write_bytes(b"content")
    (same,) = read(job(**{"1": {"image": {"upload": "bird.png"}}}))
    moved = tmp_path / "elsewhere.png"
    moved.write_bytes(b"content")
    (again,) = read(job("b", **{"Load Image": {"image": {"upload": "elsewhere.png"}}}))
    assert same.fingerprint(PROMPT) == again.fingerprint(PROMPT)
    moved.write_bytes(b"other")
    changed = PROMPT | {"2": PROMPT["2"] | {"inputs": PROMPT["2"]["inputs"] | {"cfg": 2.6}}}
    retitled = PROMPT | {"2": PROMPT["2"] | {"_meta": {"title": "another"}}}
    assert same.fingerprint(changed) != same.fingerprint(PROMPT) == same.fingerprint(retitled)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "expected one JSON object"),
        ("[1]", r"expected an object with a name and inputs, such as .*; found \[1\]"),
        ('{"name": "a"}', "expected an object with a name and inputs"),
        ({"name": "a", "inputs": {}, "seed": 3}, "expected an object with a name and inputs"),
        ({"name": "a", "inputs": [1]}, "expected an object with a name and inputs"),
        ('{"name": "a", "inputs": {"2": {"seed": 1, "seed": 2}}}', "'seed' stands twice in one object"),
        ('{"name": "a", "inputs": {"2": {"cfg": NaN}}}', "NaN is not a number that ComfyUI takes"),
        ('{"name": "a", "inputs": {"2": {"cfg": 1e999}}}', "not JSON compliant"),
        ('{"name": "a", "inputs": {"3": {"text": "\\ud800"}}}', "half of a character"),
        ("[" * 100_000, "nested too deeply"),
        (job(KSampler={"seed": 1}), r"no node with the id or title 'KSampler'. It has 1 \(Load Image\), .*5 \(Note\)"),
        (job(Text={"text": ""}), "'Text' is the id or title of 2 nodes, 3, 4"),
        (job(**{"2": {"sed": 1}}), "'Sampler v1.5' has no input 'sed'. It has seed, cfg, model, sizes"),
        (job(**{"5": {"text": ""}}), "'Note' has no input 'text'. It has none"),
        (job(**{"2": 5}), "expected inputs of '2'"),
        (job(**{"2": {"seed": 1}, "Sampler v1.5": {"seed": 2}}), "one input is set twice"),
        (job(**{"2": {"seed": [1]}}), r'expected a number, .* \{"upload": FILE\} or \{"read": FILE\}; found \[1\]'),
        (job(**{"1": {"image": {"uplaod": "x"}}}), r'found \{"uplaod": "x"\}'),
        (job(**{"1": {"image": {"upload": "absent.png"}}}), r"absent\.png cannot be read: No such file"),
        (job(**{"3": {"text": {"read": "."}}}), "cannot be read: Is a directory"),
        *(
            (job(name), "cannot be the name of a folder on every system")
            for name in ("a/b", "a\\b", "..", ".a", "a.", "a ", "con", "NUL.txt", "com1", "a:b", "a\nb", "a" * 101)
        ),
        ({"name": 5, "inputs": {}}, "expected a name, .*; found 5"),
        (job(""), "expected a name"),
        (job("FIRST"), "the name 'FIRST' is that of line 1, ignoring case"),
    ],
)
def test_a_mistake_is_said_with_its_line(read, line, said):
    with pytest.raises(JobsError, match=rf"jobs\.jsonl, line 3: .*{said}"):
        read(job("first"), "", line)


def test_a_file_that_cannot_be_used(read, tmp_path):
    with pytest.raises(JobsError, match="holds no job"):
        read("", " ")
    with pytest.raises(JobsError, match=f"at most {MAX_JOBS} were expected"):
        read(*["{}"] * (MAX_JOBS + 1))
    (tmp_path / "jobs.jsonl").write_bytes(b"\xff")
    with pytest.raises(JobsError, match="is not UTF-8 text"):
        read_json_lines(tmp_path / "jobs.jsonl", PROMPT)
    with pytest.raises(JobsError, match=r"absent\.jsonl cannot be read"):
        read_json_lines(tmp_path / "absent.jsonl", PROMPT)
