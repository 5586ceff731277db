"""``macedance plan``: what a training will take of each GPU's memory."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from jsonargparse import Namespace
    from lightning.pytorch import LightningModule
    from torch import Tensor

    from macedance.commands.plan_verdict import Verdict
    from macedance.lightning_modules.memory_plan import MemoryPlan, Spread

    StepOf = Callable[[int], Callable[[], Tensor]]

EXAMPLE = """\
The configurations are those that fit would get. No GPU, data or weights are
needed: forward pass, backward pass and optimizer run on shapes alone.

examples:
  macedance plan configs/motion/paper.yaml configs/trainer/ddp.yaml --gpus 8
  macedance plan configs/appearance/kinematic.yaml --gpus 8 --gpu-gib 80 \\
    --set model.init_args.gradient_checkpointing=false"""

DEFAULT_SIZE_PX = (832, 480)
TINY_BACKBONE, TINY_SIZE_PX = "tiny", (64, 64)


class Planned(NamedTuple):
    """What is told: of which expert, for how many samples on a GPU, what it takes, and whether that fits."""

    expert: str
    num_samples: int
    plan: MemoryPlan
    verdict: Verdict


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("configs", metavar="CONFIG", nargs="+", help="configurations, laid one on another")
    parser.add_argument(
        "--gpus",
        type=int,
        metavar="N",
        help="GPUs of the training, all machines together; the trainer's if left out",
    )
    parser.add_argument("--gpu-gib", type=float, default=80.0, metavar="G", help="memory of each in GiB")
    parser.add_argument(
        "--size",
        type=int,
        nargs=2,
        metavar=("H", "W"),
        help="of the videos, where the configuration does not tell; 832 480 if left out, of the tiny backbone 64 64",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change something in the configuration, such as data.init_args.batch_size=64",
    )
    parser.add_argument(
        "--scan",
        choices=("mamba_ssm", "torch"),
        default="mamba_ssm",
        help="selective scan to count: mamba-ssm's kernel, or the reference that runs without it",
    )
    parser.add_argument("--json", metavar="FILE", help="also write the plan as JSON, in bytes")


def run(args: argparse.Namespace) -> int:
    """Plan, print and write."""
    from macedance.commands.output_files import check_output_file
    from macedance.commands.plan_config import read_spread, read_training
    from macedance.commands.plan_table import print_plan
    from macedance.json_files import write_json

    _check(args)
    check_output_file("--json", args.json)
    training = read_training(args.configs, args.set)
    notes: list[str] = []
    spread = read_spread(training.trainer.strategy, _num_gpus(args, training.trainer, notes))
    planned = _plan(args, training, spread, notes)
    print_plan(
        f"{planned.expert}, {spread.kind} on {spread.num_gpus} x {args.gpu_gib:g} GiB, "
        f"{planned.num_samples * spread.num_gpus} samples a step, {planned.num_samples} on each",
        planned.plan,
        planned.verdict,
        gpu_gib=args.gpu_gib,
        num_gpus=spread.num_gpus,
        notes=notes,
    )
    if args.json:
        write_json(args.json, _as_json(planned, spread, args.gpu_gib, notes))
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.gpus is not None and args.gpus < 1:
        raise ValueError(f"--gpus must be at least 1, got {args.gpus}")
    if not 0 < args.gpu_gib < math.inf:
        raise ValueError(f"--gpu-gib must be above 0 and finite, got {args.gpu_gib:g}")
    if args.size and min(args.size) < 1:
        raise ValueError(f"--size must be above 0, got {args.size[0]} {args.size[1]}")


def _num_gpus(args: argparse.Namespace, trainer: Namespace, notes: list[str]) -> int:
    """What the command line says, or the trainer."""
    if args.gpus is not None:
        return args.gpus
    devices = str(trainer.devices).strip("[] ")
    if isinstance(trainer.devices, list) or "," in devices:
        return len([part for part in devices.split(",") if part.strip()]) * trainer.num_nodes
    if devices.isdigit() and int(devices) > 0:
        return int(devices) * trainer.num_nodes
    notes.append(
        f"trainer.devices is {trainer.devices}: planned for 1 GPU on each machine; --gpus tells how many"
    )
    return trainer.num_nodes


def _plan(args: argparse.Namespace, training: Namespace, spread: Spread, notes: list[str]) -> Planned:
    from macedance.commands.plan_config import build_expert, callback_classes
    from macedance.commands.plan_verdict import judge
    from macedance.lightning_modules.memory_plan import GIB, measure_expert, plan_memory

    data = _data_arguments(args, training, notes)
    num_samples = _samples_per_gpu(data, spread.num_gpus)
    expert = build_expert(training.model)
    with _errors_that_name(expert):
        step_of = _steps(expert, data, num_samples)
    notes += _what_it_rests_on(expert, training, args.scan, is_rehearsed=step_of is not None)
    may_checkpoint = expert.hparams.get("gradient_checkpointing") is False
    with _errors_that_name(expert):
        measured = measure_expert(
            expert,
            step_of,
            num_samples,
            spread=spread,
            precision=str(training.trainer.precision or "32-true"),
            scan=args.scan,
            callbacks=callback_classes(training.trainer.callbacks),
        )
    verdict = judge(measured, spread, round(args.gpu_gib * GIB), may_checkpoint=may_checkpoint)
    return Planned(type(expert).__name__, num_samples, plan_memory(measured, spread), verdict)


@contextmanager
def _errors_that_name(expert: LightningModule) -> Iterator[None]:
    """Say of an expert whose step fails without values, or without a trainer, that it cannot be planned.

    Raises:
        ValueError: It does.
    """
    try:
        yield
    except (RuntimeError, TypeError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ValueError(
            f"{type(expert).__name__} cannot be planned ({reason}); look at the data's arguments, and at what its "
            "rehearsal() and configure_optimizers() need"
        ) from error


def _data_arguments(args: argparse.Namespace, training: Namespace, notes: list[str]) -> dict[str, Any]:
    data = dict(training.data.init_args) if training.data else {}
    if "size" in data:
        configured = args.size or data["size"]
        is_tiny = training.model.init_args.get("backbone") == TINY_BACKBONE
        data["size"] = tuple(configured or (TINY_SIZE_PX if is_tiny else DEFAULT_SIZE_PX))
        if not configured:
            height, width = data["size"]
            notes.append(
                f"the configuration does not tell the videos' size: {height} x {width} is taken; --size tells it"
            )
    return data


def _steps(expert: LightningModule, data: dict[str, Any], num_samples: int) -> StepOf | None:
    """What gives the step of so many samples; the expert is complete afterwards. None if it cannot tell.

    Raises:
        ValueError: The data's arguments lack one that tells the shape of a batch.
    """
    import torch

    from macedance.lightning_modules.step_rehearsal import Rehearsable

    with torch.device("meta"):
        if not isinstance(expert, Rehearsable):
            expert.configure_model()
            return None
        rehearsal = expert.rehearsal
        try:
            rehearsal(num_samples, data)
        except KeyError as error:
            raise ValueError(
                f"data.init_args must have {error} to plan a {type(expert).__name__}; name data of its kind"
            ) from error
        return lambda number: rehearsal(number, data)


def _what_it_rests_on(
    expert: LightningModule, training: Namespace, scan: str, *, is_rehearsed: bool
) -> Iterator[str]:
    """What was assumed, and what is not counted, in sentences."""
    from macedance.lightning_modules.step_rehearsal import AUTOCAST
    from macedance.models.motion.mamba import Mamba

    if training.trainer.accelerator == "cpu":
        yield "the configuration trains on the CPU; this is what it would take on GPUs"
    if not is_rehearsed:
        yield f"{type(expert).__name__} has no rehearsal(): its activations are not known"
    elif any(isinstance(module, Mamba) for module in expert.modules()):
        backend = (
            "mamba-ssm's kernel, from macedance[cuda]" if scan == "mamba_ssm" else "the reference in torch"
        )
        yield f"the selective scan is counted as {backend}; --scan tells which"
    if str(training.trainer.precision) in AUTOCAST:
        yield "autocast is followed for matrix products, norms and the like; rarer operators may differ on a GPU"
    yield "not counted: work space of matrix products and convolutions, validation, and what runs beside training"


def _samples_per_gpu(data: dict[str, Any], num_gpus: int) -> int:
    batch_size = data.get("batch_size")
    if not isinstance(batch_size, int) or batch_size < 1 or batch_size % num_gpus:
        raise ValueError(
            f"data.init_args.batch_size must be a multiple of the number of GPUs, {num_gpus}, got {batch_size}; "
            "change it with --set data.init_args.batch_size=N"
        )
    return batch_size // num_gpus


def _as_json(planned: Planned, spread: Spread, gpu_gib: float, notes: list[str]) -> dict[str, Any]:
    from macedance.lightning_modules.memory_plan import GIB

    plan, verdict = planned.plan, planned.verdict
    most = verdict.most_samples
    return {
        "expert": planned.expert,
        "strategy": spread.kind,
        "num_gpus": spread.num_gpus,
        "samples_per_gpu": planned.num_samples,
        "bytes": {
            **plan.held,
            "gathered": plan.gathered,
            "activations": plan.activations,
            "optimizer_temporaries": plan.temporaries,
        },
        "peak_is_in_optimizer": plan.peak_is_in_optimizer,
        "total_bytes": plan.total,
        "overhead_bytes": verdict.overhead,
        "gpu_bytes": round(gpu_gib * GIB),
        "fits": verdict.fits,
        "largest_batch_size": None if most is None else most * spread.num_gpus,
        "advice": list(verdict.advice),
        "notes": notes,
    }
