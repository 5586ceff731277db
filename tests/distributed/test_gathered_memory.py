from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import nn

from macedance.distributed.gathered_memory import compute_in, gathered_bytes, sharded_groups
from macedance.lightning_modules import MotionExpert

BLOCK = 4 * (8 * 8 + 8)  # bytes
HEAD = 4 * (8 * 2 + 2)


class Chain(nn.Module):
    """Three blocks, the last of which is frozen, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))
        self.blocks[2].requires_grad_(False)
        self.head = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Expert(nn.Module):
    """Says itself what is sharded."""

    def __init__(self) -> None:
        super().__init__()
        self.network = Chain()

    def configure_sharding(self, shard) -> None:
        for block in self.network.blocks:
            shard(block)
        shard(self.network, methods=("forward_again",))


def gathered(
    expert: nn.Module, reshard: bool = True, types: Sequence[torch.dtype | None] = (None, None)
) -> int:
    return gathered_bytes(
        sharded_groups(expert), param_dtype=types[0], reduce_dtype=types[1], reshard_after_forward=reshard
    )


def test_groups_are_those_that_the_expert_names() -> None:
    groups = sharded_groups(Expert())
    assert [len(group.parameters) for group in groups] == [2, 2, 2, 2]
    assert [group.holds_others for group in groups] == [False, False, False, True]
    assert groups[-1].methods == ("forward_again",)


def test_every_parameter_is_in_one_group() -> None:
    with torch.device("meta"):
        expert = MotionExpert(width=16, num_dance_layers=2, num_music_layers=1, num_heads=2)
    found = [parameter for group in sharded_groups(expert) for parameter in group.parameters]
    assert len(found) == len(set(found)) == len(list(expert.parameters()))


def test_two_blocks_pass_by_and_what_holds_them_stays() -> None:
    assert gathered(Expert()) == HEAD + 2 * BLOCK + 2 * BLOCK  # a block's gradients, and their sum's input


def test_unless_they_are_resharded_all_blocks_stay() -> None:
    assert gathered(Expert(), reshard=False) == HEAD + 3 * BLOCK + BLOCK + 2 * BLOCK


def test_by_default_the_elements_of_lists_are_blocks() -> None:
    assert gathered(Chain()) == 2 * BLOCK + 2 * BLOCK


def test_frozen_blocks_have_no_gradients() -> None:
    expert = Expert()
    expert.network.blocks.requires_grad_(False)
    assert gathered(expert) == HEAD + 2 * BLOCK + 2 * HEAD


@pytest.mark.parametrize(("reduced", "factor"), [(None, 0.5), (torch.float32, 0.75)])
def test_half_precision_halves_what_is_gathered(reduced: torch.dtype | None, factor: float) -> None:
    types = (torch.bfloat16, reduced)
    gradients = 2 * BLOCK
    assert gathered(Expert(), types=types) == (HEAD + 2 * BLOCK) / 2 + factor * gradients


def test_inputs_are_cast_to_the_type_that_is_computed_in() -> None:
    expert = Expert()
    expert.network.bfloat16()
    expert.network.forward_again = expert.network.forward
    compute_in(sharded_groups(expert), torch.bfloat16)
    assert expert.network(torch.ones(1, 8)).dtype == torch.bfloat16
    assert expert.network.forward_again(torch.ones(1, 8)).dtype == torch.bfloat16
