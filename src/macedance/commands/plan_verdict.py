"""Whether a planned training fits a GPU, and what would change that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from macedance.lightning_modules.memory_plan import GIB, ExpertMemory, MemoryPlan, Spread, plan_memory

CONTEXT_BYTES = GIB
"""Of CUDA itself and its libraries on a GPU, about; as much again of NCCL where there are several."""
FRAGMENTATION = 0.05
"""What torch's allocator usually holds beyond what is used, in proportion."""


@dataclass(frozen=True)
class Verdict:
    """A plan beside a GPU's memory.

    Attributes:
        overhead: Bytes of CUDA, NCCL and the allocator, as they usually are.
        fits: None if the activations are unknown and the rest fits.
        most_samples: The largest batch that would fit, on one GPU, about; None if unknown.
        advice: What would make it fit.
    """

    overhead: int
    fits: bool | None
    most_samples: int | None
    advice: tuple[str, ...]


def judge(expert: ExpertMemory, spread: Spread, gpu_bytes: int, *, may_checkpoint: bool = False) -> Verdict:
    """Whether it fits, and what else would.

    Args:
        expert: What it takes as a whole.
        spread: How it is spread.
        gpu_bytes: Of each GPU.
        may_checkpoint: Whether the expert has gradient checkpointing, which is off.
    """
    plan = plan_memory(expert, spread)
    fits: bool | None = _needed(plan, spread) <= gpu_bytes
    if fits and expert.activations is None:
        fits = None
    most = _most_samples(expert, plan, spread, gpu_bytes)
    advice = () if fits is not False else tuple(_advice(expert, spread, gpu_bytes, most, may_checkpoint))
    return Verdict(_needed(plan, spread) - plan.total, fits, most, advice)


def _needed(plan: MemoryPlan, spread: Spread) -> int:
    return _context(spread) + round(plan.total * (1 + FRAGMENTATION))


def _context(spread: Spread) -> int:
    return CONTEXT_BYTES if spread.num_gpus == 1 else 2 * CONTEXT_BYTES


def _most_samples(expert: ExpertMemory, plan: MemoryPlan, spread: Spread, gpu_bytes: int) -> int | None:
    if expert.activations is None:
        return None
    left = (gpu_bytes - _context(spread)) / (1 + FRAGMENTATION) - sum(plan.held.values())
    return 0 if left < plan.temporaries else expert.activations.most_samples(int(left - plan.gathered))


def _advice(
    expert: ExpertMemory, spread: Spread, gpu_bytes: int, most: int | None, may_checkpoint: bool
) -> Iterator[str]:
    if most:
        yield (
            f"data.init_args.batch_size {most * spread.num_gpus}; a larger trainer.accumulate_grad_batches makes up "
            "for it"
        )
    if may_checkpoint:
        yield "model.init_args.gradient_checkpointing true: far fewer activations"
    sharded = Spread("fsdp2", spread.num_gpus) if spread.kind != "fsdp2" else spread
    if spread.num_gpus > 1 and spread.kind != "fsdp2":
        yield f"configs/trainer/fsdp2.yaml: {_told(expert, sharded, gpu_bytes)}"
    if spread.num_gpus > 1 and not spread.cpu_offload:
        offloaded = replace(sharded, cpu_offload=True)
        yield f"the same with trainer.strategy.init_args.cpu_offload true: {_told(expert, offloaded, gpu_bytes)}"
    if spread.num_gpus == 1:
        yield "more GPUs, with configs/trainer/fsdp2.yaml; --gpus plans for them"


def _told(expert: ExpertMemory, spread: Spread, gpu_bytes: int) -> str:
    """What the same batch takes, spread otherwise."""
    needed = _needed(plan_memory(expert, spread), spread)
    return f"{needed / GIB:.1f} GiB, which {'fits' if needed <= gpu_bytes else 'does not fit either'}"
