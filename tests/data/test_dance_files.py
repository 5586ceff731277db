from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from macedance.data.dance_files import num_dances, read_keypoints, read_motions, song_of, with_beats
from macedance.data.music_features import BEAT, MUSIC_DIM
from macedance.data.shards import encode_sample, write_shard
from macedance.data.song_beats import needed_songs, read_song_beats, song_files
from macedance.geometry.motion import Motion


def test_motions_are_read_in_order_and_turned_upright(tmp_path: Path) -> None:
    for name, frames in (("b", 8), ("a", 6)):
        Motion(torch.zeros(frames, 24, 3), torch.zeros(frames, 3), fps=60, up_axis="z").save(
            tmp_path / f"{name}.npz"
        )
    dances = read_motions(tmp_path)
    assert [(dance.key, len(dance.joints), dance.fps) for dance in dances] == [("a", 6, 60), ("b", 8, 60)]
    lying = Motion(torch.zeros(6, 24, 3), torch.zeros(6, 3)).joints()  # z up: its rest pose lies in our world
    torch.testing.assert_close(dances[0].joints[..., 1], lying[..., 2])
    assert num_dances(tmp_path) == 2
    assert len(dances[0].beats) == 0


def test_shards_bring_their_beats(motion_shards: Path) -> None:
    counted: list[None] = []
    dances = read_motions(motion_shards / "test-000000.tar", on_dance=lambda: counted.append(None))
    assert [dance.key for dance in dances] == ["test200", "test201", "test202"]
    assert all(len(dance.beats) > 4 for dance in dances)
    assert len(counted) == num_dances(motion_shards / "test-000000.tar") == 3
    assert num_dances(motion_shards) == 11


def test_shards_need_no_music(tmp_path: Path) -> None:
    arrays = {"poses": np.zeros((8, 24, 3)), "trans": np.zeros((8, 3)), "betas": np.zeros(10)}
    write_shard(tmp_path / "test-000000.tar", [encode_sample("still", {"fps": 30}, motion=arrays)])
    (dance,) = read_motions(tmp_path)
    assert (dance.key, len(dance.joints), len(dance.beats)) == ("still", 8, 0)


def test_a_dance_belongs_to_the_longest_song_that_its_name_begins_with() -> None:
    songs = ["waltz", "waltz_long", "tango"]
    assert song_of("tango", songs) == "tango"
    assert song_of("waltz-3", songs) == "waltz"
    assert song_of("waltz_long.seed1", songs) == "waltz_long"
    assert song_of("waltzes", songs) is None
    assert song_of("foxtrot", songs) is None


def test_beats_come_from_sound_and_from_features(tmp_path: Path) -> None:
    rate, seconds = 22_050, 6
    clicks = np.zeros(rate * seconds, np.float32)
    for beat in np.arange(0.5, seconds, 0.5):
        clicks[int(beat * rate) : int(beat * rate) + 400] = np.hanning(400) * 0.9
    soundfile.write(tmp_path / "clicks.wav", clicks, rate)
    features = np.zeros((90, MUSIC_DIM), np.float32)
    features[[15, 45], BEAT] = 1
    np.save(tmp_path / "told.music.npy", features)
    soundfile.write(tmp_path / "unneeded.wav", clicks, rate)
    songs = needed_songs(song_files(tmp_path), ["clicks_1", "told"])
    assert set(songs) == {"clicks", "told"}
    beats = read_song_beats(songs, num_workers=1)
    assert beats["told"].tolist() == [0.5, 1.5]
    distance = (beats["clicks"][1:-1, None] - torch.arange(0.5, 6, 0.5)).abs().amin(dim=1)
    assert len(beats["clicks"]) > 6
    assert distance.max() < 0.07


def test_dances_get_the_beats_of_their_songs(motion_shards: Path) -> None:
    dances = read_motions(motion_shards / "test-000000.tar")
    first, second, _ = with_beats(dances, {"test200": torch.tensor([1.0])})
    assert first.beats.tolist() == [1.0]
    assert len(second.beats) == 0  # beats of two sources are not mixed


def test_key_points_come_from_npy_and_json(tmp_path: Path) -> None:
    points = np.random.default_rng(0).random((8, 25, 3))
    np.save(tmp_path / "a.keypoints.npy", points)
    np.save(tmp_path / "b.npy", points[..., :2].astype(np.float32))
    (tmp_path / "c.json").write_text(json.dumps({"keypoints": points.tolist()}))
    dances = read_keypoints(tmp_path, fps=16)
    assert [(dance.key, tuple(dance.joints.shape), dance.fps) for dance in dances] == [
        ("a", (8, 25, 3), 16), ("b", (8, 25, 2), 16), ("c", (8, 25, 3), 16)
    ]  # fmt: skip
    assert dances[0].poses is None
    assert num_dances(tmp_path, keypoints=True) == 3


def test_suffixes_may_be_upper_case_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    motion = Motion(torch.zeros(6, 24, 3), torch.zeros(6, 3))
    motion.save(tmp_path / "a.npz")
    (tmp_path / "a.npz").rename(tmp_path / "A.NPZ")
    (tmp_path / ".left-over.npz").write_bytes(b"half")
    assert [dance.key for dance in read_motions(tmp_path)] == ["A"]
    soundfile.write(tmp_path / "x.wav", np.zeros(100), 8000)
    (tmp_path / "x.wav").rename(tmp_path / "x.WAV")
    assert set(song_files(tmp_path)) == {"x"}


def test_ambiguous_folders_are_refused(motion_shards: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", np.zeros((8, 25, 2)))
    (tmp_path / "d.json").write_text(json.dumps({"keypoints": np.zeros((8, 25, 2)).tolist()}))
    with pytest.raises(ValueError, match=r"one file a dance, but has d\.json and d\.npy"):
        read_keypoints(tmp_path, fps=16)
    (tmp_path / "a.tar").write_bytes((motion_shards / "test-000000.tar").read_bytes())
    Motion(torch.zeros(6, 24, 3), torch.zeros(6, 3)).save(tmp_path / "b.npz")
    with pytest.raises(ValueError, match="must hold motions or shards, but has both"):
        read_motions(tmp_path)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        read_motions(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="holds none"):
        read_motions(tmp_path)
    with pytest.raises(FileNotFoundError, match="must be a folder of songs"):
        song_files(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="must hold songs"):
        song_files(tmp_path)
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(ValueError, match=r"a\.json must hold key-points"):
        read_keypoints(tmp_path, fps=16)
    (tmp_path / "a.json").unlink()
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"a\.npy must hold key-points .*pickled objects"):
        read_keypoints(tmp_path, fps=16)
    np.save(tmp_path / "a.npy", np.zeros((4, 3)))
    with pytest.raises(ValueError, match=r"must hold music features \(frames, 35\), holds \(4, 3\)"):
        read_song_beats(song_files(tmp_path), num_workers=1)
    np.savez(tmp_path / "a.npz", poses=np.zeros((4, 72)))
    with pytest.raises(ValueError, match="trans"):
        read_motions(tmp_path)
    bad = np.full((4, 72), np.nan)
    np.savez(tmp_path / "a.npz", poses=bad, trans=np.zeros((4, 3)), mocap_framerate=30, up_axis="y")
    with pytest.raises(ValueError, match=r"a\.npz: poses: must be finite"):
        read_motions(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"must be a folder of motions .*; it is a file"):
        read_motions(tmp_path / "a.npz")
