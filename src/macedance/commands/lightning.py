"""``macedance fit|validate|test|predict``: Lightning's command line over layered YAML."""

from __future__ import annotations

import sys
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

    from macedance.commands.lightning_cli import MacedanceCLI, RunConfig, silence_what_users_cannot_act_on
    from macedance.config_files import find_config
    from macedance.plugins import load_plugins

    load_plugins()
    sys.argv[1:] = _with_found_configs(arguments)  # where LightningCLI wants to read them
    torch.set_float32_matmul_precision("high")
    silence_what_users_cannot_act_on()
    subcommand = arguments[0]
    # An absolute interpolation means a key of the file's own root; below LightningCLI that lies one level deeper.
    set_parsing_settings(omegaconf_absolute_to_relative_paths=True)
    options: dict[str, Any] = {"parser_mode": "omegaconf+"}
    MacedanceCLI(
        subclass_mode_model=True,
        subclass_mode_data=True,
        auto_configure_optimizers=False,
        save_config_callback=RunConfig,
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
