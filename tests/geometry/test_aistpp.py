"""Forward kinematics against key-points that were triangulated from real recordings."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from macedance.geometry import JOINT_NAMES, Motion

REAL_DATA = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data"))

COCO_LIMBS = {"shoulder": 5, "elbow": 7, "wrist": 9, "knee": 13, "ankle": 15}


@pytest.mark.real_data
@pytest.mark.parametrize("clip", ["gJS_sBM_cAll_d03_mJS2_ch07", "gBR_sBM_cAll_d04_mBR2_ch08"])
def test_limb_joints_lie_within_three_centimetres_of_the_key_points(clip):
    path = REAL_DATA / "data" / "aistpp" / f"{clip}.npz"
    if not path.exists():
        pytest.skip(f"no {path}; set MACEDANCE_REAL_DATA to the folder that holds data/aistpp")
    recorded = np.load(path, allow_pickle=False)
    motion = Motion.load(path, up_axis="y")
    assert (motion.fps, motion.num_frames) == (60.0, 576)
    key_points = recorded["keypoints3d_cm"] / recorded["smpl_scaling"]
    pairs = [
        (coco + (side == "right"), JOINT_NAMES.index(f"{side}_{name}"))
        for name, coco in COCO_LIMBS.items()
        for side in ("left", "right")
    ]
    coco, smpl = map(list, zip(*pairs, strict=True))
    errors = np.linalg.norm(key_points[:, coco] - motion.joints().numpy()[:, smpl], axis=-1)
    assert np.nanmedian(errors) <= 0.03
    halved = motion.resample(30.0).joints().numpy()
    np.testing.assert_allclose(halved, motion.joints().numpy()[::2], atol=1e-5)
