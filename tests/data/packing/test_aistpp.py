from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from macedance.data.packing import AistppSource, list_tracks
from macedance.geometry import Motion

REAL_DATA = Path(os.environ.get("MACEDANCE_REAL_DATA", "real-data"))
NAMES = ("gBR_sBM_cAll_d04_mBR2_ch08", "gHO_sFM_cAll_d20_mHO5_ch01", "gMH_sBM_cAll_d22_mMH3_ch04")


class Exploit:
    def __init__(self, path: Path) -> None:
        self.command = f"touch {path}"

    def __reduce__(self) -> tuple:
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("inside", ["motions", "."])
def test_pickles_come_back_within_1e_5(
    tmp_path: Path, kit: SimpleNamespace, protocol: int, inside: str
) -> None:
    dances = {name: kit.make_motion(1150, 60, seed) for seed, name in enumerate(NAMES)}
    for name, dance in dances.items():
        kit.write_aistpp_pickle(tmp_path / "aist" / inside / f"{name}.pkl", dance, protocol=protocol)
    kit.pack(tmp_path / "out", AistppSource(tmp_path / "aist"))
    clips = kit.clips(tmp_path / "out")
    assert set(clips) == {f"{name}-00{number}" for name in NAMES for number in range(2)}
    for key, clip in clips.items():
        expected = kit.cropped(dances[key[:-4]].resample(30), clip["json"])
        np.testing.assert_allclose(clip["motion.npz"]["poses"], expected.poses, atol=1e-5)
        np.testing.assert_allclose(clip["motion.npz"]["trans"], expected.trans, atol=1e-5)
        assert clip["motion.npz"]["betas"].shape == (10,)
        assert clip["json"]["up_axis"] == "y"


def test_the_name_tells_genre_style_and_song(tmp_path: Path, kit: SimpleNamespace) -> None:
    for name in NAMES:
        kit.write_aistpp_pickle(tmp_path / f"{name}.pkl", kit.make_motion(600, 60))
    kit.write_song(tmp_path / "music" / "mHO5.flac", 9.9)
    tracks = {track.name: track for track in list_tracks(AistppSource(tmp_path)).tracks}
    told = {name: (track.genre, track.style, track.music_group) for name, track in tracks.items()}
    assert told == {
        NAMES[0]: ("Breaking", "gBR", "mBR2"),
        NAMES[1]: (None, "gHO", "mHO5"),
        NAMES[2]: ("Hiphop", "gMH", "mMH3"),
    }
    assert [tracks[name].music for name in NAMES] == [None, tmp_path / "music" / "mHO5.flac", None]
    assert [tracks[name].num_frames for name in NAMES] == [300, 300, 300]


def test_recordings_on_the_ignore_list_are_left_out(tmp_path: Path, kit: SimpleNamespace) -> None:
    for name in NAMES:
        kit.write_aistpp_pickle(tmp_path / f"{name}.pkl", kit.make_motion(600, 60))
    (tmp_path / "ignore_list.txt").write_text(f"{NAMES[1]}\n")
    listing = list_tracks(AistppSource(tmp_path))
    assert [track.name for track in listing.tracks] == [NAMES[0], NAMES[2]]
    assert list(listing.left_out.values()) == [[NAMES[1]]]


def test_a_pickle_that_calls_something_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    path = tmp_path / f"{NAMES[0]}.pkl"
    path.write_bytes(pickle.dumps({"smpl_poses": Exploit(tmp_path / "made")}))
    with pytest.raises(ValueError, match=rf"{NAMES[0]}.*refers to .*system.*--skip-damaged"):
        list_tracks(AistppSource(tmp_path))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"smpl_poses": np.zeros((9, 72))}, "lacks smpl_trans, smpl_scaling"),
        ({"smpl_poses": np.zeros((9, 70)), "smpl_trans": np.zeros((9, 3)), "smpl_scaling": np.ones(1)}, "70"),
        ({"smpl_poses": "x", "smpl_trans": np.zeros((9, 3)), "smpl_scaling": np.ones(1)}, "numbers"),
        (
            {"smpl_poses": np.zeros((9, 72)), "smpl_trans": np.zeros((9, 3)), "smpl_scaling": np.zeros(1)},
            "finite",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_pickles_of_something_else_are_refused(tmp_path: Path, content: dict, message: str) -> None:
    (tmp_path / "dance.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match=rf"dance\.pkl.*{message}"):
        list_tracks(AistppSource(tmp_path))


def test_two_files_of_one_name_are_refused(tmp_path: Path, kit: SimpleNamespace) -> None:
    kit.write_aistpp_pickle(tmp_path / "dance.pkl", kit.make_motion(600, 60))
    kit.make_motion(600, 60).save(tmp_path / "dance.npz")
    with pytest.raises(ValueError, match="have one name"):
        list_tracks(AistppSource(tmp_path))


@pytest.mark.real_data
def test_real_dances_and_songs_come_back(tmp_path: Path, kit: SimpleNamespace) -> None:
    recorded = REAL_DATA / "data" / "aistpp"
    if not recorded.is_dir():
        pytest.skip(f"no {recorded}; set MACEDANCE_REAL_DATA to the folder that holds data/aistpp")
    songs = {"mBR2": "mus1.ogg", "mJS2": "freezingpoint.ogg"}
    for name, file in songs.items():
        (tmp_path / "music").mkdir(exist_ok=True)
        shutil.copy(REAL_DATA / "data" / "music" / file, tmp_path / "music" / f"{name}.ogg")
    kit.pack(tmp_path / "out", AistppSource(recorded, tmp_path / "music"))
    clips = kit.clips(tmp_path / "out")
    genres = {key: clip["json"]["genre"] for key, clip in clips.items()}
    assert genres == {"gBR_sBM_cAll_d04_mBR2_ch08-000": "Breaking", "gJS_sBM_cAll_d03_mJS2_ch07-000": "Jazz"}
    for key, clip in clips.items():
        about = clip["json"]
        expected = kit.cropped(Motion.load(recorded / f"{key[:-4]}.npz", up_axis="y").resample(30), about)
        np.testing.assert_allclose(clip["motion.npz"]["poses"], expected.poses, atol=1e-5)
        np.testing.assert_allclose(clip["motion.npz"]["trans"], expected.trans, atol=1e-5)
        assert clip["music.npy"].shape == (about["num_frames"], 35)
        assert len(about["beats_seconds"]) > 8
        assert len(clip["audio.flac"][0]) == round(about["duration_seconds"] * clip["audio.flac"][1])
