"""Text that went through other programs and systems: one rule, for drags, tables, workflows and jobs."""

import json
import time

import pytest

from dragnuwa.common import atomic
from dragnuwa.common.foreign_text import decoded, tidied, with_line_feeds, with_plain_blanks
from dragnuwa.remote.batch.json_lines import read_json_lines
from dragnuwa.remote.batch.workflow import read_prompt
from dragnuwa.trajectory import parse
from dragnuwa.trajectory.formats import importing

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
DRAGS = '[[{"x": 25, "y": 40}, {"x": 128, "y": 100}]]'
TABLE = "frame,track,x,y\n1,Flügel,25,40\n2,Flügel,30,40\n"
WORD = DRAGS.replace('"', "\u201d").replace(" ", "\u00a0")


def read(value):
    return parse(value, width=576, height=320)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_files_of_every_encoding_are_read(encoding):
    assert read(DRAGS.encode(encoding)) == read(DRAGS)
    found = read(TABLE.encode(encoding))
    assert found == read(TABLE) and found.tracks[0].name == "Flügel"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\u2028", "\x85", "\x0b"])
@pytest.mark.parametrize("text", [TABLE, "# frame x y\n1 2 3\n2 3 4\n"])
def test_lines_end_as_other_systems_end_them(text, end):
    assert read(text.replace("\n", end)) == read(text)


@pytest.mark.parametrize(
    "text",
    [
        WORD,
        f"```json\n{DRAGS}\n```",
        f"\n  ```\n{DRAGS}\n```\n",
        "\u200b" + DRAGS,
        DRAGS.replace(", ", ",\u200b\u2003"),
        DRAGS.replace(", ", "\uff0c").replace(":", "\uff1a"),
        json.dumps(DRAGS),
        str([[{"x": 25, "y": 40}, {"x": 128, "y": 100}]]).replace("'", "\u2019"),
    ],
)
def test_json_is_read_as_it_was_before_another_program_changed_it(text):
    assert read(text) == read(DRAGS)


def test_minus_signs_of_a_word_processor_are_minus_signs():
    assert read("[[[\u22125, 4], [\u201325, 9]]]") == read("[[[-5, 4], [-25, 9]]]")


def test_what_can_be_read_as_it_is_keeps_its_characters():
    named = [{"points": [{"x": 1, "y": 2}], "name": "a\u00a0\u201cb\u201d\u200d"}]
    assert read(json.dumps(named, ensure_ascii=False)).tracks[0].name == "a\u00a0\u201cb\u201d\u200d"


def test_blanks_of_a_table_are_blanks():
    assert read("frame;track;x;y\n1;\u00a0a ;\u202f25;40\u200b\n2;a;30;40\n") == read(
        "frame;track;x;y\n1;a;25;40\n2;a;30;40\n"
    )
    assert "1 track of 2 points" in importing.read("1\u00a02\u00a03\n2\u00a03\u00a04", width=9, height=9).report


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("change", [str, lambda text: text.replace('"', "\u201c"), lambda text: f"```\n{text}\n```"])
def test_workflows_and_jobs_are_read_by_the_same_rule(tmp_path, encoding, change):
    prompt = {"1": {"class_type": "KSampler", "inputs": {"seed": 3}}}
    workflow, jobs = tmp_path / "workflow.json", tmp_path / "jobs.jsonl"
    workflow.write_bytes(change(json.dumps(prompt)).encode(encoding))
    assert read_prompt(workflow) == prompt
    line = json.dumps({"name": "a", "inputs": {"1": {"seed": 5}}})
    changed = line if change("") else change(line)
    jobs.write_bytes(f"{changed}\r\n".encode(encoding))
    (job,) = read_json_lines(jobs, prompt)
    assert job.settings[0].value == 5


def test_a_file_in_another_encoding_says_what_to_do(tmp_path):
    file = tmp_path / "drags.json"
    file.write_bytes('{"a": "Flügel"}'.encode("latin-1"))
    with pytest.raises(ValueError, match=r"not UTF-8 text.*Save the file again as plain text in UTF-8"):
        atomic.read_json(file)


def test_rules_take_time_in_proportion_to_the_text():
    begin = time.process_time()
    for text in ("```" * 2**19, " " * 2**20 + "```", "\u00a0" * 2**20, "\r" * 2**20):
        tidied(text), with_line_feeds(text), with_plain_blanks(text)
    assert decoded(b"\0" * 2**20) and time.process_time() - begin < 10
