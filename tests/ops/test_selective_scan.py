from __future__ import annotations

import sys

import pytest
import torch
from torch import Tensor

from macedance.ops import available_backends, selective_scan

module = sys.modules[selective_scan.__module__]


def _inputs(num_batch: int = 2, num_steps: int = 13, width: int = 3, num_states: int = 4) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    u, delta = normal(num_batch, num_steps, width), normal(num_batch, num_steps, width).abs()
    A = -normal(width, num_states).abs()
    return [u, delta, A, normal(num_batch, num_steps, num_states), normal(num_batch, num_steps, num_states)]


def _plain_scan(u: Tensor, delta: Tensor, A: Tensor, B: Tensor, C: Tensor) -> Tensor:
    state = u.new_zeros(u.shape[0], u.shape[2], A.shape[1])
    outputs = []
    for t in range(u.shape[1]):
        drive = (delta[:, t] * u[:, t]).unsqueeze(-1) * B[:, t].unsqueeze(1)
        state = torch.exp(delta[:, t].unsqueeze(-1) * A) * state + drive
        outputs.append((state * C[:, t].unsqueeze(1)).sum(-1))
    return torch.stack(outputs, dim=1)


@pytest.mark.parametrize("chunk_steps", [1, 5, 13, 100])
def test_equals_the_recurrence_whatever_the_chunk(chunk_steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_ELEMENTS", chunk_steps * 2 * 3 * 4)
    inputs = _inputs()
    torch.testing.assert_close(selective_scan(*inputs), _plain_scan(*inputs), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("chunk_steps", [5, 100])
def test_gradients(chunk_steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_ELEMENTS", chunk_steps * 2 * 3 * 4)
    assert torch.autograd.gradcheck(selective_scan, [x.requires_grad_() for x in _inputs()])


def test_keeps_the_type_and_computes_in_float32() -> None:
    inputs = _inputs()
    half = [x.bfloat16() for x in inputs]
    y = selective_scan(*half)
    assert y.dtype == torch.bfloat16
    expected = selective_scan(*[x.float() for x in half])
    torch.testing.assert_close(y.float(), expected, rtol=1e-2, atol=1e-2)


def test_refuses_an_unknown_backend() -> None:
    with pytest.raises(ValueError, match="backend must be"):
        selective_scan(*_inputs(), backend="cuda")


@pytest.mark.skipif("mamba_ssm" in available_backends(), reason="mamba-ssm is installed here")
def test_says_how_to_get_the_missing_backend() -> None:
    with pytest.raises(ModuleNotFoundError, match="pip install"):
        selective_scan(*_inputs(), backend="mamba_ssm")


def _surroundings(num_batch: int = 2, num_steps: int = 13, width: int = 3) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    shapes = {"skip": (width,), "gate": (num_batch, num_steps, width), "delta_bias": (width,)}
    return {
        name: torch.randn(shape, generator=generator, dtype=torch.float64) for name, shape in shapes.items()
    }


def test_surroundings_are_those_of_a_mamba_block() -> None:
    (u, delta, *weights), around = _inputs(), _surroundings()
    steps = (1 + (delta + around["delta_bias"]).exp()).log()
    gates = around["gate"] / (1 + (-around["gate"]).exp())
    expected = (_plain_scan(u, steps, *weights) + around["skip"] * u) * gates
    torch.testing.assert_close(selective_scan(u, delta, *weights, **around), expected, rtol=1e-12, atol=1e-12)


def test_each_of_the_surroundings_may_be_left_out() -> None:
    (u, *rest), around = _inputs(), _surroundings()
    plain = selective_scan(u, *rest)
    torch.testing.assert_close(selective_scan(u, *rest, skip=around["skip"]), plain + around["skip"] * u)
    gated = selective_scan(u, *rest, gate=around["gate"])
    torch.testing.assert_close(gated, plain * torch.nn.functional.silu(around["gate"]))


needs_gpu = pytest.mark.skipif(
    not torch.cuda.is_available() or "mamba_ssm" not in available_backends(),
    reason="needs a CUDA device and the compiled mamba-ssm",
)


@pytest.mark.gpu
@needs_gpu
def test_backends_agree() -> None:
    inputs = [x.float().cuda() for x in _inputs(num_steps=50, width=64, num_states=16)]
    torch.testing.assert_close(
        selective_scan(*inputs, backend="mamba_ssm"),
        selective_scan(*inputs, backend="torch"),
        rtol=1e-3,
        atol=1e-4,
    )


@pytest.mark.gpu
@needs_gpu
def test_backends_and_their_gradients_agree_on_a_whole_block() -> None:
    results = {}
    for backend in ("mamba_ssm", "torch"):
        inputs = [x.float().cuda().requires_grad_() for x in _inputs(num_steps=50, width=64, num_states=16)]
        around = {
            name: x.float().cuda().requires_grad_() for name, x in _surroundings(2, 50, width=64).items()
        }
        y = selective_scan(*inputs, **around, backend=backend)
        results[backend] = [y, *torch.autograd.grad(y.square().sum(), [*inputs, *around.values()])]
    for ours, theirs in zip(results["mamba_ssm"], results["torch"], strict=True):
        assert (ours - theirs).norm() < 1e-4 * theirs.norm()


def test_large_shapes_keep_no_state_of_every_step() -> None:
    u = torch.empty(128, 240, 1024, device="meta")
    num_starts = -(-240 // module._chunk_length(u, 16))
    assert num_starts <= 16
