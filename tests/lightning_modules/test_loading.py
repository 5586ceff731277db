from __future__ import annotations

import os
import pickle
import shutil
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from macedance.lightning_modules.exporting import export_expert
from macedance.lightning_modules.loading import load_expert, newest_checkpoint


def test_an_export_equals_its_checkpoint(trained: Path, tmp_path: Path) -> None:
    folder = export_expert(trained, tmp_path / "expert")
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "config.yaml", "model.safetensors"]
    assert yaml.safe_load((folder / "config.yaml").read_text())["init_args"]["width"] == 16
    first, second = load_expert(trained), load_expert(folder)
    assert not second.training
    for name, tensor in first.state_dict().items():
        assert torch.equal(tensor, second.state_dict()[name])
    with pytest.raises(ValueError, match="does not exist yet"):
        export_expert(trained, folder)


def test_refuses_what_is_no_expert(tmp_path: Path) -> None:
    (tmp_path / "text.ckpt").write_text("hello")
    with pytest.raises(ValueError, match="not the checkpoint of an expert"):
        load_expert(tmp_path / "text.ckpt")
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        load_expert(tmp_path / "none.ckpt")
    with pytest.raises(FileNotFoundError, match="not an exported expert"):
        load_expert(tmp_path)


def test_runs_no_code_from_a_checkpoint(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    with (tmp_path / "trap.ckpt").open("wb") as file:
        pickle.dump({"hyper_parameters": {}, "state_dict": Trap()}, file)
    with pytest.raises(ValueError, match="not the checkpoint of an expert"):
        load_expert(tmp_path / "trap.ckpt")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["os.mkdir", "macedance.geometry.motion.Motion", "this.MotionExpert"])
def test_calls_nothing_but_known_experts(trained: Path, tmp_path: Path, name: str) -> None:
    folder = export_expert(trained, tmp_path / "expert")
    arguments = {"path": str(tmp_path / "sprung")}
    (folder / "config.yaml").write_text(yaml.safe_dump({"class_path": name, "init_args": arguments}))
    torch.save(
        {"hyper_parameters": {"_class_path": name, **arguments}, "state_dict": {}}, tmp_path / "x.ckpt"
    )
    for path in (folder, tmp_path / "x.ckpt"):
        with pytest.raises(ValueError, match="is no expert known here"):
            load_expert(path)
    assert not (tmp_path / "sprung").exists()
    assert "this" not in sys.modules


@pytest.mark.parametrize("text", ["init_args: {}", "[", "text"])
def test_a_damaged_export_is_named(trained: Path, tmp_path: Path, text: str) -> None:
    folder = export_expert(trained, tmp_path / "expert")
    (folder / "config.yaml").write_text(text)
    with pytest.raises(ValueError, match="expert is not an exported expert"):
        load_expert(folder)


def test_weights_that_do_not_fit_are_named(trained: Path, tmp_path: Path) -> None:
    folder = export_expert(trained, tmp_path / "expert")
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["init_args"]["width"] = 32
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(ValueError, match="the weights do not fit"):
        load_expert(folder)


def test_finds_the_newest_checkpoint(trained: Path, tmp_path: Path) -> None:
    export_expert(trained, tmp_path / "export")
    with pytest.raises(FileNotFoundError, match="make demo"):
        newest_checkpoint(tmp_path)
    for age, name in ((9, "a/old.ckpt"), (5, "b/new.ckpt"), (0, "b/.7.last.ckpt")):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (1e9 - age, 1e9 - age))
    assert newest_checkpoint(tmp_path) == tmp_path / "b" / "new.ckpt"


@pytest.fixture
def scratch_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint of an expert whose package is on the path, but not imported and offered by no entry point."""
    code = """
import lightning as L, torch
class Waltz(L.LightningModule):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.first = torch.nn.Parameter(torch.zeros(size))
        self.second = self.first
class NoExpert:
    pass
"""
    (tmp_path / "scratch_waltz.py").write_text(code)
    (tmp_path / "scratch_broken.py").write_text("from torch import no_such_name")
    (tmp_path / "scratch_dividing.py").write_text("1 / 0")
    (tmp_path / "scratch_leaving.py").write_text("raise SystemExit('no GPU')")
    (tmp_path / "scratch_lacking.py").write_text("raise ModuleNotFoundError('of its own')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "scratch_waltz", raising=False)
    weights = torch.arange(3.0)
    path = tmp_path / "waltz.ckpt"
    arguments = {"size": 3, "_class_path": "scratch_waltz.Waltz"}
    torch.save({"hyper_parameters": arguments, "state_dict": {"first": weights, "second": weights}}, path)
    return path


def test_a_class_is_imported_only_if_the_caller_names_it(scratch_package: Path, tmp_path: Path) -> None:
    for read in (load_expert, lambda path: export_expert(path, tmp_path / "refused")):
        with pytest.raises(ValueError, match=r"scratch_waltz\.Waltz is no expert known here"):
            read(scratch_package)
    assert "scratch_waltz" not in sys.modules
    assert not (tmp_path / "refused").exists()
    named = {"class_path": "scratch_waltz.Waltz"}
    folder = export_expert(scratch_package, tmp_path / "waltz", **named)
    expert = load_expert(folder, **named)
    assert type(expert).__name__ == "Waltz"
    assert expert.first.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("class_path", "message"),
    [
        (
            "macedance.lightning_modules.MotionExpert",
            "must be the one that .*waltz.ckpt names, scratch_waltz",
        ),
        ("scratch_waltz.NoExpert", "must name a LightningModule, scratch_waltz.NoExpert is none"),
        ("no_such_package.Waltz", "there is no module no_such_package for no_such_package.Waltz"),
        ("Waltz", "there is no module Waltz"),
        ("scratch_lacking.Waltz", "there is no module scratch_lacking for"),
        (
            "scratch_broken.Waltz",
            r"class_path: scratch_broken.Waltz cannot be imported \(ImportError: cannot import",
        ),
        ("scratch_dividing.Waltz", r"cannot be imported \(ZeroDivisionError: division by zero\)"),
        (
            ".Waltz",
            "class_path must be the dotted path of a class, such as my_package.MyExpert, got '.Waltz'",
        ),
        ("scratch_leaving.Waltz", r"cannot be imported \(SystemExit: no GPU\)"),
        ("scratch_waltz.", "class_path must be the dotted path of a class"),
        ("", "class_path must be the dotted path of a class"),
    ],
)
def test_a_class_path_that_cannot_be_is_refused(scratch_package: Path, class_path: str, message: str) -> None:
    with pytest.raises((ValueError, ModuleNotFoundError), match=message):
        load_expert(scratch_package, class_path=class_path)


def with_arguments(path: Path, **arguments: Any) -> Path:
    stored = torch.load(path, weights_only=True)
    stored["hyper_parameters"] |= arguments
    torch.save(stored, path)
    return path


def test_an_export_tells_arguments_in_plain_yaml(trained: Path, tmp_path: Path) -> None:
    weights = OrderedDict(position=2.0)
    path = with_arguments(
        Path(shutil.copy(trained, tmp_path)), loss_weights=weights, sizes=torch.Size([2, 3])
    )
    folder = export_expert(path, tmp_path / "expert")
    stored = yaml.safe_load((folder / "config.yaml").read_text())["init_args"]
    assert (stored["loss_weights"], stored["sizes"]) == ({"position": 2.0}, [2, 3])
    assert "OrderedDict" not in (folder / "README.md").read_text()


@pytest.mark.parametrize("value", [torch.float32, {"inner": [torch.zeros(2)]}, {(1, 2): 3}])
def test_an_argument_that_no_export_can_hold_is_named(trained: Path, tmp_path: Path, value: Any) -> None:
    path = with_arguments(Path(shutil.copy(trained, tmp_path)), odd=value)
    with pytest.raises(ValueError, match="the argument odd must be of numbers, text, lists and mappings"):
        export_expert(path, tmp_path / "expert")
    assert not (tmp_path / "expert").exists()


def test_arguments_that_are_not_stored_are_told(scratch_package: Path) -> None:
    stored = torch.load(scratch_package, weights_only=True)
    del stored["hyper_parameters"]
    torch.save(stored, scratch_package)
    with pytest.raises(
        ValueError, match=r"missing a required argument: 'size'\); let its __init__ call self.save_"
    ):
        load_expert(scratch_package, class_path="scratch_waltz.Waltz")
