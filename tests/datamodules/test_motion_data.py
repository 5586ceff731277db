from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch

from macedance.data.motion_range import augmented_range
from macedance.data.motion_statistics import motion_statistics
from macedance.data.shards import ShardError, read_index, read_shards, write_manifest, write_shard
from macedance.data.shards.members import encode_sample
from macedance.datamodules import MotionData
from macedance.geometry.representation import encode_motion

SMALL: dict[str, Any] = {"batch_size": 3, "window_frames": 60}


def data(shards: Any, **arguments: Any) -> MotionData:
    module = MotionData(shards, **{**SMALL, **arguments})
    module.setup("fit")
    return module


def renamed(source: Path, target: Path, prefix: str, num_clips: int) -> Path:
    """A set with the first clips of another under other names."""
    for split in ("train", "val"):
        clips = list(read_shards(source, split=split))[:num_clips]
        write_shard(
            target / f"{split}-000000.tar",
            (
                encode_sample(
                    f"{prefix}{clip['__key__']}",
                    clip["json"],
                    motion=clip["motion.npz"],
                    music=clip["music.npy"],
                )
                for clip in clips
            ),
        )
    return target


def test_batches_hold_windows_and_seeds(motion_shards: Path) -> None:
    batches = list(data(str(motion_shards)).train_dataloader())
    assert len(batches) == 2
    for batch in batches:
        assert batch["motion"].shape == (3, 60, 151)
        assert batch["music"].shape == (3, 60, 35)
        assert batch["genre"].tolist() == [5, 5, 5]
    assert len({seed for batch in batches for seed in batch["seed"].tolist()}) == 6


def test_windows_of_one_clip_differ(motion_shards: Path) -> None:
    loader = data(str(motion_shards), windows_per_clip=4).train_dataloader()
    assert len(loader) == 8
    windows = torch.cat([batch["motion"] for batch in loader]).flatten(1)
    assert len(torch.unique(windows, dim=0)) > 20  # two may begin at one frame by chance


def test_a_folder_a_pattern_and_a_list_are_the_same(motion_shards: Path) -> None:
    sources = (
        str(motion_shards),
        f"{motion_shards}/*.tar",
        [str(path) for path in sorted(motion_shards.glob("*.tar"))],
    )
    first, *others = (
        [batch["seed"].tolist() for batch in data(shards).train_dataloader()] for shards in sources
    )
    assert all(other == first for other in others)


def test_sets_are_mixed_by_their_shares(motion_shards: Path, tmp_path: Path) -> None:
    few, many = (
        renamed(motion_shards, tmp_path / "few", "few-", 2),
        renamed(motion_shards, tmp_path / "many", "many-", 5),
    )
    module = data({str(few): 2, str(many): 5}, batch_size=7)
    assert sorted(clip.key[:3] for clip in module.clips["val"]) == ["few", "few", "man", "man"]
    loader = module.train_dataloader()
    (batch,) = loader
    assert len(batch["seed"]) == 7
    keys = [loader.dataset.order.draw(0, position).source for position in range(7)]
    assert sorted(keys) == [0, 0, 1, 1, 1, 1, 1]
    with pytest.raises(ValueError, match="share of a mixture must be positive"):
        data({str(few): 2, str(many): 0}).train_dataloader()


def test_the_range_comes_from_the_manifest_or_from_reading(motion_shards: Path, tmp_path: Path) -> None:
    folder = renamed(motion_shards, tmp_path / "set", "", 4)
    read = data(str(folder)).motion_range()
    motion = torch.cat(
        [
            encode_motion(*(torch.from_numpy(clip["motion.npz"][name]) for name in ("poses", "trans")))
            for clip in read_shards(folder, split="train")
        ]
    )
    torch.testing.assert_close(read, (motion.amin(0), motion.amax(0)))
    told = {"motion_min": [-2.0] * 151, "motion_max": [3.0] * 151}
    write_manifest(folder, statistics=told, settings={})
    low, high = data(str(folder)).motion_range()
    assert low.tolist() == told["motion_min"]
    assert high.tolist() == told["motion_max"]


@pytest.mark.parametrize("options", [{"mirror_probability": 0.5}, {"max_yaw_degrees": 90.0},
                                     {"mirror_probability": 0.5, "max_yaw_degrees": 180.0}])  # fmt: skip
def test_the_range_holds_what_augmentation_makes(motion_shards: Path, options: dict[str, float]) -> None:
    module = data(str(motion_shards), windows_per_clip=20, window_frames=240, **options)
    low, high = module.motion_range()
    plain = motion_statistics(motion_shards)
    motion = torch.cat([batch["motion"] for batch in module.train_dataloader()]).flatten(0, 1)
    assert (motion >= low - 1e-4).all()
    assert (motion <= high + 1e-4).all()
    assert not ((motion >= torch.tensor(plain["motion_min"]) - 1e-4).all(0)
                & (motion <= torch.tensor(plain["motion_max"]) + 1e-4).all(0)).all()  # fmt: skip


def test_without_augmentation_the_range_is_the_datas() -> None:
    low, high = torch.zeros(151), torch.ones(151)
    assert all(map(torch.equal, augmented_range(low, high, mirror=False, yaw=False), (low, high)))


def test_bad_clips_to_evaluate_on_are_named_or_left_out(motion_shards: Path, tmp_path: Path) -> None:
    folder = renamed(motion_shards, tmp_path / "set", "", 4)
    path = folder / "val-000000.tar"
    content = bytearray(path.read_bytes())
    content[content.index(b'{"beats_seconds') + 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ShardError, match=r"val-000000\.tar: sample val100"):
        data(str(folder))
    with pytest.warns(UserWarning, match=r"1 samples were left out: .*sample val100"):
        module = data(str(folder), on_error="skip")
    assert [clip.key for clip in module.clips["val"]] == ["val101"]


def test_the_range_leaves_out_what_is_skipped(motion_shards: Path, tmp_path: Path) -> None:
    folder = renamed(motion_shards, tmp_path / "set", "", 3)
    path = folder / "train-000000.tar"
    content = bytearray(path.read_bytes())
    content[read_index(path).samples["train1"]["motion.npz"][0] + 3000] ^= 1
    path.write_bytes(content)
    with pytest.raises(ShardError, match=r"train-000000\.tar: sample train1"):
        data(str(folder), batch_size=2).motion_range()
    low, _ = data(str(folder), batch_size=2, on_error="skip").motion_range()
    assert low.isfinite().all()


def test_wrong_settings_are_refused(motion_shards: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="on_error must be 'raise' or 'skip', got 'ignore'"):
        MotionData(str(motion_shards), on_error="ignore")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError, match="no train shards"):
        data(str(tmp_path))
    with pytest.raises(ValueError, match="cache_gib must be positive"):
        MotionData(str(motion_shards), cache_gib=0)


def test_the_trainer_must_leave_division_to_the_data(motion_shards: Path, monkeypatch: Any) -> None:
    module = MotionData(str(motion_shards), **SMALL)
    module.trainer = L.Trainer(accelerator="cpu", devices=1, logger=False, enable_checkpointing=False)
    monkeypatch.setattr(L.Trainer, "world_size", 2)
    with pytest.raises(ValueError, match="use_distributed_sampler must be False for MotionData"):
        module.setup("fit")


def test_one_batch_can_be_learnt_by_heart_with_overfit_batches(motion_shards: Path, tmp_path: Path) -> None:
    """Lightning replaces the sampler then."""

    class Counter(L.LightningModule):
        def training_step(self, batch: dict[str, Any], batch_idx: int) -> torch.Tensor:
            assert batch["motion"].shape == (3, 60, 151)
            return self.layer(batch["motion"]).mean()

        def configure_optimizers(self) -> torch.optim.Optimizer:
            self.layer = torch.nn.Linear(151, 1)
            return torch.optim.SGD(self.layer.parameters(), lr=0.1)

    trainer = L.Trainer(
        accelerator="cpu", devices=1, logger=False, enable_checkpointing=False, overfit_batches=1, max_epochs=2,
        enable_progress_bar=False, enable_model_summary=False, limit_val_batches=0,
    )  # fmt: skip
    trainer.fit(Counter(), MotionData(str(motion_shards), **SMALL))
    trainer.save_checkpoint(tmp_path / "last.ckpt")
    assert trainer.global_step == 2
