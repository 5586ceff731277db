from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import PIL.Image
import pytest
import torch
from diffusers import WanAnimatePipeline
from torch.optim import AdamW
from torch.utils.data import DataLoader

import macedance
from macedance.callbacks import VideoSampleLogger
from macedance.geometry.motion import Motion
from macedance.lightning_modules import AppearanceExpert
from macedance.lightning_modules.expert_kinds import read_expert_of_kind
from macedance.lightning_modules.exporting import export_expert
from macedance.models.appearance.stages import plain_name
from macedance.models.appearance.tiny import tiny_backbone
from macedance.projection.reference import Reference

LORA_NAME = re.compile(
    r"blocks\.[01]\.(attn[12]\.(to_q|to_k|to_v|to_out\.0)|ffn\.net\.(0\.proj|2))\.lora_[AB]\.default\.weight"
)
ADAPTER = {"pose_patch_embedding.weight", "pose_patch_embedding.bias"}


def make_expert(**arguments: Any) -> AppearanceExpert:
    options = {
        "backbone": "tiny",
        "dtype": "float32",
        "lora_rank": 4,
        "num_sampling_steps": 2,
        "num_validation_clips": 1,
        "optimizer": lambda parameters: AdamW(parameters, lr=1e-2),
    }
    return AppearanceExpert(**{**options, **arguments})


def make_window(seed: int, num_slots: int = 3, side: int = 4) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(seed)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator).bfloat16()

    names = ("video", "pose", "condition_r0", "condition_r1", "condition_r5")
    latents = {name: random(16, num_slots, side, side) for name in names}
    latents |= {"reference": random(16, 1, side, side), "image_embedding": random(17, 4)}
    latents["text_embedding"] = random(10, 32)
    return {"key": f"clip{seed}", "seed": seed, "latents": latents}


def make_loader(num: int = 4, batch_size: int = 2) -> DataLoader[Any]:
    return DataLoader([make_window(seed) for seed in range(num)], batch_size=batch_size)  # type: ignore[arg-type]


def make_trainer(folder: Path, **arguments: Any) -> L.Trainer:
    options = {
        "accelerator": "cpu",
        "devices": 1,
        "logger": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
        "default_root_dir": folder,
        "limit_val_batches": 0,
        "enable_checkpointing": False,
    }
    return L.Trainer(**{**options, **arguments})


def fit(expert: AppearanceExpert, folder: Path, steps: int = 2, **arguments: Any) -> L.Trainer:
    trainer = make_trainer(folder, max_steps=steps, **arguments)
    trainer.fit(expert, make_loader(), make_loader(2, 1))
    return trainer


def parameters_of(expert: AppearanceExpert) -> dict[str, torch.Tensor]:
    return {plain_name(name): p.detach().clone() for name, p in expert.transformer.named_parameters()}


@pytest.fixture(scope="module")
def kinematic_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinematic")
    trainer = fit(make_expert(), folder)
    trainer.save_checkpoint(folder / "last.ckpt")
    return folder / "last.ckpt"


@pytest.fixture(scope="module")
def aesthetic_checkpoint(kinematic_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("aesthetic")
    trainer = fit(make_expert(stage="aesthetic", adapter=str(kinematic_checkpoint)), folder, steps=3)
    trainer.save_checkpoint(folder / "last.ckpt")
    return folder / "last.ckpt"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("stage", ["kinematic", "aesthetic"])
def test_exactly_the_stage_trains(stage: str, dtype: str, tmp_path: Path) -> None:
    expert = make_expert(stage=stage, adapter="base", dtype=dtype)
    expert.configure_model()
    before = parameters_of(expert)
    fit(expert, tmp_path, steps=2)
    after = parameters_of(expert)

    changed = {name for name in after if not torch.equal(before[name], after[name])}
    expert._loss(next(iter(make_loader()))).backward()
    with_gradient = {
        plain_name(name)
        for name, p in expert.transformer.named_parameters()
        if p.grad is not None and p.grad.abs().sum() > 0
    }
    if stage == "kinematic":
        wanted = ADAPTER
    else:
        wanted = {name for name in after if LORA_NAME.fullmatch(name)}
        assert len(wanted) == 2 * (2 * 4 + 2) * 2
    assert changed == with_gradient == wanted
    assert {after[name].dtype for name in wanted} == {torch.float32}, "masters"


def test_small_steps_are_not_lost_in_bfloat16(tmp_path: Path) -> None:
    expert = make_expert(
        dtype="bfloat16", optimizer=lambda parameters: AdamW(parameters, lr=1e-6, weight_decay=0.0)
    )
    expert.configure_model()
    before = expert.transformer.pose_patch_embedding.weight.clone()
    master = parameters_of(expert)["pose_patch_embedding.weight"]
    fit(expert, tmp_path, steps=2)

    moved = parameters_of(expert)["pose_patch_embedding.weight"] != master
    used = expert.transformer.pose_patch_embedding.weight.detach()
    assert used.dtype == torch.bfloat16
    assert moved.float().mean() > 0.95, "the masters take every step"
    assert (used != before).float().mean() < 0.1, "which bfloat16 weights would have lost"


@pytest.mark.parametrize("stage", ["kinematic", "aesthetic"])
def test_a_stage_begins_as_the_backbone(stage: str) -> None:
    expert = make_expert(stage=stage, adapter="base")
    expert.configure_model()
    batch = next(iter(make_loader()))
    with torch.no_grad():
        ours = expert._loss(batch)
        expert.transformer = tiny_backbone().transformer
        assert torch.equal(ours, expert._loss(batch))


def test_checkpoint_holds_what_trains_and_the_fingerprint(
    kinematic_checkpoint: Path, aesthetic_checkpoint: Path
) -> None:
    for path, has_lora in ((kinematic_checkpoint, False), (aesthetic_checkpoint, True)):
        state = torch.load(path, weights_only=True)["state_dict"]
        names = set(state) - {"base_fingerprint"}
        assert len(names) == len(state) - 1
        assert {name for name in names if not LORA_NAME.fullmatch(name)} == ADAPTER
        assert any(LORA_NAME.fullmatch(name) for name in names) == has_lora
    kinematic, aesthetic = (
        torch.load(path, weights_only=True)["state_dict"]
        for path in (kinematic_checkpoint, aesthetic_checkpoint)
    )
    for name in ADAPTER:
        assert torch.equal(kinematic[name], aesthetic[name]), "frozen at the first stage's result"


def test_save_load_generate_is_bit_equal(aesthetic_checkpoint: Path, tmp_path: Path) -> None:
    trained = macedance.load_expert(aesthetic_checkpoint)
    folder = export_expert(aesthetic_checkpoint, tmp_path / "export")
    exported = macedance.load_expert(folder)
    first, second = (render(expert) for expert in (trained, exported))
    assert np.array_equal(first, second)
    again = make_expert(stage="aesthetic", adapter="base")
    again.load_state_dict(trained.state_dict())
    assert np.array_equal(first, render(again))
    plain = make_expert(stage="aesthetic", adapter="base")
    assert not np.array_equal(first, render(plain)), "training must show"

    stored = torch.load(aesthetic_checkpoint, weights_only=True)["hyper_parameters"]
    for name in ("config.yaml", "README.md"):
        text = (folder / name).read_text()
        assert "backbone" in text
        assert stored["adapter"] not in text, "the folder of another machine"
    ways = [read_expert_of_kind("appearance", path)[0].arguments for path in (aesthetic_checkpoint, folder)]
    assert ways[0] == ways[1]


def render(expert: AppearanceExpert) -> np.ndarray:
    motion = Motion(poses=torch.zeros(8, 24, 3), trans=torch.zeros(8, 3), betas=torch.zeros(10), fps=30.0)
    image = PIL.Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
    renderer = expert.video_renderer(segment_num_frames=9, num_inference_steps=2)
    video = renderer.render(
        motion, Reference(image), size_px=(32, 32), generator=torch.Generator().manual_seed(1)
    )
    return np.stack(list(video.frames))


def test_exports_open_in_a_plain_pipeline(aesthetic_checkpoint: Path, tmp_path: Path) -> None:
    folder = export_expert(aesthetic_checkpoint, tmp_path / "export")
    expert = macedance.load_expert(folder)
    pipeline: WanAnimatePipeline = tiny_backbone()
    pipeline.load_lora_weights(str(folder))
    from safetensors.torch import load_file

    adapter = load_file(folder / "pose_patch_embedding.safetensors")
    pipeline.transformer.load_state_dict(
        {f"pose_patch_embedding.{name.rpartition('.')[2]}": value for name, value in adapter.items()},
        strict=False,
    )
    batch = next(iter(make_loader()))
    with torch.no_grad():
        ours = expert._loss(batch)
        expert.transformer = pipeline.transformer
        assert torch.equal(ours, expert._loss(batch))


def test_another_backbone_is_refused(kinematic_checkpoint: Path, tmp_path: Path) -> None:
    tiny_backbone(seed=1).save_pretrained(tmp_path / "other")
    other = make_expert(backbone=str(tmp_path / "other"))
    with pytest.raises(ValueError, match="must be used with the backbone that it was trained on"):
        other.load_state_dict(torch.load(kinematic_checkpoint, weights_only=True)["state_dict"])
    same = tiny_backbone()
    same.save_pretrained(tmp_path / "same")
    make_expert(backbone=str(tmp_path / "same"), dtype="bfloat16").load_state_dict(
        torch.load(kinematic_checkpoint, weights_only=True)["state_dict"]
    )


def test_aesthetic_needs_to_know_where_to_begin(tmp_path: Path, kinematic_checkpoint: Path) -> None:
    with pytest.raises(ValueError, match="kinematic stage's result"):
        fit(make_expert(stage="aesthetic"), tmp_path)
    with pytest.raises(ValueError, match="lora_rank and backbone must be those"):
        make_expert().load_state_dict(make_lora_state())


def make_lora_state() -> dict[str, torch.Tensor]:
    expert = make_expert(stage="aesthetic", adapter="base")
    expert.configure_model()
    return expert.state_dict()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stage": "both"}, "stage must be one of kinematic, aesthetic"),
        ({"dtype": "float16"}, "dtype must be one of"),
        ({"lora_rank": 0}, "lora_rank must be at least 1"),
        ({"relay_weights": {2: 1.0}}, "relay_weights must map some of 0, 1, 5"),
        ({"relay_weights": {0: 0.0}}, "nor all 0"),
        ({"shift": 0.0}, "shift must be positive"),
        ({"timestep_sampling": "cosine"}, "timestep_sampling must be one of"),
        ({"num_sampling_steps": 0}, "num_sampling_steps must lie in 1..1000"),
        ({"num_sampling_steps": 5000}, "num_sampling_steps must lie in 1..1000"),
        ({"num_validation_clips": -1}, "num_validation_clips must not be negative"),
        ({"fps": 0.0}, "fps must be positive"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_expert(**arguments)


def test_validation_scores_and_keeps_clips(tmp_path: Path) -> None:
    expert = make_expert()
    logger = L.pytorch.loggers.CSVLogger(tmp_path)
    trainer = fit(
        expert,
        tmp_path,
        limit_val_batches=2,
        val_check_interval=2,
        logger=logger,
        callbacks=[VideoSampleLogger()],
    )
    scores = {name: float(value) for name, value in trainer.callback_metrics.items()}
    assert 0 < scores["val/psnr"] < 60
    assert -1 <= scores["val/ssim"] <= 1
    (video,) = Path(logger.log_dir).rglob("samples/*/*.mp4")
    assert video.stem == "clip0"
    from macedance.render.video import probe_video

    info = probe_video(video)
    assert (info.width, info.height, info.num_frames) == (64, 32, 9)


def test_validation_loss_does_not_depend_on_when_it_is_taken(tmp_path: Path) -> None:
    expert = make_expert(num_validation_clips=0)
    trainer = make_trainer(tmp_path, limit_val_batches=2)
    (first,) = trainer.validate(expert, make_loader(), verbose=False)
    torch.rand(3)
    (second,) = trainer.validate(expert, make_loader(), verbose=False)
    assert first == second


def test_test_prints_and_writes_scores(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logger = L.pytorch.loggers.CSVLogger(tmp_path)
    trainer = make_trainer(tmp_path, logger=logger)
    trainer.test(make_expert(), make_loader(2, 1), verbose=False)
    import json

    scores = json.loads((Path(logger.log_dir) / "test_scores.json").read_text())
    assert scores["autoencoder"]["ssim"] == pytest.approx(1.0)  # without videos it is the truth itself
    assert scores["this model"]["ssim"] < 0.999
    assert 0 < scores["this model"]["psnr"] < 60
    assert "this model" in capsys.readouterr().out


def test_a_trainer_that_casts_everything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be 32-true, which leaves"):
        fit(make_expert(), tmp_path, precision="bf16-true")


def test_the_first_stages_adapter_stays_in_float32(kinematic_checkpoint: Path) -> None:
    expert = make_expert(stage="aesthetic", adapter=str(kinematic_checkpoint), dtype="bfloat16")
    expert.configure_model()
    before = torch.load(kinematic_checkpoint, weights_only=True)["state_dict"]
    for name in ADAPTER:
        assert torch.equal(expert.state_dict()[name], before[name])
        assert before[name].dtype == torch.float32
