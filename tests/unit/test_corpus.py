"""Inputs of the parsers that the fuzzing kept, and those of faults that people reported: each is used again."""

import pytest

from tests.fuzzing import answers, pictures, texts, videos
from tests.fuzzing.target import judge, read_corpus

TARGETS = [target for module in (texts, pictures, videos, answers) for target in module.TARGETS]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_input_that_is_kept(target):
    for description in read_corpus(target.name):
        judge(target, description)
