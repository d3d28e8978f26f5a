"""How many files a value passes on its way through the pack: at most as many as today, so that it can only fall."""

import pytest

from tools import walks

MOST_FILES = {  # what rose last: which parts of a hole are filled from what
    "drag": 18,
    "carry": 45,
    "restore_detail": 51,
    "edit_video": 65,
    "camera_in_depth": 60,
    "click": 20,
    "regions": 34,
    "composition": 45,
}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory):
    return walks.Jobs(str(tmp_path_factory.mktemp("walks")))


@pytest.mark.parametrize("name", MOST_FILES)
def test_a_walk_is_no_longer_than_it_was(jobs, name):
    files, _ = walks.walk(getattr(jobs, name))
    assert len(files) <= MOST_FILES[name], files


def test_all_walks_of_nodes_and_page_have_a_limit():
    assert set(MOST_FILES) == {*walks.OF_NODES, *walks.OF_THE_PAGE}
