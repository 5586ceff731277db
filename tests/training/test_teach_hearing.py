from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import teach_hearing
import torch
from teach_hearing import error, held_out_error, read_pairs, windows
from torch import Tensor, nn

from macedance.data.genres import GENRES
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.expert_files import read_expert
from macedance.lightning_modules.loading import load_expert

from .tiny_training import CLASS_PATH, TINY, TickingClock, refusal, run_script

FRAMES, WINDOW, BATCH = 90, 60, 8


class Heard(nn.Module):
    """Gives what it is told to, for any music."""

    def __init__(self, encoded: Tensor) -> None:
        super().__init__()
        self.encoded = encoded

    def encode_music(self, music: Tensor, genre: Tensor) -> Tensor:
        return self.encoded


@pytest.fixture
def pairs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three parts of pairs in which the recorded features are the clean ones, squeezed and moved."""
    monkeypatch.setattr(teach_hearing, "BATCH_SIZE", BATCH)
    monkeypatch.setattr(teach_hearing, "WINDOW_FRAMES", WINDOW)
    folder = tmp_path / "pairs"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for part in range(3):
        clean = rng.standard_normal((6, FRAMES, 35)).astype(np.float16)
        recorded = (0.4 * clean + 1).astype(np.float16)
        np.savez(
            folder / f"{part:04d}.npz",
            clean=clean,
            recorded=recorded,
            genre=rng.integers(len(GENRES), size=6),
        )
    return folder


def test_windows_are_pieces_of_a_pair(pairs_folder: Path) -> None:
    pairs = read_pairs(sorted(pairs_folder.iterdir()))
    drawn = list(itertools.islice(windows(pairs, torch.Generator().manual_seed(0)), 60))
    heard, target, genre = (torch.cat(parts) for parts in zip(*drawn, strict=True))
    assert heard.shape == target.shape == (60 * BATCH, WINDOW, 35)
    is_clean = (heard == target).all(dim=(1, 2))
    torch.testing.assert_close(heard[~is_clean], 0.4 * target[~is_clean] + 1, rtol=0, atol=2e-3)
    assert is_clean.float().mean() == pytest.approx(teach_hearing.CLEAN_SHARE, abs=0.08)
    is_unknown = genre == len(GENRES)
    assert is_unknown.float().mean() == pytest.approx(teach_hearing.UNKNOWN_GENRE_SHARE, abs=0.08)
    places = pairs[1].unfold(1, WINDOW, 1).transpose(2, 3).flatten(0, 1).float()
    starts = len(places) // len(pairs[2])
    for window, its_genre in zip(target[:50], genre[:50].tolist(), strict=True):
        (place,) = (places == window).all(dim=(1, 2)).nonzero()[:, 0].tolist()
        assert its_genre in (len(GENRES), int(pairs[2][place // starts]))


def test_the_error_of_a_constant_is_one() -> None:
    encoded = torch.randn(4, 500, 16, generator=torch.Generator().manual_seed(0))
    nothing = (torch.empty(0), torch.empty(0), torch.empty(0))
    constant = encoded.mean(dim=(0, 1)).expand_as(encoded)
    assert error(Heard(constant), Heard(encoded), nothing) == pytest.approx(1, rel=1e-3)
    assert error(Heard(encoded), Heard(encoded), nothing) == 0


def test_only_hearing_is_taught(
    expert_folder: Path, pairs_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teach_hearing, "time", TickingClock())
    out = tmp_path / "heard"
    arguments = [expert_folder, "--pairs", pairs_folder, "--minutes", 2, "--learning-rate", 5e-3]
    run_script(teach_hearing.main, monkeypatch, *arguments, "--out", out)
    report = json.loads((out / "hearing.json").read_text())
    assert (report["songs"], report["steps"], report["minutes"]) == (12, 119, 2)
    assert report["error_after"] < 0.5 * report["error_before"]

    teacher, student = load_expert(expert_folder), load_expert(out)
    held_out = read_pairs([pairs_folder / "0002.npz"])
    for network, name in ((teacher.network, "error_before"), (student.network, "error_after")):
        assert held_out_error(network, teacher.network, held_out) == pytest.approx(report[name], rel=1e-4)
    before, after = read_expert(expert_folder), read_expert(out)
    assert after.arguments == before.arguments
    changed = {name for name, value in before.weights.items() if not torch.equal(after.weights[name], value)}
    assert "network.music_projection.weight" in changed
    assert all(name.startswith(("network.music_projection.", "network.music_layers.")) for name in changed)


def test_hidden_files_are_no_parts(
    expert_folder: Path, pairs_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (pairs_folder / ".123.0003.npz").write_bytes(b"half of a part")
    (pairs_folder / "settings.json").write_text("{}")
    monkeypatch.setattr(teach_hearing, "time", TickingClock())
    arguments = [expert_folder, "--pairs", pairs_folder, "--minutes", 0.05, "--out", tmp_path / "heard"]
    run_script(teach_hearing.main, monkeypatch, *arguments)
    assert json.loads((tmp_path / "heard/hearing.json").read_text())["songs"] == 12


def test_the_export_names_its_class(
    expert_folder: Path, pairs_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = tmp_path / "last.ckpt"  # which names none
    torch.save({"hyper_parameters": TINY, "state_dict": read_expert(expert_folder).weights}, checkpoint)
    monkeypatch.setattr(teach_hearing, "time", TickingClock())
    arguments = [checkpoint, "--pairs", pairs_folder, "--minutes", 0.05, "--out", tmp_path / "heard"]
    run_script(teach_hearing.main, monkeypatch, *arguments)
    assert read_expert(tmp_path / "heard").class_path == CLASS_PATH
    assert type(load_expert(tmp_path / "heard")) is MotionExpert


@pytest.mark.parametrize(
    ("num_parts", "window", "told"),
    [
        (1, WINDOW, "--pairs must hold two parts at least, for the last is held out, got 1"),
        (3, FRAMES + 1, "songs must have 91 frames at least, got 90; make longer ones"),
    ],
)
def test_too_few_or_too_short_songs_are_refused(
    num_parts: int,
    window: int,
    told: str,
    expert_folder: Path,
    pairs_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(teach_hearing, "WINDOW_FRAMES", window)
    for number in range(num_parts, 3):
        (pairs_folder / f"000{number}.npz").unlink()
    arguments = [expert_folder, "--pairs", pairs_folder, "--out", tmp_path / "heard"]
    assert refusal(teach_hearing.main, monkeypatch, capsys, *arguments) == told
    assert not (tmp_path / "heard").exists()
