"""Gives the weights of the first of two ranks to the second, whatever lies how in memory: a script for a test."""

from __future__ import annotations

import os

import torch
from torch import distributed, nn

from macedance.distributed.sharding import broadcast_weights


def main() -> None:
    rank = int(os.environ["LOCAL_RANK"])
    distributed.init_process_group("gloo", rank=rank, world_size=2)
    torch.manual_seed(rank)
    module = nn.Linear(3, 2)
    rows = torch.arange(6) if rank == 0 else torch.zeros(6, dtype=torch.int64)
    module.register_buffer("strided", rows[::2])
    module.register_buffer("repeated", torch.ones(1).expand(4))
    module.register_buffer("small", torch.full((2,), 5 - rank, dtype=torch.int16))
    module.register_buffer("empty", torch.zeros(0))
    module.register_buffer("flag", torch.tensor(rank == 0))
    broadcast_weights(module)
    torch.manual_seed(0)
    first = nn.Linear(3, 2)
    assert torch.equal(module.weight, first.weight)
    assert torch.equal(module.bias, first.bias)
    assert module.strided.tolist() == [0, 2, 4]
    assert module.repeated.tolist() == [1, 1, 1, 1]
    assert module.small.tolist() == [5, 5]
    assert module.flag
    distributed.barrier()
    distributed.destroy_process_group()


if __name__ == "__main__":
    main()
