from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from macedance.geometry import REST_PELVIS, Motion, axis_angle_to_matrix
from macedance.geometry.npz_files import save_npz


def random_motion(num_frames: int = 20, fps: float = 30.0, up_axis: str = "y") -> Motion:
    generator = torch.Generator().manual_seed(num_frames)
    start = 0.7 * torch.randn(1, 24, 3, generator=generator)
    poses = start + 0.03 * torch.randn(num_frames, 24, 3, generator=generator).cumsum(0)
    trans = 0.02 * torch.randn(num_frames, 3, generator=generator).cumsum(0)
    return Motion(poses, trans, fps, up_axis, torch.randn(10, generator=generator))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"poses": torch.zeros(5, 72)}, r"poses: must have the shape \(5, 24, 3\), has \(5, 72\)"),
        ({"trans": torch.zeros(4, 3)}, r"trans: must have the shape \(5, 3\), has \(4, 3\)"),
        ({"betas": torch.zeros(16)}, r"betas: must have the shape \(10,\), has \(16,\)"),
        ({"poses": torch.full((5, 24, 3), math.nan)}, "poses: must be finite, has 360 NaN"),
        ({"trans": torch.full((5, 3), math.inf)}, "trans: must be finite"),
        ({"poses": torch.zeros(0, 24, 3)}, "poses: must have at least one frame"),
        ({"fps": 0.0}, "fps: must be a positive number, is 0.0"),
        ({"fps": math.nan}, "fps: must be a positive number, is nan"),
        ({"up_axis": "x"}, "up_axis: must be 'y' or 'z', is 'x'"),
    ],
)
def test_malformed_motions_are_refused_in_one_line(change, message):
    fields = {"poses": torch.zeros(5, 24, 3), "trans": torch.zeros(5, 3), **change}
    with pytest.raises(ValueError, match=message) as caught:
        Motion(**fields)
    assert "\n" not in str(caught.value)


def test_pelvis_is_the_translation_plus_the_rest_pelvis():
    motion = random_motion()
    expected = motion.trans + torch.tensor(REST_PELVIS, dtype=torch.float32)
    torch.testing.assert_close(motion.joints()[:, 0], expected)


def test_arrays_are_taken_as_float32_tensors():
    motion = Motion(np.zeros((3, 24, 3)), np.zeros((3, 3)), fps=60)
    assert motion.poses.dtype == motion.trans.dtype == torch.float32
    assert (motion.num_frames, motion.duration_seconds) == (3, 0.05)


def test_crop_takes_the_frames_and_refuses_what_is_outside():
    motion = random_motion()
    cropped = motion.crop(5, 9)
    assert torch.equal(cropped.joints(), motion.joints()[5:9])
    assert torch.equal(cropped.betas, motion.betas)
    for start, stop in ((4, 4), (-1, 3), (0, 21)):
        with pytest.raises(ValueError, match="start, stop: must be 0 <= start < stop <= 20"):
            motion.crop(start, stop)


@pytest.mark.parametrize("up_axis", ["y", "z"])
def test_up_axis_turns_every_joint_about_the_origin_and_back(up_axis):
    motion = random_motion(up_axis=up_axis)
    other = "z" if up_axis == "y" else "y"
    turned = motion.to_up_axis(other)
    x, y, z = motion.joints().unbind(-1)
    expected = torch.stack([x, z, -y] if other == "y" else [x, -z, y], dim=-1)
    assert turned.up_axis == other
    torch.testing.assert_close(turned.joints(), expected, atol=2e-6, rtol=0)
    torch.testing.assert_close(turned.to_up_axis(up_axis).joints(), motion.joints(), atol=2e-6, rtol=0)


def test_resampling_to_half_the_rate_keeps_every_second_frame():
    motion = random_motion(num_frames=21, fps=60.0)
    halved = motion.resample(30.0)
    assert halved.num_frames == 11
    torch.testing.assert_close(halved.joints(), motion.joints()[::2], atol=2e-6, rtol=0)


@pytest.mark.parametrize("fps", [7.0, 25.0, 48.0, 120.0])
def test_resampling_keeps_the_first_frame_and_covers_the_duration(fps):
    motion = random_motion(num_frames=31)
    resampled = motion.resample(fps)
    torch.testing.assert_close(resampled.joints()[0], motion.joints()[0], atol=2e-6, rtol=0)
    last_begins = (resampled.num_frames - 1) / fps
    assert last_begins < motion.duration_seconds <= resampled.duration_seconds + 1e-9


def test_resampling_between_frames_turns_half_way_and_moves_half_way():
    poses = torch.zeros(2, 24, 3)
    poses[1, 3, 1] = 1.0
    trans = torch.tensor([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]])
    between = Motion(poses, trans, fps=10.0).resample(20.0)
    torch.testing.assert_close(between.poses[1, 3], torch.tensor([0.0, 0.5, 0.0]))
    torch.testing.assert_close(between.trans[1], torch.tensor([0.5, 1.0, 1.5]))


def test_resampling_across_a_half_turn_does_not_spin_back():
    poses = torch.zeros(2, 24, 3)
    poses[0, 0, 1], poses[1, 0, 1] = math.pi - 0.1, -(math.pi - 0.1)
    between = Motion(poses, torch.zeros(2, 3), fps=10.0).resample(20.0)
    half_turn = axis_angle_to_matrix(torch.tensor([0.0, math.pi, 0.0]))
    torch.testing.assert_close(axis_angle_to_matrix(between.poses[1, 0]), half_turn, atol=1e-5, rtol=0)


def test_saved_motion_loads_as_it_was(tmp_path):
    motion = random_motion(fps=59.94, up_axis="z")
    motion.save(tmp_path / "new" / "dance.npz")
    loaded = Motion.load(tmp_path / "new" / "dance.npz")
    for name in ("poses", "trans", "betas"):
        assert torch.equal(getattr(loaded, name), getattr(motion, name))
    assert (loaded.fps, loaded.up_axis) == (59.94, "z")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["dance.npz"]


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "dance.npz"
    random_motion().save(path)
    before = path.read_bytes()

    def fail_half_way(file, **arrays):
        file.write(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail_half_way)
    with pytest.raises(OSError, match="disk full"):
        random_motion(num_frames=5).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("width", "num_kept"), [(66, 22), (72, 24), (156, 22), (165, 22)])
def test_amass_poses_keep_the_body_joints_and_rest_the_hands(tmp_path, width, num_kept):
    poses = np.random.default_rng(0).normal(size=(4, width)).astype(np.float32)
    save_npz(
        tmp_path / "amass.npz",
        poses=poses,
        trans=np.zeros((4, 3)),
        betas=np.ones(16),
        gender=np.array("female"),
        mocap_frame_rate=np.array(120),
    )
    motion = Motion.load(tmp_path / "amass.npz", up_axis="z")
    np.testing.assert_array_equal(motion.poses[:, :num_kept].flatten(1), poses[:, : 3 * num_kept])
    assert not motion.poses[:, num_kept:].any()
    assert (motion.fps, motion.up_axis, motion.betas.shape) == (120.0, "z", (10,))


PLAIN = {
    "poses": np.zeros((4, 24, 3)),
    "trans": np.zeros((4, 3)),
    "fps": np.array(30),
    "up_axis": np.array("y"),
}


@pytest.mark.parametrize(
    ("change", "up_axis", "message"),
    [
        ({"up_axis": None}, None, "up_axis: .* does not tell its up axis; pass"),
        ({}, "z", "up_axis: .* says 'y', 'z' was passed"),
        ({"poses": None}, None, "path: .* must hold an array 'poses'"),
        ({"trans": None}, None, "path: .* must hold an array 'trans'"),
        ({"fps": None}, None, "path: .* must tell its frame rate"),
        ({"poses": np.zeros((4, 100))}, None, r"poses: must be .* is \(4, 100\)"),
        ({"betas": np.array(1.0)}, None, r"betas: must have the shape \(10,\)"),
        ({"poses": np.array([{}], dtype=object)}, None, "path: .* must be an npz of plain arrays"),
    ],
)
def test_files_that_do_not_tell_enough_are_refused(tmp_path, change, up_axis, message):
    path = tmp_path / "dance.npz"
    np.savez(path, **{name: array for name, array in {**PLAIN, **change}.items() if array is not None})
    with pytest.raises(ValueError, match=message) as caught:
        Motion.load(path, up_axis=up_axis)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_npz_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="path: there is no file"):
        Motion.load(tmp_path / "absent.npz")
    (tmp_path / "text.npz").write_text("not an archive")
    np.save(tmp_path / "array.npy", np.zeros(3))
    for name in ("text.npz", "array.npy"):
        with pytest.raises(ValueError, match="must be an npz of plain arrays"):
            Motion.load(tmp_path / name)


def test_moves_to_a_device() -> None:
    motion = Motion(torch.rand(2, 24, 3), torch.rand(2, 3), fps=25.0, up_axis="z")
    moved = motion.to("cpu")
    assert torch.equal(moved.poses, motion.poses)
    assert torch.equal(moved.trans, motion.trans)
    assert (moved.fps, moved.up_axis) == (25.0, "z")
