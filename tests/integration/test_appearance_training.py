"""From dances to a trained Appearance Expert in a plain diffusers pipeline, through the command line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import lightning as L
import numpy as np
import PIL.Image
import pytest
import torch
from diffusers import WanAnimatePipeline
from safetensors.torch import load_file

import macedance
from macedance.cli import main
from macedance.datamodules import AppearanceData
from macedance.lightning_modules import AppearanceExpert
from macedance.models.appearance.tiny import tiny_backbone
from macedance.render.pose_drawing import draw_pose
from macedance.render.video import probe_video

NUM_STEPS = 60
Fit = Callable[..., Path]


@pytest.fixture(scope="module")
def latents(motion_shards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("appearance")
    rendered, latents = folder / "rendered", folder / "latents"
    size = ["--size", "32", "32", "--fps", "5", "--workers", "1"]
    assert main(["data", "render", str(motion_shards), "--out", str(rendered), *size]) == 0
    encode = ["--backbone", "tiny", "--num-frames", "17", "--windows-per-clip", "2", "--device", "cpu"]
    assert main(["data", "encode", str(rendered), "--out", str(latents), *encode]) == 0
    return latents


@pytest.fixture(scope="module")
def fit(latents: Path, tmp_path_factory: pytest.TempPathFactory) -> Fit:
    folder = tmp_path_factory.mktemp("runs")

    def run(stage: str, name: str, *options: str, num_steps: int = NUM_STEPS) -> Path:
        config = f"configs/appearance/tiny-{stage}.yaml"
        arguments = {
            "data.init_args.shards": latents,
            "data.init_args.batch_size": 4,
            "trainer.max_steps": num_steps,
            "trainer.val_check_interval": NUM_STEPS // 2 if num_steps == NUM_STEPS else num_steps,
            "trainer.logger.class_path": "lightning.pytorch.loggers.CSVLogger",
            "trainer.logger.init_args.save_dir": folder,
            "trainer.logger.init_args.name": name,
            "trainer.enable_progress_bar": "false",
            "trainer.accelerator": "cpu",
            "model.init_args.num_validation_clips": 1,
        }
        given = [part for key, value in arguments.items() for part in (f"--{key}", str(value))]
        assert main(["fit", "--config", config, *given, *options]) == 0
        return folder / name / "version_0"

    return run


@pytest.fixture(scope="module")
def kinematic(fit: Fit) -> Path:
    return fit("kinematic", "kinematic")


@pytest.fixture(scope="module")
def aesthetic(fit: Fit, kinematic: Path) -> Path:
    return fit("aesthetic", "aesthetic", "--model.init_args.adapter", str(last(kinematic)))


def last(run: Path) -> Path:
    return run / "checkpoints" / "last.ckpt"


def losses(run: Path) -> list[float]:
    with (run / "metrics.csv").open() as file:
        return [float(row["val/loss"]) for row in csv.DictReader(file) if row.get("val/loss")]


def starting_loss(run: Path, latents: Path, *options: str) -> float:
    """The validation loss of a run's configuration before it trains."""

    stage = "aesthetic" if options else "kinematic"
    expert = AppearanceExpert(
        backbone="tiny",
        stage=stage,
        dtype="float32",
        lora_rank=4,
        num_validation_clips=0,
        adapter=options[0] if options else None,
    )
    data = AppearanceData(str(latents), batch_size=4, members=("latents.safetensors",), num_frames=17)
    trainer = L.Trainer(
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_checkpointing=False,
        default_root_dir=run.parent / "start",
    )
    (scores,) = trainer.validate(expert, data, verbose=False)
    return scores["val/loss"]


def test_both_stages_lower_the_validation_loss(kinematic: Path, aesthetic: Path, latents: Path) -> None:
    start = starting_loss(kinematic, latents)
    middle = starting_loss(aesthetic, latents, str(last(kinematic)))
    assert losses(kinematic)[-1] < 0.98 * start
    assert middle == pytest.approx(losses(kinematic)[-1], rel=1e-5), (
        "the second stage begins at the first's end"
    )
    assert losses(aesthetic)[-1] < 0.97 * middle


def test_videos_of_validation_clips_are_kept(kinematic: Path) -> None:
    assert len(list((kinematic / "samples").rglob("*.mp4"))) == len(losses(kinematic))


def test_predicted_clips_are_written_as_videos(aesthetic: Path, tmp_path: Path) -> None:
    options = ["--trainer.callbacks+=macedance.callbacks.PredictionWriter"]
    options += ["--trainer.callbacks.folder", str(tmp_path)]
    config = ["--config", str(aesthetic / "config.yaml"), "--ckpt_path", str(last(aesthetic))]
    assert main(["predict", *config, *options]) == 0
    videos = sorted(tmp_path.glob("*.mp4"))
    assert len(videos) == 6, "two windows of each of the three test clips"
    assert {probe_video(video).num_frames for video in videos} == {17}


def test_a_set_is_not_written_over_its_source(latents: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rendered = latents.parent / "rendered"
    before = sorted(path.name for path in rendered.iterdir())
    encode = ["--backbone", "tiny", "--num-frames", "17", "--overwrite"]
    assert main(["data", "encode", str(rendered), "--out", str(rendered), *encode]) == 2
    size = ["--size", "32", "32", "--overwrite"]
    assert main(["data", "render", str(rendered), "--out", str(rendered), *size]) == 2
    assert capsys.readouterr().err.count("--out must not be the folder of") == 2
    assert sorted(path.name for path in rendered.iterdir()) == before


def test_resuming_is_exact(fit: Fit, aesthetic: Path, kinematic: Path) -> None:
    adapter = ["--model.init_args.adapter", str(last(kinematic))]
    half = fit("aesthetic", "half", *adapter, num_steps=NUM_STEPS // 2)
    resumed = fit("aesthetic", "resumed", *adapter, "--ckpt_path", str(last(half)))
    whole, again = (torch.load(last(run), weights_only=True) for run in (aesthetic, resumed))
    assert whole["global_step"] == again["global_step"] == NUM_STEPS
    for name, value in whole["state_dict"].items():
        assert torch.equal(value, again["state_dict"][name]), name
    moments, moments_again = (run["optimizer_states"][0]["state"] for run in (whole, again))
    for number, values in moments.items():
        assert all(torch.equal(value, moments_again[number][key]) for key, value in values.items())


def test_export_opens_in_a_plain_pipeline_with_equal_output(aesthetic: Path, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    assert main(["export", "--checkpoint", str(last(aesthetic)), "--out", str(folder)]) == 0
    plain = tiny_backbone()
    untouched = frames_of(plain)
    plain.load_lora_weights(str(folder))
    plain.transformer.load_state_dict(load_file(folder / "pose_patch_embedding.safetensors"), strict=False)
    ours = macedance.load_expert(folder).video_renderer(segment_num_frames=17).pipeline

    assert np.array_equal(frames_of(plain), frames_of(ours))
    assert not np.array_equal(frames_of(plain), untouched), "training must show"


def frames_of(pipeline: WanAnimatePipeline) -> np.ndarray:
    pipeline.set_progress_bar_config(disable=True)
    points = np.random.default_rng(0).uniform(4, 28, (17, 20, 3)) * (1, 1, 0) + (0, 0, 1)
    pose = [PIL.Image.fromarray(draw_pose(frame, (32, 32))) for frame in points]
    return pipeline(
        image=PIL.Image.new("RGB", (32, 32), (90, 140, 200)),
        pose_video=pose,
        face_video=[PIL.Image.new("RGB", (16, 16))] * len(pose),
        prompt="视频中的人在跳舞",
        height=32,
        width=32,
        segment_frame_length=17,
        num_inference_steps=2,
        guidance_scale=1.0,
        generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).frames
