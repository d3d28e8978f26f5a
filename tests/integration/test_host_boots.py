"""ComfyUI starts with the pack in it, and has all of its nodes."""

import pytest
import requests

from tests.integration.node_ids import NODES


def test_the_server_answers(host):
    stats = requests.get(f"{host.url}/system_stats", timeout=10).json()
    assert stats["system"]["comfyui_version"]
    assert stats["devices"]


def test_the_pack_is_imported_without_complaint(host):
    assert host.log_path.is_file()
    for trouble in ("Traceback (most recent call last)", "IMPORT FAILED", "Error while calling comfy_entrypoint"):
        assert trouble not in host.boot_log, host.boot_log


@pytest.mark.parametrize("name", NODES)
def test_the_pack_has_its_node(client, name):
    info = client.object_info(name)
    assert info["display_name"].startswith(("DragNUWA ", "DragAnything "))
    assert "ComfyUI-DragNUWA" in info["python_module"]
    assert info["description"]


def test_no_node_of_the_host_is_replaced(client):
    """The pack adds nodes under its own names only, and none that nodes/ does not define."""
    ours = [name for name, info in client.object_info().items() if "ComfyUI-DragNUWA" in info["python_module"]]
    assert sorted(ours) == NODES
    assert all(name.startswith("DragNUWA") for name in ours)
