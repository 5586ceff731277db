"""The experts of a cascade: from what a configuration says of them to frozen objects that do their work."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from macedance.data.precomputed import PrecomputedMotion, PrecomputedVideo
from macedance.hashes import config_hash, weights_hash
from macedance.lightning_modules.expert_kinds import Role, read_expert_of_kind, require_kind
from macedance.lightning_modules.loading import build_expert
from macedance.render.body_renderer import BodyRenderer

KEYS = {"class_path", "init_args", "weights", "rendering"}
STORED = {f"{found.__module__}.{found.__name__}" for found in (PrecomputedMotion, PrecomputedVideo)}
"""Experts that tell the digest of each file, wherever it lies."""


@dataclass(frozen=True, eq=False)
class CascadeExpert:
    """A frozen expert.

    Attributes:
        role: ``motion`` or ``appearance``.
        expert: What fulfils the Protocol, or has such a thing for each clip.
        name: What the configuration calls it.
        sha256: Of its weights; None if it has none.
        built_of: Digest of its stored class and arguments; None if the configuration has them.
    """

    role: Role
    expert: Any
    name: str
    sha256: str | None
    built_of: str | None = None

    def about(self) -> dict[str, Any]:
        """What records tell of it."""
        return {"id": self.name, "sha256": self.sha256, "built_of": self.built_of}

    def for_clip(self, key: str) -> Any:
        """What makes the motion or the video of a clip.

        Raises:
            ValueError: It is of the other kind.
        """
        bound = self.expert.for_clip(key) if hasattr(self.expert, "for_clip") else self.expert
        require_kind(self.role, bound, type(bound).__name__, self.name)
        return bound

    def fingerprint(self, key: str) -> str | None:
        """What the expert for a clip tells of what it works with, beyond weights and arguments, if it tells any."""
        told = getattr(self.for_clip(key), "fingerprint", None)
        return None if told is None else str(told() if callable(told) else told)

    @contextmanager
    def on(self, device: torch.device, *, takes_turns: bool) -> Iterator[None]:
        """Have it on a device while it works, and, if experts take turns, away from there afterwards.

        One that offloads moves its parts itself.
        """
        is_network = isinstance(self.expert, nn.Module) and not getattr(self.expert, "offloads", False)
        if is_network:
            self.expert.to(device)
        try:
            yield
        finally:
            if is_network and takes_turns and device.type != "cpu":
                self.expert.to("cpu")
                if device.type == "cuda":
                    torch.cuda.empty_cache()


def motion_expert(said: Any) -> CascadeExpert | None:
    """The motion expert that a configuration speaks of; None if it says null.

    Args:
        said: Path of a checkpoint or export, hub id, or ``default``; a mapping with ``class_path`` and ``init_args``
            or ``weights``; or the expert itself.

    Raises:
        FileNotFoundError: There are no such weights.
        ValueError: It is no motion expert.
    """
    return None if said is None else _expert("motion", said)


def appearance_expert(said: Any) -> CascadeExpert:
    """The appearance expert that a configuration speaks of; the body if it says null.

    Args:
        said: As for :func:`motion_expert`; ``rendering`` in a mapping are options of
            :meth:`~macedance.lightning_modules.AppearanceExpert.video_renderer`.

    Raises:
        FileNotFoundError: There are no such weights.
        ValueError: It is no appearance expert.
    """
    if said is None:
        return CascadeExpert("appearance", BodyRenderer(), "body", None)
    return _expert("appearance", said)


def what_determines(said: Any) -> Any:
    """What of an expert's description determines its work: not which weights or files, which have digests."""
    if not isinstance(said, Mapping):
        return None
    told = {"weights", "class_path"} if "weights" in said else set()
    kept = {key: value for key, value in said.items() if value and key not in told}
    if kept.get("class_path") in STORED and "init_args" in kept:
        kept["init_args"] = {key: value for key, value in kept["init_args"].items() if key != "folder"}
    return kept or None


def _expert(role: Role, said: Any) -> CascadeExpert:
    built_of: str | None = None
    if isinstance(said, str | Mapping):
        name, expert, built_of = _described(role, {"weights": said} if isinstance(said, str) else said)
    else:
        name, expert = f"{type(said).__module__}.{type(said).__name__}", said
    if not hasattr(expert, "for_clip"):
        require_kind(role, expert, type(expert).__name__, name)
    if isinstance(expert, nn.Module):
        if hasattr(expert, "configure_model"):
            expert.configure_model()
        expert.eval().requires_grad_(False)
    return CascadeExpert(role, expert, name, weights_hash(expert), built_of)


def _described(role: Role, said: Mapping[str, Any]) -> tuple[str, Any, str | None]:
    unknown = set(said) - KEYS
    if unknown or not ({"class_path", "weights"} & set(said)):
        raise ValueError(
            f"{role} must be a path, a hub id, or have class_path with init_args or weights, and rendering; "
            f"got {', '.join(map(str, said))}"
        )
    class_path, weights = said.get("class_path"), said.get("weights")
    if weights is not None:
        if said.get("init_args"):
            raise ValueError(f"{role} has weights, which bring their own init_args; give one of the two")
        name, (expert, built_of) = str(weights), _stored(role, weights, class_path)
    else:
        name, built_of = str(class_path), None
        expert = _built(role, name, said.get("init_args") or {})
    if said.get("rendering"):
        if not hasattr(expert, "set_rendering"):
            raise ValueError(
                f"{role}: {type(expert).__name__} takes no rendering options; leave rendering out"
            )
        expert.set_rendering(**said["rendering"])
    return name, expert, built_of


def _stored(role: Role, path_or_id: str, class_path: str | None = None) -> tuple[Any, str]:
    """A trained expert, and a digest of class and arguments; it may take long to build, so its kind is seen first."""
    stored, found = read_expert_of_kind(role, path_or_id, class_path=class_path)
    built_of = config_hash({"class": f"{found.__module__}.{found.__qualname__}", **stored.arguments})
    return build_expert(stored, class_path=class_path), built_of


def _built(role: str, class_path: str, arguments: Mapping[str, Any]) -> Any:
    """An object of the class that the user's own configuration names."""
    module_name, _, class_name = class_path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(
            f"{role}.class_path must be the dotted path of a class, got {class_path!r} ({error}); is its package "
            "installed, or its folder on PYTHONPATH?"
        ) from error
    try:
        return found(**arguments)
    except TypeError as error:
        raise ValueError(f"{role}.init_args do not fit {class_name}: {error}") from error
