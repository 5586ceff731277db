from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch
from torch import Tensor

from macedance.data.encode_plan import EncodePlan, EncodeSettings
from macedance.data.encoding import EncodeReport, encode_shards
from macedance.data.inspection import inspect_shards
from macedance.data.picture_bytes import jpeg_bytes, mp4_bytes
from macedance.data.shards import ShardError, encode_sample, read_shards, write_shard
from macedance.data.video_clips import decode_frames
from macedance.datamodules import AppearanceData
from macedance.models.appearance.encoding import WindowEncoder
from macedance.models.appearance.tiny import tiny_backbone

SETTINGS = EncodeSettings("tiny", "dance", num_frames=17)
NUM_FRAMES = 24


def clip(key: str, seed: int, num_frames: int = NUM_FRAMES, side: int = 32) -> dict[str, Any]:
    """A clip whose left half tells the number of a frame by its grey."""
    noise = np.random.default_rng(seed).integers(0, 255, (2, side, side, 3), np.uint8)
    frames = np.repeat(noise[:, None], num_frames, axis=1)
    frames[:, :, :, : side // 2] = (10 * np.arange(num_frames, dtype=np.uint8))[:, None, None, None]
    about = {"fps": 30, "num_frames": num_frames, "video_num_frames": num_frames, "video_fps": 30}
    about |= {"duration_seconds": num_frames / 30, "genre": None, "video_size": [side, side]}
    video, pose = (mp4_bytes(movie, Fraction(30)) for movie in frames)
    files = {"video.mp4": video, "pose.mp4": pose, "reference.jpg": jpeg_bytes(noise[0])}
    sound = np.zeros(8000 * num_frames // 30, np.int16), 8000
    return encode_sample(key, about, audio=sound, files=files)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for shard in range(2):
        write_shard(
            folder / f"train-{shard:06d}.tar", [clip(f"train{n}", n) for n in (3 * shard, 3 * shard + 1)]
        )
    write_shard(folder / "val-000000.tar", [clip("val0", 8), clip("val1", 9)])
    return folder


@pytest.fixture(scope="module")
def window_encoder() -> WindowEncoder:
    return WindowEncoder(tiny_backbone(), SETTINGS.prompt, torch.float32)


@pytest.fixture(scope="module")
def encoded(clips: Path, window_encoder: WindowEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("encoded") / "set"
    report = encode_shards(folder, EncodePlan.of(clips), SETTINGS, lambda: window_encoder)
    assert (report.num_clips, report.num_windows, report.num_short, report.is_new) == (6, 6, 0, True)
    return folder


class Means:
    """Encodes a window as the mean of its frames; counts windows and batches."""

    def __init__(self, fail_after: int = 1000) -> None:
        self.batches: list[int] = []
        self.fail_after = fail_after

    def encode(
        self, video: Tensor, pose: Tensor, references: Sequence[PIL.Image.Image]
    ) -> list[dict[str, Tensor]]:
        assert torch.is_inference_mode_enabled()
        if len(self.batches) == self.fail_after:
            raise KeyboardInterrupt
        self.batches.append(len(video))
        return [{"video": window.float().mean((0, 2, 3))} for window in video]


def encode(folder: Path, clips: Path, encoder: Means, **options: Any) -> EncodeReport:
    settings = options.pop("settings", SETTINGS)
    return encode_shards(folder, EncodePlan.of(clips), settings, lambda: encoder, **options)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def shard_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.tar"))


def test_windows_are_those_of_the_encoder(clips: Path, encoded: Path, window_encoder: WindowEncoder) -> None:
    for before, after in zip(read_shards(clips, None), read_shards(encoded, None), strict=True):
        assert after["__key__"] == before["__key__"]
        video, pose = (
            torch.from_numpy(decode_frames(before[name], 3, 17)).movedim(-1, 0)
            for name in ("video.mp4", "pose.mp4")
        )
        picture = PIL.Image.fromarray(before["reference.jpg"])
        (expected,) = window_encoder.encode(video[None], pose[None], [picture])
        stored = after["latents.safetensors"]
        assert stored.keys() == expected.keys()
        for name, value in expected.items():
            assert stored[name].dtype == torch.bfloat16
            torch.testing.assert_close(stored[name].float(), value, rtol=0.02, atol=0.02)


def test_json_tells_what_was_encoded(clips: Path, encoded: Path) -> None:
    for before, after in zip(read_shards(clips, ("json",)), read_shards(encoded, ("json",)), strict=True):
        assert before["json"].items() <= after["json"].items()
        assert after["json"]["latents"] == {
            "start_frame": 3,
            "num_frames": 17,
            "size": [32, 32],
            "prompt": "dance",
            "text_id": SETTINGS.text_id,
            "backbone": "tiny",
        }


def test_only_what_is_evaluated_keeps_its_video(clips: Path, encoded: Path) -> None:
    assert shard_names(encoded) == shard_names(clips)
    kept = {"json", "latents.safetensors", "reference.jpg"}
    for split, members in (("train", kept), ("val", kept | {"video.mp4", "audio.flac"})):
        for sample in read_shards(encoded, None, split):
            assert {name for name in sample if name[0] != "_"} == members
    assert inspect_shards(encoded, verify=True).problems == ()


def test_the_datamodule_reads_latents_and_the_frames_that_they_stand_for(encoded: Path) -> None:
    data = AppearanceData(
        str(encoded),
        2,
        ["latents.safetensors"],
        eval_members=["latents.safetensors", "video.mp4", "reference.jpg"],
        num_frames=17,
        size=(32, 32),
        eval_batch_size=2,
    )
    data.setup("fit")
    for batch in data.train_dataloader():
        assert batch.keys() == {"key", "seed", "latents"}
        assert batch["latents"]["video"].shape[:3] == (2, 16, 5)
        assert batch["latents"]["text_embedding"].ndim == 3
    (batch,) = data.val_dataloader()
    assert batch["key"] == ["val0", "val1"]
    numbers = (batch["video"][..., 2:14].double().mean((1, 3, 4)) / 10).round().long()
    assert (numbers == torch.arange(3, 20)).all()


def test_several_windows_reach_from_the_first_to_the_last_frame(clips: Path, tmp_path: Path) -> None:
    settings = EncodeSettings("tiny", "dance", num_frames=17, windows_per_clip=3)
    encoder = Means()
    report = encode(tmp_path / "set", clips / "val-000000.tar", encoder, settings=settings, batch_size=2)
    assert (report.num_clips, report.num_windows) == (2, 6)
    assert max(encoder.batches) == 2
    samples = list(read_shards(tmp_path / "set", ("json", "latents.safetensors"), "val"))
    assert [sample["__key__"] for sample in samples] == [f"val{n}-{w}" for n in (0, 1) for w in range(3)]
    for number, sample in enumerate(samples):
        start = (0, 3, 7)[number % 3]
        assert sample["json"]["latents"]["start_frame"] == start
        means = sample["latents.safetensors"]["video"].float()
        first = samples[number - number % 3]["latents.safetensors"]["video"].float()
        assert (means[0] - first[0]).item() == pytest.approx(
            5 * start, abs=1.5
        )  # half the picture, 10 a frame


def test_windows_that_would_coincide_are_made_once() -> None:
    settings = EncodeSettings("tiny", "dance", num_frames=17, windows_per_clip=3)
    assert settings.starts(18) == [0, 1]
    assert settings.starts(17) == [0]
    assert settings.starts(16) == []


def test_ranks_make_the_same_set_as_one_run(clips: Path, tmp_path: Path) -> None:
    encode(tmp_path / "one", clips, Means())
    reports = []
    for rank in (1, 0):
        reports.append(encode(tmp_path / "two", clips, Means(), share=(rank, 2)))
        assert (tmp_path / "two" / "manifest.json").is_file() == (rank == 0)
    assert [report.num_windows for report in reports] == [2, 4]
    assert contents(tmp_path / "two") == contents(tmp_path / "one")
    assert not encode(tmp_path / "two", clips, Means(), share=(1, 2)).is_new


def test_ranks_may_start_together(clips: Path, tmp_path: Path) -> None:
    num_ranks, reports = 5, []
    barrier = threading.Barrier(num_ranks)

    def work(rank: int) -> None:
        plan = EncodePlan.of(clips)
        barrier.wait()
        reports.append(encode_shards(tmp_path / "set", plan, SETTINGS, Means, share=(rank, num_ranks)))

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(num_ranks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.num_windows for report in reports) == 6
    encode(tmp_path / "one", clips, Means())
    assert contents(tmp_path / "set") == contents(tmp_path / "one")


def test_a_run_that_was_cut_off_goes_on_after_its_last_whole_shard(clips: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        encode(tmp_path / "set", clips, Means(fail_after=1), batch_size=2)
    assert shard_names(tmp_path / "set") == ["train-000000.tar"]
    encoder, progress = Means(), []
    assert encode(tmp_path / "set", clips, encoder, batch_size=1, on_progress=progress.append).is_new
    assert encoder.batches == [1] * 4
    assert sum(progress) == 6
    encode(tmp_path / "whole", clips, Means())
    assert contents(tmp_path / "set") == contents(tmp_path / "whole")

    def no_encoder() -> Means:
        raise AssertionError("nothing was to be encoded")

    assert not encode_shards(tmp_path / "set", EncodePlan.of(clips), SETTINGS, no_encoder).is_new


def test_another_set_is_not_replaced_unless_asked(clips: Path, tmp_path: Path) -> None:
    encode(tmp_path / "set", clips, Means())
    other = EncodeSettings("tiny", "dance", num_frames=13)
    with pytest.raises(FileExistsError, match="--overwrite"):
        encode(tmp_path / "set", clips, Means(), settings=other)
    with pytest.raises(FileExistsError, match="--overwrite"):
        encode(tmp_path / "set", clips / "val-000000.tar", Means())
    for rank in range(2):
        encode(tmp_path / "set", clips, Means(), settings=other, share=(rank, 2), overwrite=True)
    settings = json.loads((tmp_path / "set" / "manifest.json").read_text())["settings"]
    assert settings["num_frames"] == 13
    assert len(list(read_shards(tmp_path / "set", ("json",)))) == 6


def test_short_clips_are_named_or_left_out(tmp_path: Path) -> None:
    shard = tmp_path / "train-000000.tar"
    write_shard(shard, [clip("long", 0), clip("short", 1, 16), clip("tall", 2), clip("tiny", 3, 4)])
    with pytest.raises(ShardError, match=r"short \(16 frames\), tiny \(4 frames\); .*--skip-short"):
        encode(tmp_path / "set", shard, Means())
    report = encode(tmp_path / "set", shard, Means(), skip_short=True)
    assert (report.num_clips, report.num_windows, report.num_short) == (2, 2, 2)
    assert [sample["__key__"] for sample in read_shards(tmp_path / "set", ("json",))] == ["long", "tall"]


def test_sizes_are_not_mixed_in_a_batch(tmp_path: Path) -> None:
    shard, encoder = tmp_path / "train-000000.tar", Means()
    write_shard(shard, [clip("a", 0), clip("b", 1), clip("c", 2, side=48)])
    encode(tmp_path / "set", shard, encoder)
    assert encoder.batches == [2, 1]


def test_encodings_of_two_sizes_in_a_batch_are_named(window_encoder: WindowEncoder, tmp_path: Path) -> None:
    shard = tmp_path / "train-000000.tar"
    write_shard(shard, [clip("a", 0), clip("b", 2, side=48)])
    encode_shards(tmp_path / "set", EncodePlan.of(shard), SETTINGS, lambda: window_encoder)
    write_shard(tmp_path / "set" / "val-000000.tar", [clip("v", 0)])
    (tmp_path / "set" / "manifest.json").unlink()
    data = AppearanceData(str(tmp_path / "set"), 2, ["latents.safetensors"], num_frames=17)
    data.setup("fit")
    with pytest.raises(ShardError, match=r"alike in size: [ab], [ab] "):
        list(data.train_dataloader())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda c: c.pop("pose.mp4"), r"sample bad has no member pose\.mp4"),
        (
            lambda c: (c.pop("pose.mp4"), c.update({"motion.npz": b""})),
            r"make pose drawings with 'macedance data render'",
        ),
        (lambda c: c.update({"video.mp4": b"no video"}), "sample bad: the video does not decode"),
        (lambda c: c.update({"reference.jpg": b"no picture"}), "sample bad: cannot identify image"),
        (lambda c: c.update({"json": b"{}"}), "sample bad: its json tells no video_num_frames"),
        (
            lambda c: c.update({"pose.mp4": clip("a", 0, side=48)["pose.mp4"]}),
            r"pose\.mp4 is 48x48 \(HxW\), video\.mp4 is 32x32",
        ),
        (lambda c: c.update(clip("bad", 0, side=40)), "40x40 .* multiples of 16"),
    ],
)
def test_clips_that_cannot_be_encoded_are_named(tmp_path: Path, damage: Any, message: str) -> None:
    bad = clip("bad", 0)
    damage(bad)
    write_shard(tmp_path / "train-000000.tar", [bad])
    with pytest.raises(ShardError, match=rf"train-000000\.tar: .*{message}"):
        encode(tmp_path / "set", tmp_path / "train-000000.tar", Means())
    assert shard_names(tmp_path / "set") == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_frames": 16}, "at least 9, got 16; take 13 or 17"),
        ({"num_frames": 5}, "at least 9, got 5; take 9 or 13"),
        ({"windows_per_clip": 0}, "windows-per-clip must be at least 1, got 0"),
        ({"prompt": " "}, "prompt must not be empty"),
    ],
)
def test_settings_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EncodeSettings(**{"backbone": "tiny", "prompt": "dance", **options})


def test_shards_of_one_name_are_refused(clips: Path, tmp_path: Path) -> None:
    shard, other = clips / "val-000000.tar", tmp_path / "val-000000.tar"
    other.write_bytes(shard.read_bytes())
    with pytest.raises(ValueError, match=r"different names, got val-000000\.tar twice"):
        EncodePlan.of([shard, other])
