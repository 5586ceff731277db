"""What an expert's class can be told: its parameters, and a configuration to start from."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Any

import yaml

from macedance.data.video_clips import LATENTS
from macedance.expert_protocols import DATA_MEMBERS
from macedance.plugins import InstalledExpert


@dataclass(frozen=True)
class Parameter:
    """An argument of a class, in words.

    Attributes:
        name: Its name.
        type_name: As the class writes it; empty if it does not.
        default: As a configuration would write it; empty if it must be given.
        explanation: What the class's docstring says of it, in one line.
    """

    name: str
    type_name: str
    default: str
    explanation: str


def summary_of(expert_class: type) -> str:
    """The first sentences of the docstring: what it says before its arguments."""
    from docstring_parser import parse

    told = parse(inspect.getdoc(expert_class) or "")
    return _plain("\n\n".join(filter(None, (told.short_description, told.long_description))))


def parameters_of(expert_class: type) -> list[Parameter]:
    """The arguments of the class in their order."""
    from docstring_parser import parse

    told = parse(inspect.getdoc(expert_class) or "")
    explained = {entry.arg_name: " ".join(_plain(entry.description or "").split()) for entry in told.params}
    defaults = default_arguments(expert_class)
    found = list(inspect.signature(expert_class).parameters.values())
    return [
        Parameter(
            parameter.name,
            _type_name(parameter),
            _default(parameter, defaults.get(parameter.name)),
            explained.get(parameter.name, ""),
        )
        for parameter in found
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]


def default_arguments(expert_class: type) -> dict[str, Any]:
    """The arguments' defaults as a configuration writes them: factories such as an optimizer's as class paths."""
    from lightning.pytorch.cli import LightningArgumentParser

    parser = LightningArgumentParser(parser_mode="omegaconf+")
    parser.add_class_arguments(expert_class, "init_args", fail_untyped=False)
    dumped = yaml.safe_load(parser.dump(parser.get_defaults(), skip_validation=True, skip_none=False))
    return dict((dumped or {}).get("init_args") or {})


def skeleton(expert: InstalledExpert) -> str:
    """A configuration with all of an expert's arguments: to train it by, or, without weights, to run it by."""
    import lightning as L

    described = {"class_path": expert.class_path, "init_args": default_arguments(expert.expert_class)}
    role = expert.kind.partition(",")[0]
    if issubclass(expert.expert_class, L.LightningModule):
        head = "# Name shards of your own, then: macedance fit --config THIS_FILE\n"
        data = _data(role, expert.expert_class)
        config = {"model": described, "data": data, "trainer": _trainer(expert.name)}
    else:
        head = "# Part of a cascade's configuration: this expert has nothing to be trained.\n"
        config = {
            "model": {"class_path": "macedance.lightning_modules.Cascade", "init_args": {role: described}}
        }
    return head + yaml.safe_dump(config, sort_keys=False, allow_unicode=True)


def _data(role: str, expert_class: type) -> dict[str, Any]:
    if role == "motion":
        arguments = {"shards": "data/motion-tiny", "batch_size": 16, "window_frames": 120}
        return {"class_path": "macedance.datamodules.MotionData", "init_args": arguments}
    members = list(getattr(expert_class, "data_members", DATA_MEMBERS))
    shards, num_frames = ("data/latents", 77) if LATENTS in members else ("data/rendered-tiny", 17)
    arguments = {"shards": shards, "batch_size": 8, "members": members, "num_frames": num_frames}
    return {"class_path": "macedance.datamodules.AppearanceData", "init_args": arguments}


def _trainer(name: str) -> dict[str, Any]:
    logger = {
        "class_path": "lightning.pytorch.loggers.TensorBoardLogger",
        "init_args": {"save_dir": "runs", "name": name},
    }
    return {
        "max_steps": 1000,
        "val_check_interval": 250,
        "check_val_every_n_epoch": None,
        "logger": logger,
    }


def _type_name(parameter: inspect.Parameter) -> str:
    if parameter.annotation is parameter.empty:
        return ""
    annotation = parameter.annotation
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def _default(parameter: inspect.Parameter, configured: Any) -> str:
    if parameter.default is parameter.empty:
        return ""
    if isinstance(configured, dict) and "class_path" in configured:
        return str(configured["class_path"]).rpartition(".")[2]
    value = parameter.default if configured is None else configured
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _plain(text: str) -> str:
    """A docstring's text as a terminal shows it: names without the marks that make them links or code."""
    return re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"\1", text).replace("``", "")
