"""Inputs of nodes and loaders that the fuzzing kept, inside ComfyUI's code: each is used again, without a network."""

import socket
import sys

import pytest

from dragnuwa.host.fusion.load import load_named_checkpoint
from tests.fuzzing import checkpoints, nodes
from tests.fuzzing.target import judge, read_corpus

pytestmark = pytest.mark.usefixtures("known_pictures_of_the_nodes")
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")


@pytest.fixture(scope="module")
def attempts() -> list[tuple]:
    """Attempts to use the network, which fail while this module runs. The hook stays, but is switched off after it."""
    found, blocked = [], True

    def block(event: str, arguments: tuple) -> None:
        if blocked and event in NETWORK:
            found.append((event, arguments[1:]))
            raise OSError("the network is blocked")

    sys.addaudithook(block)
    with pytest.raises(OSError, match="the network is blocked"):
        socket.create_connection(("127.0.0.1", 9))
    assert len(found) == 1
    found.clear()
    yield found
    blocked = False


@pytest.mark.parametrize("module", [nodes, checkpoints], ids=lambda module: module.__name__)
def test_every_input_that_is_kept(module, attempts):
    for target in module.targets():
        for description in read_corpus(target.name):
            judge(target, description)
    assert attempts == []


def test_loaders_and_every_node_run_without_a_network(attempts):
    load_named_checkpoint("dragnuwa-tiny.safetensors")
    nodes.control_net()
    ran = set()
    for description in read_corpus("nodes"):
        if description["node"] not in ran and not judge(nodes.targets()[0], description).refused:
            ran.add(description["node"])
    assert ran == set(nodes.nodes())
    assert attempts == []
