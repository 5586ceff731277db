"""``macedance fit|validate|test|predict``: Lightning's command line over layered YAML."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

_SAYS_WHAT = ("-c", "--config", "--model", "-h", "--help", "--print_config")


def run(arguments: list[str]) -> int:
    """Run LightningCLI with the base configuration below the user's own.

    Raises:
        ValueError: Neither a configuration nor a model is named.
    """
    if not any(argument.startswith(_SAYS_WHAT) for argument in arguments[1:]):
        raise ValueError(
            f"{arguments[0]} needs a configuration, for example --config configs/motion/tiny.yaml; "
            "'macedance configs' lists those that come with the package"
        )
    import torch
    from jsonargparse import set_parsing_settings
    from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

    from macedance.config_files import find_config
    from macedance.lightning_modules.loading import load_weights
    from macedance.plugins import load_plugins

    class MacedanceCLI(LightningCLI):
        def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
            parser.add_argument(
                "--weights",
                type=str | None,
                default=None,
                help="checkpoint, exported folder or hub id to take the weights of at the start; "
                "use --ckpt_path to go on with a run instead",
            )

        def before_instantiate_classes(self) -> None:
            _tell_differences(self.config[self.subcommand])

        def _parse_ckpt_path(self) -> None:
            """The configuration decides; Lightning would put the checkpoint's arguments over it in silence."""

        def _run_subcommand(self, subcommand: str) -> None:
            weights = self.config[subcommand].get("weights")
            if weights:
                load_weights(self.model, weights)
            try:
                super()._run_subcommand(subcommand)
            except RuntimeError as error:
                if "loading state_dict" not in str(error):
                    raise
                raise ValueError(
                    "--ckpt_path: the checkpoint's weights do not fit the configured model; "
                    "give the config.yaml of the checkpoint's own run with --config"
                ) from error

    load_plugins()
    sys.argv[1:] = _with_found_configs(arguments)  # where LightningCLI wants to read them
    torch.set_float32_matmul_precision("high")
    _silence_what_users_cannot_act_on()
    subcommand = arguments[0]
    # An absolute interpolation means a key of the file's own root; below LightningCLI that lies one level deeper.
    set_parsing_settings(omegaconf_absolute_to_relative_paths=True)
    options: dict[str, Any] = {"parser_mode": "omegaconf+"}
    MacedanceCLI(
        subclass_mode_model=True,
        subclass_mode_data=True,
        auto_configure_optimizers=False,
        save_config_kwargs={"overwrite": True},
        seed_everything_default=0,
        parser_kwargs={
            subcommand: {**options, "default_config_files": [str(find_config("base.yaml"))]},
            **options,
        },
    )
    return 0


def _with_found_configs(arguments: list[str]) -> list[str]:
    """The arguments, with each ``--config``'s file found in the checkout or the installed package."""
    from macedance.config_files import find_config

    found, is_config = [], False
    for argument in arguments:
        if is_config:
            found.append(str(find_config(argument)))
        elif argument.startswith(("--config=", "-c=")):
            flag, _, name = argument.partition("=")
            found.append(f"{flag}={find_config(name)}")
        else:
            found.append(argument)
        is_config = argument in ("--config", "-c")
    return found


def _silence_what_users_cannot_act_on() -> None:
    import logging

    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")
    logger = logging.getLogger("lightning.pytorch.utilities.rank_zero")
    logger.addFilter(lambda record: "Tip: For seamless" not in record.getMessage())


def _tell_differences(config: Any) -> None:
    """Print in which of the model's arguments the configuration and the checkpoint to load differ."""
    from lightning.pytorch.utilities import rank_zero_only

    from macedance.lightning_modules.loading import checkpoint_arguments

    path = config.get("ckpt_path")
    if rank_zero_only.rank != 0 or not path or not Path(path).is_file():
        return
    stored = checkpoint_arguments(path)
    for name, value in config.model.init_args.as_dict().items():
        if name in stored and stored[name] != value:
            print(f"model.init_args.{name} is {value}; the checkpoint was trained with {stored[name]}")
