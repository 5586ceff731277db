from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
import torch

from macedance.geometry.camera import Camera
from macedance.geometry.motion import Motion
from macedance.projection import POINT_NAMES, Projector, Reference
from macedance.projection.body_points import body_points, point_index
from macedance.projection.body_proportions import BONES, Proportions
from macedance.projection.canvas import to_canvas
from macedance.projection.posed_skeleton import pose_skeleton

SIZE = (480, 832)
ADULT = dict.fromkeys(BONES, 1.0)
CHILD = {
    "torso": 0.95, "shoulders": 0.9, "hips": 0.9, "neck": 1.2, "head": 1.4, "upper_arm": 0.8, "forearm": 0.8,
    "thigh": 0.75, "shin": 0.75,
}  # fmt: skip
TALL = {
    "torso": 1.0, "shoulders": 1.1, "hips": 1.1, "neck": 0.9, "head": 0.85, "upper_arm": 1.1, "forearm": 1.15,
    "thigh": 1.2, "shin": 1.25,
}  # fmt: skip
PEOPLE = [ADULT, CHILD, TALL]


def picture_of(motion: Motion, ratios: dict[str, float], size: tuple[int, int] = (600, 900)) -> Reference:
    """The key-points of a body with other proportions, seen by a camera that is not the projector's."""
    person = Proportions(ratios)
    skeleton = pose_skeleton(motion, offsets=person.offsets(), head_scale=person.head_scale())
    camera = Camera(np.array([0.3, -0.2, 6.0]), np.array([0.3, -0.2, 0.0]), view_angle_degrees=24)
    pixels, _ = camera.project(body_points(skeleton)[0], size)
    return Reference(PIL.Image.new("RGB", size), np.concatenate([pixels, np.ones((20, 1))], axis=1))


def in_canvas(reference: Reference) -> np.ndarray:
    return to_canvas(reference.keypoints, reference.image.size, SIZE)[:, :2]


@pytest.mark.parametrize("ratios", PEOPLE, ids=["adult", "child", "tall"])
@pytest.mark.parametrize("heading", [0.0, 2.0])
def test_a_standing_dancer_comes_to_lie_on_the_person(pose_of, ratios: dict, heading: float) -> None:
    reference = picture_of(pose_of(), ratios)
    dancer = pose_of(heading=heading)
    aligned = Projector().project(dancer, size_px=SIZE, reference=reference).points[0, :, :2]
    body = np.ptp(in_canvas(reference)[:, 1])
    assert np.abs(aligned - in_canvas(reference)).max() < 0.012 * body


@pytest.mark.parametrize("ratios", PEOPLE, ids=["adult", "child", "tall"])
def test_feet_stay_on_the_ground(pose_of, ratios: dict) -> None:
    crouching = pose_of(
        num_frames=30,
        left_hip=(-1.2, 0, 0),
        right_hip=(-1.2, 0, 0),
        left_knee=(1.8, 0, 0),
        right_knee=(1.8, 0, 0),
    )
    depth = 0.38647 * (1 - np.cos(1.2)) + 0.42687 * (1 - np.cos(0.6))
    crouching.trans[1:, 1] = -depth
    crouching.poses[0, 1:] = pose_of().poses[0, 1:]
    crouching.poses[1:, [7, 8], 0] = -0.6
    points = (
        Projector(orthographic=True)
        .project(crouching, size_px=SIZE, reference=picture_of(pose_of(), ratios))
        .points
    )
    toes = points[:, point_index("left_toe", "right_toe"), 1].mean(axis=1)
    body = np.ptp(points[0, :, 1])
    assert np.abs(toes - toes[0]).max() < 0.02 * body
    nose = points[:, 0, 1]
    assert nose[-1] - nose[0] > 0.15 * body


def test_confidence_and_outliers_are_taken_into_account(pose_of) -> None:
    reference = picture_of(pose_of(), ADULT)
    spoiled = reference.keypoints.copy()
    spoiled[POINT_NAMES.index("left_ankle"), :2] += (60, -80)
    spoiled[POINT_NAMES.index("right_wrist")] = (0, 0, 0.0)
    aligned = (
        Projector()
        .project(pose_of(), size_px=SIZE, reference=Reference(reference.image, spoiled))
        .points[0, :, :2]
    )
    trunk = point_index("neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip", "right_wrist")
    assert np.abs(aligned - in_canvas(reference))[trunk].max() < 6


def test_a_foreshortened_arm_does_not_shorten_the_dancers(pose_of) -> None:
    forward = pose_of(left_shoulder=(0, -1.4, 0), right_shoulder=(0, 1.4, 0))
    reference = picture_of(forward, ADULT)
    dancer = Projector().project(pose_of(), size_px=SIZE, reference=reference).points[0, :, :2]
    expected = in_canvas(picture_of(pose_of(), ADULT))
    assert np.abs(dancer - expected).max() < 10


def test_a_portrait_without_legs_keeps_its_size(pose_of, moving: Motion) -> None:
    whole = picture_of(pose_of(), ADULT)
    half = whole.keypoints.copy()
    half[
        [
            POINT_NAMES.index(f"{side}_{name}")
            for side in ("left", "right")
            for name in ("knee", "ankle", "toe")
        ],
        2,
    ] = 0
    half[:, :2] = half[:, :2] * 2.0 - (300, 150)
    reference = Reference(whole.image, half)
    points = Projector().project(pose_of(), size_px=SIZE, reference=reference).points[0]
    trunk = point_index("left_shoulder", "right_shoulder", "left_hip", "right_hip")
    assert np.abs(points[:, :2] - in_canvas(reference))[trunk].max() < 6
    assert points[POINT_NAMES.index("left_ankle"), 2] == 0


def test_a_dance_that_would_leave_the_picture_is_moved_back(pose_of) -> None:
    reference = picture_of(pose_of(), ADULT)
    walking = pose_of(num_frames=30)
    for metres, must_shrink in ((0.8, False), (4.0, True)):
        walking.trans[:, 0] = torch.linspace(0, metres, 30)
        points = Projector().project(walking, size_px=SIZE, reference=reference).points[..., :2]
        assert (points >= 0).all()
        assert (points <= SIZE).all()
        height = np.ptp(points[0, :, 1]) / np.ptp(in_canvas(reference)[:, 1])
        assert (height < 0.9) == must_shrink


@pytest.mark.parametrize(
    ("size", "corner", "expected"),
    [
        ((100, 100), (0, 0), (0, 176)),
        ((100, 100), (100, 100), (480, 656)),
        ((1000, 3000), (1000, 3000), (378, 832)),
        ((480, 832), (17, 400), (17, 400)),
    ],
)
def test_the_reference_lies_in_the_canvas_as_diffusers_puts_it(
    size: tuple, corner: tuple, expected: tuple
) -> None:
    moved = to_canvas(np.array([[*corner, 1.0]]), size, SIZE)[0]
    np.testing.assert_allclose(moved[:2], expected, atol=1)


def test_a_mark_moves_with_its_pixels(pose_of) -> None:
    from diffusers.pipelines.wan.image_processor import WanAnimateImageProcessor

    image = PIL.Image.new("RGB", (701, 523))
    image.paste((255, 255, 255), (500, 100, 521, 121))
    fitted = WanAnimateImageProcessor(fill_color=0).resize(image, SIZE[1], SIZE[0], resize_mode="fill")
    rows, columns = np.nonzero(np.asarray(fitted)[..., 0] > 127)
    moved = to_canvas(np.array([[510.5, 110.5, 1.0]]), image.size, SIZE)[0, :2]
    np.testing.assert_allclose((columns.mean() + 0.5, rows.mean() + 0.5), moved, atol=0.6)


def test_key_points_that_show_too_little_are_refused(pose_of) -> None:
    reference = picture_of(pose_of(), ADULT)
    for name in ("shoulder", "hip"):
        points = reference.keypoints.copy()
        points[point_index(f"left_{name}", f"right_{name}"), 2] = 0.1
        with pytest.raises(ValueError, match=f"no {name} has a confidence"):
            Projector().project(pose_of(), size_px=SIZE, reference=Reference(reference.image, points))
    with pytest.raises(ValueError, match="finite numbers"):
        Projector().project(
            pose_of(), size_px=SIZE, reference=Reference(reference.image, reference.keypoints[:17])
        )
    with pytest.raises(ValueError, match="upside down"):
        Projector().project(
            pose_of(), size_px=SIZE, reference=Reference(reference.image, reference.keypoints * (-1, -1, 1))
        )
