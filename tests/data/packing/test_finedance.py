from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from macedance.data.packing import FineDanceSource, list_tracks
from macedance.geometry import Motion, axis_angle_to_rotation_6d


def write_dance(folder: Path, name: str, motion: Motion, style: str | None = None) -> None:
    """A dance as FineDance publishes it: translation, and 6D rotations of 52 joints of which 30 are fingers."""
    random = torch.Generator().manual_seed(0)
    fingers = torch.randn(motion.num_frames, 30, 3, generator=random)
    rotations = axis_angle_to_rotation_6d(torch.cat([motion.poses[:, :22], fingers], dim=1))
    array = torch.cat([motion.trans, rotations.flatten(1)], dim=1).numpy()
    (folder / "motion").mkdir(parents=True, exist_ok=True)
    np.save(folder / "motion" / f"{name}.npy", array)
    if style:
        (folder / "label_json").mkdir(exist_ok=True)
        (folder / "label_json" / f"{name}.json").write_text(json.dumps({"style1": "Modern", "style2": style}))


def test_six_numbers_become_rotation_vectors_and_fingers_go(tmp_path: Path, kit: SimpleNamespace) -> None:
    dance = kit.make_motion(900, 30)
    write_dance(tmp_path, "007", dance)
    kit.pack(tmp_path / "out", FineDanceSource(tmp_path))
    clips = kit.clips(tmp_path / "out")
    assert sorted(clips) == ["007-000", "007-001", "007-002"]
    for clip in clips.values():
        expected, stored = kit.cropped(dance, clip["json"]), clip["motion.npz"]
        np.testing.assert_allclose(stored["poses"][:, :22], expected.poses[:, :22], atol=1e-5)
        np.testing.assert_array_equal(stored["poses"][:, 22:], 0)
        np.testing.assert_array_equal(stored["trans"], expected.trans)


def test_label_and_song_are_found(tmp_path: Path, kit: SimpleNamespace) -> None:
    for name, style in (("001", "hanTang"), ("002", "Waltz"), ("003", None)):
        write_dance(tmp_path, name, kit.make_motion(400, 30), style)
    kit.write_song(tmp_path / "music_wav" / "001.wav", 10)
    tracks = list_tracks(FineDanceSource(tmp_path)).tracks
    assert [(track.genre, track.style) for track in tracks] == [
        ("HanTang", "hanTang"),
        (None, "Waltz"),
        (None, None),
    ]
    assert [track.num_frames for track in tracks] == [300, 400, 400]


@pytest.mark.parametrize("array", [np.zeros((300, 319), np.float32), np.zeros(315, np.float32)])
def test_arrays_of_another_shape_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    (tmp_path / "motion").mkdir()
    np.save(tmp_path / "motion" / "001.npy", array)
    with pytest.raises(ValueError, match=r"001\.npy.*\(frames, 315\)"):
        list_tracks(FineDanceSource(tmp_path))


def test_a_folder_without_motion_is_told_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="which holds one named 'motion'"):
        list_tracks(FineDanceSource(tmp_path))
