"""Inputs of the parsers that the fuzzing kept, and those of faults that people reported: each is used again."""

import pytest

from tests.fuzzing import pictures, texts
from tests.fuzzing.target import judge, read_corpus


@pytest.mark.parametrize("target", [*texts.TARGETS, *pictures.TARGETS], ids=lambda target: target.name)
def test_every_input_that_is_kept(target):
    for description in read_corpus(target.name):
        judge(target, description)
