"""Training on many GPUs: parameters sharded by FSDP2, and checkpoints that every rank writes a part of."""

from macedance.distributed.fsdp2 import FSDP2Strategy
from macedance.distributed.sharded_checkpoint import is_sharded_checkpoint, read_sharded_checkpoint

__all__ = ["FSDP2Strategy", "is_sharded_checkpoint", "read_sharded_checkpoint"]
