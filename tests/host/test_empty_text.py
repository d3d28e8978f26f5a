"""Without a prompt, a model with a text encoder is told the empty text; one without is told zeros."""

import pytest
import torch

from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.host.fusion import conditioning, load
from dragnuwa.host.fusion.conditioning import Motion, Texts

CLIP = ModelClip(64, 64, 2)


def test_what_is_not_given_is_the_empty_text_and_it_is_encoded_once(monkeypatch):
    parts = load.load_named_checkpoint("dragnuwa-tiny.safetensors")
    given, empty = (parts.clip.encode_from_tokens_scheduled(parts.clip.tokenize(text)) for text in ("a red star", ""))
    tokenized = []
    tokenize = parts.clip.tokenize
    monkeypatch.setattr(parts.clip, "tokenize", lambda text: tokenized.append(text) or tokenize(text))

    def encode(texts: Texts) -> list[torch.Tensor]:
        positive, negative, _ = conditioning.encode(parts.vae, CLIP, Motion(), texts)
        return [half[0][0] for half in (positive, negative)]

    for texts, expected in [
        (Texts(), (empty, empty)),
        (Texts(positive=given), (given, empty)),
        (Texts(negative=given), (empty, given)),
        (Texts(positive=given, negative=given), (given, given)),
    ]:
        for found, text in zip(encode(texts), expected, strict=True):
            assert torch.equal(found, text[0][0])
    assert tokenized == [""]
    assert not torch.equal(given[0][0], empty[0][0]) and empty[0][0].abs().max() > 0


def test_a_vae_that_comes_without_its_text_encoder_leaves_zeros():
    parts = load.load_named_checkpoint("dragnuwa-tiny.safetensors")
    parts.vae.patcher.attachments.clear()
    positive = parts.clip.encode_from_tokens_scheduled(parts.clip.tokenize("a red star"))
    _, negative, _ = conditioning.encode(parts.vae, CLIP, Motion(), Texts(positive))
    assert negative[0][0].shape == positive[0][0].shape and negative[0][0].abs().max() == 0


@pytest.mark.parametrize("half", ["positive", "negative"])
def test_a_batch_of_texts_is_one_for_each_frame_or_refused(half):
    """ComfyUI gives the frames such texts in turn."""
    parts = load.load_named_checkpoint("dragnuwa-tiny.safetensors")
    text = parts.clip.encode_from_tokens_scheduled(parts.clip.tokenize("a red star"))[0][0]
    clip = ModelClip(64, 64, 4)
    for batch in (1, 4):
        given = {half: [[text.expand(batch, -1, -1), {}]]}
        found = conditioning.encode(parts.vae, clip, Motion(), Texts(**given))[half == "negative"]
        assert len(found[0][0]) == batch
    with pytest.raises(ValueError, match="one for each of 4 frames; found a batch of 3"):
        conditioning.encode(parts.vae, clip, Motion(), Texts(**{half: [[text.expand(3, -1, -1), {}]]}))
