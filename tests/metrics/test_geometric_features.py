from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation
from torch import Tensor

from macedance.geometry.skeleton import rest_joints
from macedance.metrics.functional import geometric_features

from .plain_statements import (
    HL,
    HW,
    SMPL,
    SW,
    geometric,
    image_geometric,
    joints_in_image_plane,
    random_walk,
    resampled,
    seen_in_image,
    swaying_body,
)

Movement = tuple[np.ndarray, np.ndarray]
Case = tuple[int, set[int], Callable[[float], Movement], float, float]
ARM, FOREARM, LEG = ("elbow", "wrist"), ("wrist",), ("knee", "ankle", "toes")
LEFT, RIGHT, UP, DOWN, FORWARD, BACKWARD = np.array(
    [[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
)


def standing() -> np.ndarray:
    """A body that faces +z with its arms hanging down, of which no relation holds (24, 3)."""
    points = {
        "root": (0, 1, 0), "belly": (0, 1.1, 0), "spine": (0, 1.2, 0), "chest": (0, 1.3, 0),
        "neck": (0, 1.5, 0), "head": (0, 1.6, 0), "lhip": (0.06, 0.92, 0), "lknee": (0.06, 0.5, 0),
        "lankle": (0.06, 0.08, 0), "ltoes": (0.06, 0, 0.03), "lcollar": (0.07, 1.4, 0),
        "lshoulder": (0.19, 1.45, 0), "lelbow": (0.19, 1.15, 0), "lwrist": (0.19, 0.85, 0),
        "lhand": (0.19, 0.77, 0),
    }  # fmt: skip
    for name, (x, y, z) in list(points.items()):
        if name.startswith("l"):
            points["r" + name[1:]] = (-x, y, z)
    return np.array([points[name] for name in SMPL])


def moving(name: str, direction: np.ndarray, speed: float) -> Movement:
    """One point moves at a speed in upper arms a second."""
    velocity = np.zeros((24, 3))
    velocity[SMPL[name]] = direction / np.linalg.norm(direction) * speed * HL
    return standing(), velocity


def placed(names: Sequence[str], offset: np.ndarray) -> Movement:
    """Points are elsewhere by an offset."""
    pose = standing()
    pose[[SMPL[name] for name in names]] += offset
    return pose, np.zeros((24, 3))


def turned(side: str, pivot: str, names: Sequence[str], towards: np.ndarray, degrees: float) -> Movement:
    """Points of a limb that hangs from a joint lie at an angle from straight down, towards a direction."""
    pose = standing()
    centre = pose[SMPL[side + pivot]]
    direction = np.cos(np.radians(degrees)) * DOWN + np.sin(np.radians(degrees)) * towards
    for name in names:
        index = SMPL[side + name]
        pose[index] = centre + direction * np.linalg.norm(pose[index] - centre)
    return pose, np.zeros((24, 3))


def raised_thigh(side: str, towards: np.ndarray, degrees: float) -> Movement:
    """A thigh at an angle from straight down, its lower leg hanging from the knee."""
    pose, velocity = turned(side, "hip", ["knee"], towards, degrees)
    ankle, toes, knee = (SMPL[side + name] for name in ("ankle", "toes", "knee"))
    pose[[ankle, toes]] += pose[knee] - standing()[knee]
    return pose, velocity


def bent_knee(side: str, degrees: float) -> Movement:
    """A lowered knee, bent to an angle, the toes left where they are."""
    pose, velocity = placed([side + "knee"], 0.1 * DOWN)
    angle = np.radians(180 - degrees)
    pose[SMPL[side + "ankle"]] = pose[SMPL[side + "knee"]] + 0.42 * (
        np.cos(angle) * DOWN + np.sin(angle) * BACKWARD
    )
    return pose, velocity


def striding(gap: float) -> Movement:
    """Ankles apart by a gap in metres."""
    pose, velocity = standing(), np.zeros((24, 3))
    for side, sign in (("l", 1), ("r", -1)):
        pose[[SMPL[side + name] for name in ("ankle", "toes")], 0] = sign * gap / 2
        pose[SMPL[side + "knee"], 0] = sign * (gap / 4 + 0.03)
    return pose, velocity


def bowing(degrees: float) -> Movement:
    """The line from neck to pelvis at an angle from upright, its limbs still hanging."""
    pose, velocity = standing(), np.zeros((24, 3))
    angle = np.radians(degrees)
    pose[SMPL["neck"]] = pose[SMPL["root"]] - 0.5 * (np.cos(angle) * UP + np.sin(angle) * BACKWARD)
    return pose, velocity


def shoulder_and_arm(side: str) -> list[str]:
    return [side + name for name in ("shoulder", "elbow", "wrist", "hand")]


TO_PELVIS_FROM = {side: standing()[SMPL["root"]] - standing()[SMPL[side + "wrist"]] for side in "lr"}
CASES: list[Case] = [
    (1, set(), lambda speed: moving("rwrist", BACKWARD, speed), 1.79, 1.81),
    (2, set(), lambda speed: moving("lwrist", FORWARD, speed), 1.79, 1.81),
    (3, set(), lambda up: placed(shoulder_and_arm("r"), (0.65 + up * HL) * UP), 0.19, 0.21),
    (4, set(), lambda up: placed(shoulder_and_arm("l"), (0.65 + up * HL) * UP), 0.19, 0.21),
    (5, {6}, lambda speed: moving("chest", UP, speed), 1.79, 1.81),
    (6, {5}, lambda speed: moving("chest", UP, speed), 1.79, 1.81),
    (7, set(), lambda angle: turned("r", "elbow", FOREARM, FORWARD, 180 - angle), 120, 100),
    (7, set(), lambda angle: turned("r", "elbow", FOREARM, BACKWARD, 180 - angle), 110.1, 109.9),
    (8, set(), lambda angle: turned("l", "elbow", FOREARM, FORWARD, 180 - angle), 120, 100),
    (8, set(), lambda angle: turned("l", "elbow", FOREARM, BACKWARD, 180 - angle), 110.1, 109.9),
    (9, set(), lambda gap: placed(shoulder_and_arm("r"), (gap * SW - 0.38) * RIGHT), 2.49, 2.51),
    (10, set(), lambda speed: moving("rwrist", RIGHT, speed), 1.39, 1.41),
    (11, set(), lambda speed: moving("lwrist", TO_PELVIS_FROM["r"], speed), 1.39, 1.41),
    (12, set(), lambda speed: moving("rwrist", TO_PELVIS_FROM["l"], speed), 1.39, 1.41),
    (13, set(), lambda speed: moving("rwrist", FORWARD, speed), 2.49, 2.51),
    (14, set(), lambda speed: moving("lwrist", BACKWARD, speed), 2.49, 2.51),
    (15, set(), lambda metres: placed(["rankle"], metres * FORWARD), 0.12, 0.14),
    (16, set(), lambda metres: placed(["lankle"], metres * BACKWARD), 0.06, 0.07),
    (17, set(), lambda up: placed(["r" + name for name in LEG], (up * HL - 0.08) * UP), 1.19, 1.21),
    (18, set(), lambda up: placed(["l" + name for name in LEG], (up * HL - 0.08) * UP), 1.19, 1.21),
    (19, set(), lambda gap: striding(gap * HW), 2.09, 2.11),
    (20, set(), lambda angle: bent_knee("r", angle), 110.1, 109.9),
    (21, {16}, lambda angle: bent_knee("l", angle), 110.1, 109.9),
    (22, set(), lambda speed: moving("rankle", FORWARD, speed), 2.49, 2.51),
    (23, set(), lambda speed: moving("lankle", UP, speed), 2.49, 2.51),
    (24, set(), lambda angle: turned("r", "shoulder", ARM, RIGHT, angle), 24.9, 25.1),
    (25, set(), lambda angle: turned("l", "shoulder", ARM, LEFT, angle), 24.9, 25.1),
    (26, set(), lambda angle: raised_thigh("r", BACKWARD, angle), 49.9, 50.1),
    (27, set(), lambda angle: raised_thigh("l", FORWARD, angle), 49.9, 50.1),
    (28, set(), lambda arms: placed(["root", "lhip", "rhip"], arms * HL * FORWARD), 0.49, 0.51),
    (29, {24, 25, 26, 27}, bowing, 69.9, 70.1),
    (29, {24, 25, 26, 27}, bowing, 110.1, 109.9),
    (30, set(), lambda up: placed(shoulder_and_arm("r"), (up * HL - 0.85) * UP), 1.21, 1.19),
    (31, set(), lambda up: placed(shoulder_and_arm("l"), (up * HL - 0.85) * UP), 1.21, 1.19),
    (32, set(), lambda speed: moving("root", FORWARD, speed), 2.29, 2.31),
]


PLANAR = ["mace-2d", "default-2d"]
IN_AN_IMAGE = {7, 8, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24, 25, 26, 27, 29}


def features(motion: np.ndarray | Tensor, fps: float = 30.0, protocol: str = "default") -> np.ndarray:
    return geometric_features(torch.as_tensor(motion), fps, protocol).numpy()


def plainly(motion: np.ndarray, fps: int, protocol: str) -> np.ndarray:
    if protocol == "mace-2d":
        return image_geometric(motion)
    if protocol in ("edge", "megadance", "mace"):
        return geometric(motion, 120)
    joints = joints_in_image_plane(motion) if protocol == "default-2d" else motion
    return geometric(resampled(joints[:, :22], fps), 60)


def wandering_body(seed: int) -> np.ndarray:
    """A body in a random attitude, none of whose joints keeps its distance from another, (20, 24, 3)."""
    body = rest_joints() if seed % 2 else standing()
    pose = Rotation.random(rng=np.random.default_rng(seed)).apply(body)
    return pose + random_walk(20, 24, 3, step=0.01, seed=seed)


def wandering_keypoints(seed: int) -> np.ndarray:
    """Points that start with the shoulders close together and wander (30, 25, 2)."""
    keypoints = random_walk(30, 25, 2, step=4.0, seed=seed)
    keypoints[:, 6] += keypoints[0, 5] - keypoints[0, 6] + 3
    return keypoints


def columns_that_hold(movement: Movement, protocol: str) -> set[int]:
    """Numbers from 1 of the relations that hold in every frame of a movement; the others hold in none."""
    pose, velocity = movement
    speed_fps = 120 if protocol == "aist++" else 60
    frames = torch.from_numpy(pose + np.arange(5)[:, None, None] * velocity / speed_fps)
    shares = features(frames, 60.0, protocol)
    assert np.isin(shares, [0, 1]).all()
    return set((np.flatnonzero(shares) + 1).tolist())


@pytest.mark.parametrize("protocol", ["aist++", "default"])
def test_nothing_holds_of_standing(protocol: str) -> None:
    assert columns_that_hold((standing(), np.zeros((24, 3))), protocol) == set()


@pytest.mark.parametrize("protocol", ["aist++", "default"])
@pytest.mark.parametrize("case", CASES, ids=[f"relation {case[0]} at {case[3]}" for case in CASES])
def test_relation_holds_on_one_side_of_its_threshold(case: Case, protocol: str) -> None:
    number, also, movement, fails_at, holds_at = case
    assert columns_that_hold(movement(holds_at), protocol) == also | {number}
    assert columns_that_hold(movement(fails_at), protocol) == (set() if number in (5, 6) else also)


def test_every_relation_is_tried() -> None:
    assert {case[0] for case in CASES} == set(range(1, 33))


@pytest.mark.parametrize("protocol", ["aist++", "bailando", "lodge", "flowerdance"])
def test_equals_the_published_code(golden_clip, protocol: str) -> None:
    published = golden_clip.outputs[f"{protocol}_geometric_32"]
    np.testing.assert_allclose(features(golden_clip.joints, golden_clip.fps, protocol), published, rtol=1e-5)


@pytest.mark.parametrize("protocol", ["edge", "megadance", "mace", "default", *PLANAR])
def test_equals_the_plain_statement_on_dances(golden_clip, protocol: str) -> None:
    joints, fps = golden_clip.joints[:90].double().numpy(), golden_clip.fps
    motion = seen_in_image(joints) if protocol in PLANAR else joints
    np.testing.assert_allclose(features(motion, fps, protocol), plainly(motion, fps, protocol), rtol=1e-9)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [("mace", set(range(1, 33))), ("default", set(range(1, 33))), ("mace-2d", {1, 2, 5, 6, 32} | IN_AN_IMAGE),
     ("default-2d", {5, 6, 17, 18, 19, 30, 31} | IN_AN_IMAGE - {29})],
)  # fmt: skip
def test_equals_the_plain_statement_on_random_walks(protocol: str, expected: set[int]) -> None:
    walk = wandering_keypoints if protocol in PLANAR else wandering_body
    least, most = np.ones(32), np.zeros(32)
    for seed in range(32):
        motion, fps = walk(seed), (60, 30, 25, 16)[seed % 4]
        shares = features(motion, fps, protocol)
        np.testing.assert_allclose(shares, plainly(motion, fps, protocol), rtol=1e-9)
        least, most = np.minimum(least, shares), np.maximum(most, shares)
    assert set((np.flatnonzero((most > 0) & (least < 1)) + 1).tolist()) >= expected


@pytest.mark.parametrize("fps", [30, 24, 16])
def test_default_does_not_depend_on_the_frame_rate(fps: int) -> None:
    at_60 = features(swaying_body(60), 60)
    np.testing.assert_allclose(features(swaying_body(fps), fps), at_60, atol=0.03)
    published = [features(swaying_body(rate), rate, "aist++") for rate in (fps, 60)]
    assert np.abs(published[0] - published[1]).max() > 0.1


def test_default_does_not_depend_on_heading_and_place() -> None:
    body = swaying_body(30, seconds=3)
    turned_body = Rotation.from_euler("y", 0.9).apply(body.reshape(-1, 3)).reshape(body.shape)
    moved = turned_body + np.array([2.0, 0.7, -3.0])
    np.testing.assert_allclose(features(moved), features(body), atol=1e-12)
    tipped = body[..., [0, 2, 1]]
    assert np.abs(features(tipped) - features(body)).max() > 0.5


def test_default_in_an_image_does_not_depend_on_size_and_place() -> None:
    keypoints = seen_in_image(swaying_body(16, seconds=3))
    expected = features(keypoints, 16, "default-2d")
    path = np.linspace(0, 300, len(keypoints))[:, None, None] * (1.0, 0.4)
    for changed in (4 * keypoints, keypoints - 40, keypoints + path):
        np.testing.assert_allclose(features(changed, 16, "default-2d"), expected, atol=1e-12)


def test_default_in_an_image_takes_coco() -> None:
    keypoints = wandering_keypoints(1)[:, :17]
    expected = plainly(keypoints, 16, "default-2d")
    np.testing.assert_allclose(features(keypoints, 16, "default-2d"), expected, rtol=1e-9)


def test_default_is_the_same_for_bodies_with_and_without_hands() -> None:
    pose, velocity = placed(["lhand"], 1.1 * DOWN)
    frames = pose + np.arange(5)[:, None, None] * velocity
    np.testing.assert_array_equal(features(frames), features(frames[:, :22]))


@pytest.mark.parametrize(
    ("shape", "fps", "protocol", "message"),
    [
        ((30, 21, 3), 30.0, "default", r"J at least 22, got \(30, 21, 3\)"),
        ((3, 24, 3), 30.0, "lodge", "at least 4 frames for features, got 3"),
        ((30, 24, 3), 30.0, "fact", "protocol must be one of default, aist.*got 'fact'"),
        ((30, 16, 2), 16.0, "mace-2d", r"K at least 17, got \(30, 16, 2\)"),
    ],
)
def test_refuses_bad_arguments(shape: tuple[int, ...], fps: float, protocol: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        geometric_features(torch.zeros(shape), fps, protocol)


@pytest.mark.parametrize("num_points", [17, 26, 133])
def test_the_published_evaluation_of_videos_has_25_keypoints(num_points: int) -> None:
    with pytest.raises(ValueError, match="25"):
        features(random_walk(30, num_points, 2, step=1.0, seed=5), 16, "mace-2d")
