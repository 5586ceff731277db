from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

REAL_DATA = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data"))
GOLDEN_FILES = {
    "synthetic": Path(__file__).parents[1] / "fixtures" / "motion_metrics_synthetic.npz",
    "real": REAL_DATA / "golden" / "motion_metrics.npz",
}
CLIPS = {
    "synthetic": ["synthetic_0", "synthetic_1"],
    "real": ["gBR_sBM_cAll_d04_mBR2_ch08", "gJS_sBM_cAll_d03_mJS2_ch07"],
}


class GoldenClip:
    """One dance at one frame rate and what the published code says of it."""

    def __init__(self, path: Path, name: str, fps: int) -> None:
        self.fps = fps
        with np.load(path, allow_pickle=False) as arrays:
            self.joints = torch.from_numpy(arrays[f"{name}/joints_60fps"][:: 60 // fps])
            prefix = f"{name}/{fps}fps/"
            self.outputs = {
                key.removeprefix(prefix): arrays[key] for key in arrays.files if key.startswith(prefix)
            }

    @property
    def music_seconds(self) -> Tensor:
        return torch.from_numpy(self.outputs["music_beats_given"]).double() / self.fps


def golden_parameters() -> list:
    return [
        pytest.param(
            (source, name, fps), marks=[pytest.mark.real_data] if source == "real" else [], id=f"{name}-{fps}"
        )
        for source, names in CLIPS.items()
        for name in names
        for fps in (60, 30)
    ]


@pytest.fixture(params=golden_parameters())
def golden_clip(request: pytest.FixtureRequest) -> GoldenClip:
    source, name, fps = request.param
    path = GOLDEN_FILES[source]
    if not path.exists():
        pytest.skip(f"real recordings are not at {path}")
    return GoldenClip(path, name, fps)


@pytest.fixture
def random_dances() -> list[tuple[Tensor, Tensor]]:
    """Seven smooth motions (T, 24, 3) at 30 fps, the last at rest, each with music beats in seconds."""
    generator = torch.Generator().manual_seed(3)
    dances = []
    for num_frames in (90, 120, 75, 150, 100, 60, 80):
        steps = torch.randn(num_frames, 24, 3, generator=generator, dtype=torch.float64)
        joints = (
            torch.nn.functional.avg_pool1d(steps.permute(1, 2, 0), 9, 1, 4).permute(2, 0, 1).cumsum(0) / 50
        )
        joints[:, [7, 8, 10, 11], 1] = 0.03
        beats = torch.rand(12, generator=generator, dtype=torch.float64).sort().values * 5
        dances.append((joints, beats))
    dances[-1][0][:] = 0
    return dances


@pytest.fixture
def random_clips(random_dances: list[tuple[Tensor, Tensor]]) -> list[dict[str, np.ndarray]]:
    """The random dances as arrays, each with poses and a real counterpart: another random dance."""
    random = np.random.default_rng(5)
    others = [joints for joints, _ in random_dances[1:]] + [random_dances[0][0]]
    return [
        {
            "joints": joints.numpy(),
            "real": 1.3 * other.numpy() + 0.002 * random.standard_normal(other.shape),
            "poses": random.standard_normal(joints.shape).cumsum(axis=0) / 10,
            "music": music.numpy(),
        }
        for (joints, music), other in zip(random_dances, others, strict=True)
    ]
