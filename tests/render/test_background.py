from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
from scipy.ndimage import distance_transform_edt

from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.projection.body_points import POINT_NAMES
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference
from macedance.render.background import background
from macedance.render.harmonic_fill import harmonic_fill
from macedance.render.person_colors import UNKNOWN, person_colors
from macedance.render.person_mask import person_mask

SIZE_PX = (90, 160)


@pytest.fixture
def keypoints(standing: Motion) -> np.ndarray:
    points = Projector().project(standing.crop(0, 1), size_px=SIZE_PX).points[0].copy()
    points[:, 2] = 1.0
    return points


@pytest.fixture
def ramp() -> np.ndarray:
    """A picture that is linear, so that a harmonic fill can restore it."""
    columns, rows = np.meshgrid(np.arange(SIZE_PX[0]), np.arange(SIZE_PX[1]))
    return np.stack([columns * 2, rows, 200 - rows], axis=-1).astype(np.uint8)


def with_person(picture: np.ndarray, keypoints: np.ndarray, color: tuple[int, int, int]) -> PIL.Image.Image:
    """The picture with somebody thinner than the mask in it."""
    painted = picture.copy()
    painted[distance_transform_edt(person_mask(keypoints, SIZE_PX)) > 2] = color
    return PIL.Image.fromarray(painted)


def test_the_person_is_replaced_by_the_surroundings(ramp: np.ndarray, keypoints: np.ndarray) -> None:
    reference = Reference(with_person(ramp, keypoints, (255, 0, 0)), keypoints)
    filled = background(reference, SIZE_PX).astype(int)
    mask = person_mask(keypoints, SIZE_PX)
    assert np.abs(filled - ramp)[mask].mean() < 12
    assert np.abs(np.asarray(reference.image).astype(int) - ramp)[mask].mean() > 60


def test_what_is_far_from_the_person_is_kept(ramp: np.ndarray, keypoints: np.ndarray) -> None:
    far = distance_transform_edt(~person_mask(keypoints, SIZE_PX)) > 6
    filled = background(Reference(with_person(ramp, keypoints, (255, 0, 0)), keypoints), SIZE_PX)
    assert far.mean() > 0.2
    assert np.array_equal(filled[far], ramp[far])


def test_a_mask_covers_head_hands_and_shoes(standing: Motion) -> None:
    size_px = (200, 200)
    sequence = Projector().project(standing.crop(0, 1), size_px=size_px)
    points = sequence.points[0].copy()
    points[:, 2] = 1.0
    mask = person_mask(points, size_px)
    camera = Projector().camera_for(standing.crop(0, 1), size_px)
    pixels, _ = camera.project(BodyModel().vertices(standing.crop(0, 1)).numpy()[0], size_px)
    columns, rows = np.clip(pixels.astype(int), 0, 199).T
    assert mask[rows, columns].mean() > 0.995
    assert mask.mean() < 0.5


def test_without_keypoints_the_picture_is_blurred() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (160, 90, 3), dtype=np.uint8)
    blurred = background(Reference(PIL.Image.fromarray(noise)), SIZE_PX)
    assert blurred.std() < 0.2 * noise.std()
    assert blurred.mean() == pytest.approx(noise.mean(), abs=3)


@pytest.mark.parametrize("has_keypoints", [False, True])
def test_bars_are_black_and_the_picture_lies_between_them(keypoints: np.ndarray, has_keypoints: bool) -> None:
    grey = PIL.Image.new("RGB", SIZE_PX, (120, 130, 140))
    canvas = background(Reference(grey, keypoints if has_keypoints else None), (180, 160))
    assert (canvas[:, :45] == 0).all()
    assert (canvas[:, 135:] == 0).all()
    assert np.abs(canvas[:, 45:135].astype(int) - (120, 130, 140)).max() <= 1


def test_keypoints_that_tell_no_size_are_refused(ramp: np.ndarray, keypoints: np.ndarray) -> None:
    keypoints[[index for index, name in enumerate(POINT_NAMES) if name != "nose"], 2] = 0
    with pytest.raises(ValueError, match=r"keypoints must tell a torso or a leg.* known are only nose"):
        background(Reference(PIL.Image.fromarray(ramp), keypoints), SIZE_PX)


def test_a_harmonic_fill_has_the_mean_of_the_neighbours_everywhere() -> None:
    picture = np.random.default_rng(0).uniform(0, 1, (12, 15, 2)).astype(np.float32)
    mask = np.zeros((12, 15), bool)
    mask[0:5, 3:9] = mask[7:9, 10:15] = True
    filled = harmonic_fill(picture, mask)
    assert np.array_equal(filled[~mask], picture[~mask])
    padded = np.pad(filled, ((1, 1), (1, 1), (0, 0)), constant_values=np.nan)
    neighbours = [padded[2:, 1:-1], padded[:-2, 1:-1], padded[1:-1, 2:], padded[1:-1, :-2]]
    np.testing.assert_allclose(np.nanmean(neighbours, axis=0)[mask], filled[mask], atol=1e-5)


def test_colours_are_those_of_the_clothes(ramp: np.ndarray, keypoints: np.ndarray) -> None:
    hips = keypoints[[POINT_NAMES.index("left_hip"), POINT_NAMES.index("right_hip")], 1].mean()
    picture = np.full_like(ramp, 30)
    picture[: round(hips)] = (200, 20, 20)
    picture[round(hips) :] = (20, 20, 200)
    colors, _ = person_colors(Reference(PIL.Image.fromarray(picture), keypoints))
    np.testing.assert_allclose(colors[9] * 255, (200, 20, 20))
    np.testing.assert_allclose(colors[[1, 2, 4, 5]] * 255, [(20, 20, 200)] * 4)


def test_parts_that_are_not_seen_take_another_colour(ramp: np.ndarray, keypoints: np.ndarray) -> None:
    keypoints[:, 2] = 0
    colors, hair = person_colors(Reference(PIL.Image.fromarray(ramp), keypoints))
    assert (colors == UNKNOWN).all()
    assert (hair == UNKNOWN).all()
