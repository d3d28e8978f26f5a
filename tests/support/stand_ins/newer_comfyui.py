"""A node with the sockets and widgets of one that ComfyUI has had since 0.34, which one template uses. It gives the
conditioning back as it came. A ComfyUI that has the node itself keeps its own."""


class MiniMaxH3AddGuide:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "positive": ("CONDITIONING",),
                "latent": ("LATENT",),
                "frame_idx": ("INT", {"default": 0, "min": -9999, "max": 9999}),
            },
            "optional": {"vae": ("VAE",), "audio_vae": ("VAE",), "image": ("IMAGE",), "audio": ("AUDIO",)},
        }

    RETURN_TYPES, RETURN_NAMES, FUNCTION = ("CONDITIONING",), ("positive",), "execute"
    CATEGORY = "model/conditioning/minimax"

    def execute(self, positive, **_):
        return (positive,)


NODE_CLASS_MAPPINGS = {"MiniMaxH3AddGuide": MiniMaxH3AddGuide}
NODE_DISPLAY_NAME_MAPPINGS = {"MiniMaxH3AddGuide": "Add Guide for MiniMax H3"}
