"""The colours at the edge of what is cut out."""

import numpy as np
import torch

from dragnuwa.carry.edges import clean_colors


def test_the_old_ground_is_taken_out_of_the_edge():
    """A red thing before a green ground whose opacity falls from 1 to 0 over ten columns: all of it is red."""
    opacity = np.tile(np.clip(np.linspace(1.5, -0.5, 20), 0, 1), (6, 1)).astype(np.float32)
    red, green = (torch.tensor(color)[:, None, None].expand(3, 6, 20) for color in ([0.8, 0.1, 0.2], [0.1, 0.9, 0.3]))
    share = torch.from_numpy(opacity)
    cleaned = clean_colors(share * red + (1 - share) * green, green, opacity)
    assert torch.allclose(cleaned, red, atol=1e-5)


def test_what_hides_all_keeps_its_colours():
    colors, ground = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    opacity = np.pad(np.ones((4, 4), np.float32), 2)
    cleaned = clean_colors(colors, ground, opacity)
    assert torch.equal(cleaned[:, 2:6, 2:6], colors[:, 2:6, 2:6])
