"""The text encoder that is trained: CLIP's, small. The host runs the result with a class of its own, which is made for
running alone: its residual connections write in place, so nothing can be learned through them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

VOCABULARY, TOKENS = 49408, 77  # of CLIP's tokenizer, which the host has
HEAD_CHANNELS = 64  # as `dragnuwa.host.dragnuwa.config` assumes of a file


class TextEncoder(nn.Module):
    """A CLIP text encoder of `size` channels with fresh weights, its keys those of a CLIP file."""

    def __init__(self, size: int, layers: int):
        super().__init__()
        from transformers import (
            CLIPTextConfig,
            CLIPTextModel,
        )  # takes seconds, and the clips' workers have no use for it

        config = CLIPTextConfig(
            vocab_size=VOCABULARY,
            hidden_size=size,
            intermediate_size=4 * size,
            num_hidden_layers=layers,
            num_attention_heads=max(1, size // HEAD_CHANNELS),
            max_position_embeddings=TOKENS,
            hidden_act="quick_gelu",
            bos_token_id=VOCABULARY - 2,
            eos_token_id=VOCABULARY - 1,
        )
        model = CLIPTextModel(config)
        self.text_model = getattr(model, "text_model", model)  # transformers 5 has no level in between

    def forward(self, tokens: Tensor) -> Tensor:
        """From CLIP tokens `[B, 77]` to the context `[B, 77, C]`: the last layer, normalised."""
        return self.text_model(input_ids=tokens).last_hidden_state

    def read(self, tokens: Tensor, told: Tensor) -> Tensor:
        """The context of texts; zero where `told` `[B]` is false, which is how the host leaves a text out."""
        return self(tokens) * told.to(torch.float32).view(-1, 1, 1)
