from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import torch
from torch import Tensor

from macedance.data.music_features import music_features
from macedance.data.songs import make_song
from macedance.default_expert import default_folder
from macedance.geometry.motion import Motion
from macedance.hashes import weights_hash
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.cascade_experts import motion_expert
from macedance.lightning_modules.expert_files import exported_files, read_expert
from macedance.lightning_modules.exporting import export_expert
from macedance.lightning_modules.loading import load_expert, load_weights
from macedance.metrics import MotionMetrics


@pytest.fixture(scope="module")
def expert() -> MotionExpert:
    return load_expert("default")


def float_types(weights: dict[str, Tensor]) -> set[torch.dtype]:
    return {tensor.dtype for tensor in weights.values() if tensor.is_floating_point()}


def dance(expert: MotionExpert, seed: int) -> Motion:
    music = torch.rand(60, 35, generator=torch.Generator().manual_seed(0))
    return expert.generate(music, sampler="dpm", num_steps=4, generator=torch.Generator().manual_seed(seed))


def test_it_lies_in_the_package_and_is_small() -> None:
    assert default_folder() == Path(str(files("macedance"))) / "default_motion"
    assert exported_files(default_folder()) == ["README.md", "config.yaml", "model.safetensors"]
    assert (default_folder() / "model.safetensors").stat().st_size < 25e6


def test_half_as_large_on_disk_it_works_in_float32(expert: MotionExpert) -> None:
    stored = read_expert("default").weights
    network = {name: tensor for name, tensor in stored.items() if name.startswith("network.")}
    assert float_types(network) == {torch.bfloat16}
    assert stored["normalizer.minimum"].dtype == torch.float32
    assert float_types(expert.state_dict()) == {torch.float32}
    for name, tensor in expert.state_dict().items():
        assert torch.equal(tensor, stored[name].to(tensor.dtype)), name
    assert dance(expert, 0).poses.dtype == torch.float32


def test_the_seed_decides_the_dance(expert: MotionExpert) -> None:
    first, again, other = (dance(expert, seed) for seed in (0, 0, 1))
    assert first.poses.equal(again.poses)
    assert first.trans.equal(again.trans)
    assert not first.poses.equal(other.poses)


def test_it_dances_in_bfloat16() -> None:
    assert dance(load_expert("default").to(torch.bfloat16), 0).poses.isfinite().all()


def test_a_folder_of_its_name_is_another(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    export_expert(tiny_checkpoint, "default")
    assert read_expert("./default").arguments["width"] == 16
    assert read_expert(Path("default")).arguments["width"] == 16
    assert read_expert("default").arguments["width"] != 16


def test_training_begins_with_it_in_float32(expert: MotionExpert) -> None:
    learner = MotionExpert(width=192)
    load_weights(learner, "default")
    assert weights_hash(learner) == weights_hash(expert)
    with pytest.raises(ValueError, match="default: the weights do not fit MotionExpert") as refused:
        load_weights(MotionExpert(width=64, num_dance_layers=2), "default")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("said", ["default", {"weights": "default"}])
def test_it_dances_in_a_cascade(expert: MotionExpert, said: str | dict[str, str]) -> None:
    found = motion_expert(said)
    assert found is not None
    assert (found.name, found.sha256) == ("default", weights_hash(expert))


@pytest.mark.slow
def test_its_dances_keep_to_the_beat_and_to_the_floor(expert: MotionExpert) -> None:
    music, beats = [], []
    for seed in range(6):
        song = make_song(10.0, seed)
        music.append(music_features(song.samples, song.sample_rate))
        beats.append(song.beats)
    dances = [
        expert.generate(torch.from_numpy(heard), num_steps=10, generator=torch.Generator().manual_seed(seed))
        for seed, heard in enumerate(music)
    ]
    metrics = MotionMetrics()
    metrics.update(
        joints=torch.stack([one.joints() for one in dances]),
        poses=torch.stack([one.poses for one in dances]),
        music_beats=beats,
        fps=dances[0].fps,
    )
    scores = {name: metrics[name].compute() for name in ("bas", "fsr", "jerk", "joint_limits")}
    assert scores["bas"]["gap"] > 0.1
    assert scores["fsr"] < 0.1
    assert 40 < scores["jerk"] < 150
    assert scores["joint_limits"] < 0.001
