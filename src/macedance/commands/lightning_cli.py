"""LightningCLI as this project uses it; imported when one of its commands runs."""

from __future__ import annotations

import logging
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from lightning.fabric.plugins.environments import SLURMEnvironment
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI, SaveConfigCallback
from lightning.pytorch.strategies import FSDPStrategy
from lightning.pytorch.utilities import rank_zero_only, rank_zero_warn

from macedance.callbacks import PreemptionCheckpoint, RunCheckpoint
from macedance.distributed import FSDP2Strategy
from macedance.lightning_modules.cascade import Cascade
from macedance.lightning_modules.loading import checkpoint_arguments, first_misfit, load_weights, read_weights


class MacedanceCLI(LightningCLI):
    """Adds ``--weights``, and lets the configuration decide where a checkpoint says otherwise."""

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Declare ``--weights``."""
        parser.add_argument(
            "--weights",
            type=str | None,
            default=None,
            help="checkpoint, exported folder, hub id or default to take the weights of at the start; "
            "use --ckpt_path to go on with a run instead",
        )

    def before_instantiate_classes(self) -> None:
        """Refuse FSDP1, and tell where the checkpoint to load differs from the configuration.

        Predictions go to files; kept as well, they would fill the memory.
        """
        _refuse_fsdp1(self.config[self.subcommand].trainer.strategy)
        if self.subcommand == "predict":
            self.config.predict.return_predictions = False
        _tell_differences(self.config[self.subcommand])

    def _parse_ckpt_path(self) -> None:
        """The configuration decides; Lightning would put the checkpoint's arguments over it in silence."""

    def _run_subcommand(self, subcommand: str) -> None:
        _leave_requeueing_to_the_job(self.trainer)
        if subcommand == "fit" and not _has_callback(self.trainer, RunCheckpoint):
            rank_zero_warn(
                "trainer.callbacks takes the place of configs/base.yaml's, which save exactly, on signals too, and "
                "watch for hangs and bad numbers; 'callbacks+:' in a file adds to them"
            )
        weights = self.config[subcommand].get("weights")
        if isinstance(self.model, Cascade) and (weights or self.config[subcommand].get("ckpt_path")):
            raise ValueError(
                "a cascade has no checkpoint of its own; name its experts in model.init_args.motion and appearance, "
                "without --ckpt_path or --weights"
            )
        if weights and isinstance(self.trainer.strategy, FSDP2Strategy):
            self.trainer.strategy.first_weights = read_weights(weights)
        elif weights:
            load_weights(self.model, weights)
        try:
            super()._run_subcommand(subcommand)
        except RuntimeError as error:
            if "loading state_dict" not in str(error):
                raise
            if weights and not self.config[subcommand].get("ckpt_path"):
                raise ValueError(
                    f"--weights: {weights} does not fit the configured model: {first_misfit(error)}"
                ) from error
            raise ValueError(
                "--ckpt_path: the checkpoint's weights do not fit the configured model; "
                "give the config.yaml of the checkpoint's own run with --config"
            ) from error


class RunConfig(SaveConfigCallback):
    """Keeps the configuration in the run's folder; the folder that a user happens to be in is none."""

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Write ``config.yaml``, unless nothing tells where the run is."""
        if trainer.loggers or Path(trainer.default_root_dir).resolve() != Path.cwd():
            super().setup(trainer, pl_module, stage)


def silence_what_users_cannot_act_on() -> None:
    """Filter warnings and advertisements that no setting of the user's would change."""
    warnings.filterwarnings("ignore", message=".*does not have many workers.*")
    # Its successor is not known to torch before 2.13.
    warnings.filterwarnings("ignore", message=".*broadcast_buffers. is deprecated.*")
    warnings.filterwarnings("ignore", message=".*isinstance.treespec, LeafSpec.*")
    warnings.filterwarnings("ignore", message=".*sync_dist=True.*")  # what we log is equal on all ranks
    warnings.filterwarnings("ignore", message=".*returned a view tensor.*")  # which nobody changes in place
    logger = logging.getLogger("lightning.pytorch.utilities.rank_zero")
    logger.addFilter(lambda record: "Tip: For seamless" not in record.getMessage())


def _refuse_fsdp1(strategy: Any) -> None:
    """Refuse Lightning's older sharding, by name or by class.

    Raises:
        ValueError: The strategy is one of that kind.
    """
    if isinstance(strategy, str):
        name = strategy
        is_fsdp1 = name.lower() in FSDPStrategy.get_registered_strategies()  # as the trainer reads it
    else:
        name = strategy.class_path
        module, _, class_name = name.rpartition(".")
        is_fsdp1 = issubclass(getattr(import_module(module), class_name), FSDPStrategy)
    if is_fsdp1:
        raise ValueError(
            f"trainer.strategy must not be {name}, which is FSDP1: it clips no gradients by their norm and "
            "spends memory on what is frozen; use --config configs/trainer/fsdp2.yaml instead"
        )


def _has_callback(trainer: Trainer, kind: type[Callback]) -> bool:
    return any(isinstance(callback, kind) for callback in trainer.callbacks)


def _leave_requeueing_to_the_job(trainer: Trainer) -> None:
    """Keep Lightning from saving in the middle of a step and requeueing by itself when SLURM sends SIGUSR1.

    Until training begins that would happen; from then on ``PreemptionCheckpoint`` has the signals.
    """
    environment = trainer._accelerator_connector.cluster_environment  # no public name leads there
    if isinstance(environment, SLURMEnvironment) and _has_callback(trainer, PreemptionCheckpoint):
        environment.auto_requeue = False


def _tell_differences(config: Any) -> None:
    """Print in which of the model's arguments the configuration and the checkpoint to load differ."""
    path = config.get("ckpt_path")
    if rank_zero_only.rank != 0 or not path or not Path(path).exists():
        return
    stored = checkpoint_arguments(path)
    for name, value in config.model.init_args.as_dict().items():
        if name in stored and stored[name] != value:
            print(f"model.init_args.{name} is {value}; the checkpoint was trained with {stored[name]}")
