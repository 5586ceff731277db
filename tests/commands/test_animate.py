from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import soundfile
import torch
from safetensors.torch import save_file

from macedance.cli import main
from macedance.geometry.motion import Motion
from macedance.hashes import weights_hash
from macedance.models.appearance.tiny import tiny_backbone
from macedance.render import video_renderer
from macedance.render.video import probe_video, read_frames

NUM_FRAMES = 20
TINY = ("--backbone", "tiny", "--segment", "17", "--steps", "1", "--size", "32", "48", "--device", "cpu")
BODY = ("--size", "64", "96", "--fps", "15")


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """Options for a waving dance of two thirds of a second and a picture."""
    poses = torch.zeros(NUM_FRAMES, 24, 3)
    poses[:, 16, 2] = torch.linspace(-1, 1, NUM_FRAMES)
    Motion(poses, torch.tensor([[0.0, 1.2, 0.0]]).expand(NUM_FRAMES, 3)).save(tmp_path / "dance.npz")
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (60, 40, 3), dtype=np.uint8)
    PIL.Image.fromarray(picture).save(tmp_path / "me.png")
    return ["--motion", str(tmp_path / "dance.npz"), "--reference", str(tmp_path / "me.png")]


def film(given: list[str], out: Path, *options: str) -> np.ndarray:
    assert main(["animate", *given, "--out", str(out), *options]) == 0
    return np.stack(list(read_frames(out)))


def test_a_backbone_makes_a_video_with_sound_and_says_how(given: list[str], tmp_path: Path, capsys) -> None:
    soundfile.write(tmp_path / "song.wav", 0.1 * np.random.default_rng(0).standard_normal(96_000), 48_000)
    out = tmp_path / "new" / "video.mp4"
    frames = film(given, out, *TINY, "--music", str(tmp_path / "song.wav"), "--seed", "3")
    assert frames.shape == (NUM_FRAMES, 48, 32, 3)
    video = probe_video(out)
    assert video.fps == 30
    assert video.audio_seconds == pytest.approx(NUM_FRAMES / 30, abs=0.03)
    assert "seed 3, motion by dance.npz, appearance by tiny" in video.metadata["description"]
    told = json.loads(out.with_suffix(".provenance.json").read_text())
    assert told["settings"]["motion"] == {"up_axis": "y"}
    assert told["models"]["appearance"] == {
        "id": "tiny",
        "sha256": weights_hash(tiny_backbone().transformer),
    }
    assert told["settings"]["appearance"]["num_inference_steps"] == 1
    assert told["music"]["name"] == "song.wav"
    captured = capsys.readouterr()
    assert "backbone: tiny" in captured.out
    assert f"wrote {out}: 0.7 s" in captured.out
    assert "segment 2 of 2" in captured.err


def test_the_seed_decides_the_video(given: list[str], tmp_path: Path, monkeypatch) -> None:
    """Of the pictures before they are encoded: the encoder is not ours to vouch for."""
    made = []

    def note(_: Path, frames: Iterable[np.ndarray], **__: object) -> None:
        made.append(np.stack(list(frames)))

    monkeypatch.setattr(video_renderer, "write_video", note)
    for seed in ("1", "1", "2"):
        assert main(["animate", *given, "--out", str(tmp_path / "x.mp4"), *TINY, "--seed", seed]) == 0
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def test_converted_weights_change_the_video(given: list[str], tmp_path: Path, capsys) -> None:
    adapter = tiny_backbone().transformer.pose_patch_embedding.state_dict()
    published = {f"animate_adapter.pose_patch_embedding.{name}": 5 * value for name, value in adapter.items()}
    save_file(published, tmp_path / "Adapter.safetensors")
    converted = tmp_path / "converted"
    convert = ["--adapter", str(tmp_path / "Adapter.safetensors"), "--out", str(converted)]
    assert main(["convert", "reference-appearance", *convert]) == 0
    plain = film(given, tmp_path / "plain.mp4", *TINY)
    changed = film(given, tmp_path / "changed.mp4", *TINY, "--weights", str(converted))
    assert np.abs(plain.astype(int) - changed).mean() > 1
    assert f"backbone: tiny, weights: {converted}" in capsys.readouterr().out
    nothing = [*given, "--out", str(tmp_path / "no.mp4"), "--weights", str(tmp_path)]
    assert main(["animate", *nothing, *TINY]) == 2
    assert "must be a folder with pose_patch_embedding.safetensors" in capsys.readouterr().err
    assert main(["animate", *nothing]) == 2
    assert "--weights must come with --backbone" in capsys.readouterr().err


def test_without_weights_the_body_dances(given: list[str], tmp_path: Path, capsys) -> None:
    frames = film(given, tmp_path / "x.mp4", *BODY, "--steps", "7")
    assert frames.shape == (NUM_FRAMES // 2, 96, 64, 3)
    assert np.abs(np.diff(frames.astype(int), axis=0)).max() > 50
    printed = capsys.readouterr().out
    assert "no appearance weights given: the body dances in front of the picture's background" in printed
    assert "without --backbone or --appearance, --steps changes nothing" in printed


def test_an_expert_that_makes_no_videos_is_named(
    given: list[str], tiny_checkpoint: Path, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "x.mp4"
    command = ["animate", *given, "--out", str(out), "--appearance", str(tiny_checkpoint), "--device", "cpu"]
    assert main(command) == 2
    assert (
        f"but {tiny_checkpoint} is a MotionExpert, which has no render(); --motion" in capsys.readouterr().err
    )
    assert not out.exists()


def test_keypoints_are_not_written_over(given: list[str], tmp_path: Path, capsys) -> None:
    mine = tmp_path / "mine.mp4"
    mine.write_text("mine")
    assert main(["animate", *given, "--keypoints", str(mine), "--out", str(mine)]) == 2
    assert "--out" in capsys.readouterr().err
    assert mine.read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((*TINY, "--size", "40", "48"), "size_px must be multiples of 16, got 40 x 48"),
        ((*TINY, "--segment", "20"), "segment_num_frames must be a multiple of 4 plus 1, got 20"),
        ((*TINY, "--segment", "5", "--relay", "5"), "segment_num_frames must be more than relay_num_frames"),
        ((*TINY, "--steps", "0"), "num_inference_steps must lie in 1..1000, got 0"),
        ((*TINY, "--device", "nowhere"), "--device must be a device of this machine, got nowhere"),
        ((*TINY, "--fps", "0"), "--fps must lie in 1..240"),
        ((*TINY, "--music", "none.wav"), "none.wav"),
        (("--backbone", "none/here/at/all"), "none/here/at/all"),
        (("--size", "65", "96"), "--size must be even numbers from 32 on, got 65 96"),
        (("--out", "x.gif"), "--out must end in .mp4"),
        (("--motion", "none.npz"), "none.npz"),
        (("--reference", "none.png"), "none.png"),
        (("--keypoints", "none.json"), "none.json"),
    ],
)
def test_wrong_options_are_refused_before_the_work(
    given: list[str], tmp_path: Path, options: tuple[str, ...], message: str, capsys
) -> None:
    assert main(["animate", *given, "--out", str(tmp_path / "x.mp4"), *options]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "backbone:" not in captured.out
    assert not (tmp_path / "x.mp4").exists()
