from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from macedance.data.genres import UNKNOWN_GENRE
from macedance.data.inspection import inspect_shards
from macedance.data.mixing import DanceSource
from macedance.data.synthesis import SynthesisSettings
from macedance.datamodules import MotionData
from macedance.geometry import Motion

from ..packing.conftest import clips_in
from .conftest import SETTINGS, mixed

REAL_DATA = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data"))


def test_one_folder_trains_on_both(
    tmp_path: Path, dances: DanceSource, made_up: list[tuple[str, int]]
) -> None:
    report = mixed(tmp_path / "out", dances)
    num_clips = report.num_clips["train"] + SETTINGS.num_clips["train"]
    data = MotionData(str(tmp_path / "out"), batch_size=num_clips, window_frames=240)
    data.setup("fit")
    (batch,) = data.train_dataloader()
    is_real = batch["genre"] == UNKNOWN_GENRE
    assert int(is_real.sum()) == report.num_clips["train"]
    low, high = data.motion_range()
    for kind in (is_real, ~is_real):
        assert (batch["motion"][kind] >= low - 1e-5).all()
        assert (batch["motion"][kind] <= high + 1e-5).all()
    assert len(data.clips["val"]) == report.num_clips["val"] + SETTINGS.num_clips["val"]


@pytest.mark.slow
@pytest.mark.real_data
def test_real_dances_are_learnt_from_beside_made_up_ones(tmp_path: Path) -> None:
    recorded = REAL_DATA / "data" / "aistpp"
    if not recorded.is_dir():
        pytest.skip(f"no {recorded}; set MACEDANCE_REAL_DATA to the folder that holds data/aistpp")
    names = sorted(path.stem for path in recorded.glob("*.npz"))
    (tmp_path / "music").mkdir()
    for name, song in zip(names, ("mus1", "freezingpoint"), strict=True):
        write_amass(tmp_path / "in" / f"{name}.npz", Motion.load(recorded / f"{name}.npz", up_axis="y"))
        samples, rate = soundfile.read(REAL_DATA / "data" / "music" / f"{song}.ogg", frames=10 * 48_000)
        soundfile.write(tmp_path / "music" / f"{name}.flac", samples, rate)
    shutil.copy(tmp_path / "in" / f"{names[0]}.npz", tmp_path / "in" / "silent.npz")
    settings = SynthesisSettings({"train": 2, "val": 1, "test": 1}, seconds=9)
    report = mixed(tmp_path / "out", DanceSource(tmp_path / "in", tmp_path / "music", "z"), settings)
    assert report.num_clips == {"train": 1, "val": 1, "test": 0}
    assert report.left_out == {"motions without sound of the same name": 1}
    assert inspect_shards(str(tmp_path / "out"), verify=True).problems == ()
    for clip in clips_in(tmp_path / "out").values():
        heights = Motion(**clip["motion.npz"]).joints()[..., 1].median(dim=0).values
        assert heights[15] > heights[[7, 8]].max() + 0.3  # the head is above the ankles: y is up
        assert len(clip["json"]["beats_seconds"]) > 5
    data = MotionData(str(tmp_path / "out"), batch_size=3, window_frames=240)
    data.setup("fit")
    (batch,) = data.train_dataloader()
    assert int((batch["genre"] == UNKNOWN_GENRE).sum()) == 1
    assert torch.isfinite(batch["motion"]).all()
    assert batch["music"][batch["genre"] == UNKNOWN_GENRE].any()


def write_amass(path: Path, motion: Motion) -> None:
    """The motion as AMASS would publish it: z up without a word of it, SMPL-H's 156 numbers."""
    turned = motion.to_up_axis("z")
    poses = np.zeros((turned.num_frames, 156))
    poses[:, :66] = turned.poses[:, :22].reshape(-1, 66)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path, poses=poses, trans=turned.trans.numpy().astype(np.float64), betas=np.zeros(16),
        mocap_framerate=np.array(turned.fps), gender=np.array("neutral"),
    )  # fmt: skip
