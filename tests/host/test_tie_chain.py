"""Two Carry, one after the other: the second keeps what the first ties."""

import pytest
import torch
from comfy.model_patcher import ModelPatcher

from dragnuwa.carry.composite import CarryInputs
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.host import carry
from tests.support.drawings import parsed_tracks
from tests.support.pictures import noise_image
from tests.support.tied_sampling import HELD, SMALL, Run, family, in_turn, prepared_for
from tests.support.video_families import Family

__all__ = ["family"]


class Chain:
    """Two Carry, one after the other, each with a drag of its own: one above, one below."""

    def __init__(self, family: Family, *, second: ModelPatcher | None = None, **hold):
        self.clip, self.prepared = prepared_for(family)
        self.family, settings = family, CarrySettings(radius=8, carries="surroundings", **{"hold": 1.0, **hold})
        self.first = self._carried(0.2, self.prepared[2], settings, family.model)
        self.second = self._carried(0.8, self.first.latent, settings, second or self.first.model)
        self.alone = self._carried(0.8, self.prepared[2], settings, family.model)

    def _carried(self, y: float, latent: dict, settings: CarrySettings, model: ModelPatcher) -> carry.Conditioned:
        drawn = parsed_tracks({"points": [{"x": 0.3, "y": y}, {"x": 0.7, "y": y}]}, size=self.clip.size)
        picture = noise_image(*self.clip.size)
        inputs, sampling = CarryInputs(picture, drawn, self.clip), carry.Sampling(latent, self.family.vae, model)
        return carry.carry_into_sampling(sampling, inputs, settings)

    def run(self, made: carry.Conditioned) -> torch.Tensor:
        return Run(self.family, (*self.prepared[:2], made.latent), made.model).video

    def share(self, made: carry.Conditioned) -> torch.Tensor:
        (estimate,) = made.model.model_options["sampler_post_cfg_function"]
        return estimate.tie.share


@pytest.fixture(scope="module")
def chains(family) -> list[Chain]:
    """The second gets the model of the first, or that of the loader."""
    return [Chain(family, second=second, ground=0.4) for second in in_turn(family, [None, family.model])]


def test_two_carry_in_a_chain_keep_the_drags_of_both(family, chains):
    for chain in chains:
        keeps_both(family, chain)


def keeps_both(family: Family, chain: Chain) -> None:
    expected = torch.maximum(chain.share(chain.first), chain.share(chain.alone))
    assert torch.equal(chain.share(chain.second), expected)
    (estimate,) = chain.second.model.model_options["sampler_post_cfg_function"]
    made, model = chain.run(chain.second), family.model.model
    carried = model.process_latent_out(model.process_latent_in(estimate.tie.latent))
    held = (expected > HELD).expand_as(made)
    assert held.any() and (made - carried)[held].abs().max() < SMALL * (1 + carried.abs().max())


def test_the_ground_of_the_second_leaves_what_the_first_holds(chains):
    for chain in chains:
        leaves_what_the_first_holds(chain)


def leaves_what_the_first_holds(chain: Chain) -> None:
    share = chain.share(chain.second)
    assert torch.equal(share, torch.maximum(chain.share(chain.first), chain.share(chain.alone)))
    (estimate,) = chain.second.model.model_options["sampler_post_cfg_function"]
    (own,) = chain.first.model.model_options["sampler_post_cfg_function"]
    where = (chain.share(chain.first) >= share).expand_as(own.tie.latent)
    assert torch.equal(estimate.tie.latent[where], own.tie.latent[where])


def test_what_was_sampled_since_is_tied_by_the_new_one_only(family, chains):
    """A second pass over what a first one made, which its Carry need not hold any more."""
    chain = chains[0]
    sampled = chain.first.latent | {"samples": chain.first.latent["samples"] + 0}
    settings = CarrySettings(radius=8, carries="surroundings", hold=1.0, ground=0.4)
    again = chain._carried(0.8, sampled, settings, family.model)
    assert torch.equal(chain.share(again), chain.share(chain.alone))
