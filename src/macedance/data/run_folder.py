"""The folder that a cascade writes: what it made of every clip of a split, and what that scored."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUN_FIELDS = ("name", "split", "models", "settings", "config_hash", "created", "environment")
CLIP_FIELDS = (
    "key",
    "genre",
    "seed",
    "num_frames",
    "fps",
    "seconds",
    "music_beats",
    "has_sound",
    "has_motion",
    "has_true_motion",
    "has_true_video",
    "made_of",
)


@dataclass(frozen=True)
class RunFolder:
    """Names the files of a run.

    Every file has its name only when it is complete::

        run.json                what made the clips: models, settings and their hash, environment
        config.yaml             the configuration that it was started with
        clips/KEY.json          what is known of a clip; written last, so that it marks one that is done
        motions/KEY.npz         the dance
        poses/KEY.npz           the points that it was projected to
        videos/KEY.mp4          the video, with the music's sound if it is known
        videos/KEY.keypoints.json   where the dancer is in it, if somebody looked
        measured/KEY.safetensors    what metrics take in of the video
        references/KEY.jpg      the picture of the person
        truth/motions/KEY.npz, truth/videos/KEY.mp4, truth/measured/KEY.safetensors     the real ones, if known
        scores.json             tables of scores
        clips.csv               every clip's scores
        report.html             all of it to look at

    Attributes:
        path: The folder.
    """

    path: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))

    def run_file(self) -> Path:
        """What made the clips."""
        return self.path / "run.json"

    def config_file(self) -> Path:
        """The configuration that it was started with."""
        return self.path / "config.yaml"

    def clip_file(self, key: str) -> Path:
        """What is known of a clip."""
        return _inside(self.path / "clips", f"{key}.json")

    def motion_file(self, key: str, *, truth: bool = False) -> Path:
        """The dance, made or real."""
        return _inside(self._of(truth) / "motions", f"{key}.npz")

    def video_file(self, key: str, *, truth: bool = False) -> Path:
        """The video, made or real."""
        return _inside(self._of(truth) / "videos", f"{key}.mp4")

    def measured_file(self, key: str, *, truth: bool = False) -> Path:
        """What metrics take in of the video, made or real."""
        return _inside(self._of(truth) / "measured", f"{key}.safetensors")

    def poses_file(self, key: str) -> Path:
        """The points that the dance was projected to."""
        return _inside(self.path / "poses", f"{key}.npz")

    def reference_file(self, key: str) -> Path:
        """The picture of the person."""
        return _inside(self.path / "references", f"{key}.jpg")

    def scores_file(self) -> Path:
        """Tables of scores."""
        return self.path / "scores.json"

    def clip_scores_file(self) -> Path:
        """Every clip's scores."""
        return self.path / "clips.csv"

    def report_file(self) -> Path:
        """The page to look at."""
        return self.path / "report.html"

    def has_results(self) -> bool:
        """Whether anything was made yet: a motion or a video, if not a whole clip."""
        folders = (self.path / "motions", self.path / "videos", self.path / "clips")
        return any(
            file.is_file() and not file.name.startswith(".")
            for folder in folders
            for file in folder.rglob("*")
        )

    def keys(self) -> list[str]:
        """The clips that are done, in order of their names."""
        folder = self.path / "clips"
        return sorted(
            file.relative_to(folder).as_posix().removesuffix(".json")
            for file in folder.rglob("*.json")
            if not file.name.startswith(".")
        )

    def read_clip(self, key: str) -> dict[str, Any]:
        """What is known of a clip.

        ``key``, ``genre`` (or null), ``seed``, ``num_frames`` and ``fps`` of the video, ``seconds``,
        ``music_beats`` in seconds, ``has_sound``, ``has_motion``, ``has_true_motion`` and ``has_true_video``;
        ``made_of``, digests of what it was made of.

        Raises:
            FileNotFoundError: The clip is not done.
            ValueError: The file is damaged.
        """
        return _read_json(self.clip_file(key), CLIP_FIELDS)

    def read_run(self) -> dict[str, Any]:
        """What made the clips.

        ``name`` of the cascade, ``split``, ``models`` (``motion`` and ``appearance``, each a mapping with ``id``,
        ``sha256`` of the weights and ``built_of``, a digest of class and arguments, or null), ``settings``,
        ``config_hash``, ``created``, ``environment``.

        Raises:
            FileNotFoundError: The folder is not a cascade's.
            ValueError: The file is damaged.
        """
        return _read_json(self.run_file(), RUN_FIELDS)

    def read_scores(self) -> list[dict[str, Any]]:
        """Tables of scores, or none if they have not been made yet.

        Each has a ``title``, a ``protocol`` in words, ``notes`` (lines), ``what`` the sets are of, and ``rows``: by
        set, the ground truth first, ``num_clips``, ``scores`` and ``intervals`` as
        :class:`~macedance.metrics.scores.ScoreRow` has them; unknown numbers are null.

        Raises:
            ValueError: The file is damaged.
        """
        return _read_json(self.scores_file(), ("tables",))["tables"] if self.scores_file().is_file() else []

    def _of(self, truth: bool) -> Path:
        return self.path / "truth" if truth else self.path


def _inside(folder: Path, name: str) -> Path:
    """The file of that name, if the name does not lead out of the folder: keys come with the data."""
    path = folder / name
    if path.is_absolute() != folder.is_absolute() or ".." in path.relative_to(folder).parts:
        raise ValueError(f"a clip's key must be a name that stays in its folder, got {name!r}")
    return path


def _read_json(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """The mapping in a file, which must have these names."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("it holds no mapping")
        missing = [name for name in names if name not in content]
        if missing:
            raise ValueError(f"it lacks {', '.join(missing)}")
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no {path}; name the folder of a cascade's run") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is damaged ({error}); remove it and run the cascade again") from error
    return content
