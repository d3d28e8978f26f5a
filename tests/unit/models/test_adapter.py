"""Multiscale Fusion by itself: shapes of every kind of UNet, and what its parts do."""

import pytest
import torch

from dragnuwa.models.adapter import FusionConfig, MultiscaleFusion

SVD = FusionConfig.for_unet(320, (1, 2, 4, 4), 2)


def test_for_unet_gives_the_released_blocks():
    """Design: input_blocks 1, 4, 7, 10 <- levels 0 to 3; output_blocks 0, 3, 6, 9 <- levels 3 to 0."""
    assert [(head.part, head.block, head.level, head.channels) for head in SVD.heads] == [
        ("input", 1, 0, 320), ("input", 4, 1, 640), ("input", 7, 2, 1280), ("input", 10, 3, 1280),
        ("output", 0, 3, 1280), ("output", 3, 2, 1280), ("output", 6, 1, 640), ("output", 9, 0, 320),
    ]  # fmt: skip
    assert SVD.stem_channels == (80, 160, 320)


@pytest.mark.parametrize("mult", [(1,), (1, 2), (1, 2, 3), (2, 1, 4, 4, 2)])
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_the_shape_is_read_off_the_weights(mult, blocks):
    config = FusionConfig.for_unet(32, mult, blocks)
    weights = MultiscaleFusion(config, device="meta").state_dict()
    assert FusionConfig.from_state_dict(weights) == config


@pytest.mark.parametrize(("height", "width"), [(64, 128), (72, 104), (88, 64)])
def test_forward_gives_the_sizes_that_the_unet_has(height, width):
    config = FusionConfig.for_unet(32, (1, 2, 2), 1)
    with torch.no_grad():
        modulation = MultiscaleFusion(config)(torch.randn(3, 2, height, width))
    assert modulation.keys() == {head.key for head in config.heads}
    for head in config.heads:
        h, w = height // 8, width // 8
        for _ in range(head.level):  # the UNet halves with stride 2 and padding 1: rounded up
            h, w = (h + 1) // 2, (w + 1) // 2
        for tensor in modulation[head.key]:
            assert tensor.shape == (3, head.channels, h, w)


def test_fuse_shares_the_modulation_between_clips():
    config = FusionConfig.for_unet(32, (1,), 1)
    head = MultiscaleFusion(config).head(("input", 1))
    h, gamma, beta = torch.randn(6, 32, 4, 5), torch.randn(3, 32, 4, 5), torch.randn(3, 32, 4, 5)
    with torch.no_grad():
        fused = head.fuse(h, gamma, beta)
        expected = h + head.flow_cond_norm(h) * gamma.repeat(2, 1, 1, 1) + beta.repeat(2, 1, 1, 1)
    assert torch.allclose(fused, expected, atol=1e-5)


def test_a_frame_acts_on_its_neighbours_only_through_time_convolutions():
    """Four convolutions of size 3 over the frames lie between a map and its gamma at level 0."""
    network = MultiscaleFusion(FusionConfig.for_unet(32, (1,), 1)).eval()
    flow = torch.randn(16, 2, 64, 64)
    changed = flow.clone()
    changed[0] += 1
    with torch.no_grad():
        (before, _), (after, _) = (network(maps)[("input", 1)] for maps in (flow, changed))
    moved = (before - after).abs().amax(dim=(1, 2, 3)) > 1e-6
    assert moved[:5].all() and not moved[5:].any()  # three in the stem and one in the head


def test_incomplete_weights_are_refused():
    weights = MultiscaleFusion(FusionConfig.for_unet(32, (1, 2), 1), device="meta").state_dict()
    with pytest.raises(ValueError, match=r"flow_blocks\.1\.4\.op\.weight"):
        FusionConfig.from_state_dict({k: v for k, v in weights.items() if "op.weight" not in k})
    with pytest.raises(ValueError, match="levels"):
        FusionConfig.from_state_dict({})
