"""What the error at each place of a clip counts."""

import torch

from dragnuwa.research.training.loss import change_weight


def test_what_has_left_the_first_frame_counts_more():
    """A thing of one latent pixel moves right: the places that it leaves and comes to count alike, the rest less."""
    x0 = torch.zeros(2, 3, 4, 4, 4)
    for frame in range(3):
        x0[0, frame, :, 1, frame] = 10.0
    weight = change_weight(x0, 4.0)
    assert weight.shape == (2, 3, 1, 4, 4)
    torch.testing.assert_close(weight.mean((1, 2, 3, 4)), torch.ones(2))
    assert (weight[1] == 1).all()  # a clip that stands still
    moved, still = weight[0, 2, 0, 1, 2], weight[0, 2, 0, 3, 3]
    torch.testing.assert_close(moved / still, torch.tensor(5.0), rtol=0.01, atol=0)
    torch.testing.assert_close(weight[0, 2, 0, 1, 0], moved)
    assert (weight[0, 0] == still).all()  # the first frame itself


def test_without_strength_all_counts_alike():
    assert (change_weight(torch.randn(2, 3, 4, 4, 4), 0.0) == 1).all()
