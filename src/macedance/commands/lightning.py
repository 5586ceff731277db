"""``macedance fit|validate|test|predict``: Lightning's command line over layered YAML."""

from __future__ import annotations

import sys
import warnings
from typing import Any


def run(arguments: list[str]) -> int:
    """Run LightningCLI with the base configuration below the user's own."""
    import torch
    from jsonargparse import set_parsing_settings
    from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

    from macedance.config_files import find_config
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

        def before_fit(self) -> None:
            self._load_weights()

        def before_validate(self) -> None:
            self._load_weights()

        def before_test(self) -> None:
            self._load_weights()

        def before_predict(self) -> None:
            self._load_weights()

        def _load_weights(self) -> None:
            from macedance.lightning_modules.loading import load_weights

            weights = self.config[self.subcommand].get("weights")
            if weights:
                load_weights(self.model, weights)

    load_plugins()
    sys.argv[1:] = _with_found_configs(arguments)  # where LightningCLI wants to read them
    torch.set_float32_matmul_precision("high")
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
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
