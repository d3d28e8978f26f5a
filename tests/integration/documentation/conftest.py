"""What the running server says of the pack."""

import pytest
import requests


@pytest.fixture(scope="module")
def nodes(client) -> dict[str, dict]:
    """What the server says of the pack's nodes."""
    found = client.object_info().items()
    return {name: node for name, node in found if node["python_module"].endswith("ComfyUI-DragNUWA")}


@pytest.fixture(scope="module")
def i18n(host) -> dict[str, dict]:
    return requests.get(f"{host.url}/i18n", timeout=30).json()
