"""DragAnything as a ControlNet of the host, which loads, offloads and accounts for its network like any other."""

from __future__ import annotations

from dataclasses import dataclass

import comfy.controlnet
import comfy.model_base
import torch
from comfy import model_management

from ...models.draganything import maps
from ...models.draganything.encoders import HALO, TILE
from ...models.draganything.entities import LATENT, Entities
from ..context_windows import take, window_frames
from ..running_node import check_interrupt
from .network import EntityControlNetwork, skip_channels

# The host's options that this network's attention needs. Patches of the model must not apply to it.
OPTIONS = ("cond_or_uncond", "sigmas", "sample_sigmas", "optimized_attention_override")
WORKING_SQUARES = 4  # working memory of the encoders, in tiles of the entity map
CONNECT = "Connect one {} to both DragAnything Apply and the model's own conditioning node."


@dataclass(frozen=True, eq=False)
class Scene:
    """The input of a control.

    Attributes:
        entities: of the clip.
        vectors: `[N, 320]`, from `dragnuwa.models.draganything.maps.entity_vectors`.
    """

    entities: Entities
    vectors: torch.Tensor


class EntityControl(comfy.controlnet.ControlNet):
    """A CONTROL_NET of the host whose hint is made of entities instead of a picture.

    The hint is encoded once per sampling, since it depends on neither the timestep nor the latent.

    Attributes:
        scene: the entities; None until `with_scene`.
    """

    def __init__(self, network: EntityControlNetwork | None, load_device, manual_cast_dtype: torch.dtype | None):
        super().__init__(network, load_device=load_device, manual_cast_dtype=manual_cast_dtype, extra_conds=[])
        self.scene: Scene | None = None
        self._hints: dict[torch.device, torch.Tensor] = {}

    def with_scene(self, scene: Scene, strength: float, percents: tuple[float, float]) -> EntityControl:
        """A copy with these entities, strength and part of the sampling."""
        control = self.copy()
        control.scene = scene
        control.set_cond_hint(None, strength, percents)
        return control

    def copy(self) -> EntityControl:
        control = EntityControl(None, self.load_device, self.manual_cast_dtype)
        control.control_model, control.control_model_wrapped = self.control_model, self.control_model_wrapped
        control.scene = self.scene
        self.copy_to(control)
        return control

    def pre_run(self, model, percent_to_timestep_function) -> None:
        """Called by the host before a sampling.

        Raises:
            ValueError: if the model is not a Stable Video Diffusion of the network's width, or there are no entities.
        """
        super().pre_run(model, percent_to_timestep_function)
        if self.scene is None:
            raise ValueError("DragAnything's ControlNet has no entities yet. Connect it to DragAnything Apply.")
        if not isinstance(model, comfy.model_base.SVD_img2vid):
            raise ValueError(
                f"DragAnything steers Stable Video Diffusion; the model that samples is {type(model).__name__}. Load "
                "svd.safetensors with Image Only Checkpoint Loader."
            )
        found = skip_channels(model.diffusion_model), model.model_config.unet_config["context_dim"]
        wanted = self.control_model.skip_channels, self.control_model.context_channels
        if found != wanted:
            raise ValueError(
                f"The ControlNet is for a model with {wanted[0]} channels and contexts of {wanted[1]}; the model that "
                f"samples has {found[0]} and {found[1]}. Load the two that belong together."
            )

    def cleanup(self) -> None:
        """Called by the host when a sampling ends or is aborted."""
        super().cleanup()
        self._hints.clear()

    def inference_memory_requirements(self, dtype: torch.dtype) -> float:
        """Bytes that the hint and its encoding take in addition to the model."""
        own = 0
        if self.scene is not None:
            width, height = (side // LATENT for side in self.scene.entities.size)
            hint = self.scene.entities.frames * self.control_model.model_channels * width * height
            squares = WORKING_SQUARES * maps.CHANNELS * (TILE + 2 * HALO) ** 2
            own = (hint + squares) * model_management.dtype_size(self._dtype())
        return own + super().inference_memory_requirements(dtype)

    def get_control(self, x_noisy, t, cond, batched_number, transformer_options):
        """The residuals for one call of the UNet, in the format of the host's `apply_control`.

        Only "output" and "middle" are filled: the original adds its residuals to the skips and to the middle's output,
        not to the encoder itself.
        """
        previous = None
        if self.previous_controlnet is not None:
            previous = self.previous_controlnet.get_control(x_noisy, t, cond, batched_number, transformer_options)
        if self.timestep_range is not None and not self.timestep_range[1] <= t[0] <= self.timestep_range[0]:
            return previous
        dtype, device = self._dtype(), x_noisy.device
        hint = self._frames(self._hint_on(device), transformer_options, x_noisy, batched_number)
        scaled = self.model_sampling_current.calculate_input(t, x_noisy)
        skips, middle = self.control_model(
            torch.cat([scaled, cond["c_concat"].to(scaled)], dim=1).to(dtype),
            hint,
            self.model_sampling_current.timestep(t).float(),
            cond["c_crossattn"].to(device, dtype),
            cond["y"].to(device, dtype),
            self._options(transformer_options),
            cond["time_context"].to(device, dtype) if "time_context" in cond else None,
        )
        return self.control_merge({"input": [], "middle": [middle], "output": skips}, previous, output_dtype=None)

    def _dtype(self) -> torch.dtype:
        return self.manual_cast_dtype or self.control_model.dtype

    def _options(self, transformer_options: dict) -> dict:
        return {key: transformer_options[key] for key in OPTIONS if key in transformer_options}

    def _hint_on(self, device: torch.device) -> torch.Tensor:
        """`[T, C, h, w]`, encoded once per sampling, frame by frame."""
        if device not in self._hints:
            entities, network = self.scene.entities, self.control_model.controlnet_cond_embedding
            vectors = maps.averaged(self.scene.vectors).to(device, self._dtype())
            width, height = (side // LATENT for side in entities.size)
            hint = vectors.new_empty(entities.frames, network.channels, height, width)
            for frame in range(entities.frames):
                check_interrupt()
                heat = torch.from_numpy(maps.heat_map(entities, frame)).to(vectors)
                label = torch.from_numpy(maps.labels(entities, frame)).to(device)
                hint[frame] = network.encode(heat, label, vectors)
            self._hints[device] = hint
        return self._hints[device]

    def _frames(self, hint, transformer_options: dict, x: torch.Tensor, chunks: int) -> torch.Tensor:
        """The part of the hint for the frames of this call."""
        frames, at_hand = x.shape[0] // chunks, window_frames(transformer_options, len(hint))
        if len(at_hand) != frames:
            raise ValueError(
                f"DragAnything Apply has {len(at_hand)} frames, the latent has {frames}. {CONNECT.format('frames')}"
            )
        hint = take(hint, at_hand)
        if hint.shape[-2:] != x.shape[-2:]:
            width, height = self.scene.entities.size
            raise ValueError(
                f"DragAnything Apply is for {width}x{height} pixels, what is sampled for "
                f"{x.shape[-1] * LATENT}x{x.shape[-2] * LATENT}. {CONNECT.format('width and height')} Areas of a "
                "conditioning cannot be steered."
            )
        return hint
