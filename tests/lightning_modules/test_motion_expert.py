from __future__ import annotations

import json
from pathlib import Path

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from torch.optim import AdamW
from torch.utils.data import DataLoader

from macedance.callbacks import PredictionWriter, RunCheckpoint
from macedance.geometry.motion import Motion
from macedance.hashes import state_hash
from macedance.lightning_modules.loading import load_expert


class LossRecord(L.Callback):
    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx) -> None:
        self.losses.append(outputs["loss"].item())


def _weights(expert: L.LightningModule) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in expert.network.parameters()])


def _parameters(expert: L.LightningModule) -> list:
    return list(expert.network.named_parameters())


def test_learns_one_batch_by_heart(tiny_expert, tiny_data, tiny_trainer) -> None:
    data, record = tiny_data(window_frames=24), LossRecord()
    data.setup("fit")
    batch = next(iter(data.train_dataloader()))
    expert = tiny_expert(dropout=0.0, optimizer=lambda parameters: AdamW(parameters, lr=1e-2))
    expert.normalizer.set_range(*data.motion_range())
    trainer = tiny_trainer(callbacks=[record])
    trainer.fit(expert, DataLoader([batch] * 60, batch_size=None))
    first, last = sum(record.losses[:5]) / 5, sum(record.losses[-5:]) / 5
    assert last < 0.4 * first


@pytest.mark.parametrize("objective", ["gft", "cfg"])
def test_two_runs_are_bit_equal(tiny_expert, tiny_data, tiny_trainer, objective: str) -> None:
    runs = []
    for _ in range(2):
        record, expert = LossRecord(), tiny_expert(objective=objective)
        tiny_trainer(max_steps=3, callbacks=[record]).fit(expert, tiny_data(windows_per_clip=2))
        runs.append((record.losses, _weights(expert)))
    assert runs[0][0] == runs[1][0]
    assert torch.equal(runs[0][1], runs[1][1])


def test_resuming_across_an_epoch_equals_never_having_stopped(
    tiny_expert, tiny_data, tiny_trainer, tmp_path: Path
) -> None:
    def run(max_epochs: int, **fit: Path) -> tuple[list[float], torch.Tensor]:
        record, expert = LossRecord(), tiny_expert()
        saving = ModelCheckpoint(tmp_path / f"{max_epochs}", save_last=True)
        trainer = tiny_trainer(max_epochs=max_epochs, enable_checkpointing=True, callbacks=[record, saving])
        trainer.fit(expert, tiny_data(windows_per_clip=2), **fit)
        return record.losses, _weights(expert)

    whole, expected = run(3)
    first, _ = run(1)
    rest, resumed = run(3, ckpt_path=tmp_path / "1" / "last.ckpt")
    assert first + rest == whole
    assert torch.equal(resumed, expected)


def test_the_last_step_is_saved_with_the_weights_in_training(
    tiny_expert, tiny_data, tiny_trainer, tmp_path: Path
) -> None:
    seen = {}

    class Watch(L.Callback):
        def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx) -> None:
            seen["current"] = _weights(pl_module)

    expert = tiny_expert()
    callbacks = [RunCheckpoint(dirpath=tmp_path), Watch()]
    trainer = tiny_trainer(
        max_steps=5,
        max_epochs=None,
        val_check_interval=3,
        check_val_every_n_epoch=None,
        limit_val_batches=1,
        enable_checkpointing=True,
        callbacks=callbacks,
    )
    trainer.fit(expert, tiny_data(windows_per_clip=2))
    assert (tmp_path / "step=0000003.ckpt").is_file()
    checkpoint = torch.load(tmp_path / "last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 5
    for name, state in (("current_model_state", seen["current"]), ("state_dict", _weights(expert))):
        saved = torch.cat([checkpoint[name][f"network.{key}"].flatten() for key, _ in _parameters(expert)])
        assert torch.equal(saved, state)
    assert not torch.equal(seen["current"], _weights(expert))


def test_dances_do_not_depend_on_their_neighbours_in_a_batch(
    tiny_data, tiny_trainer, tiny_checkpoint: Path
) -> None:
    def dances(eval_batch_size: int) -> dict[str, Motion]:
        expert = load_expert(tiny_checkpoint)
        expert.num_sampling_steps = 3
        batches = tiny_trainer().predict(expert, tiny_data(eval_batch_size=eval_batch_size))
        return {key: motion for batch in batches for key, motion in batch.items()}

    alone, together = dances(1), dances(3)
    for key, motion in alone.items():
        torch.testing.assert_close(motion.joints(), together[key].joints(), rtol=0, atol=1e-3)


def test_checkpoint_is_plain_and_holds_average_and_statistics(trained: Path) -> None:
    checkpoint = torch.load(trained, weights_only=True)
    average, current = checkpoint["state_dict"], checkpoint["current_model_state"]
    assert not torch.equal(average["network.null_music"], current["network.null_music"])
    assert average["normalizer.minimum"].isfinite().all()
    assert torch.equal(average["normalizer.minimum"], current["normalizer.minimum"])
    assert checkpoint["hyper_parameters"]["width"] == 16
    assert "optimizer" not in checkpoint["hyper_parameters"]


def test_validation_scores_the_average_and_keeps_samples(tiny_expert, tiny_data, tiny_trainer) -> None:
    expert = tiny_expert()
    trainer = tiny_trainer(limit_val_batches=1.0, max_steps=1)
    trainer.fit(expert, tiny_data())
    metrics = trainer.callback_metrics
    for name in (
        "val/loss",
        "val/bas_own",
        "val/bas_gap",
        "val/fsr",
        "val/fid_k",
        "val/div_g",
        "val/joint_limits",
        "val/jerk",
    ):
        assert name in metrics
    assert metrics["val/jerk"] > 0
    assert [motion.num_frames for motion in expert.validation_samples.values()] == [240, 240]


def test_test_prints_a_table_of_ground_truth_model_and_untrained(
    tiny_data, tiny_trainer, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = tiny_trainer(logger=TensorBoardLogger(tmp_path, name="run"))
    trainer.test(load_expert(trained), tiny_data(), verbose=False)
    printed = capsys.readouterr().out
    for words in (
        "ground truth",
        "this model",
        "untrained",
        "BAS own music",
        "BAS own − other",
        "FSR",
        "FID_k",
    ):
        assert words in printed
    scores = json.loads(next(tmp_path.rglob("test_scores.json")).read_text())
    assert scores["weights_sha256"] == state_hash(torch.load(trained, weights_only=True)["state_dict"])
    assert scores["ground truth"]["bas_num_clips"] == 3
    assert scores["ground truth"]["bas_own"] > 0.5
    assert scores["untrained"]["jerk"] > 10 * scores["ground truth"]["jerk"]


def test_predict_writes_a_motion_for_each_test_clip(
    tiny_data, tiny_trainer, trained: Path, tmp_path: Path
) -> None:
    trainer = tiny_trainer(callbacks=[PredictionWriter(str(tmp_path / "out"))])
    trainer.predict(load_expert(trained), tiny_data(), return_predictions=False)
    files = sorted((tmp_path / "out").glob("*.npz"))
    assert [path.stem for path in files] == ["test200", "test201", "test202"]
    assert Motion.load(files[0]).num_frames == 240


def test_generate_is_decided_by_its_seed(trained: Path) -> None:
    expert, music = load_expert(trained), torch.zeros(50, 35)

    def dance(seed: int) -> torch.Tensor:
        return expert.generate(music, num_frames=45, generator=torch.Generator().manual_seed(seed)).poses

    assert dance(0).shape == (45, 24, 3)
    assert torch.equal(dance(0), dance(0))
    assert not torch.allclose(dance(0), dance(1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"temperature": 0.05}, "temperature"),
        ({"genre": "Tango"}, "genre must be one of"),
        ({"sampler": "euler"}, "sampler"),
        ({"num_steps": 2000}, "num_steps"),
        ({"num_steps": 0}, "num_steps"),
        ({"eta": 2.0}, "eta"),
        ({"num_frames": 0}, "num_frames"),
        ({"num_frames": 31}, r"num_frames must lie in 1\.\.30"),
    ],
)
def test_generate_refuses_what_it_does_not_know(trained: Path, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_expert(trained).generate(torch.zeros(30, 35), **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sampler": "euler"}, "sampler"),
        ({"num_sampling_steps": 0}, "num_steps"),
        ({"loss_weights": {"velocty": 1.0}}, "loss_weights must name some of reconstruction"),
        ({"temperature": 0.0}, "temperature"),
    ],
)
def test_wrong_settings_are_refused_at_once(tiny_expert, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tiny_expert(**arguments)


def test_an_untrained_expert_does_not_dance(tiny_expert) -> None:
    with pytest.raises(ValueError, match="no statistics"):
        tiny_expert().generate(torch.zeros(30, 35))
