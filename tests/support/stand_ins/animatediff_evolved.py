"""Nodes with the sockets and widgets of three of ComfyUI-AnimateDiff-Evolved 1.5.7, which one template uses. They give
the model back as it came, so that its frames do not know of one another. Their names are the pack's own, since ComfyUI
has no such nodes."""

from pathlib import Path

import folder_paths

FOLDER = "animatediff_models"
SCHEDULES = [
    "autoselect", "use existing", "sqrt_linear (AnimateDiff)", "linear (AnimateDiff-SDXL)",
    "linear (HotshotXL/default)", "avg(sqrt_linear,linear)", "lcm avg(sqrt_linear,linear)", "lcm", "lcm[100_ots]",
    "lcm >> sqrt_linear", "sqrt", "cosine", "squaredcos_cap_v2",
]  # fmt: skip
CATEGORY = "Animate Diff 🎭🅐🅓/② Gen2 nodes ②"
folder_paths.add_model_folder_path(FOLDER, str(Path(folder_paths.models_dir) / FOLDER))


class LoadAnimateDiffModel:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"model_name": (folder_paths.get_filename_list(FOLDER),)},
            "optional": {"ad_settings": ("AD_SETTINGS",)},
        }

    RETURN_TYPES, RETURN_NAMES, FUNCTION = ("MOTION_MODEL_ADE",), ("MOTION_MODEL",), "load_motion_model"
    CATEGORY = CATEGORY

    def load_motion_model(self, model_name, ad_settings=None):
        return (model_name,)


class ApplyAnimateDiffModel:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"motion_model": ("MOTION_MODEL_ADE",)},
            "optional": {
                "motion_lora": ("MOTION_LORA",),
                "scale_multival": ("MULTIVAL",),
                "effect_multival": ("MULTIVAL",),
                "ad_keyframes": ("AD_KEYFRAMES",),
                "per_block": ("PER_BLOCK",),
            },
        }

    RETURN_TYPES, FUNCTION, CATEGORY = ("M_MODELS",), "apply_motion_model", CATEGORY

    def apply_motion_model(self, motion_model, **_):
        return ([motion_model],)


class UseEvolvedSampling:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"model": ("MODEL",), "beta_schedule": (SCHEDULES, {"default": "autoselect"})},
            "optional": {
                "m_models": ("M_MODELS",),
                "context_options": ("CONTEXT_OPTIONS",),
                "sample_settings": ("SAMPLE_SETTINGS",),
            },
        }

    RETURN_TYPES, FUNCTION, CATEGORY = ("MODEL",), "use_evolved_sampling", CATEGORY

    def use_evolved_sampling(self, model, beta_schedule, **_):
        return (model.clone(),)


NODE_CLASS_MAPPINGS = {
    "ADE_LoadAnimateDiffModel": LoadAnimateDiffModel,
    "ADE_ApplyAnimateDiffModelSimple": ApplyAnimateDiffModel,
    "ADE_UseEvolvedSampling": UseEvolvedSampling,
}
NODE_DISPLAY_NAME_MAPPINGS = {
    "ADE_LoadAnimateDiffModel": "Load AnimateDiff Model 🎭🅐🅓②",
    "ADE_ApplyAnimateDiffModelSimple": "Apply AnimateDiff Model 🎭🅐🅓②",
    "ADE_UseEvolvedSampling": "Use Evolved Sampling 🎭🅐🅓②",
}
