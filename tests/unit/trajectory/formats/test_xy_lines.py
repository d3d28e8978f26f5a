"""Lines of x and y."""

import numpy as np
import pytest

from dragnuwa.trajectory import TrajectoryError, parse
from dragnuwa.trajectory.formats import importing

SIZE = {"width": 200, "height": 100}


@pytest.mark.parametrize(
    "text",
    ["25 30\n40 35.5\n", "25,30\r\n40, 35.5", "# x y\n25;30\n40;35,5\n", "25\t30\n\t40\t35,5\n", "25 30\n40\t35.5\n"],
)
def test_two_numbers_in_a_line_are_a_place_from_the_top(text):
    points, _ = parse(text, **SIZE).sample(2, 200, 100)
    np.testing.assert_allclose(points, [[[25, 30], [40, 35.5]]], atol=1e-6)


def test_an_empty_line_begins_another_track():
    found = importing.read("25 30\n40 35\n\n100 50\n100 60\n100 70\n", **SIZE)
    points, _ = found.trajectories.sample(3, 200, 100)
    np.testing.assert_allclose(points, [[[25, 30], [40, 35], [40, 35]], [[100, 50], [100, 60], [100, 70]]], atol=1e-6)
    assert found.report.startswith("Read lines of x and y: 2 tracks of 3 points.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("25 30\n40", "line 2: there should be x and y"),
        ("25 30\n40 x", "line 2: y should be"),
        ("25 30\n1e300 2", "line 2: x"),
    ],
)
def test_other_lines_are_told(text, message):
    with pytest.raises(TrajectoryError, match=message):
        parse(text, **SIZE)


def test_a_list_of_two_numbers_is_none():
    with pytest.raises(TrajectoryError):
        parse("[25, 30]", **SIZE)
