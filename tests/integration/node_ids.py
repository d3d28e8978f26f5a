"""The ids of the nodes, read from the files in nodes/, so that no test keeps a list and a missing node is noticed."""

import re

from scripts.host import ROOT

NODES = sorted(
    node_id for path in ROOT.glob("nodes/*.py") for node_id in re.findall(r'node_id="(\w+)"', path.read_text("utf-8"))
)
