from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from macedance.cli import main
from macedance.data.audio import load_audio
from macedance.data.music_features import fit_num_frames, music_features
from macedance.geometry import human_body
from macedance.geometry.motion import Motion
from macedance.hashes import weights_hash
from macedance.lightning_modules.loading import load_expert
from macedance.render.video import probe_video, read_frames

PERSON = ["--size", "32", "48", "--fps", "10"]
WAN = ["--backbone", "tiny", "--segment", "17", "--video-steps", "1", "--device", "cpu"]
QUICK = ["--steps", "1", "--size", "64"]


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two seconds of noise bursts, 48 kHz, in six channels."""
    noise = (
        np.random.default_rng(0).standard_normal((96_000, 6))
        * np.tile(np.linspace(0.3, 0, 24_000), 4)[:, None]
    )
    soundfile.write(tmp_path / "song.wav", noise, 48_000)
    return tmp_path / "song.wav"


def generate(song: Path, checkpoint: Path, out: Path, *arguments: str) -> int:
    options = ["--music", str(song), "--motion", str(checkpoint), "--out", str(out), *QUICK]
    return main(["generate", *options, *arguments])


@pytest.mark.parametrize("fps", [24.0, 29.97])
def test_picture_and_sound_are_as_long_as_the_song(
    song: Path, tiny_checkpoint: Path, tmp_path: Path, fps: float
) -> None:
    out = tmp_path / "new" / "dance.mp4"
    files = ("--motion-out", str(tmp_path / "dance.npz"), "--sheet-out", str(tmp_path / "dance.png"))
    assert generate(song, tiny_checkpoint, out, "--fps", str(fps), *files) == 0
    video = probe_video(out)
    assert abs(video.video_seconds - 2.0) <= 1 / fps
    assert video.audio_seconds is not None
    assert abs(video.audio_seconds - 2.0) <= 1 / fps
    assert Motion.load(tmp_path / "dance.npz").num_frames == 60
    told = json.loads((out.parent / "dance.provenance.json").read_text())
    assert told["models"]["motion"] == {
        "id": str(tiny_checkpoint),
        "sha256": weights_hash(load_expert(tiny_checkpoint)),
    }
    assert told["models"]["appearance"]["id"] == "body"
    assert Image.open(tmp_path / "dance.png").size[0] == 7 * 192


@pytest.mark.parametrize("is_default", [False, True])
def test_the_seed_decides_the_dance(
    song: Path, tiny_checkpoint: Path, tmp_path: Path, is_default: bool
) -> None:
    expert = Path("default") if is_default else tiny_checkpoint
    poses = []
    for number, seed in enumerate(("1", "1", "2")):
        motion = str(tmp_path / f"{number}.npz")
        options = ("--fps", "5", "--sampler", "dpm", "--seed", seed, "--motion-out", motion)
        assert generate(song, expert, tmp_path / "x.mp4", *options) == 0
        poses.append(Motion.load(motion).poses)
    assert poses[0].equal(poses[1])
    assert not poses[0].equal(poses[2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fps", "inf"], "--fps must lie in"),
        (["--fps", "nan"], "--fps must lie in"),
        (["--seconds", "nan"], "--seconds must be"),
        (["--seconds", "inf"], "--seconds must be at least 1 and finite"),
        (["--steps", "5000"], "num_steps must lie in"),
        (["--size", "65"], "--size must be an even"),
        (["--size", "64", "64", "64"], "--size must be one number or two"),
        (["--appearance", "me/mine", "--offload"], "--appearance, --offload must come with --image"),
        (["--motion-out", "x.csv"], "--motion-out must end in"),
        (["--sheet-out", "x.mp4"], "--sheet-out must end in"),
        (["--body", "none.npz"], "no file 'none.npz'"),
        (["--body", "anny:gender=2"], "body must be anny, or anny:TRAIT=NUMBER"),
    ],
)
def test_wrong_options_are_refused_before_the_work(
    song: Path, tiny_checkpoint: Path, tmp_path: Path, arguments: list[str], message: str, capsys
) -> None:
    assert generate(song, tiny_checkpoint, tmp_path / "x.mp4", *arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert "model:" not in captured.out
    assert not (tmp_path / "x.mp4").exists()


def test_a_human_is_no_file(song: Path, tiny_checkpoint: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(human_body, "user_cache_path", lambda name: tmp_path / "empty")
    monkeypatch.setattr(human_body, "anny_version", lambda: None)
    (tmp_path / "x.mp4").write_text("of before")
    assert generate(song, tiny_checkpoint, tmp_path / "x.mp4", "--body", "anny") == 2
    assert 'pip install "macedance[body]"' in capsys.readouterr().err


def test_places_that_cannot_be_written_are_refused_before_the_work(
    song: Path, tiny_checkpoint: Path, tmp_path: Path, capsys
) -> None:
    (tmp_path / "folder.mp4").mkdir()
    (tmp_path / "file").write_text("")
    as_video = tmp_path / "song.mp4"
    song.rename(as_video)
    for out in (tmp_path / "folder.mp4", tmp_path / "file" / "x.mp4", as_video):
        assert generate(as_video, tiny_checkpoint, out) == 2
        captured = capsys.readouterr()
        assert "--out" in captured.err
        assert "model:" not in captured.out


@pytest.mark.parametrize("option", ["--body", "--keypoints"])
def test_what_is_read_is_not_written_over(
    given: list[str], song: Path, tiny_checkpoint: Path, tmp_path: Path, option: str, capsys
) -> None:
    mine = tmp_path / "mine.npz"
    mine.write_text("mine")
    files = [option, str(mine), "--motion-out", str(mine), *(given[2:4] if option == "--keypoints" else [])]
    assert generate(song, tiny_checkpoint, tmp_path / "x.mp4", *files) == 2
    assert "--motion-out" in capsys.readouterr().err
    assert mine.read_text() == "mine"


def test_an_expert_dances_as_it_chooses_unless_told(
    song: Path, tiny_checkpoint: Path, tmp_path: Path
) -> None:
    stored = torch.load(tiny_checkpoint, weights_only=True)
    own = {"temperature": 0.3, "sampler": "dpm", "num_sampling_steps": 2}
    stored["hyper_parameters"] |= own
    torch.save(stored, tmp_path / "own.ckpt")
    motion = str(tmp_path / "dance.npz")
    command = ["generate", "--music", str(song), "--motion", str(tmp_path / "own.ckpt"), "--size", "64"]
    command += ["--fps", "2", "--out", str(tmp_path / "x.mp4"), "--motion-out", motion]
    assert main(command) == 0
    told = json.loads((tmp_path / "x.provenance.json").read_text())["settings"]["motion"]
    assert (told["temperature"], told["sampler"], told["steps"]) == (0.3, "dpm", 2)
    audio = load_audio(song)
    music = torch.from_numpy(fit_num_frames(music_features(audio.mono(), audio.sample_rate), 60))
    expected = load_expert(tmp_path / "own.ckpt").generate(music, generator=torch.Generator().manual_seed(0))
    assert Motion.load(motion).poses.equal(expected.poses)
    assert main([*command, "--steps", "1", "--temperature", "0.9"]) == 0
    told = json.loads((tmp_path / "x.provenance.json").read_text())["settings"]["motion"]
    assert (told["temperature"], told["sampler"], told["steps"]) == (0.9, "dpm", 1)


def test_the_up_axis_is_told_since_it_decides_the_video(song: Path, tmp_path: Path) -> None:
    dance = {"poses": np.zeros((60, 72)), "trans": np.zeros((60, 3)), "mocap_framerate": 30}
    np.savez(tmp_path / "dance.npz", **dance)
    command = ["generate", "--music", str(song), "--motion-in", str(tmp_path / "dance.npz"), "--size", "64"]
    hashes = set()
    for axis in ("y", "z"):
        out = tmp_path / f"{axis}.mp4"
        assert main([*command, "--fps", "2", "--out", str(out), "--up-axis", axis]) == 0
        hashes.add(json.loads(out.with_suffix(".provenance.json").read_text())["config_hash"])
    assert len(hashes) == 2


def test_a_song_below_a_second_is_named(tiny_checkpoint: Path, tmp_path: Path, capsys) -> None:
    soundfile.write(tmp_path / "blip.wav", np.zeros(4000), 8000)
    assert generate(tmp_path / "blip.wav", tiny_checkpoint, tmp_path / "x.mp4") == 2
    assert "blip.wav must last at least 1 s" in capsys.readouterr().err


@pytest.fixture
def given(song: Path, tmp_path: Path) -> list[str]:
    """Options for a song, a picture, and a dance of two seconds to film."""
    poses = torch.zeros(60, 24, 3)
    poses[:, 16, 2] = torch.linspace(-1, 1, 60)
    Motion(poses, torch.tensor([[0.0, 1.2, 0.0]]).expand(60, 3)).save(tmp_path / "given.npz")
    picture = np.random.default_rng(0).integers(0, 256, (60, 40, 3), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "me.png")
    files = {"--music": song, "--image": tmp_path / "me.png", "--motion-in": tmp_path / "given.npz"}
    return [str(word) for pair in files.items() for word in pair]


def frames_of(command: list[str], out: Path, *options: str) -> np.ndarray:
    assert main([*command, "--out", str(out), *PERSON, *options]) == 0
    return np.stack(list(read_frames(out)))


def test_from_a_song_and_a_picture_to_a_dancing_person(
    song: Path, given: list[str], tiny_checkpoint: Path, tmp_path: Path, capsys
) -> None:
    out, motion = tmp_path / "person.mp4", str(tmp_path / "dance.npz")
    assert generate(song, tiny_checkpoint, out, *given[2:4], *PERSON, *WAN, "--motion-out", motion) == 0
    whole = np.stack(list(read_frames(out)))
    assert whole.shape == (20, 48, 32, 3)
    assert probe_video(out).audio_seconds == pytest.approx(2.0, abs=0.1)
    told = json.loads(out.with_suffix(".provenance.json").read_text())
    assert told["models"]["motion"]["id"] == str(tiny_checkpoint)
    assert told["models"]["appearance"]["id"] == "tiny"
    assert told["image"]["name"] == "me.png"

    parts = ["animate", "--motion", motion, "--reference", given[3]]
    options = [word.replace("--video-steps", "--steps") for word in WAN]
    again = frames_of(parts, tmp_path / "parts.mp4", *options)
    assert np.abs(whole.astype(int) - again).mean() < 1, "in two steps as in one"
    assert "segment 2 of 2" in capsys.readouterr().err


def test_a_dance_that_is_there_is_filmed_without_a_motion_expert(
    given: list[str], tmp_path: Path, capsys
) -> None:
    frames = frames_of(["generate", *given, "--genre", "Jazz"], tmp_path / "x.mp4")
    assert frames.shape == (20, 48, 32, 3)
    captured = capsys.readouterr()
    assert "no appearance weights given: the body dances" in captured.out
    assert "with --motion-in, --genre changes nothing" in captured.out
    assert "given.npz has 30 fps, and is resampled to the video's 10" in captured.out
    assert "model:" not in captured.out
    told = json.loads((tmp_path / "x.provenance.json").read_text())
    assert told["models"]["motion"]["id"] == "given.npz"
    assert len(frames_of(["generate", *given, "--seconds", "1"], tmp_path / "x.mp4")) == 10


def test_an_expert_without_a_sampler_is_told_none(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    import lightning as L

    from macedance.lightning_modules import expert_classes

    class Statue(L.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("height", torch.ones(1))
            self.temperature = torch.nn.Parameter(torch.ones(1))  # no number that a file could tell

        def generate(self, music, *, num_frames=None, genre=None, temperature=None, generator=None) -> Motion:
            return Motion(torch.zeros(num_frames, 24, 3), self.height.expand(num_frames, 3))

    monkeypatch.setattr(expert_classes, "Statue", Statue, raising=False)
    weights = {"_class_path": "macedance.lightning_modules.expert_classes.Statue"}
    torch.save({"hyper_parameters": weights, "state_dict": Statue().state_dict()}, tmp_path / "a.ckpt")
    assert generate(song, tmp_path / "a.ckpt", tmp_path / "x.mp4", "--fps", "2", "--sampler", "dpm") == 0
    assert "with a Statue, --sampler, --steps changes nothing" in capsys.readouterr().out
    told = json.loads((tmp_path / "x.provenance.json").read_text())["settings"]["motion"]
    assert (told["sampler"], told["steps"], told["temperature"]) == (None, None, None)


def test_an_expert_of_another_kind_of_renderer_films(
    given: list[str], tmp_path: Path, monkeypatch, capsys
) -> None:
    """Any class with the Protocol's method, which knows nothing of segments."""
    import lightning as L

    from macedance.lightning_modules import expert_classes
    from macedance.render.body_renderer import BodyRenderer

    class Painter(L.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("shade", torch.ones(1))

        render = BodyRenderer().render

    monkeypatch.setattr(expert_classes, "Painter", Painter, raising=False)
    weights = {"_class_path": "macedance.lightning_modules.expert_classes.Painter"}
    torch.save({"hyper_parameters": weights, "state_dict": Painter().state_dict()}, tmp_path / "a.ckpt")
    options = ["--appearance", str(tmp_path / "a.ckpt"), "--video-steps", "3"]
    assert len(frames_of(["generate", *given], tmp_path / "x.mp4", *options)) == 20
    assert "with a Painter, --video-steps changes nothing" in capsys.readouterr().out
    told = json.loads((tmp_path / "x.provenance.json").read_text())
    assert told["models"]["appearance"] == {"id": options[1], "sha256": weights_hash(Painter())}
