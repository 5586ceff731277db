from __future__ import annotations

import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from macedance.data import rendering
from macedance.data.choreography import choreograph
from macedance.data.inspection import inspect_shards
from macedance.data.rendering import RenderPlan, RenderSettings, render_clip, render_shards
from macedance.data.shards import ShardError, encode_sample, read_shards, write_shard
from macedance.data.songs import make_song
from macedance.data.video_clips import decode_frames
from macedance.datamodules import AppearanceData
from macedance.geometry.motion import Motion
from macedance.projection.body_points import POINT_NAMES

SETTINGS = RenderSettings((64, 48), Fraction(15), seed=3, clips_per_shard=2)
NUM_FRAMES = 24


def dance(number: int) -> dict[str, np.ndarray]:
    poses, trans = choreograph(make_song(8, number, sample_rate=8000), number, fps=30)
    part = slice(60, 60 + NUM_FRAMES)
    return {"poses": poses[part], "trans": trans[part], "betas": np.zeros(10, np.float32)}


def encoded(key: str, number: int, **about: Any) -> dict[str, Any]:
    told = {"fps": 30, "num_frames": NUM_FRAMES, "duration_seconds": NUM_FRAMES / 30, "genre": None, **about}
    sound = np.arange(800 * NUM_FRAMES // 3, dtype=np.int16), 8000
    return encode_sample(
        key, told, motion=dance(number), music=np.zeros((NUM_FRAMES, 35), np.float32), audio=sound
    )


@pytest.fixture(scope="module")
def dances(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dances")
    write_shard(folder / "train-000000.tar", [encoded(f"train{n}", n) for n in range(3)])
    write_shard(folder / "val-000000.tar", [encoded("val0", 10)])
    return folder


@pytest.fixture(scope="module")
def rendered(dances: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rendered") / "set"
    assert render_shards(folder, RenderPlan.of(dances, 2), SETTINGS)
    return folder


@pytest.fixture
def quick_clips(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Clips whose pictures take no time; the list fills with the seeds of those that were made."""
    made: list[int] = []

    def make_quickly(motion: Motion, settings: RenderSettings, seed: int) -> tuple[dict, dict]:
        made.append(seed)
        return {"video.mp4": b"%d" % seed}, {"video_num_frames": 1}

    monkeypatch.setattr(rendering, "render_clip", make_quickly)
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_keys_splits_and_members_are_kept(dances: Path, rendered: Path) -> None:
    assert {path.name for path in rendered.glob("*.tar")} == {
        "train-000000.tar",
        "train-000001.tar",
        "val-000000.tar",
    }
    for split in ("train", "val"):
        pairs = list(zip(read_shards(dances, None, split), read_shards(rendered, None, split), strict=True))
        for before, after in pairs:
            assert before["__key__"] == after["__key__"]
            np.testing.assert_array_equal(before["motion.npz"]["poses"], after["motion.npz"]["poses"])
            np.testing.assert_array_equal(before["audio.flac"][0], after["audio.flac"][0])
            assert before["json"].items() <= after["json"].items()
    statistics = json.loads((rendered / "manifest.json").read_text())["statistics"]
    assert len(statistics["motion_min"]) == 151


def test_nothing_is_wrong_with_what_was_made(rendered: Path) -> None:
    report = inspect_shards(rendered, verify=True)
    assert report.problems == ()
    assert len(report.clips) == 4


def test_json_tells_of_the_videos(rendered: Path) -> None:
    for clip in read_shards(rendered, ("json", "keypoints.npy", "video.mp4", "pose.mp4", "reference.jpg")):
        about = clip["json"]
        assert about["video_fps"] == 15
        assert about["video_num_frames"] == 12
        assert about["video_size"] == [64, 48]
        assert about["keypoint_names"] == list(POINT_NAMES)
        assert clip["keypoints.npy"].shape == (12, 20, 3)
        assert clip["reference.jpg"].shape == (64, 48, 3)
        for name in ("video.mp4", "pose.mp4"):
            assert decode_frames(clip[name], 0, 12).shape == (12, 64, 48, 3)


def test_the_appearance_datamodule_reads_it(rendered: Path) -> None:
    members = ["video.mp4", "pose.mp4", "keypoints.npy", "reference.jpg"]
    data = AppearanceData(str(rendered), 2, members, num_frames=9, size=(64, 48))
    data.setup("fit")
    batch = next(iter(data.train_dataloader()))
    assert batch["video"].shape == batch["pose"].shape == (2, 3, 9, 64, 48)
    assert batch["keypoints"].shape == (2, 9, 20, 3)
    assert batch["reference"].shape == (2, 3, 64, 48)


def test_video_pose_and_keypoints_coincide() -> None:
    motion = Motion(**{name: torch.from_numpy(array) for name, array in dance(1).items()})
    files, facts = render_clip(motion, RenderSettings((192, 128)), seed=5)
    num_frames = facts["video_num_frames"]
    video, pose = (
        decode_frames(files[name], 0, num_frames).astype(int) for name in ("video.mp4", "pose.mp4")
    )
    differs = np.abs(video - np.median(video[:, :8], axis=(1, 2), keepdims=True)).sum(-1)
    keypoints = np.load(io.BytesIO(files["keypoints.npy"]))
    for frame in range(0, num_frames, 6):
        columns, rows = keypoints[frame, keypoints[frame, :, 2] >= 0.5, :2].astype(int).T
        assert (pose[frame].max(-1)[rows, columns] > 60).mean() > 0.9
        drawn = pose[frame].max(-1) > 100
        assert np.median(differs[frame][drawn]) > 30
        assert pose[frame].max(-1).mean() < 20


def test_bodies_and_rooms_differ_from_clip_to_clip(rendered: Path) -> None:
    pictures = [clip["reference.jpg"] for clip in read_shards(rendered, ("reference.jpg",))]
    corners = np.array([picture[:8, :8].mean(axis=(0, 1)) for picture in pictures])
    distances = np.abs(corners[:, None] - corners).max(-1)
    assert distances[~np.eye(len(corners), dtype=bool)].min() > 5


def test_the_reference_is_another_moment_than_the_first(rendered: Path) -> None:
    for clip in read_shards(rendered, ("json", "video.mp4", "reference.jpg")):
        frames = decode_frames(clip["video.mp4"], 0, clip["json"]["video_num_frames"])
        distances = np.abs(frames.astype(int) - clip["reference.jpg"]).mean((1, 2, 3))
        assert distances.argmin() >= 3
        assert distances.min() < 6


def test_equal_seeds_give_equal_bytes_and_others_do_not() -> None:
    motion = Motion(
        **{name: torch.from_numpy(array[:4]) for name, array in dance(2).items() if name != "betas"}
    )
    settings = RenderSettings((32, 32))
    first, again, other = (render_clip(motion, settings, seed)[0] for seed in (1, 1, 2))
    assert first == again
    assert first["video.mp4"] != other["video.mp4"]
    assert first["pose.mp4"] == other["pose.mp4"]


def test_faces_are_made_if_asked_for() -> None:
    motion = Motion(
        **{name: torch.from_numpy(array[:3]) for name, array in dance(2).items() if name != "betas"}
    )
    files, _ = render_clip(motion, RenderSettings((320, 192), has_face=True), seed=1)
    faces = decode_frames(files["face.mp4"], 0, 3)
    assert faces.shape == (3, 512, 512, 3)
    assert faces.std() > 10


def test_a_clip_of_one_frame_has_a_reference() -> None:
    files, facts = render_clip(Motion(torch.zeros(1, 24, 3), torch.zeros(1, 3)), RenderSettings((32, 32)), 0)
    assert facts["video_num_frames"] == 1
    assert files["reference.jpg"]


def test_a_run_that_was_cut_off_goes_on(
    dances: Path, tmp_path: Path, quick_clips: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, make_quickly = RenderPlan.of(dances, 2), rendering.render_clip

    def fail_at_third(motion: Motion, settings: RenderSettings, seed: int) -> Any:
        if len(quick_clips) == 2:
            raise KeyboardInterrupt
        return make_quickly(motion, settings, seed)

    monkeypatch.setattr(rendering, "render_clip", fail_at_third)
    with pytest.raises(KeyboardInterrupt):
        render_shards(tmp_path / "set", plan, SETTINGS)
    assert [path.name for path in (tmp_path / "set").glob("*.tar")] == ["train-000000.tar"]
    monkeypatch.setattr(rendering, "render_clip", make_quickly)
    progress: list[int] = []
    assert render_shards(tmp_path / "set", plan, SETTINGS, on_progress=progress.append)
    assert len(quick_clips) == sum(progress) == 4
    assert render_shards(tmp_path / "whole", plan, SETTINGS)
    assert contents(tmp_path / "set") == contents(tmp_path / "whole")
    assert not render_shards(tmp_path / "set", plan, SETTINGS)


def test_other_dances_are_another_set(dances: Path, tmp_path: Path, quick_clips: list[int]) -> None:
    render_shards(tmp_path / "set", RenderPlan.of(dances, 2), SETTINGS)
    other = RenderPlan.of(dances / "val-000000.tar", 2)
    with pytest.raises(FileExistsError, match="--overwrite"):
        render_shards(tmp_path / "set", other, SETTINGS)
    assert render_shards(tmp_path / "set", other, SETTINGS, overwrite=True)
    assert [path.name for path in (tmp_path / "set").glob("*.tar")] == ["val-000000.tar"]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda sample: sample.pop("motion.npz"), r"sample bad has no member motion\.npz"),
        (
            lambda sample: sample.update({"motion.npz": b"PK"}),
            r"sample bad: member motion\.npz does not decode",
        ),
        (lambda sample: sample.update({"json": b"{}"}), "sample bad: it lacks 'fps'"),
        (lambda sample: sample.update(json=b'{"fps": 60}'), "sample bad: motion must be at 30 fps, got 60"),
    ],
)
def test_damaged_dances_are_named(tmp_path: Path, quick_clips: list[int], damage: Any, message: str) -> None:
    sample = encoded("bad", 0)
    damage(sample)
    write_shard(tmp_path / "train-000000.tar", [sample])
    with pytest.raises(ShardError, match=rf"train-000000\.tar: {message}"):
        render_shards(tmp_path / "set", RenderPlan.of(tmp_path, 2), SETTINGS)
    assert not list((tmp_path / "set").glob("*.tar"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"video_size": (63, 48)}, "size must be two positive even numbers, H W, got 63 48"),
        ({"video_fps": Fraction(0)}, "fps must lie in 1..240, got 0"),
        ({"clips_per_shard": 0}, "clips-per-shard must be at least 1, got 0"),
        ({"seed": -1}, "seed must not be negative, got -1"),
    ],
)
def test_settings_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        RenderSettings(**{"video_size": (64, 48), **options})
