from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from macedance.cli import main
from macedance.models.appearance.weights import load_adapter_file, load_lora_file

KIND = ["convert", "reference-appearance"]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with LoRA.safetensors and Adapter.safetensors as other programs write them."""
    tensors = {}
    for block in range(3):
        for module in ("self_attn.q", "cross_attn.o"):
            tensors[f"pipe.dit.blocks.{block}.{module}.lora_A.default.weight"] = torch.full((4, 8), 1.5)
            tensors[f"pipe.dit.blocks.{block}.{module}.lora_B.default.weight"] = torch.full(
                (8, 4), block + 0.5
            )
    save_file({name: tensor.bfloat16() for name, tensor in tensors.items()}, tmp_path / "LoRA.safetensors")
    adapter = {
        "pose_patch_embedding.weight": torch.ones(8, 16, 1, 2, 2),
        "pose_patch_embedding.bias": torch.ones(8),
        "face_encoder.out_proj.bias": torch.ones(2),
    }
    save_file(
        {f"animate_adapter.{name}": tensor for name, tensor in adapter.items()},
        tmp_path / "Adapter.safetensors",
    )
    return tmp_path


def test_both_files_are_converted_and_told(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lora, adapter, out = (published / name for name in ("LoRA.safetensors", "Adapter.safetensors", "out"))
    assert main([*KIND, "--lora", str(lora), "--adapter", str(adapter), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "LoRA of rank 4 and alpha 4 in 3 blocks, 12 tensors of bfloat16" in told
    assert "Body Adapter of width 8, 2 tensors of float32; left out 1 tensor of the face branch" in told
    assert "face_encoder.out_proj.bias" in told
    assert sorted(file.name for file in out.iterdir()) == [
        "pose_patch_embedding.safetensors",
        "pytorch_lora_weights.safetensors",
    ]
    read = load_lora_file(out)
    assert read[1:] == (4, 4)
    found = read.state["transformer.blocks.2.attn2.to_out.0.lora_B.weight"]
    assert torch.equal(found, torch.full((8, 4), 2.5, dtype=torch.bfloat16))
    assert torch.equal(load_adapter_file(out)["pose_patch_embedding.bias"], torch.ones(8))


def test_one_file_is_enough_and_none_too_few(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = published / "out"
    assert main([*KIND, "--out", str(out)]) == 2
    assert "one of --lora and --adapter must be given" in capsys.readouterr().err
    assert not out.exists()
    assert main([*KIND, "--adapter", str(published / "Adapter.safetensors"), "--out", str(out)]) == 0
    assert [file.name for file in out.iterdir()] == ["pose_patch_embedding.safetensors"]


def test_files_are_replaced_only_on_demand(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = published / "pytorch_lora_weights.safetensors"
    old.write_bytes(b"old")
    arguments = [*KIND, "--lora", str(published / "LoRA.safetensors"), "--out", str(published)]
    assert main(arguments) == 2
    assert "add --overwrite" in capsys.readouterr().err
    assert old.read_bytes() == b"old"
    assert main([*arguments, "--overwrite"]) == 0
    assert len(load_file(old)) == 12


def test_a_wrong_file_leaves_nothing_behind(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lora, adapter, out = (published / name for name in ("LoRA.safetensors", "Adapter.safetensors", "out"))
    assert main([*KIND, "--lora", str(lora), "--adapter", str(lora), "--out", str(out)]) == 2
    assert "a LoRA is a file of its own" in capsys.readouterr().err
    assert main([*KIND, "--lora", str(adapter), "--out", str(out)]) == 2
    assert "a Body Adapter is a file of its own" in capsys.readouterr().err
    assert main([*KIND, "--lora", str(published / "none.safetensors"), "--out", str(out)]) == 2
    assert "none.safetensors" in capsys.readouterr().err
    assert not out.exists()
