"""The extractors of all appearance metrics together, by name or from a YAML file."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from macedance.config_files import find_config
from macedance.metrics.extractors.devices import require_device
from macedance.metrics.extractors.linear_interpolator import LinearInterpolator
from macedance.metrics.extractors.protocols import (
    FrameFeatures,
    FrameInterpolator,
    FrameScores,
    PerceptualDistance,
    VideoFeatures,
)
from macedance.metrics.extractors.random_network import (
    RandomFrameFeatures,
    RandomFrameScores,
    RandomPerceptualDistance,
    RandomVideoFeatures,
)

_PACKAGE = "macedance.metrics.extractors"


@dataclass(frozen=True)
class AppearanceExtractors:
    """What each appearance metric is measured with; a metric whose extractor is None is left out.

    Attributes:
        fid: For the Fréchet distance of frames.
        fvd: For the Fréchet distance of clips.
        lpips: For the distance of generated from real frames.
        subject: For subject consistency.
        background: For background consistency.
        identity: For likeness with the reference picture.
        smoothness: For motion smoothness.
        imaging: For imaging quality.
        aesthetic: For aesthetic quality.
    """

    fid: FrameFeatures | None = None
    fvd: VideoFeatures | None = None
    lpips: PerceptualDistance | None = None
    subject: FrameFeatures | None = None
    background: FrameFeatures | None = None
    identity: FrameFeatures | None = None
    smoothness: FrameInterpolator | None = None
    imaging: FrameScores | None = None
    aesthetic: FrameScores | None = None

    def names(self) -> dict[str, str]:
        """The names of the extractors that there are, by metric.

        >>> AppearanceExtractors(smoothness=LinearInterpolator()).names()
        {'motion_smoothness': 'linear'}
        """
        extractors = {metric: getattr(self, key) for metric, key in NETWORK_METRICS.items()}
        return {metric: extractor.name for metric, extractor in extractors.items() if extractor is not None}

    def num_features(self) -> dict[str, int]:
        """Features of a sample of ``fid`` and ``fvd``, of those that there are."""
        found = {"fid": self.fid, "fvd": self.fvd}
        return {
            metric: extractor.num_features for metric, extractor in found.items() if extractor is not None
        }

    @classmethod
    def random(cls, seed: int = 0, *, device: str = "cpu") -> AppearanceExtractors:
        """Extractors that need no files: of random weights, and the mean of frames for what lies between."""
        features = RandomFrameFeatures(seed=seed, device=device)
        scores = RandomFrameScores(seed, device=device)
        return cls(
            fid=features,
            fvd=RandomVideoFeatures(seed=seed, device=device),
            lpips=RandomPerceptualDistance(seed, device=device),
            subject=features,
            background=features,
            identity=features,
            smoothness=LinearInterpolator(),
            imaging=scores,
            aesthetic=scores,
        )


NETWORK_METRICS = {
    "fid": "fid",
    "fvd": "fvd",
    "lpips": "lpips",
    "subject_consistency": "subject",
    "background_consistency": "background",
    "identity": "identity",
    "motion_smoothness": "smoothness",
    "imaging_quality": "imaging",
    "aesthetic_quality": "aesthetic",
}
"""The metrics that need an extractor, with its key."""
EXTRACTOR_KEYS = tuple(field.name for field in fields(AppearanceExtractors))
_PROTOCOLS: dict[str, type] = {
    "fid": FrameFeatures,
    "fvd": VideoFeatures,
    "lpips": PerceptualDistance,
    "subject": FrameFeatures,
    "background": FrameFeatures,
    "identity": FrameFeatures,
    "smoothness": FrameInterpolator,
    "imaging": FrameScores,
    "aesthetic": FrameScores,
}


def load_extractors(name_or_path: str | Path, *, device: str = "cpu") -> AppearanceExtractors:
    """The extractors that a name or a YAML file describes.

    A file maps the fields of :class:`AppearanceExtractors` to null or to ``class_path`` and ``init_args``. A
    class of this package goes by its bare name, any other by its dotted path: what the file names is imported
    and called, so it must be one that you trust.

    Args:
        name_or_path: ``random``, a file, or one of the configurations that come with the package, such as
            ``configs/metrics/vbench.yaml``.
        device: Where the extractors run that the file gives no ``device``.

    Raises:
        FileNotFoundError: The file, or the weights of one of the extractors, are not there.
        ValueError: The file does not describe extractors, or a device is not there.
    """
    require_device("device", device)
    if str(name_or_path) == "random":
        return AppearanceExtractors.random(device=device)
    entries = read_extractor_config(name_or_path)
    return AppearanceExtractors(
        **{key: _build(key, entry, device) for key, entry in entries.items() if entry is not None}
    )


def read_extractor_config(path: str | Path) -> dict[str, Any]:
    """What a YAML file of extractors says, by their keys.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no YAML, or has other keys.
    """
    try:
        entries = yaml.safe_load(find_config(path).read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no YAML file of extractors: {_one_line(error)}") from error
    if not isinstance(entries, dict) or not set(entries) <= set(EXTRACTOR_KEYS):
        found = ", ".join(map(str, entries)) if isinstance(entries, dict) else repr(entries)
        raise ValueError(f"{path} must map any of {', '.join(EXTRACTOR_KEYS)} to extractors, got {found}")
    return entries


def extractor_class(key: str, class_path: str) -> Any:
    """The class that a ``class_path`` names: a bare name within this package, or a dotted path.

    Raises:
        ValueError: There is no such class, or it is one of the Protocols.
    """
    module_name, _, class_name = class_path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module_name or _PACKAGE), class_name)
    except (ImportError, AttributeError, TypeError) as error:  # TypeError: of a path that begins with dots
        raise ValueError(
            f"{key}.class_path must be a class of {_PACKAGE} or the dotted path of another, got {class_path!r}: "
            f"{_one_line(error)}"
        ) from error
    if not isinstance(found, type) or found in _PROTOCOLS.values():
        raise ValueError(f"{key}.class_path must name a class that can be built, got {class_path!r}")
    return found


def _build(key: str, entry: Any, device: str) -> Any:
    if (
        not isinstance(entry, Mapping)
        or not isinstance(entry.get("class_path"), str)
        or not set(entry) <= {"class_path", "init_args"}
    ):
        raise ValueError(f"{key} must be null or have a class_path and init_args, got {entry!r}")
    kind = extractor_class(key, entry["class_path"])
    arguments = _checked(key, kind, entry.get("init_args"), device)
    if "device" in arguments:
        require_device(f"{key}.init_args.device", arguments["device"])
    try:
        extractor = kind(**arguments)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error
    _require_protocol(key, extractor)
    return extractor


def _checked(key: str, kind: type, arguments: Any, device: str) -> dict[str, Any]:
    """Arguments as the annotations of the class's constructor want them, ``device`` among them if it takes one."""
    from jsonargparse import ArgumentParser

    given = {} if arguments is None else arguments
    if not isinstance(given, Mapping):
        raise ValueError(f"{key}.init_args must map arguments of {kind.__name__} to values, got {given!r}")
    parser = ArgumentParser(exit_on_error=False)
    try:
        default = {"device": device} if "device" in inspect.signature(kind).parameters else {}
        if parser.add_class_arguments(kind, key):
            return parser.parse_object({key: {**default, **given}})[key].as_dict()
    except Exception as error:  # which jsonargparse raises differs from version to version
        raise ValueError(f"{key}.init_args do not fit {kind.__name__}: {_one_line(error)}") from error
    if given:
        raise ValueError(f"{key}.init_args: {kind.__name__} takes none, got {', '.join(map(str, given))}")
    return {}


def _require_protocol(key: str, extractor: Any) -> None:
    protocol = _PROTOCOLS[key]
    attributes = list(protocol.__annotations__)
    inputs = list(inspect.signature(protocol.__call__).parameters)[1:]
    fits = (
        callable(extractor)
        and list(inspect.signature(extractor).parameters) == inputs
        and all(hasattr(extractor, name) for name in attributes)
        and hasattr(extractor, "num_features") == ("num_features" in attributes)
    )
    if not fits:
        raise ValueError(
            f"{key} must be a {protocol.__name__}, which has {', '.join(attributes)} and is called with "
            f"{', '.join(inputs)}; {type(extractor).__name__} is none"
        )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
