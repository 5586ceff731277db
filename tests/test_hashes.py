from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from torch import nn

from macedance.hashes import config_hash, file_hash, weights_hash


def test_settings_hash_alike_whatever_their_order_and_containers() -> None:
    first = {"size": (480, 832), "nested": {"a": 1, "b": Path("x/y")}, "unknown": float("nan")}
    second = {"unknown": None, "nested": {"b": "x/y", "a": 1}, "size": [480, 832]}
    assert config_hash(first) == config_hash(second)
    assert config_hash(first) != config_hash({**first, "size": (832, 480)})


def test_weights_hash_by_names_types_shapes_and_values() -> None:
    def module(**options: bool) -> nn.Module:
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(4, 2, **options), nn.BatchNorm1d(2))

    known = weights_hash(module())
    assert weights_hash(module()) == known
    changed = module()
    with torch.no_grad():
        changed[0].weight[1, 3] += 1e-6
    reshaped = module()
    reshaped[0].weight.data = reshaped[0].weight.data.reshape(4, 2)
    others = {weights_hash(other) for other in (changed, reshaped, module().bfloat16(), module(bias=False))}
    assert len(others) == 4
    assert known not in others


def test_what_has_no_weights_has_no_hash() -> None:
    assert weights_hash(nn.ReLU()) is None
    assert weights_hash("text") is None


def test_files_hash_by_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"dance")
    assert file_hash(tmp_path / "x") == hashlib.sha256(b"dance").hexdigest()
