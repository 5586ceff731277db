from __future__ import annotations

from pathlib import Path

import pytest
import torch

from macedance.models.appearance.backbone import load_transformer
from macedance.models.appearance.rehearsal import blank_encodings, weightless_transformer


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_weightless_transformer_has_the_shapes_and_types_of_a_loaded_one(dtype: torch.dtype) -> None:
    def told(transformer: torch.nn.Module) -> dict[str, tuple[torch.Size, torch.dtype]]:
        return {name: (value.shape, value.dtype) for name, value in transformer.named_parameters()}

    blank = weightless_transformer("tiny", dtype=dtype)
    assert told(blank) == told(load_transformer("tiny", dtype=dtype))
    assert {parameter.device.type for parameter in blank.parameters()} == {"meta"}


def test_of_a_folder_the_sizes_are_read(tmp_path: Path) -> None:
    blank = weightless_transformer("tiny", dtype=torch.float32)
    blank.save_config(tmp_path / "transformer")
    found = weightless_transformer(tmp_path, dtype=torch.float32)
    assert [p.shape for p in found.parameters()] == [p.shape for p in blank.parameters()]
    (tmp_path / "transformer" / "config.json").unlink()
    with pytest.raises(FileNotFoundError, match="it has no transformer/config"):
        weightless_transformer(tmp_path, dtype=torch.float32)


def test_encodings_have_the_shapes_that_are_stored() -> None:
    transformer = weightless_transformer("tiny", dtype=torch.float32)
    shapes = {
        name: tuple(value.shape) for name, value in blank_encodings(transformer, 2, 17, (64, 32)).items()
    }
    assert shapes["video"] == shapes["pose"] == shapes["condition_r5"] == (2, 16, 5, 8, 4)
    assert shapes["reference"] == (2, 16, 1, 8, 4)
    with pytest.raises(ValueError, match="size must be at most 512 px"):
        blank_encodings(transformer, 1, 17, (832, 480))
