"""CUDA graphs for machines without a GPU."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch


class Graph:
    """What was recorded is done anew in each replay."""

    replay: Callable[[], None]


class LikeCuda(str):
    """A device that is the CPU, and says that it is a GPU."""

    type = "cuda"


def pretend_cuda(training: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a training on the CPU take the way of graphs; a step is done while it is recorded, unlike on a GPU."""
    step = training._step

    @contextlib.contextmanager
    def record(graph: Graph) -> Iterator[None]:
        def recorded(stage: Any) -> None:
            graph.replay = functools.partial(step, stage)
            step(stage)

        training._step = recorded
        yield
        training._step = step

    training.bank.device = LikeCuda("cpu")
    stream = SimpleNamespace(wait_stream=lambda other: None)
    for name, value in {
        "Stream": lambda device: stream,
        "current_stream": lambda device: stream,
        "stream": lambda entered: contextlib.nullcontext(),
        "CUDAGraph": Graph,
        "graph": record,
        "synchronize": lambda device: None,
        "get_rng_state": lambda device: torch.get_rng_state(),
        "set_rng_state": lambda state, device: torch.set_rng_state(state),
    }.items():
        monkeypatch.setattr(torch.cuda, name, value)
