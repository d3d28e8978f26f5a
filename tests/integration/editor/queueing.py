"""ComfyUI's queue beside the editor, and the switch by which the editor uses it by itself."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import requests
from playwright.sync_api import expect

from scripts.editor_driver import EditorDriver

LONGER_THAN_A_REST = 100  # frames of the page, of which it draws at most 60 a second


class Queue:
    """ComfyUI's queue, as anyone can see it."""

    def __init__(self, url: str):
        self.url = url

    def _now(self) -> dict:
        return requests.get(f"{self.url}/queue", timeout=60).json()

    @property
    def waiting(self) -> list[str]:
        return [prompt[1] for prompt in sorted(self._now()["queue_pending"])]

    @property
    def running(self) -> list[str]:
        return [prompt[1] for prompt in self._now()["queue_running"]]

    def drawn(self, prompt: str) -> list[list]:
        """The points of the drags that a prompt in the queue was given."""
        (found,) = (each for prompts in self._now().values() for each in prompts if each[1] == prompt)
        return drags_of(found[2])

    def add(self, number: int) -> str:
        """A prompt of somebody else's; its id."""
        prompt = {"1": {"class_type": "StandInHeld", "inputs": {"number": number}}}
        answer = requests.post(f"{self.url}/prompt", json={"prompt": prompt, "client_id": "another"}, timeout=60)
        return answer.json()["prompt_id"]

    def ended(self) -> dict[str, dict]:
        """The history."""
        return requests.get(f"{self.url}/history", timeout=60).json()


def drags_of(nodes: dict) -> list[list]:
    (editor,) = (node for node in nodes.values() if node["class_type"] == "DragNUWATrajectoryEditor")
    return [track["points"] for track in json.loads(editor["inputs"]["trajectories"])["tracks"]]


@contextlib.contextmanager
def told(host, name: str) -> Iterator[Path]:
    """The stand-ins are told to hold, or to fail."""
    file = host.input_directory / name
    file.touch()
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def switch(editor: EditorDriver, on: bool) -> None:
    button = editor.part("refine")
    if (button.get_attribute("aria-checked") == "true") is not on:
        button.click()
    expect(button).to_have_attribute("aria-checked", str(on).lower())
