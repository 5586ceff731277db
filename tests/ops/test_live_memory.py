from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import get_gradient_edge
from torch.utils.checkpoint import checkpoint

from macedance.ops.live_memory import LiveMemory

SIZE = 4 * 1024  # bytes of a tensor below


def tensor(*, requires_grad: bool = False) -> Tensor:
    return torch.empty(1024, device="meta", requires_grad=requires_grad)


def test_what_is_freed_is_no_longer_counted() -> None:
    with LiveMemory() as memory:
        first = tensor()
        second = first + 1
        assert memory.live == 2 * SIZE
        del first
        assert (memory.live, memory.peak) == (SIZE, 2 * SIZE)
        memory.restart_peak()
        assert memory.peak == SIZE
        third = second * 2
        assert memory.peak == 2 * SIZE
    del second, third
    assert memory.live == 0


def test_views_and_changes_in_place_take_nothing() -> None:
    with LiveMemory() as memory:
        first = tensor()
        kept = [first[:512], first.view(32, 32).T, first.add_(1)]
        assert len(kept) == 3
        assert memory.peak == SIZE


def test_small_tensors_take_a_block() -> None:
    with LiveMemory() as memory:
        kept = torch.empty(3, device="meta")
        assert memory.live == 512
    del kept


def test_what_was_there_before_is_not_counted() -> None:
    before = tensor()
    with LiveMemory() as memory:
        memory.ignore([before])
        assert before.view(-1).add_(1) is not None
        assert memory.peak == 0


@pytest.mark.parametrize("is_checkpointed", [False, True])
def test_the_peak_of_a_chain_is_what_arithmetic_says(is_checkpointed: bool) -> None:
    """Eight segments of four sines, each of which needs its input to go back."""

    def segment(x: Tensor) -> Tensor:
        for _ in range(4):
            x = x.sin()
        return x

    x = tensor(requires_grad=True)
    x.grad = torch.empty_like(x)
    with LiveMemory() as memory:
        memory.ignore([x, x.grad])
        y = x
        for _ in range(8):
            y = checkpoint(segment, y, use_reentrant=False) if is_checkpointed else segment(y)
        forward = memory.live
        torch.autograd.backward(get_gradient_edge(y), torch.ones_like(y))
        assert memory.live == SIZE  # y
    # The first input is x itself. Checkpointed, a segment's inner values are there once more in the end.
    assert forward == (8 if is_checkpointed else 32) * SIZE
    at_most = (8 + 4 + 4 if is_checkpointed else 32 + 4) * SIZE  # with a few gradients
    assert forward < memory.peak <= at_most


def test_tensors_without_values_are_counted_as_those_with() -> None:
    def work() -> Tensor:
        x = torch.ones(64, 64)
        return (x @ x).softmax(-1) + x

    with LiveMemory() as real:
        work()
    with FakeTensorMode(), LiveMemory() as blank:
        work()
    assert real.peak == blank.peak == 3 * 4 * 64 * 64
