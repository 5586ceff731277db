from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
import torch

from macedance.metrics.extractors import AppearanceExtractors
from macedance.metrics.measure_video import VideoSettings, measure_video
from macedance.metrics.person_regions import CROP_PX, crop_person, region_of
from macedance.projection.body_points import HEAD_OFFSETS, point_index


def standing_at(x: float, y: float, height: float = 40) -> np.ndarray:
    """Key-points (20, 3) within a box of that height about a place, a face on top of them."""
    points = np.ones((20, 3))
    points[:, 0] = x
    points[:, 1] = np.linspace(y - height / 2, y + height / 2, 20)
    face = np.array(list(HEAD_OFFSETS.values())) * 150
    points[point_index(*HEAD_OFFSETS), :2] = (x, y - height / 2) + face[:, :2] * (1, -1)
    return points


def frame_with_red_at(x: int, y: int) -> np.ndarray:
    frame = np.full((120, 160, 3), 90, np.uint8)
    frame[y - 25 : y + 25, x - 12 : x + 12] = (220, 20, 20)
    return frame


def as_clip(*frames: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.stack(frames)).movedim(-1, 1)


def test_the_person_is_in_the_middle_wherever_they_stand() -> None:
    frames = as_clip(frame_with_red_at(40, 50), frame_with_red_at(110, 70))
    crops = region_of(frames, np.stack([standing_at(40, 50), standing_at(110, 70)]), "person")
    assert crops.shape == (2, 3, CROP_PX, CROP_PX)
    middle = crops[:, :, CROP_PX // 2 - 20 : CROP_PX // 2 + 20, CROP_PX // 2 - 20 : CROP_PX // 2 + 20]
    assert (middle[:, 0] > 200).all()
    assert (middle[:, 1] < 60).all()
    assert (crops[:, 0] < 150).any()


def test_beyond_the_edge_it_is_black() -> None:
    crop = np.asarray(crop_person(PIL.Image.fromarray(frame_with_red_at(20, 60)), standing_at(5, 60, 80)))
    assert (crop[:, : CROP_PX // 4] == 0).all()
    assert crop[:, CROP_PX // 2 + 5 :].any()


def test_frames_in_which_the_region_is_not_seen_are_left_out() -> None:
    unseen = standing_at(40, 50) * (1, 1, 0)
    frames = as_clip(frame_with_red_at(40, 50), frame_with_red_at(40, 50))
    points = np.stack([unseen, standing_at(40, 50)])
    assert len(region_of(frames, points, "person")) == 1
    assert len(region_of(frames, points, "face")) == 1
    assert region_of(frames, np.stack([unseen, unseen]), "face").shape == (0, 3, CROP_PX, CROP_PX)


def test_the_whole_frame_needs_no_points_and_others_do() -> None:
    frames = as_clip(frame_with_red_at(40, 50))
    assert region_of(frames, None, "frame") is frames
    with pytest.raises(ValueError, match="points must tell where the face is"):
        region_of(frames, None, "face")


def test_identity_of_the_person_does_not_mind_where_they_stand() -> None:
    """A dancer who walks over looks the same; in the whole frame the place counts, too."""
    extractors = AppearanceExtractors(identity=AppearanceExtractors.random().identity)
    places = [(40 + 4 * step, 50) for step in range(20)]
    frames = [frame_with_red_at(*place) for place in places]
    points = np.stack([standing_at(*place) for place in places])
    first = as_clip(frames[0])
    whole = measure_video(frames, extractors, person=first).values["identity"]
    of_person = measure_video(
        frames,
        extractors,
        person=region_of(first, points[:1], "person"),
        points=points,
        settings=VideoSettings(identity_region="person"),
    ).values["identity"]
    assert 1 - of_person < (1 - whole) / 5


def test_a_person_who_is_never_seen_has_no_identity() -> None:
    extractors = AppearanceExtractors(identity=AppearanceExtractors.random().identity)
    frames = [frame_with_red_at(40, 50)] * 3
    unseen = np.stack([standing_at(40, 50) * (1, 1, 0)] * 3)
    settings = VideoSettings(identity_region="person")
    values = measure_video(
        frames, extractors, person=as_clip(frames[0]), points=unseen, settings=settings
    ).values
    assert np.isnan(values["identity"])
