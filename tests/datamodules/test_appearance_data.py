from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import safetensors.torch
import torch

from macedance.data.shards import ShardError, write_shard
from macedance.data.shards.members import encode_sample, npy_bytes
from macedance.data.video_clips import VideoWindow, decode_frames
from macedance.datamodules import AppearanceData
from macedance.render.video import write_video

NUM_FRAMES, HEIGHT, WIDTH = 24, 32, 48
NAMES = ["nose", "left_eye", "right_eye"]


def movie(folder: Path, brightness: int) -> bytes:
    """Frames that tell their number by their left half's grey."""
    frames = np.full((NUM_FRAMES, HEIGHT, WIDTH, 3), brightness, np.uint8)
    frames[:, :, : WIDTH // 2] = (10 * np.arange(NUM_FRAMES, dtype=np.uint8))[:, None, None, None]
    write_video(folder / "clip.mp4", frames, fps=30)
    return (folder / "clip.mp4").read_bytes()


def encoded(key: str, folder: Path, **changes: bytes) -> dict[str, Any]:
    picture = io.BytesIO()
    PIL.Image.new("RGB", (WIDTH, HEIGHT), (255, 0, 0)).save(picture, "JPEG")
    points = np.tile(np.array([[5.0, 1, 1], [7, 2, 1], [3, 2, 1]], np.float32), (NUM_FRAMES, 1, 1))
    points[..., 1] += np.arange(NUM_FRAMES)[:, None]
    about = {"fps": 30, "num_frames": NUM_FRAMES, "video_size": [HEIGHT, WIDTH], "keypoint_names": NAMES}
    files = {
        "video.mp4": movie(folder, 255),
        "pose.mp4": movie(folder, 128),
        "face.mp4": movie(folder, 128),
        "reference.jpg": picture.getvalue(),
        "keypoints.npy": npy_bytes(points),
        "latents.safetensors": safetensors.torch.save({"video": torch.full((16, 2, 2), float(len(key)))}),
    }
    return encode_sample(key, about, files={**files, **changes})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("videos")
    for split, count in (("train", 4), ("val", 3), ("test", 1)):
        write_shard(
            folder / f"{split}-000000.tar", (encoded(f"{split}{number}", folder) for number in range(count))
        )
    return folder


def number_of(frames: torch.Tensor) -> torch.Tensor:
    """Frame numbers (B, F) that the left halves of uint8 (B, C, F, H, W) tell."""
    return (frames[..., 4:20].double().mean((1, 3, 4)) / 10).round().long()


def test_members_are_cut_to_the_same_frames(folder: Path) -> None:
    members = ["video.mp4", "pose.mp4", "face.mp4", "keypoints.npy", "reference.jpg"]
    data = AppearanceData(str(folder), 2, members, num_frames=9, size=(HEIGHT, WIDTH), windows_per_clip=3)
    data.setup("fit")
    starts = set()
    for batch in data.train_dataloader():
        assert batch["video"].shape == (2, 3, 9, HEIGHT, WIDTH)
        assert batch["video"].dtype == torch.uint8
        assert batch["reference"].shape == (2, 3, HEIGHT, WIDTH)
        numbers = number_of(batch["video"])
        assert (numbers.diff(dim=1) == 1).all()
        for member in ("pose", "face"):
            assert torch.equal(number_of(batch[member]), numbers)
        assert torch.equal(batch["keypoints"][:, :, 0, 1].long() - 1, numbers)
        assert (batch["video"][..., 40].float().mean() - batch["pose"][..., 40].float().mean()).abs() > 100
        starts |= set(numbers[:, 0].tolist())
    assert len(starts) > 3


def test_evaluation_sees_each_clips_beginning_once(folder: Path) -> None:
    data = AppearanceData(
        str(folder), 2, ["video.mp4"], num_frames=5, mirror_probability=1.0, eval_batch_size=2
    )
    data.setup("fit")
    batches = list(data.val_dataloader())
    assert [key for batch in batches for key in batch["key"]] == ["val0", "val1", "val2"]
    for batch in batches:
        assert (number_of(batch["video"]) == torch.arange(5)).all()
    data.setup("test")
    assert [batch["key"] for batch in data.test_dataloader()] == [["test0"]]


def test_a_mirror_exchanges_left_and_right(folder: Path) -> None:
    data = AppearanceData(
        str(folder), 2, ["video.mp4", "keypoints.npy"], num_frames=NUM_FRAMES, mirror_probability=1.0
    )
    data.setup("fit")
    batch = next(iter(data.train_dataloader()))
    assert (number_of(batch["video"].flip(-1)) == torch.arange(NUM_FRAMES)).all()
    assert batch["keypoints"][0, 0].tolist() == [[42, 1, 1], [44, 2, 1], [40, 2, 1]]


def test_stored_encodings_come_as_they_are(folder: Path) -> None:
    data = AppearanceData(str(folder), 4, ["latents.safetensors"])
    data.setup("fit")
    (batch,) = data.train_dataloader()
    assert batch["latents"]["video"].tolist() == torch.full((4, 16, 2, 2), 6.0).tolist()
    assert len(set(batch["seed"].tolist())) == 4


def set_of_encodings(folder: Path) -> Path:
    """Clips that tell of encodings of their frames 5 to 13."""
    for split in ("train", "val"):
        sample = encoded(f"{split}0", folder)
        latents = {"start_frame": 5, "num_frames": 9, "size": [HEIGHT, WIDTH]}
        sample["json"] = json.dumps(json.loads(sample["json"]) | {"latents": latents}).encode()
        write_shard(folder / f"{split}-000000.tar", [sample])
    return folder


def test_videos_are_cut_where_their_encodings_begin(tmp_path: Path) -> None:
    data = AppearanceData(
        str(set_of_encodings(tmp_path)),
        1,
        ["latents.safetensors", "pose.mp4", "keypoints.npy"],
        eval_members=["video.mp4"],
        num_frames=9,
    )
    data.setup("fit")
    (batch,) = data.train_dataloader()
    assert batch.keys() == {"key", "seed", "latents", "pose", "keypoints"}
    assert number_of(batch["pose"]).tolist() == [list(range(5, 14))]
    assert batch["keypoints"][0, :, 0, 1].tolist() == list(range(6, 15))
    (batch,) = data.val_dataloader()
    assert batch.keys() == {"key", "seed", "video"}
    assert number_of(batch["video"]).tolist() == [list(range(5, 14))]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_frames": 5}, "its encodings are of 9 frames, num_frames is 5; take num_frames 9"),
        ({"size": (64, 48)}, r"its encodings are of 32x48 \(HxW\), size asks for 64x48"),
    ],
)
def test_encodings_of_another_window_are_named(tmp_path: Path, options: dict, message: str) -> None:
    data = AppearanceData(
        str(set_of_encodings(tmp_path)), 1, ["latents.safetensors"], **{"num_frames": 9, **options}
    )
    data.setup("fit")
    with pytest.raises(ShardError, match=rf"\.tar: sample train0: {message}"):
        list(data.train_dataloader())


def test_another_run_gives_the_same_batches_with_workers(folder: Path) -> None:
    def batches(num_workers: int) -> list[dict[str, Any]]:
        data = AppearanceData(str(folder), 2, ["video.mp4"], num_frames=9, num_workers=num_workers)
        data.setup("fit")
        return list(data.train_dataloader())

    for one, other in zip(batches(0), batches(2), strict=True):
        assert one["key"] == other["key"]
        assert torch.equal(one["video"], other["video"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_frames": 25}, "it has 24 frames, fewer than num_frames 25"),
        ({"size": (64, 48)}, r"video\.mp4 is 32x48 \(HxW\), size asks for 64x48"),
    ],
)
def test_clips_that_do_not_fit_are_named(folder: Path, options: dict, message: str) -> None:
    data = AppearanceData(str(folder), 2, ["video.mp4"], **{"num_frames": 9, **options})
    data.setup("fit")
    for loader in (data.train_dataloader(), data.val_dataloader()):
        with pytest.raises(ShardError, match=rf"\.tar: sample (train|val)\d: {message}"):
            list(loader)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_video_that_does_not_decode_is_named(tmp_path: Path, num_workers: int) -> None:
    good = encoded("a", tmp_path)
    for split in ("train", "val"):
        bad = {**good, "__key__": "b", "video.mp4": good["video.mp4"][: len(good["video.mp4"]) // 2]}
        write_shard(tmp_path / f"{split}-000000.tar", [good, bad])
    data = AppearanceData(str(tmp_path), 2, ["video.mp4"], num_frames=20, num_workers=num_workers)
    data.setup("fit")
    for loader in (data.train_dataloader(), data.val_dataloader()):
        with pytest.raises(ShardError, match=r"^[^\n]*\.tar: sample b: the video"):
            list(loader)


def test_frames_beyond_the_end_are_an_error(tmp_path: Path) -> None:
    data = movie(tmp_path, 0)
    assert decode_frames(data, 20, 4).shape == (4, HEIGHT, WIDTH, 3)
    with pytest.raises(ValueError, match="ends before frame 25"):
        decode_frames(data, 20, 5)


@pytest.mark.parametrize(
    ("members", "mirror", "message"),
    [
        (("video.avi",), 0.0, "members must be some of"),
        ((), 0.0, "members must be some of"),
        (("video.mp4", "pose.mp4"), 0.5, r"mirror_probability must be 0 with pose\.mp4"),
        (("latents.safetensors",), 0.5, r"mirror_probability must be 0 with latents\.safetensors"),
    ],
)
def test_what_cannot_be_is_refused_at_once(members: tuple, mirror: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VideoWindow(members, mirror_probability=mirror)
