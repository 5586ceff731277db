"""Layered configurations of a training, read as ``macedance fit`` reads them, without building anything."""

from __future__ import annotations

import sys
from argparse import ArgumentError
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import torch
from jsonargparse import Namespace, set_parsing_settings
from lightning.pytorch import LightningModule
from lightning.pytorch.cli import LightningArgumentParser
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy

from macedance.commands.lightning_cli import MacedanceCLI
from macedance.config_files import find_config
from macedance.distributed import FSDP2Strategy
from macedance.distributed.fsdp2 import FLOAT_TYPES
from macedance.lightning_modules.cascade import Cascade
from macedance.lightning_modules.memory_plan import Spread
from macedance.plugins import load_plugins

_PARSING: dict[str, Any] = {"parser_mode": "omegaconf+", "exit_on_error": False}


class _ParsedOnly(MacedanceCLI):
    """Parses what ``fit`` would run, and stops there."""

    def instantiate_classes(self) -> None:
        """Build nothing."""

    def _set_seed(self) -> None:
        """Draw nothing."""

    def _run_subcommand(self, subcommand: str) -> None:
        """Run nothing."""


def read_training(files: Sequence[str], overrides: Sequence[str]) -> Namespace:
    """What ``macedance fit`` would do with these configurations, the base configuration below them.

    Args:
        files: Laid one on another; each in the checkout or the installed package.
        overrides: ``KEY=VALUE`` each, laid on top.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: Something in them is wrong, or they do not train an expert.
    """
    wrong = [override for override in overrides if "=" not in override]
    if wrong:
        raise ValueError(f"--set must be KEY=VALUE, got {wrong[0]!r}")
    arguments = [part for name in files for part in ("--config", str(find_config(name)))]
    arguments += [f"--{override}" for override in overrides]
    load_plugins()
    set_parsing_settings(omegaconf_absolute_to_relative_paths=True)
    base = {"default_config_files": [str(find_config("base.yaml"))]}
    try:
        with _no_arguments():
            parsed = _ParsedOnly(
                subclass_mode_model=True,
                subclass_mode_data=True,
                auto_configure_optimizers=False,
                save_config_callback=None,
                seed_everything_default=0,
                parser_kwargs={"fit": {**_PARSING, **base}, **_PARSING},
                args=["fit", *arguments],
            )
    except (
        ArgumentError,
        TypeError,
        AttributeError,
    ) as error:  # the latter two of YAML that has another form
        raise ValueError(f"the configuration does not fit: {error}") from error
    training = parsed.config.fit
    if issubclass(_class_of(training.model.class_path), Cascade):
        raise ValueError("a cascade is not trained; plan the configuration of one of its experts")
    return training


def build_expert(model: Namespace) -> LightningModule:
    """The configured expert with parameters on the meta device.

    Raises:
        ValueError: An argument is wrong.
    """
    parser = LightningArgumentParser(**_PARSING)
    parser.add_subclass_arguments(LightningModule, "model", fail_untyped=False, required=True)
    with torch.device("meta"):
        return parser.instantiate_classes(Namespace(model=model)).model


def callback_classes(callbacks: list[Namespace] | Namespace | None) -> list[type]:
    """Of the configured callbacks."""
    listed = callbacks if isinstance(callbacks, list) else [callbacks] if callbacks else []
    return [_class_of(callback.class_path) for callback in listed]


def read_spread(strategy: str | Namespace, num_gpus: int) -> Spread:
    """How the configured strategy spreads an expert.

    Raises:
        ValueError: Nothing is known of it here.
    """
    if isinstance(strategy, str):
        if strategy == "auto" and num_gpus == 1:
            return Spread("single", 1)
        if strategy == "auto" or strategy.startswith("ddp"):
            return Spread("ddp", num_gpus, has_own_buckets=True)
        kind, name = None, strategy
    else:
        kind, name = _class_of(strategy.class_path), strategy.class_path
    if kind is not None and issubclass(kind, SingleDeviceStrategy) and num_gpus == 1:
        return Spread("single", 1)
    if kind is not None and issubclass(kind, DDPStrategy):
        views = _arguments(strategy).get("gradient_as_bucket_view", False)
        return Spread("ddp", num_gpus, has_own_buckets=not views)
    if kind is not None and issubclass(kind, FSDP2Strategy):
        return _sharded(_arguments(strategy), num_gpus)
    raise ValueError(
        f"trainer.strategy must be auto, DDP or macedance.distributed.FSDP2Strategy, got {name}; plan with one "
        "of those"
    )


def _sharded(arguments: Mapping[str, Any], num_gpus: int) -> Spread:
    return Spread(
        "fsdp2",
        num_gpus,
        param_dtype=_float_type("param_dtype", arguments),
        reduce_dtype=_float_type("reduce_dtype", arguments),
        reshard_after_forward=arguments.get("reshard_after_forward", True),
        cpu_offload=arguments.get("cpu_offload", False),
    )


def _float_type(name: str, arguments: Mapping[str, Any]) -> torch.dtype | None:
    value = arguments.get(name)
    if value is not None and value not in FLOAT_TYPES:
        raise ValueError(f"{name} must be one of {', '.join(FLOAT_TYPES)}, or null, got {value!r}")
    return FLOAT_TYPES[value] if value else None


def _arguments(configured: Namespace) -> Mapping[str, Any]:
    return {**(configured.get("init_args") or {}), **(configured.get("dict_kwargs") or {})}


def _class_of(class_path: str) -> type:
    module, _, name = class_path.rpartition(".")
    return getattr(import_module(module), name)


@contextmanager
def _no_arguments() -> Iterator[None]:
    """LightningCLI warns if there are arguments on the command line beside those that it is given."""
    before = sys.argv
    sys.argv = before[:1]
    try:
        yield
    finally:
        sys.argv = before
