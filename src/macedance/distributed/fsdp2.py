"""FSDP2 as a strategy whose options are plain values."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.strategies import ModelParallelStrategy, ParallelStrategy
from lightning.pytorch.trainer.states import TrainerFn
from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor
from torch.distributed.fsdp import CPUOffloadPolicy, MixedPrecisionPolicy, OffloadPolicy
from torch.optim import Optimizer

from macedance.distributed.sharded_checkpoint import (
    Template,
    gathered,
    is_sharded_checkpoint,
    read_sharded_checkpoint,
    sharded,
    write_sharded_checkpoint,
)
from macedance.distributed.sharding import broadcast_weights, fill_with_memory, shard_expert
from macedance.ops.sharded_tensors import is_sharded, reshard, shard_like

FLOAT_TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class FSDP2Strategy(ModelParallelStrategy):
    """Parameters, gradients and optimizer state in equal parts on all ranks (FSDP2), block by block.

    Works for any expert, see :func:`~macedance.distributed.sharding.shard_expert`. One that builds its parameters on
    the meta device when its ``device_mesh`` is set, and fills its shards in ``load_shards()``, is never whole on a
    rank. Gradients are clipped by the norm over all ranks. Checkpoints are folders, see
    :mod:`~macedance.distributed.sharded_checkpoint`; they, and files of other strategies, load on any number of
    ranks.

    Args:
        param_dtype: Type that parameters are gathered and computed with, ``bfloat16``, ``float16`` or ``float32``;
            their own if None.
        reduce_dtype: Type in which gradients are summed over the ranks; that of the gradients if None.
        output_dtype: Type of what the expert's networks return; as computed if None.
        cast_forward_inputs: Whether inputs of blocks are cast to ``param_dtype``.
        reshard_after_forward: Whether a block's gathered parameters are given up until the backward pass: less
            memory, half as much communication again.
        cpu_offload: Whether parameters, gradients and optimizer state lie in the CPU's memory.
        save_distributed_checkpoint: Whether each rank writes its part; otherwise the first gathers all into a file.
        process_group_backend: ``nccl`` with ``gloo`` beside it for what lies on the CPU, if None.
        timeout_minutes: How long ranks wait for one another in an operation.

    Raises:
        ValueError: A type is unknown, or ``timeout_minutes`` is not positive.
    """

    needs_even_batches = True
    """A rank without a batch would keep those waiting that need its part of the weights."""

    def __init__(
        self,
        param_dtype: str | None = None,
        reduce_dtype: str | None = None,
        output_dtype: str | None = None,
        cast_forward_inputs: bool = True,
        reshard_after_forward: bool = True,
        cpu_offload: bool = False,
        save_distributed_checkpoint: bool = True,
        process_group_backend: str | None = None,
        timeout_minutes: float = 30.0,
    ) -> None:
        if timeout_minutes <= 0:
            raise ValueError(f"timeout_minutes must be positive, got {timeout_minutes}")
        super().__init__(
            data_parallel_size=1,
            tensor_parallel_size=1,
            save_distributed_checkpoint=save_distributed_checkpoint,
            process_group_backend=process_group_backend,
            timeout=timedelta(minutes=timeout_minutes),
        )
        types = {"param_dtype": param_dtype, "reduce_dtype": reduce_dtype, "output_dtype": output_dtype}
        self._precision_policy = MixedPrecisionPolicy(
            **{name: _float_type(name, value) for name, value in types.items()},
            cast_forward_inputs=cast_forward_inputs,
        )
        self._reshard_after_forward, self.cpu_offload = reshard_after_forward, cpu_offload
        self.first_weights: dict[str, Tensor] | None = None
        """Weights to begin with; they are sharded when the expert is."""

    @property
    def lightning_restore_optimizer(self) -> bool:
        """The optimizers' states come with the checkpoint, as those of other strategies."""
        return True

    def setup_environment(self) -> None:
        """All processes make one mesh."""
        self._data_parallel_size = self.num_nodes * self.num_processes
        super().setup_environment()

    def tensor_init_context(self, empty_init: bool | None = None) -> AbstractContextManager[None]:
        """None: which parameters begin on the meta device is the expert's choice."""
        return nullcontext()

    def setup(self, trainer: L.Trainer) -> None:
        """Shard the expert, then make the optimizers.

        Raises:
            ValueError: There is a parameter that cannot be sharded.
        """
        expert = self.lightning_module
        assert self.accelerator is not None
        assert expert is not None
        self.accelerator.setup(trainer)
        self.precision_plugin.convert_module(expert)
        if not is_sharded(expert):
            self._shard(expert)
        self.barrier()
        if trainer.state.fn == TrainerFn.FITTING:
            self.setup_optimizers(trainer)
        self.setup_precision_plugin()

    def lightning_module_state_dict(self) -> dict[str, Any]:
        """The expert's own state, sharded."""
        assert self.lightning_module is not None
        reshard(self.lightning_module)
        return self.lightning_module.state_dict()

    def load_model_state_dict(self, checkpoint: Any, strict: bool = True) -> None:
        """Take over the weights of a checkpoint, whole or sharded."""
        assert self.lightning_module is not None
        own = self.lightning_module_state_dict()
        weights = {
            name: shard_like(value, own[name]) if name in own and own[name].shape == value.shape else value
            for name, value in checkpoint["state_dict"].items()
        }
        self.lightning_module.load_state_dict(weights, strict=strict)

    def optimizer_state(self, optimizer: Optimizer) -> dict[str, Any]:
        """The optimizer's own state, sharded."""
        return dict(optimizer.state_dict())

    def load_optimizer_state_dict(self, checkpoint: Any) -> None:
        """Take over the optimizers' states, where the parameters are."""
        for optimizer, state in zip(self.optimizers, checkpoint["optimizer_states"], strict=True):
            optimizer.load_state_dict(state)

    def save_checkpoint(
        self, checkpoint: dict[str, Any], filepath: str | Path, storage_options: Any | None = None
    ) -> None:
        """Write a folder together, or one file.

        Raises:
            ValueError: The path is no local one.
            OSError: Some rank could not write.
        """
        path = self._local(filepath)
        if self._save_distributed_checkpoint:
            write_sharded_checkpoint(checkpoint, path)
        else:
            ParallelStrategy.save_checkpoint(self, gathered(checkpoint), path, storage_options)

    def load_checkpoint(
        self, checkpoint_path: str | Path, weights_only: bool | None = None
    ) -> dict[str, Any]:
        """The checkpoint of a folder or a file, with this rank's parts of its tensors."""
        path, template = self._local(checkpoint_path), self._template()
        if is_sharded_checkpoint(path):
            return read_sharded_checkpoint(path, template)
        return sharded(torch.load(path, map_location="cpu", mmap=True, weights_only=True), template)

    def _shard(self, expert: L.LightningModule) -> None:
        offloads = self.cpu_offload and self.root_device.type != "cpu"
        if self.cpu_offload and not offloads:
            rank_zero_warn("cpu_offload has no effect on the CPU")
        broadcast_weights(expert)
        shard_expert(
            expert,
            mesh=self.device_mesh["data_parallel"],
            reshard_after_forward=self._reshard_after_forward,
            precision=self._precision_policy,
            offload_policy=CPUOffloadPolicy() if offloads else OffloadPolicy(),
        )
        fill_with_memory(expert, self.root_device, keep_parameters_on_cpu=offloads)
        if hasattr(expert, "load_shards"):
            expert.load_shards()
        if self.first_weights is not None:
            self.load_model_state_dict({"state_dict": self.first_weights})
            self.first_weights = None

    def _template(self) -> Template:
        """What is wanted of a checkpoint's tensors: weights as here, states as the parameters that they belong to."""
        weights = self.lightning_module_state_dict()
        parameters = [_parameters_of(optimizer) for optimizer in self.optimizers]

        def template(name: str, shape: torch.Size, dtype: torch.dtype) -> Tensor | None:
            part, _, rest = name.partition(".")
            if part == "optimizer_states":
                number, _, index, *_ = rest.split(".")
                like = parameters[int(number)][int(index)] if parameters else None
            else:
                like = weights.get(rest)
            if like is None and not parameters:
                return None
            if like is None or like.shape != shape:
                return torch.empty(shape, dtype=dtype)
            return torch.empty_like(like, dtype=dtype, requires_grad=False)

        return template

    def _local(self, path: str | Path) -> Path:
        """The first rank's path.

        Raises:
            ValueError: It is a URL.
        """
        shared = str(self.broadcast(path))
        if "://" in shared:
            raise ValueError(
                f"checkpoints of sharded experts must lie in a folder that all ranks share, got {shared}; "
                "set the logger's save_dir, or dirpath of RunCheckpoint, to one"
            )
        return Path(shared)

    def _get_process_group_backend(self) -> str:
        if self._process_group_backend or self.root_device.type != "cuda":
            return super()._get_process_group_backend()
        return "cpu:gloo,cuda:nccl"


def _float_type(name: str, value: str | None) -> torch.dtype | None:
    if value is None:
        return None
    if value not in FLOAT_TYPES:
        raise ValueError(f"{name} must be one of {', '.join(FLOAT_TYPES)}, or null, got {value!r}")
    return FLOAT_TYPES[value]


def _parameters_of(optimizer: Optimizer) -> list[Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]
