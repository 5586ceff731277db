from __future__ import annotations

import numpy as np

from macedance.projection.keypoint_overlay import (
    draw_keypoints,
    fastest_frames,
    overlay_frames,
    overlay_sheet,
)


def test_key_points_that_are_seen_are_drawn_over_the_picture_and_nothing_else_changes() -> None:
    keypoints = np.zeros((17, 3))
    keypoints[0], keypoints[9] = (20, 30, 0.9), (60, 40, 0.2)
    frame = np.full((80, 100, 3), 77, np.uint8)
    drawn = draw_keypoints(frame, keypoints)
    changed = np.argwhere((drawn != frame).any(axis=-1))
    assert len(changed) > 3
    assert (np.abs(changed - (30, 20)) <= 3).all()


def test_overlays_have_an_even_width_and_height() -> None:
    frames = [np.zeros((33, 51, 3), np.uint8)] * 2
    overlays = list(overlay_frames(iter(frames), np.zeros((2, 17, 3))))
    assert [overlay.shape for overlay in overlays] == [(32, 50, 3)] * 2


def test_a_sheet_has_its_pictures_in_rows() -> None:
    frames = [np.full((20, 40, 3), shade, np.uint8) for shade in (50, 100, 150)]
    sheet = overlay_sheet(frames, [0, 5, 10], fps=10.0, columns=2, width_px=80)
    assert sheet.shape == (80, 160, 3)
    assert [sheet[5, 70, 0], sheet[5, 150, 0], sheet[45, 70, 0], sheet[45, 150, 0]] == [50, 100, 150, 0]
    assert sheet[30:40, :30].max() > 150  # its time


def test_the_fastest_frames_are_apart_and_points_not_seen_do_not_count() -> None:
    keypoints = np.ones((40, 2, 3))
    keypoints[11:, 0, 0] += 30
    keypoints[12:, 0, 0] += 20
    keypoints[31:, 0, 0] += 10
    keypoints[20, 1] = 900, 900, 0
    assert fastest_frames(keypoints, fps=10.0, num=2) == [10, 30]
    assert fastest_frames(keypoints[:1], fps=10.0, num=4) == [0]
