"""Which of ComfyUI's own nodes a template needs that the oldest supported ComfyUI has not."""

SINCE = {"MiniMaxH3ImageToVideo": "0.30.0"}
"""By the ComfyUI that has them, of those in `tests/long/matrix_environments.py`."""


def absent(prompt: dict, known: dict) -> set[str]:
    """The keys of the nodes of a prompt that an older ComfyUI has not.

    Args:
        known: what the server says of its nodes.

    Raises:
        AssertionError: a node is not known that every supported ComfyUI has, such as one of ours.
    """
    missing = {key: node["class_type"] for key, node in prompt.items() if node["class_type"] not in known}
    assert set(missing.values()) <= SINCE.keys(), missing
    return set(missing)
