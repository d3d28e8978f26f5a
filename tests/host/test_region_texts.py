"""A text for each object, in models of ComfyUI's own classes, tiny and random: where its mask is, the model's estimate
is that of the object's text, elsewhere that of the text for the whole picture."""

import comfy.context_windows
import comfy.sample
import comfy.samplers
import pytest
import torch
from comfy.context_windows import IndexListContextHandler, get_matching_context_schedule, get_matching_fuse_method
from comfy.ldm.modules.attention import attention_pytorch

from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.common.errors import InputError
from dragnuwa.host.region_texts import OVER_TIME, Regions, SampledClip, with_texts
from tests.support.drawings import parsed_objects, parsed_tracks
from tests.support.pictures import noise_image
from tests.support.video_families import (
    DRAG,
    FAMILIES,
    STREAMING,
    Family,
    causal_wan,
    small_clip,
)

SQUARE = [[{"x": 0.0, "y": 0.2}, {"x": 0.4, "y": 0.2}, {"x": 0.4, "y": 0.8}, {"x": 0.0, "y": 0.8}]]
BIRD = {"outline": SQUARE, "motion": {"keys": [{"t": 1, "x": 0.6}]}, "text": "a red bird"}
FISH = {"outline": SQUARE, "motion": {"keys": [{"t": 0}]}, "name": "a blue fish"}
AT_ONCE = {name: make for name, make in FAMILIES.items() if name != STREAMING}
WORDS = 77
EACH_FRAME, WHOLE_CLIP = OVER_TIME


class Told:
    """A small text encoder, which says of its words what the family's own says."""

    def __init__(self, name: str, channels: int):
        self.clip, self.name = small_clip(channels), name

    def tokenize(self, text: str):
        return self.clip.tokenize(text)

    def encode_from_tokens_scheduled(self, tokens) -> list:
        said = {"LTX-Video": {"attention_mask": torch.ones(1, WORDS, dtype=torch.long)},
                "AnimateDiff, SDXL": {"pooled_output": torch.zeros(1, 1280)},
                "MiniMax H3": {"minimax_token_tags": torch.zeros(1, WORDS, dtype=torch.long)}}  # fmt: skip
        found = self.clip.encode_from_tokens_scheduled(tokens)
        return [[words, values | said.get(self.name, {})] for words, values in found]

    def __call__(self, text: str) -> list:
        return self.encode_from_tokens_scheduled(self.tokenize(text))


class Case:
    """A family with its latent, and the conditioning of texts for it."""

    def __init__(self, name: str, folder):
        self.family: Family = AT_ONCE[name](folder) if name in AT_ONCE else causal_wan(folder)
        self.clip = ClipShape(*self.family.sizes[1])
        positive, self.negative, latent = self.family.prepare(self.clip, noise_image(*self.clip.size))
        self.told = Told(name, positive[0][0].shape[-1])
        self.kept = {key: value for key, value in positive[0][1].items() if key != "attention_mask"}
        self.latent, self.sampled = latent, SampledClip(latent, self.family.vae)

    def for_all(self, text: str) -> list:
        return [[words, self.kept | values] for words, values in self.told(text)]

    def with_objects(self, *objects: dict, **how) -> tuple[list, torch.Tensor]:
        drawing = parsed_objects(*objects, size=self.clip.size)
        return with_texts(self.for_all("a wide sky"), drawing, self.told, self.sampled, Regions(**how))

    def estimates(self, positive: list, *, sampler: str = "euler", **options) -> list[torch.Tensor]:
        """What the sampler takes for clean in each of three steps: the video, then the sound."""
        model = self.family.model.clone()
        to = model.model_options["transformer_options"] = {**model.model_options.get("transformer_options", {})}
        to["optimized_attention_override"] = lambda function, *a, **k: attention_pytorch(*a, **k)  # takes masks
        if options.get("window"):
            model.model_options["context_handler"] = windows(**options)
            comfy.context_windows.create_prepare_sampling_wrapper(model)
        made = comfy.samplers.ksampler(sampler, {"num_frame_per_block": 2} if sampler == "ar_video" else {})
        sigmas = comfy.samplers.KSampler(model, 3, torch.device("cpu"), "euler", self.family.scheduler).sigmas
        samples, clean = self.latent["samples"], []
        with torch.inference_mode():
            comfy.sample.sample_custom(
                model, comfy.sample.prepare_noise(samples, 5), 1.0, made, sigmas, positive, self.negative, samples,
                disable_pbar=True, seed=5, callback=lambda step, x0, x, total: clean.append(parts(x0)),
            )  # fmt: skip
        return clean


def parts(estimate) -> list[torch.Tensor]:
    return [part.clone() for part in (estimate.unbind() if estimate.is_nested else [estimate])]


def windows(window: int, dim: int) -> IndexListContextHandler:
    return IndexListContextHandler(
        context_schedule=get_matching_context_schedule("standard_static"),
        fuse_method=get_matching_fuse_method("pyramid"), context_length=window, context_overlap=1, context_stride=1,
        closed_loop=False, dim=dim, causal_window_fix=False,
    )  # fmt: skip


@pytest.fixture(scope="module", params=AT_ONCE)
def case(request, tmp_path_factory) -> Case:
    return Case(request.param, tmp_path_factory.mktemp("texts"))


def placed(mask: torch.Tensor, video: torch.Tensor) -> torch.Tensor:
    """A mask `[t, h, w]` beside a latent's video."""
    return mask[:, None] if video.ndim == 4 else mask[None, None]


@pytest.mark.parametrize("over_time", OVER_TIME)
def test_a_text_holds_where_its_object_is(case, over_time):
    made, mask = case.with_objects(BIRD, over_time=over_time)
    sky, bird, both = (case.estimates(of)[0] for of in (case.for_all("a wide sky"), case.for_all("a red bird"), made))
    share = placed(mask, sky[0])
    assert (mask[0] != mask[-1]).any() == (over_time == EACH_FRAME)
    scale = (sky[0] - bird[0]).abs().max()
    assert scale > 0, "the texts say something else"
    assert torch.allclose(both[0], sky[0] + share * (bird[0] - sky[0]), atol=float(scale) * 1e-3 + 1e-6)
    assert all(torch.allclose(with_text, plain, atol=1e-5) for with_text, plain in zip(both[1:], sky[1:], strict=True))


def test_two_objects_have_a_text_each_and_share_with_that_of_the_picture(case):
    made, mask = case.with_objects(FISH, BIRD, strength=0.5)
    assert [values.get("mask_strength") for _, values in made] == [None, 0.5, 0.5]
    of = [case.estimates(case.for_all(text))[0][0] for text in ("a wide sky", "a blue fish", "a red bird")]
    both = case.estimates(made)[0][0]
    fish, bird = (unpacked(values["mask"], both) for _, values in made[1:])
    assert torch.allclose(torch.maximum(fish, bird), placed(mask, both).expand_as(fish), atol=1e-6)
    alone = fish + bird <= 1  # in a latent frame of several frames, both may come to one place
    expected = of[0] + 0.5 * fish * (of[1] - of[0]) + 0.5 * bird * (of[2] - of[0])
    assert torch.allclose(both[alone.expand_as(both)], expected[alone.expand_as(both)], atol=1e-5)


def unpacked(mask: torch.Tensor, video: torch.Tensor) -> torch.Tensor:
    """The mask of an entry, beside the video."""
    if mask.ndim == 2:  # of a latent with sound
        return mask[:, : video[0].numel()].reshape(1, *video.shape[1:])[:, :1]
    return placed(mask, video)


@pytest.mark.parametrize("part", [{"end": 0.0}, {"start": 1.0}])
def test_a_text_counts_in_its_part_of_the_sampling_only(case, part):
    made, _ = case.with_objects(BIRD, **part)
    plain = case.estimates(case.for_all("a wide sky"))
    for found, expected in zip(case.estimates(made), plain, strict=True):
        assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(found, expected, strict=True))


def test_a_text_that_ends_early_counts_in_the_first_step(case):
    early, _ = case.with_objects(BIRD, end=0.1)
    always, _ = case.with_objects(BIRD)
    of = [case.estimates(made) for made in (early, always)]
    assert torch.equal(of[0][0][0], of[1][0][0])
    assert not torch.equal(of[0][-1][0], of[1][-1][0])


@pytest.mark.parametrize("name", ["SVD", "AnimateDiff", "Wan", "LTX-Video"])
def test_in_context_windows_a_text_holds_in_the_whole_clip(tmp_path, name):
    case = Case(name, tmp_path)
    frames = case.latent["samples"]
    window = {"dim": 0, "window": 3} if frames.ndim == 4 else {"dim": 2, "window": 2}
    made, mask = case.with_objects(BIRD, over_time=WHOLE_CLIP)
    sky, bird, both = (case.estimates(of, **window)[0][0] for of in
                       (case.for_all("a wide sky"), case.for_all("a red bird"), made))  # fmt: skip
    assert torch.allclose(both, sky + placed(mask, sky) * (bird - sky), atol=1e-4)


@pytest.mark.parametrize("name", ["SVD", "AnimateDiff"])
def test_where_the_batch_is_the_time_windows_take_a_mask_for_each_frame(tmp_path, name):
    case = Case(name, tmp_path)
    made, mask = case.with_objects(BIRD)
    sky, bird, both = (case.estimates(of, dim=0, window=3)[0][0] for of in
                       (case.for_all("a wide sky"), case.for_all("a red bird"), made))  # fmt: skip
    assert torch.allclose(both, sky + placed(mask, sky) * (bird - sky), atol=1e-4)


@pytest.mark.parametrize(("name", "over_time"), [
    ("Wan", EACH_FRAME), ("LTX-Video", EACH_FRAME), ("LTX-2", EACH_FRAME), ("LTX-2", WHOLE_CLIP),
])  # fmt: skip
def test_what_windows_of_the_host_do_not_take(tmp_path, name, over_time):
    """As docs/models.md says; if this fails, the host has learnt it."""
    case = Case(name, tmp_path)
    made, _ = case.with_objects(BIRD, over_time=over_time)
    case.estimates(case.for_all("a wide sky"), dim=2, window=2)
    with pytest.raises(RuntimeError, match="size of tensor"):
        case.estimates(made, dim=2, window=2)


def test_a_streaming_sampler_takes_one_text(tmp_path):
    """Its memory of the blocks before is that of one text; as docs/models.md says."""
    case = Case("causal Wan", tmp_path)
    case.estimates(case.for_all("a wide sky"), sampler="ar_video")
    for over_time in OVER_TIME:
        with pytest.raises(RuntimeError, match=r"size of (the )?tensor"):
            case.estimates(case.with_objects(BIRD, over_time=over_time)[0], sampler="ar_video")


def test_what_the_models_own_conditioning_says_is_kept(case):
    made, _ = case.with_objects(BIRD)
    (_, whole), (words, own) = made
    assert whole["default"] is True
    assert words.shape[1] == WORDS
    assert case.kept.keys() - {"pooled_output"} <= own.keys()
    assert "default" not in own


def test_entries_with_a_region_of_their_own_stay_as_they_are(tmp_path):
    case = Case("AnimateDiff", tmp_path)
    first, _ = case.with_objects(BIRD)
    drawing = parsed_objects(FISH, size=case.clip.size)
    second, _ = with_texts(first, drawing, case.told, case.sampled, Regions())
    assert [("default" in values, "mask" in values) for _, values in second] == [
        (True, False), (False, True), (False, True),
    ]  # fmt: skip
    assert all(torch.equal(a[0], b[0]) for a, b in zip(first, second, strict=False))


def test_latent_frames_after_the_clip_show_no_object(tmp_path):
    """As of guides, which LTX's nodes add at the end."""
    case = Case("LTX-Video", tmp_path)
    drawing = parsed_objects(BIRD, size=case.clip.size)
    sampled = SampledClip(case.latent, case.family.vae, 9)  # of its three latent frames two
    _, mask = with_texts(case.for_all("a wide sky"), drawing, case.told, sampled, Regions())
    assert mask.shape[0] == 3
    assert mask[:2].any((1, 2)).all() and not mask[2].any()


def refused(case: Case, drawing, match: str, **changed) -> None:
    given = {"conditioning": case.for_all("a wide sky"), "clip": case.told, "sampled": case.sampled, **changed}
    with pytest.raises(InputError, match=match):
        with_texts(given["conditioning"], drawing, given["clip"], given["sampled"], Regions())


def test_what_cannot_be_is_said(tmp_path):
    case = Case("AnimateDiff", tmp_path)
    size = case.clip.size
    bird = parsed_objects(BIRD, size=size)
    away = {**BIRD, "motion": {"keys": [{"t": 0.01, "x": 5}]}, "outline": [[
        {"x": -2, "y": 0.2}, {"x": -1, "y": 0.2}, {"x": -1, "y": 0.8},
    ]]}  # fmt: skip
    refused(case, bird, "There is no text encoder", clip=None)
    refused(case, bird, "conditioning has no entry", conditioning=[])
    refused(case, parsed_tracks(DRAG, size=size), "no object that is switched on: texts belong to objects")
    refused(case, parsed_objects({**BIRD, "enabled": False}, size=size), "no object that is switched on")
    refused(case, parsed_objects({**BIRD, "text": "  "}, size=size), "None of the 1 objects has a text or a name")
    refused(case, parsed_objects(away, size=size), "No object with a text is seen in the clip")
    few = SampledClip(case.latent, case.family.vae, 40)
    refused(case, bird, "The latent has 8 frames, and 40 frames of a clip make 40", sampled=few)
    one = SampledClip({"samples": case.latent["samples"][:1]}, case.family.vae)
    refused(case, bird, "The latent is that of one picture", sampled=one)
