"""Nodes and loaders use no network: they are run where every attempt to use it is an error."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BLOCKED = """
import socket, sys
root, comfyui = sys.argv[1:]
sys.path[:0] = [f"{root}/{folder}" for folder in (".", "tools", "tests")]
import fuzzing.target
sys.path.insert(0, comfyui)
from comfy.cli_args import args
args.cpu = True
from fuzzing import nodes

used = []

def block(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        used.append((event, arguments[1:]))
        raise OSError("the network is blocked")

sys.addaudithook(block)
try:
    socket.create_connection(("127.0.0.1", 9))
except OSError as error:
    assert str(error) == "the network is blocked", error
assert len(used) == 1, used

from dragnuwa.host.dragnuwa import checkpoints
checkpoints.load_named("dragnuwa-tiny.safetensors")
nodes.control_net()
ran = set()
for description in fuzzing.target.read_corpus("nodes"):
    if description["node"] not in ran and not fuzzing.target.judge(nodes.targets()[0], description).refused:
        ran.add(description["node"])
assert len(used) == 1, used
assert ran == set(nodes.nodes()), set(nodes.nodes()) - ran
"""


def test_nodes_and_loaders_open_no_connection():
    import folder_paths

    command = [sys.executable, "-c", BLOCKED, str(ROOT), str(Path(folder_paths.__file__).parent)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
