from __future__ import annotations

import dataclasses
import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
import soundfile

from macedance.data.inspection import ClipFacts, InspectionReport, choose_clips, inspect_shards
from macedance.data.inspection.videos import probe_video_bytes
from macedance.data.shards import encode_sample, write_manifest, write_shard
from macedance.data.shards.cache import ShardCache
from macedance.render.video import write_video

NUM_FRAMES = 30
ABOUT = {
    "subset": "made",
    "genre": "Jazz",
    "fps": 30,
    "num_frames": NUM_FRAMES,
    "duration_seconds": 1.0,
    "up_axis": "y",
    "beats_seconds": [0.5],
}


def motion(num_frames: int = NUM_FRAMES) -> dict[str, np.ndarray]:
    return {
        "poses": np.zeros((num_frames, 24, 3), np.float32),
        "trans": np.zeros((num_frames, 3), np.float32),
        "betas": np.zeros(10, np.float32),
    }


def sample(key: str, **changes: Any) -> dict[str, Any]:
    """A good sample, with another ``about``, ``motion``, ``music``, ``audio`` or ``files``."""
    arguments: dict[str, Any] = {
        "about": ABOUT,
        "motion": motion(),
        "music": np.zeros((NUM_FRAMES, 35), np.float32),
        "audio": (np.zeros(8000, np.int16), 8000),
    }
    return encode_sample(key, **(arguments | changes))


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("video") / "clip.mp4"
    noise = np.random.default_rng(0).integers(0, 255, (NUM_FRAMES, 48, 64, 3), dtype=np.uint8)
    write_video(path, noise, fps=30)
    return path.read_bytes()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    write_shard(folder / "train-000000.tar", [sample("a"), sample("b")])
    write_shard(folder / "train-000001.tar", [sample("c")])
    write_shard(folder / "val-000000.tar", [sample("a")])
    write_manifest(folder, statistics={}, settings={})
    return folder


def told(report: InspectionReport) -> list[tuple[str, str | None, str]]:
    return [(Path(problem.shard).name, problem.key, problem.reason) for problem in report.problems]


def flip_byte(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("num_workers", [1, 3])
def test_a_good_set_has_no_problems(good: Path, verify: bool, num_workers: int) -> None:
    report = inspect_shards(good, verify=verify, num_workers=num_workers)
    assert report.problems == ()
    assert [(clip.key, clip.number, clip.split) for clip in report.clips] == [
        ("a", 0, "train"),
        ("b", 1, "train"),
        ("c", 0, "train"),
        ("a", 0, "val"),
    ]


def test_numbers_of_a_known_set(tmp_path: Path, video: bytes) -> None:
    slow = ABOUT | {"genre": None, "fps": 15, "num_frames": 30, "duration_seconds": 2.0}
    write_shard(
        tmp_path / "train-000000.tar",
        [
            sample("a", files={"video.mp4": video}),
            sample("b"),
            sample("c", music=None),
            sample("d", about=slow, motion=None, music=np.zeros((60, 35)), audio=None),
        ],
    )
    write_shard(tmp_path / "test-000000.tar", [sample("e", about=ABOUT | {"subset": "other"})])
    report = inspect_shards(tmp_path)
    assert report.problems == ()
    train, test = report.groups()
    assert (train.split, train.subset, train.num_shards, train.num_clips) == ("train", "made", 1, 4)
    assert (test.split, test.subset, test.num_shards, test.num_clips) == ("test", "other", 1, 1)
    assert train.hours == pytest.approx(5 / 3600)
    assert train.seconds == (1.0, 1.0, 2.0)
    assert train.genres == {"Jazz": 3, "none told": 1}
    assert train.fps == {"30": 3, "15": 1}
    assert train.members == {"audio.flac": 3, "json": 4, "motion.npz": 3, "music.npy": 3, "video.mp4": 1}
    assert train.lacking == {"audio.flac": ["d"], "motion.npz": ["d"], "music.npy": ["c"]}
    assert train.video_sizes == {"64 x 48": 1}
    assert json.loads(json.dumps(report.to_json()))["num_clips"] == 5


def without(about: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in about.items() if key != name}


def with_nan(array: np.ndarray) -> np.ndarray:
    array = array.copy()
    array.flat[3] = np.nan
    return array


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"about": without(ABOUT, "fps")}, "does not tell fps"),
        ({"about": ABOUT | {"fps": "30"}}, "fps must be a positive number, is '30'"),
        ({"about": ABOUT | {"num_frames": 10**400}}, "num_frames must be a positive number"),
        ({"about": ABOUT | {"genre": 7}}, "genre must be a name or null, is 7"),
        ({"about": ABOUT | {"up_axis": "x"}}, "up_axis must be 'y' or 'z'"),
        ({"about": ABOUT | {"beats_seconds": [float("nan")]}}, "beats_seconds must be a list of finite"),
        ({"about": ABOUT | {"num_frames": 29}}, "motion.npz has 30 frames, the clip has 29"),
        ({"about": ABOUT | {"fps": 25}}, "motion.npz must be at 30 fps, json tells 25"),
        ({"about": ABOUT | {"duration_seconds": 1.2}}, "30 frames at 30 fps last 1.00 s, the clip 1.20 s"),
        ({"motion": motion() | {"poses": np.zeros((30, 72))}}, r"poses must be (any, 24, 3), is (30, 72)"),
        ({"motion": motion() | {"trans": np.zeros((29, 3))}}, "trans must be (30, 3), is (29, 3)"),
        ({"motion": motion() | {"betas": np.zeros(11)}}, "betas must be (10,), is (11,)"),
        ({"motion": {"poses": motion()["poses"]}}, "motion.npz: it has no trans"),
        ({"motion": motion() | {"trans": np.full((30, 3), "x")}}, "trans must hold numbers"),
        ({"motion": motion() | {"poses": with_nan(motion()["poses"])}}, "poses holds 1 NaN"),
        ({"motion": motion() | {"poses": np.array([{}], dtype=object)}}, "motion.npz does not decode"),
        ({"motion": motion(0)}, "poses must be (any, 24, 3), is (0, 24, 3)"),
        ({"music": np.zeros((30, 36))}, "music must be (any, 35), is (30, 36)"),
        ({"music": np.zeros((29, 35))}, "music.npy has 29 frames, the clip has 30"),
        ({"music": with_nan(np.zeros((30, 35)))}, "music.npy: holds 1 NaN"),
        ({"audio": (np.zeros(9000, np.int16), 8000)}, "audio.flac lasts 1.12 s, the clip 1.00 s"),
        ({"files": {"keypoints.npy": b"junk"}}, "keypoints.npy does not decode"),
        ({"files": {"video.mp4": b"junk"}}, "video.mp4: it is no whole video file"),
        ({"files": {"reference.jpg": b"junk"}}, "reference.jpg does not decode"),
        ({"files": {"latents.safetensors": b"junk"}}, "latents.safetensors does not decode"),
    ],
)
def test_what_is_wrong_with_a_sample_is_named(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    write_shard(tmp_path / "train-000000.tar", [sample("good"), sample("bad", **changes), sample("fine")])
    report = inspect_shards(tmp_path, num_workers=2)
    assert {key for _, key, _ in told(report)} == {"bad"}
    assert any(reason in text for _, _, text in told(report)), told(report)
    assert [clip.is_sound for clip in report.clips] == [True, False, True]


def test_a_sample_without_json_is_a_problem(tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.tar", [without(sample("a"), "json")])
    assert told(inspect_shards(tmp_path)) == [
        ("train-0.tar", "a", "there is no json, which tells frame rate and length")
    ]


def test_a_video_of_other_length_is_named(tmp_path: Path, video: bytes) -> None:
    changed = sample("v", about=ABOUT | {"num_frames": 33}, motion=None, files={"video.mp4": video})
    write_shard(tmp_path / "train-0.tar", [changed])
    assert "video.mp4 has 30 frames, the clip has 33" in [
        reason for *_, reason in told(inspect_shards(tmp_path))
    ]


def test_damaged_pictures_are_found_by_decoding(tmp_path: Path, video: bytes) -> None:
    place = len(video) // 2
    damaged = video[:place] + bytes(3000) + video[place + 3000 :]
    write_shard(tmp_path / "train-0.tar", [sample("v", files={"video.mp4": damaged})])
    assert told(inspect_shards(tmp_path)) == []
    ((_, key, reason),) = told(inspect_shards(tmp_path, verify=True))
    assert key == "v"
    assert "video.mp4" in reason


def test_a_video_that_is_cut_off_is_found_without_decoding(video: bytes) -> None:
    assert probe_video_bytes(video).num_frames == NUM_FRAMES
    with pytest.raises(ValueError, match="promises 30 frames"):
        probe_video_bytes(video[: len(video) // 2])


def test_a_truncated_shard_does_not_stop_the_others(good: Path) -> None:
    shard = good / "train-000000.tar"
    shard.write_bytes(shard.read_bytes()[:-9000])
    shard.with_suffix(".idx").unlink()
    report = inspect_shards(good)
    assert [clip.key for clip in report.clips] == ["c", "a"]
    assert [name for name, *_ in told(report)] == ["train-000000.tar"] * 2
    assert "manifest.json tells" in told(report)[0][2]
    assert "is not a whole tar" in told(report)[1][2]


def test_what_a_truncated_shards_index_still_reaches_is_read(good: Path) -> None:
    shard = good / "train-000000.tar"
    shard.write_bytes(shard.read_bytes()[: shard.stat().st_size * 3 // 5])
    report = inspect_shards(good)
    assert [(clip.key, clip.is_sound) for clip in report.clips][:2] == [("a", True), ("b", False)]
    assert any(key == "b" and "cut off" in reason for _, key, reason in told(report))


@pytest.mark.parametrize("verify", [False, True])
def test_a_changed_byte_is_found(good: Path, verify: bool) -> None:
    flip_byte(good / "train-000000.tar", 600)
    problems = told(inspect_shards(good, verify=verify))
    assert ("train-000000.tar", "a") in [(name, key) for name, key, _ in problems]
    assert [key for _, key, _ in problems].count(None) == (2 if verify else 0)
    assert (
        any("SHA-256 is not the one that manifest.json tells" in reason for *_, reason in problems) == verify
    )


def test_a_damaged_index_is_told_and_done_without(good: Path) -> None:
    for content in ("{", '{"schema_version": 1, "num_bytes": 9, "sha256": "", "samples": []}'):
        (good / "val-000000.idx").write_text(content)
        report = inspect_shards(good)
        ((name, _, reason),) = told(report)
        assert name == "val-000000.tar"
        assert "not a whole index" in reason
        assert len(report.clips) == 4


def test_an_outdated_index_is_told_and_done_without(good: Path) -> None:
    shutil.copy(good / "train-000000.tar", good / "val-000000.tar")
    report = inspect_shards(good)
    assert [clip.key for clip in report.clips if clip.split == "val"] == ["a", "b"]
    assert {name for name, *_ in told(report)} == {"val-000000.tar"}
    assert any(reason.startswith("its index is of") for *_, reason in told(report))


def test_manifest_and_folder_are_compared(good: Path) -> None:
    (good / "train-000001.tar").unlink()
    write_shard(good / "test-000000.tar", [sample("t")])
    assert told(inspect_shards(good)) == [
        ("test-000000.tar", None, "it is not listed in manifest.json"),
        ("train-000001.tar", None, "manifest.json lists it and it is not there"),
    ]
    (good / "manifest.json").write_text("[]")
    assert "not a whole manifest" in told(inspect_shards(good))[0][2]
    assert len(inspect_shards(good).clips) == 4


def test_a_pattern_or_single_shard_is_compared_with_its_manifest(good: Path) -> None:
    assert len(inspect_shards(good / "train-*.tar").clips) == 3
    write_shard(good / "val-000000.tar", [sample("x"), sample("y")])
    assert any(
        "manifest.json tells 1" in reason for *_, reason in told(inspect_shards(good / "val-000000.tar"))
    )


def test_equal_keys_in_a_split_are_named(good: Path) -> None:
    write_shard(good / "train-000002.tar", [sample("b")])
    assert ("train-000002.tar", "b", "the same key is in train-000000.tar") in told(inspect_shards(good))


def test_an_empty_shard_is_named(tmp_path: Path) -> None:
    write_shard(tmp_path / "train-000000.tar", [])
    report = inspect_shards(tmp_path)
    assert told(report) == [("train-000000.tar", None, "it holds no sample")]
    assert [(group.split, group.num_shards, group.num_clips) for group in report.groups()] == [
        ("train", 1, 0)
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_no_shard(good: Path) -> None:
    os.mkfifo(good / "train-000009.tar")
    assert any("is not a file" in reason for *_, reason in told(inspect_shards(good)))


def test_remote_shards_are_inspected(good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("macedance.data.shards.remote.RETRY_SECONDS", 0.0)
    remote = fsspec.filesystem("memory")
    remote.put(str(good), "/inspected", recursive=True)
    try:
        report = inspect_shards("memory://inspected", cache=ShardCache(tmp_path / "cache"))
        assert report.problems == ()
        assert len(report.clips) == 4
        remote.pipe("/inspected/val-000000.tar", b"junk")
        report = inspect_shards("memory://inspected", cache=ShardCache(tmp_path / "other"))
        assert {name for name, *_ in told(report)} == {"val-000000.tar"}
        assert len(report.clips) == 3
    finally:
        remote.rm("/inspected", recursive=True)


def test_progress_reaches_the_bytes_there_are(good: Path) -> None:
    seen: list[tuple[int, int]] = []
    inspect_shards(good, on_progress=lambda done, total: seen.append((done, total)))
    num_bytes = sum(path.stat().st_size for path in good.glob("*.tar"))
    assert seen[0] == (0, num_bytes)
    assert seen[-1] == (num_bytes, num_bytes)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone", tmp_path / "gone.tar", tmp_path / "*.tar"):
        with pytest.raises(FileNotFoundError, match="shards:"):
            inspect_shards(path)


@pytest.fixture
def facts() -> Callable[[str, int], ClipFacts]:
    clip = ClipFacts("", 0, "", None, None, 30.0, 30, 1.0, (), None, True)
    return lambda split, number: dataclasses.replace(
        clip, shard=f"{split}-{number // 4}.tar", number=number % 4, key=str(number)
    )


def test_chosen_clips_are_spread(facts: Callable[[str, int], ClipFacts]) -> None:
    clips = [facts("train", number) for number in range(40)] + [facts("val", number) for number in range(2)]
    chosen = choose_clips(clips, 8)
    assert [clip.split for clip in chosen] == ["train", "val", "train", "val", *["train"] * 4]
    assert len({clip.shard for clip in chosen if clip.split == "train"}) == 6
    assert chosen == choose_clips(clips, 8)
    assert len(choose_clips(clips, 99)) == 42
    assert choose_clips(clips, 0) == []
    assert choose_clips([dataclasses.replace(clips[0], is_sound=False)], 5) == []


def test_sound_that_is_cut_off_is_named(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.random.default_rng(0).standard_normal(8000) / 9, 8000, format="FLAC")
    cut = buffer.getvalue()[: len(buffer.getvalue()) // 2]
    write_shard(tmp_path / "train-0.tar", [sample("a", audio=None, files={"audio.flac": cut})])
    ((_, key, reason),) = told(inspect_shards(tmp_path))
    assert key == "a"
    assert "audio.flac does not decode" in reason
