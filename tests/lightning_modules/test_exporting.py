from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from macedance.lightning_modules.expert_files import StoredExpert, read_expert
from macedance.lightning_modules.exporting import export_expert, resolved_folder, write_expert

OLD, NEW = (StoredExpert("", "a.Class", {"width": n}, {"x": torch.full((3,), float(n))}) for n in (1, 2))


class WithMore:
    @staticmethod
    def write_exports(folder: Path, arguments: dict, weights: dict) -> None:
        (folder / "more.txt").write_text(str(arguments["width"]))
        (folder / "more").mkdir()


@pytest.mark.parametrize("umask", [0o022, 0o007, 0o077])
def test_all_files_obey_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_expert(NEW, WithMore, tmp_path / "expert", "card")
    finally:
        os.umask(before)
    files = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "expert").iterdir()}
    assert files.pop("more") == 0o777 & ~umask
    assert files == dict.fromkeys(
        ("README.md", "config.yaml", "model.safetensors", "more.txt"), 0o666 & ~umask
    )


@pytest.mark.parametrize("cut_off_at", range(3))
def test_a_replacement_that_was_cut_off_is_no_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_off_at: int
) -> None:
    write_expert(OLD, object, tmp_path, "old card")
    replace, replaced = Path.replace, []

    def cut_off(source: Path, target: Path) -> Path:
        if len(replaced) == cut_off_at:
            raise KeyboardInterrupt
        assert source.is_relative_to(tmp_path)  # which may be of another disk than the folder that it lies in
        replaced.append(target)
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        write_expert(NEW, object, tmp_path, "new card")
    with pytest.raises(FileNotFoundError, match=r"has no config\.yaml"):
        read_expert(tmp_path)
    monkeypatch.undo()
    write_expert(NEW, object, tmp_path, "new card")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "README.md",
        "config.yaml",
        "model.safetensors",
    ]
    assert (tmp_path / "README.md").read_text() == "new card"
    read = read_expert(tmp_path)
    assert (read.arguments, read.weights["x"].tolist()) == ({"width": 2}, [2, 2, 2])


def test_a_failure_before_the_replacement_leaves_the_old_expert(tmp_path: Path) -> None:
    write_expert(OLD, object, tmp_path, "old card")

    class Fails:
        @staticmethod
        def write_exports(*_: object) -> None:
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        write_expert(NEW, Fails, tmp_path, "new card")
    assert read_expert(tmp_path).arguments == {"width": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "README.md",
        "config.yaml",
        "model.safetensors",
    ]


def test_a_folder_by_another_name_exists_already(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--out must be a folder that does not exist yet"):
        export_expert(trained, tmp_path / "new" / "..", prefix="--")
    assert not list(tmp_path.iterdir())


def test_a_folder_may_be_what_a_link_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new/expert")
    write_expert(NEW, object, tmp_path / "link", "card")
    assert read_expert(tmp_path / "new" / "expert").arguments == {"width": 2}
    assert resolved_folder(tmp_path / "link", "out") == tmp_path.resolve() / "new" / "expert"


def test_the_root_is_no_folder_for_an_expert() -> None:
    with pytest.raises(ValueError, match=r"^out must be a folder with a name, got /"):
        resolved_folder("/", "out")
