"""What a server answers to a client."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from dragnuwa.remote.client_answers import file_name, object_in, prompt_id_in, queue_in, result_in
from dragnuwa.remote.client_errors import ClientError, PromptRejected
from dragnuwa.remote.client_progress import ProgressReporter

from .target import Target, mostly
from .texts import VALUES, WORDS

SOURCE = "/prompt of http://127.0.0.1:8188"
PROMPT = {"1": {"class_type": "SaveImage", "inputs": {}}}
NAMES = WORDS | st.sampled_from(["..", "a\0b", "half \ud800", "a" * 300, "x.png", "\x1b[2J"])
ANYTHING = NAMES | VALUES
ITEMS = st.fixed_dictionaries(dict.fromkeys(("filename", "subfolder", "type"), ANYTHING)) | VALUES
KINDS = st.dictionaries(NAMES, st.lists(ITEMS, max_size=3) | VALUES, max_size=2)
OUTPUTS = st.dictionaries(NAMES, KINDS | VALUES, max_size=2)
DATA = st.dictionaries(st.sampled_from(["timestamp", "exception_message", "traceback", "node_id"]), ANYTHING)
ENDS = st.sampled_from(["execution_error", "execution_interrupted", "execution_success"])
NOTES = st.lists(st.tuples(ENDS | VALUES, DATA | VALUES) | VALUES, max_size=3)
STATUS = st.fixed_dictionaries({"messages": NOTES | VALUES})
RECORDS = st.fixed_dictionaries(
    {"status": mostly(STATUS, VALUES, one_in=6), "outputs": mostly(OUTPUTS, VALUES, one_in=6)}
)
FIELDS = st.sampled_from(["state", "value", "max", "display_node_id"])
STATE = st.dictionaries(FIELDS, VALUES | st.sampled_from(["running", "finished", "1"]))
STATES = st.dictionaries(NAMES | st.just("1"), STATE | VALUES, max_size=2)
ANSWERS = st.one_of(
    *(st.fixed_dictionaries({"to": st.just(to), "answer": answer}) for to, answer in (
        ("queue", st.fixed_dictionaries({"queue_running": st.lists(st.lists(NAMES | VALUES)) | VALUES,
                                         "queue_pending": st.lists(VALUES) | VALUES}) | VALUES),
        ("prompt", st.fixed_dictionaries({"prompt_id": NAMES | VALUES}) | VALUES),
        ("refusal", st.fixed_dictionaries({"error": VALUES, "node_errors": st.dictionaries(
            NAMES, st.fixed_dictionaries({"errors": st.lists(VALUES) | VALUES}) | VALUES) | VALUES})),
        ("history", RECORDS | VALUES),
        ("progress", st.fixed_dictionaries({"type": st.sampled_from(["progress_state", "execution_cached"]) | VALUES,
                                            "data": st.fixed_dictionaries({"prompt_id": st.just("a"),
                                                                           "nodes": STATES | VALUES}) | VALUES})),
    )),
)  # fmt: skip


def take(description: dict) -> None:
    """An answer as a text, which is read and used as the client does."""
    to, text = description["to"], json.dumps(description["answer"])
    answer = object_in(text.encode(), SOURCE)
    if to == "queue":
        queue_in(answer, SOURCE)
    elif to == "prompt":
        prompt_id_in(answer, SOURCE)
    elif to == "refusal":
        assert str(PromptRejected(answer.get("error"), answer.get("node_errors")))
    elif to == "history":
        for item in result_in(answer, "a", SOURCE).files():
            file_name(item)
    else:
        ProgressReporter(PROMPT, "a", str).take(answer)


TARGETS = [Target("answers", ANSWERS, take, ClientError)]
