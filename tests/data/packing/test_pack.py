from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from macedance.data.motion_statistics import motion_statistics
from macedance.data.packing import AistppSource, AmassSource, VideoSource, list_tracks, make_plan
from macedance.data.packing import planning as packing_planning
from macedance.data.shards import read_manifest, read_shards
from macedance.geometry import encode_motion
from macedance.render.video import write_video


@pytest.fixture
def dances(tmp_path: Path, kit: SimpleNamespace) -> AmassSource:
    """Seven motions of ten to sixteen seconds."""
    for number in range(7):
        kit.make_motion(300 + 30 * number, 30, number).save(tmp_path / "in" / f"dance{number}.npz")
    return AmassSource(tmp_path / "in")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def cut_off(path: Path) -> None:
    """Leave the headers of an npz file's arrays as they are and damage what follows."""
    data = bytearray(path.read_bytes())
    data[2000:3000] = bytes(1000)
    path.write_bytes(bytes(data))


def test_clips_tell_where_they_come_from(tmp_path: Path, kit: SimpleNamespace, dances: AmassSource) -> None:
    settings = kit.settings(8, 9, licence="CC BY 4.0")
    report = kit.pack(tmp_path / "out", dances, settings)
    clips = kit.clips(tmp_path / "out")
    assert report.is_new
    assert sum(report.num_clips.values()) == len(clips) == report.num_without_music
    assert {clip["split"] for clip in clips.values()} == {"train", "val", "test"}
    assert report.hours == pytest.approx(sum(c["json"]["duration_seconds"] for c in clips.values()) / 3600)
    for key, clip in clips.items():
        about = clip["json"]
        assert about == {
            "subset": "test",
            "source": f"{key[:-4]}.npz",
            "genre": None,
            "fps": 30,
            "num_frames": len(clip["motion.npz"]["poses"]),
            "duration_seconds": about["num_frames"] / 30,
            "start_seconds": about["start_seconds"],
            "licence": "CC BY 4.0",
            "up_axis": "y",
        }


def test_shards_hold_about_as_many_clips_as_asked_for(
    tmp_path: Path, kit: SimpleNamespace, dances: AmassSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing_planning, "MAX_CLIPS_PER_JOB", 3)
    kit.make_motion(30 * 90, 30).save(tmp_path / "in" / "long.npz")
    split_file = tmp_path / "splits.txt"
    split_file.write_text("\n".join(f"{name} train" for name in ["long", *(f"dance{n}" for n in range(6))]))
    plan = make_plan(dances, list_tracks(dances), kit.settings(clips_per_shard=4), split_file)
    sizes = [sum(len(job.windows) for job in jobs) for jobs in plan.shards.values()]
    assert max(sizes) <= 4
    assert sum(sizes) == 10 + 6 + sum(round((300 + 30 * n) / 270) == 2 for n in range(6))
    assert len([job for job in plan.jobs() if job.track.name == "long"]) == 4
    assert plan.left_out == {"not in the split file": ["dance6"]}


def test_a_split_file_is_followed(tmp_path: Path, kit: SimpleNamespace, dances: AmassSource) -> None:
    (tmp_path / "splits.json").write_text('{"train": ["dance1"], "test": ["dance0", "dance4"]}')
    report = kit.pack(tmp_path / "out", dances, split_file=tmp_path / "splits.json")
    assert report.left_out == {"not in the split file": 4}
    splits = {key[:-4]: clip["split"] for key, clip in kit.clips(tmp_path / "out").items()}
    assert splits == {"dance1": "train", "dance0": "test", "dance4": "test"}


def test_recordings_to_one_song_stay_together(tmp_path: Path, kit: SimpleNamespace) -> None:
    for number in range(12):
        name = f"gBR_sBM_cAll_d04_mBR{number % 4}_ch{number:02d}"
        kit.write_aistpp_pickle(tmp_path / f"{name}.pkl", kit.make_motion(500, 60))
    source = AistppSource(tmp_path)
    plan = make_plan(source, list_tracks(source), kit.settings())
    splits: dict[str, set[str]] = {}
    for name, jobs in plan.shards.items():
        for job in jobs:
            splits.setdefault(job.track.music_group, set()).add(name.split("-")[0])
    assert all(len(names) == 1 for names in splits.values())
    assert set.union(*splits.values()) == {"train", "val", "test"}


def test_short_recordings_are_left_out_and_counted(tmp_path: Path, kit: SimpleNamespace) -> None:
    kit.make_motion(239, 30).save(tmp_path / "in" / "short.npz")
    with pytest.raises(ValueError, match=r"nothing to pack in .*; 1 shorter than 8 s"):
        kit.pack(tmp_path / "out", AmassSource(tmp_path / "in"))
    kit.make_motion(240, 30).save(tmp_path / "in" / "enough.npz")
    assert kit.pack(tmp_path / "out", AmassSource(tmp_path / "in")).left_out == {"shorter than 8 s": 1}


def test_music_that_is_shorter_ends_the_recording(
    tmp_path: Path, kit: SimpleNamespace, quick_features: list[int]
) -> None:
    for name, seconds in (("a", 9.6), ("b", 9.4), ("c", 7)):
        kit.make_motion(300, 30).save(tmp_path / "in" / f"{name}.npz")
        kit.write_song(tmp_path / "music" / f"{name}.wav", seconds)
    source = AmassSource(tmp_path / "in", tmp_path / "music")
    assert [track.num_frames for track in list_tracks(source).tracks] == [300, 282, 210]
    report = kit.pack(tmp_path / "out", source)
    assert report.left_out == {"shorter than 8 s": 1}
    assert report.num_without_music == 0
    for clip in kit.clips(tmp_path / "out").values():
        assert len(clip["music.npy"]) == len(clip["motion.npz"]["poses"]) == clip["json"]["num_frames"]


def test_a_whole_set_is_left_alone_until_its_source_changes(
    tmp_path: Path, kit: SimpleNamespace, dances: AmassSource
) -> None:
    assert kit.pack(tmp_path / "out", dances).is_new
    before = contents(tmp_path / "out")
    again = kit.pack(tmp_path / "out", dances)
    assert not again.is_new
    assert sum(again.num_clips.values()) == len(kit.clips(tmp_path / "out"))
    assert contents(tmp_path / "out") == before
    changed = tmp_path / "in" / "dance0.npz"
    os.utime(changed, (1, 1))
    with pytest.raises(FileExistsError, match="--overwrite"):
        kit.pack(tmp_path / "out", dances)
    assert kit.pack(tmp_path / "out", dances, overwrite=True).is_new


def test_a_damaged_recording_is_named(tmp_path: Path, kit: SimpleNamespace, dances: AmassSource) -> None:
    cut_off(tmp_path / "in" / "dance3.npz")
    with pytest.raises(ValueError, match=r"cannot pack .*dance3\.npz: .*; repair .*--skip-damaged"):
        kit.pack(tmp_path / "out", dances, kit.settings(clips_per_shard=1))
    assert not list((tmp_path / "out").glob(".*.tar"))


def test_damaged_recordings_can_be_left_out_and_the_number_of_workers_changes_no_byte(
    tmp_path: Path, kit: SimpleNamespace, dances: AmassSource
) -> None:
    cut_off(tmp_path / "in" / "dance3.npz")
    (tmp_path / "in" / "dance4.npz").write_bytes(b"PK")
    settings = kit.settings(clips_per_shard=1)
    out = tmp_path / "1"
    for folder, num_workers, is_new in ((out, 1, True), (out, 1, False), (tmp_path / "2", 2, True)):
        report = kit.pack(folder, dances, settings, skip_damaged=True, num_workers=num_workers)
        assert report.is_new == is_new
        assert set(report.damaged) == {"dance3", "dance4"}
        assert "dance3.npz" in report.damaged["dance3"]
        assert report.damaged["dance4"].startswith(f"{tmp_path}/in/dance4.npz: it must be an npz")
    assert contents(out) == contents(tmp_path / "2")
    assert len(list(out.glob("train-*.tar"))) > 1
    clips = kit.clips(out)
    assert {key[:-4] for key in clips} == {f"dance{number}" for number in (0, 1, 2, 5, 6)}
    manifest = read_manifest(out)
    assert manifest is not None
    assert 0 in {shard.num_samples for shard in manifest.shards}  # the one that was to hold dance3
    assert sum(1 for _ in read_shards(out, ("json", "motion.npz"))) == len(clips)


def test_a_run_that_stopped_at_damage_goes_on_when_told_to_skip_it(
    tmp_path: Path, kit: SimpleNamespace, dances: AmassSource
) -> None:
    cut_off(tmp_path / "in" / "dance3.npz")
    settings = kit.settings(clips_per_shard=1)
    with pytest.raises(ValueError, match="dance3"):
        kit.pack(tmp_path / "out", dances, settings)
    assert kit.pack(tmp_path / "out", dances, settings, skip_damaged=True).damaged.keys() == {"dance3"}


def test_statistics_bound_the_training_motion_without_music(
    tmp_path: Path, kit: SimpleNamespace, dances: AmassSource
) -> None:
    kit.pack(tmp_path / "out", dances)
    statistics = json.loads((tmp_path / "out" / "manifest.json").read_text())["statistics"]
    motions = [
        encode_motion(*(torch.from_numpy(clip["motion.npz"][name]) for name in ("poses", "trans")))
        for clip in kit.clips(tmp_path / "out").values()
        if clip["split"] == "train"
    ]
    np.testing.assert_allclose(statistics["motion_min"], torch.cat(motions).amin(0))
    np.testing.assert_allclose(statistics["motion_max"], torch.cat(motions).amax(0))
    assert motion_statistics(tmp_path / "out") == statistics


def test_sets_without_training_motion_have_no_statistics(
    tmp_path: Path, kit: SimpleNamespace, dances: AmassSource
) -> None:
    (tmp_path / "splits.txt").write_text("dance0 test")
    kit.pack(tmp_path / "out", dances, split_file=tmp_path / "splits.txt")
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert manifest.statistics == {}


def test_statistics_are_of_those_videos_that_have_motion(tmp_path: Path, kit: SimpleNamespace) -> None:
    for name in "ab":
        frames = (np.full((16, 16, 3), number, np.uint8) for number in range(160))
        write_video(tmp_path / "in" / f"{name}.mp4", frames, fps=30)
    motion = kit.make_motion(160, 30)
    motion.save(tmp_path / "in" / "b.npz")
    (tmp_path / "splits.txt").write_text("a train\nb train")
    kit.pack(
        tmp_path / "out", VideoSource(tmp_path / "in"), kit.settings(5, 6), split_file=tmp_path / "splits.txt"
    )
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    part = kit.cropped(motion, kit.clips(tmp_path / "out")["b-000"]["json"])
    np.testing.assert_allclose(
        manifest.statistics["motion_max"], encode_motion(part.poses, part.trans).amax(0), atol=1e-6
    )
