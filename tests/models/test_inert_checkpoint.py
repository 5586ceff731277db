from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from macedance.models.inert_checkpoint import InertObject, read_inert_checkpoint


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
    with pytest.raises(ValueError, match=r"arrays\.npz must hold tensors"):
        read_inert_checkpoint(tmp_path / "arrays.npz")
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.pt"):
        read_inert_checkpoint(tmp_path / "none.pt")
