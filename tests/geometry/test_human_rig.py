from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from macedance.geometry.human_rig import RiggedHuman, in_rest_pose, joint_of_bone
from macedance.geometry.skeleton import JOINT_NAMES, REST_OFFSETS

from ..stick_human import stick_human


@pytest.fixture(scope="module")
def human() -> RiggedHuman:
    return stick_human()


def direction(human: RiggedHuman, start: str, end: str) -> np.ndarray:
    step = human.head(end) - human.head(start)
    return step / np.linalg.norm(step)


@pytest.mark.parametrize(
    ("bone", "joint"),
    [
        ("eye.L", "head"),
        ("pelvis.R", "pelvis"),
        ("finger1-2.L", "left_wrist"),
        ("finger5-1.R", "right_hand"),
        ("toe4-3.L", "left_foot"),
        ("shoulder01.R", "right_collar"),
        ("neck03", "neck"),
    ],
)
def test_bones_belong_to_joints(bone: str, joint: str) -> None:
    assert joint_of_bone(bone) == joint


@pytest.mark.parametrize("bone", ["tail", "upperleg01", "hips.L"])
def test_a_bone_of_another_rig_is_refused(bone: str) -> None:
    with pytest.raises(ValueError, match=f"bones must be MakeHuman's, got '{bone}'"):
        joint_of_bone(bone)


def test_joints_move_what_their_bones_moved(human: RiggedHuman) -> None:
    weights = human.joint_weights()
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    bones = [human.bone_names.index(bone) for bone in ("lowerarm01.L", "lowerarm02.L")]
    elbow = human.bone_weights[:, bones].sum(axis=1)
    np.testing.assert_array_equal(weights[:, JOINT_NAMES.index("left_elbow")], elbow)


def test_what_hangs_on_a_turned_bone_turns_with_it(human: RiggedHuman) -> None:
    turn = Rotation.from_rotvec([0.3, 0.5, 1.0])
    posed = human.posed({"upperarm01.L": turn})
    before, after = (body.head("wrist.L") - body.head("upperarm01.L") for body in (human, posed))
    np.testing.assert_allclose(after, turn.apply(before), atol=1e-12)
    moved = np.abs(posed.vertices - human.vertices).max(axis=1) > 1e-9
    arm = [name.endswith(".L") and joint_of_bone(name).endswith(("shoulder", "elbow", "wrist", "hand"))
           for name in human.bone_names]  # fmt: skip
    np.testing.assert_array_equal(moved, human.bone_weights[:, arm].sum(axis=1) > 0)


@pytest.mark.parametrize(("side", "name"), [("L", "left"), ("R", "right")])
def test_in_the_rest_pose_arms_and_feet_point_where_those_of_smpl_do(
    human: RiggedHuman, side: str, name: str
) -> None:
    posed = in_rest_pose(human)
    for start, end, joint in (
        ("upperarm01", "lowerarm01", "elbow"),
        ("lowerarm01", "wrist", "wrist"),
        ("wrist", "finger3-1", "hand"),
    ):
        offset = REST_OFFSETS[JOINT_NAMES.index(f"{name}_{joint}")]
        found = direction(posed, f"{start}.{side}", f"{end}.{side}")
        np.testing.assert_allclose(found, offset / np.linalg.norm(offset), atol=1e-3)
    offset = REST_OFFSETS[JOINT_NAMES.index(f"{name}_foot")][[0, 2]]
    foot = direction(posed, f"foot.{side}", f"toe2-1.{side}")[[0, 2]]
    np.testing.assert_allclose(foot / np.linalg.norm(foot), offset / np.linalg.norm(offset), atol=1e-3)


@pytest.mark.parametrize("side", ["L", "R"])
def test_in_the_rest_pose_the_back_of_the_hand_is_up_and_the_thumb_side_in_front(
    human: RiggedHuman, side: str
) -> None:
    posed = in_rest_pose(human)
    across = direction(posed, f"finger5-1.{side}", f"finger2-1.{side}")
    assert across[2] > 0.8
    sign = 1 if side == "L" else -1
    back = sign * np.cross(across, direction(posed, f"wrist.{side}", f"finger3-1.{side}"))
    assert back[1] > 0.8
