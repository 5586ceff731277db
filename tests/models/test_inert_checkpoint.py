from __future__ import annotations

import argparse
import copy
import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
import pytest
import torch

from macedance.models.inert_checkpoint import InertObject, is_plain, read_inert_checkpoint


class Calls:
    """Pickled as a call of a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple:
        return self.call


@pytest.fixture
def gone() -> Any:
    """A class whose module cannot be imported once the test goes on to read."""
    module = ModuleType("gone_module")
    module.Thing = type("Thing", (), {"__module__": "gone_module"})
    sys.modules["gone_module"] = module
    yield module.Thing
    sys.modules.pop("gone_module", None)


def test_objects_of_unknown_classes_come_as_their_state(gone: Any, tmp_path: Path) -> None:
    outer, inner = gone(), gone()
    inner.values, inner.number = torch.arange(3.0), 7
    outer.inner, outer.settings = inner, argparse.Namespace(rate=0.5)
    content = {"outer": outer, "bare": gone(), "weights": OrderedDict(a=torch.ones(2, dtype=torch.bfloat16))}
    torch.save(content, tmp_path / "x.pt")
    del sys.modules["gone_module"]
    read = read_inert_checkpoint(tmp_path / "x.pt")
    assert isinstance(read["outer"], InertObject)
    assert read["outer"].origin == "gone_module.Thing"
    assert read["outer"].state["inner"].state["values"].tolist() == [0, 1, 2]
    assert read["outer"].state["inner"].state["number"] == 7
    assert read["outer"].state["settings"].state == {"rate": 0.5}
    assert read["bare"].state is None
    assert read["weights"]["a"].dtype == torch.bfloat16
    assert "gone_module" not in sys.modules


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i4", "i8", "b1"])
def test_arrays_and_numbers_of_numpy_come_as_such(tmp_path: Path, dtype: str) -> None:
    array = np.asfortranarray(np.arange(6).reshape(2, 3).astype(dtype))
    torch.save({"array": array, "number": array[1, 2]}, tmp_path / "x.pt")
    read = read_inert_checkpoint(tmp_path / "x.pt")
    np.testing.assert_array_equal(read["array"], array)
    assert read["array"].dtype == array.dtype
    assert read["number"] == array[1, 2]


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (os.mkdir, "{}"),
        (os.system, "mkdir {}"),
        (eval, "__import__('os').mkdir('{}')"),
        (exec, "import os; os.mkdir('{}')"),
        (subprocess.getoutput, "mkdir {}"),
        (Path, "{}"),
    ],
)
def test_nothing_is_called(tmp_path: Path, function: Any, argument: str) -> None:
    sprung = tmp_path / "sprung"
    trap = Calls(function, argument.format(sprung))
    torch.save({"weights": torch.ones(1), "trap": trap}, tmp_path / "x.pt")
    with pytest.raises(ValueError, match=rf"\.{function.__name__}.*; nothing of it was run") as caught:
        read_inert_checkpoint(tmp_path / "x.pt")
    assert not sprung.exists()
    assert "\n" not in str(caught.value)


def test_a_state_is_not_applied_to_anything(gone: Any, tmp_path: Path) -> None:
    thing = gone()
    thing.origin, thing.__dict__["__class__"], thing.__dict__["__setstate__"] = "mine", 1, 2
    torch.save(thing, tmp_path / "x.pt")
    read = read_inert_checkpoint(tmp_path / "x.pt")
    assert read.origin == "gone_module.Thing"
    assert read.state["origin"] == "mine"


def test_what_is_allowed_here_is_refused_elsewhere_afterwards(gone: Any, tmp_path: Path) -> None:
    torch.save({"array": np.ones(2), "thing": gone()}, tmp_path / "x.pt")
    read_inert_checkpoint(tmp_path / "x.pt")
    assert "gone_module.Thing" in torch.serialization.get_unsafe_globals_in_checkpoint(tmp_path / "x.pt")


def test_refuses_other_files_in_one_line(tmp_path: Path) -> None:
    torch.save({"a": 1}, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
    (tmp_path / "text.pt").write_text("hello")
    np.savez(tmp_path / "arrays.npz", a=np.ones(2))
    torch.save({"a": torch.ones(1000)}, tmp_path / "cut.pt")
    (tmp_path / "cut.pt").write_bytes((tmp_path / "cut.pt").read_bytes()[:2000])
    for name in ("old.pt", "text.pt", "cut.pt"):
        with pytest.raises(ValueError, match=r"must be a whole zip file.*save it anew"):
            read_inert_checkpoint(tmp_path / name)
    with pytest.raises(ValueError, match=r"arrays\.npz must hold tensors.*\(RuntimeError: .*subdirectory"):
        read_inert_checkpoint(tmp_path / "arrays.npz")
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.pt"):
        read_inert_checkpoint(tmp_path / "none.pt")


def test_torchs_reason_is_told_in_one_line_without_its_advice(tmp_path: Path) -> None:
    torch.save(np.array([None]), tmp_path / "x.pt")
    with pytest.raises(ValueError, match=r"UnpicklingError: Can only build Tensor.*ObjectDType") as caught:
        read_inert_checkpoint(tmp_path / "x.pt")
    assert "\n" not in str(caught.value)
    assert "weights_only" not in str(caught.value)


def zipped_anew(path: Path, method: int, changed: dict[str, bytes]) -> Path:
    """The same file, its parts packed by that method, some with other content."""
    with ZipFile(path) as file:
        parts = {name: changed.get(name.partition("/")[2], file.read(name)) for name in file.namelist()}
    with ZipFile(path, "w", method) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("method", "changed", "message"),
    [
        (ZIP_DEFLATED, {}, "its part x/data.pkl is compressed; load the file and save it anew"),
        (ZIP_STORED, {"data/0": b"few"}, "RuntimeError: .*size"),
        (ZIP_STORED, {"data/1": bytes(10_000)}, "RuntimeError: .*size"),
        (ZIP_STORED, {"data.pkl": bytes(2**26 + 1)}, "its part x/data.pkl is larger than 64 MB"),
    ],
    ids=["deflated", "too short", "too long", "large pickle"],
)
def test_refuses_parts_that_are_not_as_torch_writes_them(
    tmp_path: Path, method: int, changed: dict[str, bytes], message: str
) -> None:
    torch.save({"a": torch.arange(1000.0), "b": torch.arange(999.0)}, tmp_path / "x.pt")
    assert read_inert_checkpoint(zipped_anew(tmp_path / "x.pt", ZIP_STORED, {}))["b"][998] == 998
    with pytest.raises(ValueError, match=message) as caught:
        read_inert_checkpoint(zipped_anew(tmp_path / "x.pt", method, changed))
    assert "\n" not in str(caught.value)


def test_refuses_parts_that_share_their_bytes(tmp_path: Path) -> None:
    torch.save(torch.arange(1000.0), tmp_path / "x.pt")
    with ZipFile(tmp_path / "x.pt", "a") as file:
        again = copy.copy(file.getinfo("x/data/0"))
        again.filename = "x/data/1"
        file.filelist.append(again)
        file.writestr("x/note", "")
    with pytest.raises(ValueError, match="its parts overlap"):
        read_inert_checkpoint(tmp_path / "x.pt")


@pytest.mark.parametrize(
    ("tensor", "is_so"),
    [
        (torch.ones(3), True),
        (torch.ones(4, 3)[1:].T, True),
        (torch.ones(3, dtype=torch.int64), True),
        (torch.ones(1).expand(3), False),
        (torch.ones(3).to_sparse(), False),
        (torch.ones(3, dtype=torch.complex64), False),
        (torch.ones(3, device="meta"), False),
    ],
    ids=["ones", "turned", "whole numbers", "repeated", "sparse", "complex", "meta"],
)
def test_plain_tensors_have_memory_for_each_real_number(tensor: torch.Tensor, is_so: bool) -> None:
    assert is_plain(tensor) == is_so
