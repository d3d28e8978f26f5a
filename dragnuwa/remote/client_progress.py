"""The progress of a prompt, from the messages that ComfyUI sends about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """The progress of a prompt: the running node, its own steps, and how many nodes of the prompt are done."""

    node_id: str
    class_type: str
    step: float
    steps: float
    nodes_done: int
    nodes: int

    def __str__(self) -> str:
        steps = f" {self.step:g}/{self.steps:g}" if self.steps > 1 else ""
        return f"{self.class_type}{steps} ({self.nodes_done} of {self.nodes} nodes done)"


class ProgressReporter:
    """Turns ComfyUI's messages about one prompt into calls of on_progress, one for each change."""

    def __init__(self, prompt: Mapping, prompt_id: str, on_progress: Callable[[Progress], None] | None):
        self.prompt, self.prompt_id, self.on_progress = prompt, prompt_id, on_progress
        self.done: set[str] = set()
        self.last: Progress | None = None

    def take(self, event: Mapping) -> None:
        data = event.get("data")
        if self.on_progress is None or not isinstance(data, Mapping) or data.get("prompt_id") != self.prompt_id:
            return
        nodes = data.get("nodes")
        if event.get("type") == "execution_cached" and isinstance(nodes, list):
            self.done.update(name for name in nodes if isinstance(name, str))
        elif event.get("type") == "progress_state" and isinstance(nodes, Mapping):
            self._take_states({name: state for name, state in nodes.items() if _is_state(state)})

    def _take_states(self, states: Mapping[str, Mapping]) -> None:
        self.done.update(name for name, state in states.items() if state.get("state") == "finished")
        for name, state in states.items():
            node_id = state.get("display_node_id", name)  # the prompt's node for which ComfyUI created this one
            if state.get("state") != "running" or node_id not in self.prompt:
                continue
            done = len(self.done & set(self.prompt))
            progress = Progress(
                node_id=node_id,
                class_type=self.prompt[node_id]["class_type"],
                step=state["value"],
                steps=state["max"],
                nodes_done=done,
                nodes=len(self.prompt),
            )
            if progress != self.last:
                self.last = progress
                self.on_progress(progress)


def _is_state(value: object) -> bool:
    """Whether a message about a node is one; other programs may send others."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("display_node_id", ""), str)
        and all(type(value.get(name)) in (int, float) for name in ("value", "max"))
    )
