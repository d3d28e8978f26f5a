"""Inputs of nodes and loaders that the fuzzing kept, inside ComfyUI's code: each is used again."""

import pytest
from fuzzing import checkpoints, nodes
from fuzzing.target import judge, read_corpus


@pytest.mark.parametrize("module", [nodes, checkpoints], ids=lambda module: module.__name__)
def test_every_input_that_is_kept(module):
    for target in module.targets():
        for description in read_corpus(target.name):
            judge(target, description)
