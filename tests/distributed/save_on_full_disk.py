"""Saves a checkpoint on two ranks, then another while the disk of one is full: a script for a test."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any

import torch
from torch import distributed, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from macedance.distributed import sharded_checkpoint
from macedance.distributed.sharded_checkpoint import write_sharded_checkpoint


class FullDisk(sharded_checkpoint.HuggingFaceStorageWriter):
    """Writes half of a file."""

    def write_data(self, plan: Any, planner: Any) -> Any:
        (Path(self.path) / "shard-00002-model-00001-of-00001.safetensors").write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))


def main() -> None:
    folder, full_rank, where = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    rank = int(os.environ["LOCAL_RANK"])
    distributed.init_process_group("gloo", rank=rank, world_size=2)
    torch.manual_seed(0)
    layer = nn.Linear(3, 5)
    fully_shard(layer, mesh=init_device_mesh("cpu", (2,)))
    path = folder / "last.ckpt"
    write_sharded_checkpoint({"step": 1, "state_dict": layer.state_dict()}, path)
    if rank == full_rank and where == "tensors":
        sharded_checkpoint.HuggingFaceStorageWriter = FullDisk
    if where == "meta":
        sharded_checkpoint.torch.save = _fail
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
    try:
        write_sharded_checkpoint({"step": 2, "state_dict": layer.state_dict()}, path)
    except OSError as error:
        (folder / f"error-{rank}").write_text(errno.errorcode[error.errno or 0])
    distributed.barrier()
    distributed.destroy_process_group()


def _fail(*args: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


if __name__ == "__main__":
    main()
