"""The videos that a preference study compares, from folders of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from macedance.data.dance_files import files_of, key_of
from macedance.data.run_folder import RunFolder

MIN_RUNS = 2
VIDEO_SUFFIX = ".mp4"


@dataclass(frozen=True)
class StudyRun:
    """The videos of one run.

    Attributes:
        name: What tables call it; participants never see it.
        videos: Files by the key of the clip.
        pictures: Files of the persons, by the key of the clip, where they are known.
    """

    name: str
    videos: Mapping[str, Path]
    pictures: Mapping[str, Path]


def read_study_runs(folders: Sequence[str]) -> list[StudyRun]:
    """The runs to compare.

    Args:
        folders: ``PATH`` or ``NAME=PATH`` each; without a name, that of the folder. Folders of a cascade's runs,
            their ``truth`` folders, or folders of mp4 files: what has a folder ``videos`` in it is a run.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: There are fewer than two, two of the same name, or one without videos.
    """
    if len(folders) < MIN_RUNS:
        raise ValueError(
            f"--runs must name at least two folders to compare, got {len(folders)}; name another"
        )
    runs = [_read_run(folder) for folder in folders]
    names = [run.name for run in runs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(
            f"--runs must have different names, got {twice!r} twice; name one of them: NAME=PATH"
        )
    return runs


def _read_run(folder: str) -> StudyRun:
    name, path = _name_and_path(folder)
    if not (path / "videos").is_dir():
        files = files_of(path, (VIDEO_SUFFIX,), "videos (.mp4), or a cascade's run")
        return StudyRun(name, {key_of(file, (VIDEO_SUFFIX,)): file for file in files}, {})
    run = RunFolder(path)
    keys = _keys(path / "videos")
    if not keys:
        raise ValueError(f"{path} must hold videos and has none in {path / 'videos'}; run its cascade first")
    pictures = {key: run.reference_file(key) for key in keys if run.reference_file(key).is_file()}
    return StudyRun(name, {key: run.video_file(key) for key in keys}, pictures)


def _name_and_path(folder: str) -> tuple[str, Path]:
    name, separator, path = folder.partition("=")
    if not separator or Path(folder).exists():
        return Path(folder).resolve().name, Path(folder)
    if not name.strip():
        raise ValueError(f"--runs NAME=PATH must have a name before the sign, got {folder!r}")
    return name.strip(), Path(path)


def _keys(folder: Path) -> list[str]:
    files = (file.relative_to(folder) for file in folder.rglob(f"*{VIDEO_SUFFIX}"))
    return sorted(
        file.as_posix().removesuffix(VIDEO_SUFFIX) for file in files if not file.name.startswith(".")
    )
