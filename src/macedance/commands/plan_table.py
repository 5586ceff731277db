"""A memory plan on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from macedance.commands.plan_verdict import Verdict
from macedance.lightning_modules.memory_plan import GIB, MemoryPlan

_GATHERED = "gathered blocks and their gradients (FSDP2)"
_LABELS = {
    "frozen_weights": "weights, frozen",
    "trained_weights": "weights, trained",
    "gradients": "gradients",
    "optimizer_state": "optimizer state",
    "weight_average": "weight average",
    "ddp_buckets": "communication buffers (DDP)",
}
_ONLY_OF_SOME = (_GATHERED, _LABELS["ddp_buckets"])


def print_plan(
    title: str, plan: MemoryPlan, verdict: Verdict, *, gpu_gib: float, num_gpus: int, notes: Sequence[str]
) -> None:
    """Print the table, the verdict, and what it rests on.

    Args:
        title: What is planned.
        plan: What it takes.
        verdict: Whether that fits.
        gpu_gib: Of each GPU.
        num_gpus: How many.
        notes: What was assumed, and what is not known.
    """
    console = Console()
    console.print(title, style="bold", soft_wrap=True, markup=False)
    table = Table("on each GPU")
    table.add_column("GiB", justify="right")
    for name, size in _rows(plan):
        table.add_row(name, "?" if size is None else f"{size / GIB:.2f}")
    table.add_section()
    table.add_row("together, at the peak", f"{plan.total / GIB:.2f}", style="bold")
    table.add_row("CUDA, NCCL and the allocator, about", f"{verdict.overhead / GIB:.2f}")
    console.print(table)
    needed = (plan.total + verdict.overhead) / GIB
    told = {True: "fits", False: "does not fit", None: "may fit, if activations take no more than is left"}
    style = {True: "green", False: "red", None: "yellow"}[verdict.fits]
    console.print(
        f"{told[verdict.fits]}: about {needed:.1f} of {gpu_gib:g} GiB; {_largest(verdict.most_samples, num_gpus)}",
        style=style,
        soft_wrap=True,
    )
    for line in verdict.advice:
        console.print(f"  instead: {line}", soft_wrap=True, markup=False, highlight=False)
    for line in notes:
        console.print(line, style="dim", soft_wrap=True, markup=False, highlight=False)


def _rows(plan: MemoryPlan) -> list[tuple[str, int | None]]:
    """What adds up to the total; the optimizer steps when activations are gone."""
    rows: list[tuple[str, int | None]] = [(_LABELS[name], size) for name, size in plan.held.items()]
    if plan.peak_is_in_optimizer:
        rows.append(("the optimizer's temporaries, in its step", plan.temporaries))
    else:
        rows.append((_GATHERED, plan.gathered))
        rows.append(("activations, at their peak", plan.activations))
    return [(label, size) for label, size in rows if size or label not in _ONLY_OF_SOME]


def _largest(num_samples: int | None, num_gpus: int) -> str:
    if num_samples is None:
        return "the largest batch that would is not known"
    if num_samples == 0:
        return "no batch would"
    on_each = f", {num_samples} on each" if num_gpus > 1 else ""
    return f"the largest batch that would is about {num_samples * num_gpus}{on_each}"
