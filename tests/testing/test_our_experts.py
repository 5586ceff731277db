from __future__ import annotations

from torch.optim import AdamW

from macedance.datamodules import AppearanceData
from macedance.lightning_modules import AppearanceExpert, MotionExpert
from macedance.render.body_renderer import BodyRenderer
from macedance.testing import AppearanceExpertConformance, MotionExpertConformance, TinyShards


class TestMotionExpert(MotionExpertConformance):
    expert_class = MotionExpert
    init_args = {  # noqa: RUF012 - as the kit's documentation shows
        "width": 16,
        "num_dance_layers": 1,
        "num_music_layers": 1,
        "num_heads": 2,
        "state_size": 4,
        "num_sampling_steps": 2,
        "num_validation_sampling_steps": 2,
    }


class TestAppearanceExpert(AppearanceExpertConformance):
    expert_class = AppearanceExpert
    init_args = {  # noqa: RUF012
        "backbone": "tiny",
        "dtype": "float32",
        "num_sampling_steps": 1,
        "num_validation_clips": 1,
        "optimizer": lambda parameters: AdamW(parameters, lr=1e-2),
    }
    is_deterministic = False
    keeps_its_dtype = True  # that of the argument dtype
    size_px = (16, 32)  # Wan's pictures have sides that are multiples of 16

    def data(self, shards: TinyShards) -> AppearanceData:
        return AppearanceData(shards.encoded(), batch_size=2, members=["latents.safetensors"], num_frames=9)


class TestBodyRenderer(AppearanceExpertConformance):
    expert_class = BodyRenderer
    is_trainable = False
    has_weights = False
