from __future__ import annotations

import math
import os
from pathlib import Path

import lightning as L
import numpy as np
import pytest
import soundfile
import torch
import yaml
from torch import Tensor

from macedance.cli import main
from macedance.datamodules import MotionData
from macedance.geometry.motion import Motion
from macedance.geometry.rotations import axis_angle_to_matrix, matrix_to_rotation_6d
from macedance.geometry.skeleton import rest_pelvis
from macedance.hashes import file_hash
from macedance.lightning_modules.loading import load_expert

from ..published_motion import published_weights, save_published, scaler_fields

KIND = ["convert", "reference-motion"]
FILES = {"config.yaml", "model.safetensors", "README.md"}
FEET, HEAD = [10, 11], 15
STANDING = Motion(torch.zeros(2, 24, 3), torch.tensor([[0.3, 1.2, -0.4]] * 2))


class Trap:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple:
        return os.system, (f"mkdir {self.folder}",)


def published_frame(motion: Motion) -> Tensor:
    """The first frame as the published training has it: turned by +90° about x, translation and root rotation."""
    turn = axis_angle_to_matrix(torch.tensor([math.pi / 2, 0.0, 0.0]))
    matrices = axis_angle_to_matrix(motion.poses[0])
    matrices[0] = turn @ matrices[0]
    return torch.cat([torch.ones(4), turn @ motion.trans[0], matrix_to_rotation_6d(matrices).flatten()])


@pytest.fixture(scope="module")
def published(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published checkpoint, all whose output is a standing body, z up."""
    frame = published_frame(STANDING)
    fields = scaler_fields(frame - 1e-4, frame + 1e-4)
    return save_published(
        tmp_path_factory.mktemp("published") / "motion.pt", published_weights(fixtures), fields
    )


@pytest.fixture(scope="module")
def converted(published: Path) -> Path:
    folder = published.parent / "new" / "my-expert"
    arguments = [*KIND, str(published), "--out", str(folder), "--num-heads", "4"]
    assert main([*arguments, "--licence", "cc-by-nc-4.0"]) == 0
    return folder


@torch.no_grad()
def test_the_loaded_expert_computes_what_the_published_network_does(converted: Path, fixtures: Path) -> None:
    with np.load(fixtures / "published_network_forward.npz", allow_pickle=False) as arrays:
        golden = {name: torch.from_numpy(arrays[name]) for name in arrays.files if "state_dict" not in name}
    network = load_expert(converted).network
    inputs = {name: golden[f"in/{name}"] for name in ("noisy", "timestep", "beta", "music", "genre")}
    torch.testing.assert_close(network(**inputs), golden["out/conditional"], rtol=0, atol=1e-5)
    unconditional = network.unconditional(inputs["noisy"], inputs["timestep"])
    torch.testing.assert_close(unconditional, golden["out/unconditional_beta1"], rtol=0, atol=1e-5)


def test_a_generated_dance_is_y_up_and_at_its_place(converted: Path, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).standard_normal(32_000) * np.tile(np.linspace(0.3, 0, 8_000), 4)
    soundfile.write(tmp_path / "song.wav", noise, 16_000)
    options = [
        "--music",
        str(tmp_path / "song.wav"),
        "--motion",
        str(converted),
        "--steps",
        "2",
        "--size",
        "64",
    ]
    files = ["--out", str(tmp_path / "dance.mp4"), "--motion-out", str(tmp_path / "dance.npz")]
    assert main(["generate", *options, *files]) == 0
    motion = Motion.load(tmp_path / "dance.npz")
    assert (motion.num_frames, motion.up_axis) == (60, "y")
    torch.testing.assert_close(motion.poses, torch.zeros(60, 24, 3), rtol=0, atol=1e-3)
    torch.testing.assert_close(motion.trans, STANDING.trans[:1].expand(60, 3), rtol=0, atol=1e-3)
    joints = motion.joints()
    torch.testing.assert_close(joints[0, 0], STANDING.trans[0] + rest_pelvis(motion.trans), rtol=0, atol=1e-3)
    assert (joints[:, HEAD, 1] - joints[:, FEET, 1].amax(dim=-1)).min() > 1.2


def test_training_can_go_on_from_it(converted: Path, motion_shards: Path, tmp_path: Path) -> None:
    expert = load_expert(converted).train()
    minimum = expert.normalizer.minimum.clone()
    trainer = L.Trainer(
        accelerator="cpu",
        devices=1,
        max_steps=1,
        limit_val_batches=0,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        default_root_dir=tmp_path,
    )
    trainer.fit(expert, MotionData(str(motion_shards), batch_size=2, window_frames=30))
    assert expert.network.music_injection.weight.any()
    assert expert.normalizer.minimum.equal(minimum)


def test_the_card_tells_where_the_weights_come_from(converted: Path, published: Path) -> None:
    card = (converted / "README.md").read_text()
    assert yaml.safe_load(card.split("---")[1])["license"] == "cc-by-nc-4.0"
    assert "# my-expert" in card
    assert (
        f"Converted, not trained by this package: the weights of `motion.pt` (sha256 `{file_hash(published)}`)"
        in card
    )
    assert "those averaged over training" in card
    assert "with 4 attention heads" in card
    assert "`cc-by-nc-4.0`, as whoever converted the file said." in card
    assert "| motion_layout | published |" in card
    assert str(published.parent) not in card


def test_what_is_written_is_told_and_a_licence_is_not_made_up(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main([*KIND, str(published), "--out", str(out), "--weights", "model"]) == 0
    told = capsys.readouterr().out
    assert (
        f"{published}: Motion Expert of width 32, 2 + 8 layers, Mamba state 16, taken to have 8 attention"
        in told
    )
    assert f"wrote {out}" in told
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "config.yaml", "model.safetensors"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    card = (out / "README.md").read_text()
    assert "Not known: that of the converted file holds." in card
    assert "license:" not in card.split("---")[1]
    assert "of the last step, not averaged" in card


def test_files_are_replaced_only_on_demand_and_others_stay(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine")
    arguments = [*KIND, str(published), "--out", str(tmp_path)]
    assert main(arguments) == 2
    assert f"--out must not hold {tmp_path / 'config.yaml'} yet" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "notes.txt"]
    assert main([*arguments, "--overwrite"]) == 0
    assert load_expert(tmp_path).hparams.num_heads == 8
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert main([*arguments, "--overwrite", "--num-heads", "4"]) == 0
    assert load_expert(tmp_path).hparams.num_heads == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == [*sorted(FILES), "notes.txt"]


@pytest.mark.parametrize(
    ("name", "place"),
    [(".", "."), ("..", ".."), ("new/..", "."), ("link", "nowhere"), ("a b/ü<b>", "a b/ü<b>")],
)
def test_a_folder_may_be_named_in_any_way(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, place: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("link").symlink_to("nowhere")
    assert main([*KIND, str(published), "--out", name]) == 0
    folder = Path(place).resolve()
    assert FILES <= {path.name for path in folder.iterdir()} <= FILES | {"link", "here"}
    assert f"# {folder.name}\n" in (folder / "README.md").read_text()
    assert load_expert(folder).hparams.num_heads == 8


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "--out must name the folder to write"),
        ("/", "--out must be a folder with a name, got /"),
        ("loop", "--out "),
        ("file", "--out cannot be written at"),
        ("file/new", "--out cannot be written at"),
        ("full", "--out must not hold"),
        ("linked", "--out must not hold"),
    ],
)
def test_what_cannot_be_a_folder_is_refused_in_one_line(
    published: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    Path("file").touch()
    Path("full", "model.safetensors").mkdir(parents=True)
    Path("linked").mkdir()
    Path("linked", "config.yaml").symlink_to("nowhere")
    before = sorted(tmp_path.rglob("*"))
    assert main([*KIND, str(published), "--out", name, "--overwrite"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"macedance: {message}")
    assert error.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_the_option_is_named_in_errors(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*KIND, str(published), "--out", str(tmp_path / "out"), "--num-heads", "5"]) == 2
    assert capsys.readouterr().err.startswith("macedance: --num-heads must divide the width")


def test_a_malicious_file_is_refused_and_not_run(
    fixtures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sprung, out = tmp_path / "sprung", tmp_path / "out"
    frame = published_frame(STANDING)
    fields = {**scaler_fields(frame, frame), "copy": Trap(sprung)}
    file = save_published(tmp_path / "trap.pt", published_weights(fixtures), fields)
    assert main([*KIND, str(file), "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "system" in error
    assert "nothing of it was run" in error
    assert not sprung.exists()
    assert not out.exists()


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*KIND, "--help"])
    assert "macedance convert reference-motion motion.pt --out my-expert" in capsys.readouterr().out
