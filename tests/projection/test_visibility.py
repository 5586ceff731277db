from __future__ import annotations

import numpy as np
import pytest

from macedance.geometry.camera import Camera
from macedance.projection import POINT_NAMES, Projector
from macedance.projection.visibility import with_hysteresis

SIZE = (480, 832)
BEHIND_THE_BACK = {
    "left_shoulder": (0.0, 0.9, -1.1), "right_shoulder": (0.0, -0.9, 1.1),
    "left_elbow": (0.0, 1.6, 0.0), "right_elbow": (0.0, -1.6, 0.0),
}  # fmt: skip


def hidden(motion, camera: Camera) -> set[str]:
    sequence = Projector(camera=camera).project(motion, size_px=SIZE)
    return {name for name, seen in zip(POINT_NAMES, sequence.visible[0], strict=True) if not seen}


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [
        (0, set()),
        (60, {"left_eye", "left_ear"}),
        (-60, {"right_eye", "right_ear"}),
        (180, {"nose", "left_eye", "right_eye"}),
        (130, {"nose", "left_eye", "right_eye"}),
    ],
)
def test_head_points_that_look_away_are_hidden(pose_of, camera: Camera, degrees: int, expected: set) -> None:
    # a positive turn about y takes the face towards the dancer's left, whose side then is away from the camera
    turned = pose_of(head=(0.0, np.radians(degrees), 0.0))
    head = {"nose", "left_eye", "right_eye", "left_ear", "right_ear"}
    found = hidden(turned, camera) & head
    if abs(degrees) == 130:
        found -= {"left_ear", "right_ear"}
    elif degrees == 60:
        assert "nose" not in found
    assert found == expected


def test_a_bowed_head_shows_no_eyes_but_ears(pose_of, camera: Camera) -> None:
    found = hidden(pose_of(neck=(0.9, 0, 0), head=(0.9, 0, 0)), camera)
    assert {"left_eye", "right_eye"} <= found
    assert not {"left_ear", "right_ear"} & found


def test_wrists_behind_the_back_are_hidden_and_seen_from_behind(pose_of, camera: Camera) -> None:
    assert {"left_wrist", "right_wrist"} <= hidden(pose_of(**BEHIND_THE_BACK), camera)
    assert not {"left_wrist", "right_wrist"} & hidden(pose_of(heading=np.pi, **BEHIND_THE_BACK), camera)


@pytest.mark.parametrize("degrees", [0, 45, 90, 135, 180])
def test_the_trunk_stays_drawn_however_the_body_turns(pose_of, camera: Camera, degrees: int) -> None:
    trunk = {"neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip"}
    assert not trunk & hidden(pose_of(heading=np.radians(degrees)), camera)


def test_in_profile_the_far_arm_is_hidden_and_the_near_one_is_not(pose_of, camera: Camera) -> None:
    found = hidden(pose_of(heading=np.pi / 2, left_shoulder=(0, 0, -1.4), right_shoulder=(0, 0, 1.4)), camera)
    assert "left_elbow" in found
    assert not {"right_elbow", "right_wrist"} & found


def test_parallel_and_perspective_agree_on_what_is_hidden(pose_of, camera: Camera) -> None:
    parallel = Camera(camera.position, camera.target, parallel_height_metres=2.5)
    for motion in (pose_of(), pose_of(**BEHIND_THE_BACK), pose_of(heading=np.pi)):
        assert hidden(motion, parallel) == hidden(motion, camera)


def test_a_point_changes_only_when_it_is_clear() -> None:
    score = np.array([0.9, 0.55, 0.45, 0.55, 0.41, 0.3, 0.45, 0.55, 0.59, 0.7, 0.45])[:, None]
    seen = with_hysteresis(score)[:, 0] >= 0.5
    assert seen.tolist() == [True, True, True, True, True, False, False, False, False, True, True]
    stored = with_hysteresis(score).astype(np.float32)[:, 0] >= 0.5
    assert stored.tolist() == seen.tolist()


def test_an_arm_that_swings_behind_the_back_is_hidden_once(pose_of, camera: Camera) -> None:
    swing = pose_of(num_frames=60)
    share = np.clip(np.linspace(-0.5, 1.5, 60), 0, 1)
    rng = np.random.default_rng(0)
    for joint, end in ((16, (0.0, 0.9, -1.1)), (18, (0.0, 1.6, 0.0))):
        begin = swing.poses[0, joint].numpy()
        path = begin + (share * (1 + 0.03 * rng.standard_normal(60)))[:, None] * (np.array(end) - begin)
        swing.poses[:, joint] = swing.poses.new_tensor(path)
    seen = Projector(camera=camera).project(swing, size_px=SIZE).visible[:, POINT_NAMES.index("left_wrist")]
    assert seen[0]
    assert not seen[-1]
    assert np.abs(np.diff(seen.astype(int))).sum() == 1
