from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from macedance.data.shards import ShardError
from macedance.datamodules import CascadeData

from ..cascade_shards import SECONDS, SIZE_PX, write_cascade_shards


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cascade_shards(tmp_path_factory.mktemp("shards"))


def loaded(data: CascadeData, stage: str = "validate") -> list:
    data.setup(stage)
    return list(data.val_dataloader() if stage == "validate" else data.test_dataloader())


def test_a_clip_has_all_that_is_stored(shards: Path) -> None:
    clips = loaded(CascadeData(str(shards)))
    assert [clip.key for clip in clips] == ["val0", "val1", "val2"]
    clip = clips[0]
    assert clip.music.shape == (SECONDS * 30, 35)
    assert (clip.genre, clip.seconds) == ("Jazz", SECONDS)
    assert clip.dance is not None
    assert clip.dance.num_frames == len(clip.music)
    assert clip.sound is not None
    assert clip.sound.samples.shape[0] == 1
    assert clip.sound.duration_seconds >= SECONDS
    assert clip.reference.image.size == (SIZE_PX, SIZE_PX)
    assert clip.reference.keypoints is None
    assert clip.video is not None


def test_a_clips_seed_follows_from_seed_and_key_alone(shards: Path) -> None:
    first, again = (loaded(CascadeData(str(shards), num_clips=number)) for number in (1, 3))
    assert first[0].seed == again[0].seed
    assert len({clip.seed for clip in again}) == 3
    assert loaded(CascadeData(str(shards), seed=1))[0].seed != first[0].seed


def test_the_test_split_is_read_for_test(shards: Path) -> None:
    assert [clip.key for clip in loaded(CascadeData(str(shards), num_clips=1), "test")] == ["test0"]


def test_one_picture_for_all_clips(shards: Path, tmp_path: Path) -> None:
    PIL.Image.new("RGB", (20, 30)).save(tmp_path / "me.png")
    clips = loaded(CascadeData(str(shards), reference=str(tmp_path / "me.png")))
    assert {clip.reference.image.size for clip in clips} == {(20, 30)}
    with pytest.raises(FileNotFoundError, match=r"there is no file .*you\.png"):
        loaded(CascadeData(str(shards), reference=str(tmp_path / "you.png")))


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("reference.jpg", r"sample val0 has no member reference.jpg.*--data.init_args.reference"),
        ("music.npy", r"sample val0 has no member music.npy, which the cascade needs$"),
    ],
)
def test_what_is_missing_is_told(member: str, message: str, tmp_path: Path) -> None:
    bare = write_cascade_shards(tmp_path, num_clips=1, leave_out=(member,))
    with pytest.raises(ShardError, match=message):
        loaded(CascadeData(str(bare)))


def test_clips_that_cannot_be_used_are_left_out_if_asked_for(tmp_path: Path) -> None:
    bare = write_cascade_shards(tmp_path, num_clips=2, leave_out=("reference.jpg",))
    with pytest.warns(UserWarning, match="clip left out: .*reference.jpg"):
        assert loaded(CascadeData(str(bare), on_error="skip")) == []


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="num_clips must be at least 1"):
        CascadeData("x", num_clips=0)
    with pytest.raises(ValueError, match="reference_keypoints must come with reference"):
        CascadeData("x", reference_keypoints="me.json")


def test_stored_points_of_the_person_come_along(tmp_path: Path) -> None:
    from macedance.data.cascade_clips import cascade_clip
    from macedance.data.shards import ShardReader, locate_shards

    write_cascade_shards(tmp_path, num_clips=1)
    files = ShardReader(locate_shards(tmp_path, "val")).read(0, 0, decode=False)
    points = np.full((20, 3), 5.0).tolist()
    with_points = files | {
        "json": files["json"].replace(b"{", f'{{"reference_keypoints": {points},'.encode(), 1)
    }
    assert np.array_equal(cascade_clip(with_points, 0).reference.keypoints, points)
    short = files | {"json": files["json"].replace(b"{", b'{"reference_keypoints": [[1, 2, 3]],', 1)}
    with pytest.raises(ShardError, match=r"sample val0: reference_keypoints must be \(20, 3\), got \(1, 3\)"):
        cascade_clip(short, 0)
