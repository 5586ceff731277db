"""What users can get wrong, of whole commands: one clear line, exit code 2, and nothing written."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import soundfile
import torch

from macedance.cli import main
from macedance.geometry.motion import Motion
from macedance.lightning_modules import AppearanceExpert
from macedance.lightning_modules.exporting import export_expert

GENERATE = "generate --music song.wav --motion motion.ckpt --out out.mp4 --steps 1"
FILM = "generate --music song.wav --motion-in dance.npz --image me.png --out out.mp4"
ANIMATE = "animate --motion dance.npz --reference me.png --out out.mp4"
FIT = "fit --config configs/motion/tiny.yaml"
FSDP2 = ", which is FSDP1: .*; use --config configs/trainer/fsdp2.yaml instead"
CASES = [
    # experts of the wrong kind
    (
        f"{GENERATE} --motion appearance.ckpt",
        "--motion must name a Motion Expert, but appearance.ckpt is an Appear",
    ),
    (
        f"{FILM} --appearance motion.ckpt",
        "--appearance must name an Appearance Expert, but motion.ckpt is a Motion",
    ),
    (f"{FILM} --appearance default", "--appearance must name an Appearance Expert, but default is a Motion"),
    (f"{ANIMATE} --appearance motion.ckpt", "which has no render\\(\\); --motion takes it"),
    (f"{GENERATE} --motion dance.npz", "--motion must name the weights of an expert, got dance.npz"),
    (f"{GENERATE} --motion backbone", "backbone is not an exported expert: it has no config.yaml"),
    # experts that are missing or damaged
    (f"{GENERATE} --motion none.ckpt", "no checkpoint, exported folder or hub id of the name none.ckpt"),
    (f"{GENERATE} --motion cut.ckpt", "cut.ckpt is not the checkpoint of an expert"),
    (f"{GENERATE} --motion me.png", "me.png is not the checkpoint of an expert"),
    (
        f"{GENERATE} --motion cut_weights",
        "cut_weights is not an exported expert: model.safetensors is damaged",
    ),
    (f"{GENERATE} --motion bad_config", "bad_config is not an exported expert: config.yaml is damaged"),
    (f"{GENERATE} --motion nobody/nothing", "no file or folder nobody/nothing, and the hub"),
    (f"{ANIMATE} --appearance nobody/nothing", "no file or folder nobody/nothing, and the hub"),
    (f"{FILM} --backbone ./none", "--backbone: there is no Wan-Animate at './none', for there is no folder"),
    (
        f"{FILM} --backbone nobody/nothing",
        "at 'nobody/nothing' \\(the hub cannot be reached or gave no model of that",
    ),
    (f"{FILM} --backbone bad_config", "bad_config is no Wan-Animate in diffusers' layout"),
    ("export none.ckpt --out out", "no checkpoint of a run at none.ckpt"),
    ("export cut.ckpt --out out", "cut.ckpt is not the checkpoint of an expert"),
    ("export cut_weights --out out", "cut_weights is not an exported expert: model.safetensors is damaged"),
    (
        "export motion.ckpt --out bad_config",
        ": --out must be a folder that does not exist yet, got bad_config",
    ),
    ("export motion.ckpt", "--out must name the folder to write"),
    (
        "export motion.ckpt --out out --class-path .Expert",
        ": --class-path must be the dotted path of a class",
    ),
    (f"{GENERATE} --class-path no_such_package.Expert", ": --class-path: there is no module no_such_package"),
    (f"{GENERATE} --class-path macedance.geometry.Motion", ": --class-path must name a LightningModule"),
    # pictures
    (f"{FILM} --image none.png", "there is no file none.png"),
    (f"{FILM} --image song.wav", "song.wav must be a picture"),
    (f"{FILM} --image cut.png", "cut.png must be a picture"),
    (f"{FILM} --image flipped.png", "flipped.png must be a picture"),
    (f"{FILM} --keypoints me.png", "me.png"),
    # music
    (f"{GENERATE} --music none.wav", "no audio file at none.wav"),
    (f"{GENERATE} --music corrupt.mp3", "corrupt.mp3 cannot be decoded"),
    (f"{GENERATE} --music me.png", "me.png"),
    (f"{GENERATE} --music blip.wav", "blip.wav must last at least 1 s, got 0.500 s"),
    # motions
    (f"{FILM} --motion-in none.npz", "none.npz"),
    (f"{FILM} --motion-in cut.npz", "cut.npz"),
    (f"{FILM} --motion-in me.png", "me.png"),
    (f"{FILM} --motion-in long.npz", "long.npz lasts 4.00 s and the music 2.00 s; --seconds 2.00 cuts both"),
    (f"{FILM} --motion-in slow.npz", "slow.npz.*fps"),
    (f"{ANIMATE} --motion cut.npz", "cut.npz"),
    # places and options
    (f"{GENERATE} --out song.wav/out.mp4", "--out cannot be written at song.wav/out.mp4"),
    (f"{FILM} --out /proc/nothing/out.mp4", "--out cannot be written at /proc/nothing/out.mp4"),
    ("export motion.ckpt --out song.wav/out", "--out cannot be written at song.wav"),
    (f"{FILM} --size 33 48", "--size must be even numbers from 32 on, got 33 48"),
    (f"{FILM} --backbone tiny --size 40", "size_px must be multiples of 16, got 40 x 40"),
    (f"{FILM} --backbone tiny --size 32 --video-steps 0", "num_inference_steps must lie in 1..1000, got 0"),
    (f"{FILM} --seed -1", "--seed must lie in"),
    (f"{FILM} --device nowhere", "--device must be a device of this machine"),
    # sharding that is not ours
    (f"{FIT} --trainer.strategy fsdp", f"trainer.strategy must not be fsdp{FSDP2}"),
    (f"{FIT} --trainer.strategy fsdp_cpu_offload", f"must not be fsdp_cpu_offload{FSDP2}"),
    (f"{FIT} --trainer.strategy FSDP", f"must not be FSDP{FSDP2}"),
    (f"{FIT} --config fsdp.yaml", f"must not be lightning.pytorch.strategies.FSDPStrategy{FSDP2}"),
    (
        "fit --config configs/appearance/aesthetic.yaml --config fsdp.yaml --trainer.accelerator cpu",
        f"must not be lightning.pytorch.strategies.FSDPStrategy{FSDP2}",
    ),
]


@pytest.fixture(scope="module")
def files(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_experts(folder, tiny_checkpoint)
    random = np.random.default_rng(0)
    for name, seconds in (("song.wav", 2.0), ("blip.wav", 0.5)):
        soundfile.write(folder / name, 0.1 * random.standard_normal(round(seconds * 8000)), 8000)
    (folder / "corrupt.mp3").write_bytes(random.bytes(5000))
    PIL.Image.fromarray(random.integers(0, 256, (60, 40, 3), dtype=np.uint8)).save(folder / "me.png")
    picture = (folder / "me.png").read_bytes()
    (folder / "cut.png").write_bytes(picture[:1000])
    (folder / "flipped.png").write_bytes(picture[:1000] + bytes(100) + picture[1100:])
    for name, num_frames in (("dance", 60), ("long", 120)):
        Motion(torch.zeros(num_frames, 24, 3), torch.zeros(num_frames, 3)).save(folder / f"{name}.npz")
    dance = (folder / "dance.npz").read_bytes()
    (folder / "cut.npz").write_bytes(dance[: len(dance) // 2])
    still = {"poses": np.zeros((60, 24, 3)), "trans": np.zeros((60, 3)), "up_axis": np.array("y")}
    strategy = {"class_path": "lightning.pytorch.strategies.FSDPStrategy", "init_args": {"cpu_offload": True}}
    (folder / "fsdp.yaml").write_text(json.dumps({"trainer": {"strategy": strategy}}))
    np.savez(folder / "slow.npz", **still, mocap_framerate=np.array(0.0))
    return folder


def write_experts(folder: Path, tiny_checkpoint: Path) -> None:
    shutil.copy(tiny_checkpoint, folder / "motion.ckpt")
    whole = tiny_checkpoint.read_bytes()
    (folder / "cut.ckpt").write_bytes(whole[: len(whole) // 2])
    appearance = {
        "_class_path": f"{AppearanceExpert.__module__}.{AppearanceExpert.__name__}",
        "backbone": "no/such/backbone",
    }
    torch.save({"hyper_parameters": appearance, "state_dict": {}}, folder / "appearance.ckpt")
    weights = export_expert(folder / "motion.ckpt", folder / "cut_weights") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    (export_expert(folder / "motion.ckpt", folder / "bad_config") / "config.yaml").write_text("[")
    (folder / "backbone").mkdir()


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("no network")

    monkeypatch.setattr("huggingface_hub.snapshot_download", fail)
    monkeypatch.setattr("huggingface_hub.HfApi.model_info", fail)


@pytest.mark.parametrize(
    ("command", "message"), CASES, ids=[f"{command[:8]}-{end}" for command, end in CASES]
)
def test_one_line_says_what_is_wrong(
    command: str, message: str, files: Path, no_hub: None, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(files)
    monkeypatch.setattr("sys.argv", ["macedance"])
    before = sorted(path.name for path in files.rglob("*"))
    assert main(command.split()) == 2
    captured = capsys.readouterr()
    lines = [line for line in captured.err.splitlines() if line != "looking for nobody/nothing on the hub"]
    assert len(lines) == 1, captured.err
    assert re.search(message, lines[0]), lines[0]
    assert lines[0].startswith("macedance: ")
    assert "Errno" not in lines[0]
    assert sorted(path.name for path in files.rglob("*")) == before, "nothing is written"


@pytest.mark.parametrize("option", ["--motion none.ckpt", "--music corrupt.mp3"])
def test_debug_shows_the_exception(option: str, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    with pytest.raises((ValueError, FileNotFoundError), match=option.split()[1]):
        main([*f"{GENERATE} {option}".split(), "--debug"])
