from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from macedance.data.packing import AmassSource, list_tracks
from macedance.geometry import Motion


def write_amass(path: Path, motion: Motion) -> None:
    """A motion as AMASS publishes it: SMPL-H's 156 numbers, 16 betas, no word of the up axis."""
    path.parent.mkdir(parents=True, exist_ok=True)
    poses = np.zeros((motion.num_frames, 156))
    poses[:, :66] = motion.poses[:, :22].reshape(-1, 66)
    np.savez_compressed(
        path,
        poses=poses,
        trans=motion.trans.numpy().astype(np.float64),
        betas=np.arange(16.0),
        mocap_framerate=np.array(motion.fps),
        gender=np.array("neutral"),
    )


@pytest.fixture
def tree(tmp_path: Path, kit: SimpleNamespace) -> Path:
    write_amass(
        tmp_path / "tree" / "CMU" / "01" / "walk.v2_poses.npz", kit.make_motion(1200, 120, up_axis="z")
    )
    np.savez(tmp_path / "tree" / "CMU" / "01" / "shape.npz", betas=np.zeros(16))
    return tmp_path / "tree"


def test_z_up_becomes_y_up_at_thirty_frames_a_second(
    tree: Path, tmp_path: Path, kit: SimpleNamespace
) -> None:
    report = kit.pack(tmp_path / "out", AmassSource(tree, up_axis="z"))
    assert report.left_out == {"npz files without motion": 1}
    (clip,) = kit.clips(tmp_path / "out").values()
    whole = Motion.load(tree / "CMU" / "01" / "walk.v2_poses.npz", up_axis="z").resample(30)
    expected = kit.cropped(whole.to_up_axis("y"), clip["json"])
    stored = Motion(**clip["motion.npz"])
    np.testing.assert_allclose(stored.poses, expected.poses, atol=1e-5)
    np.testing.assert_allclose(stored.trans, expected.trans, atol=1e-5)
    np.testing.assert_array_equal(stored.betas, np.arange(10))
    heights = kit.cropped(whole, clip["json"]).joints()[..., 2]
    np.testing.assert_allclose(stored.joints()[..., 1], heights, atol=1e-5)
    assert clip["json"]["up_axis"] == "y"
    assert clip["json"]["source"] == "CMU/01/walk.v2_poses.npz"
    assert clip["__key__"] == "CMU__01__walk_v2_poses-000"


def test_the_up_axis_has_to_be_told(tree: Path) -> None:
    for skip in (False, True):
        with pytest.raises(ValueError, match=r"walk\.v2_poses\.npz.*pass --up-axis z"):
            list_tracks(AmassSource(tree), skip_damaged=skip)


def test_files_that_tell_their_up_axis_are_believed(tmp_path: Path, kit: SimpleNamespace) -> None:
    motion = kit.make_motion(300, 30)
    motion.save(tmp_path / "tree" / "a.npz")
    kit.pack(tmp_path / "out", AmassSource(tmp_path / "tree", up_axis="z"))
    (clip,) = kit.clips(tmp_path / "out").values()
    np.testing.assert_array_equal(clip["motion.npz"]["poses"], kit.cropped(motion, clip["json"]).poses)


def test_sound_lies_in_like_folders_or_in_one(tree: Path, tmp_path: Path, kit: SimpleNamespace) -> None:
    write_amass(tree / "b" / "jump.npz", kit.make_motion(300, 30))
    kit.write_song(tmp_path / "music" / "jump.wav", 10)
    kit.write_song(tmp_path / "music" / "CMU" / "01" / "walk.v2_poses.wav", 10)
    tracks = list_tracks(AmassSource(tree, tmp_path / "music", "z")).tracks
    assert [track.music_group for track in tracks] == ["CMU/01/walk.v2_poses.wav", "jump.wav"]


def test_a_motion_without_frame_rate_is_damaged(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", poses=np.zeros((300, 72)), trans=np.zeros((300, 3)))
    with pytest.raises(ValueError, match=r"a\.npz.*tells no frame rate"):
        list_tracks(AmassSource(tmp_path, up_axis="z"))
    assert "no frame rate" in list_tracks(AmassSource(tmp_path, up_axis="z"), skip_damaged=True).damaged["a"]
