from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from macedance.ops import selective_scan
from macedance.ops.gpu_kernels import gpu_kernels
from macedance.ops.live_memory import LiveMemory

HEADS, TOKENS, WIDTH = 4, 512, 64
UNIT = 4 * HEADS * TOKENS * WIDTH  # bytes of one of attention's inputs in float32


def kept_by(make: Callable[[], Tensor], **options: str) -> int:
    """Bytes that are alive after a call, its result included."""
    with FakeTensorMode():
        with LiveMemory() as memory, gpu_kernels(**options):
            result = make()
            kept = memory.live
        assert result.requires_grad
        return kept


def blank(*shape: int) -> Tensor:
    return torch.empty(*shape, requires_grad=True)


@pytest.mark.parametrize(("dropout", "is_positional"), [(0.0, False), (0.1, False), (0.1, True)])
def test_attention_keeps_no_weights_of_pairs(dropout: float, is_positional: bool) -> None:
    def attention() -> Tensor:
        q, k, v = (blank(1, HEADS, TOKENS, WIDTH) for _ in range(3))
        given = (None, dropout) if is_positional else ()
        return F.scaled_dot_product_attention(q, k, v, *given, **({} if given else {"dropout_p": dropout}))

    assert kept_by(attention) == 4 * UNIT + 4 * HEADS * TOKENS


def test_attention_layers_keep_no_weights_of_pairs_either() -> None:
    def attention() -> Tensor:
        layer = nn.MultiheadAttention(HEADS * WIDTH, HEADS, dropout=0.1, batch_first=True)
        x = blank(1, TOKENS, HEADS * WIDTH)
        return layer(x, x, x, need_weights=False)[0]

    assert kept_by(attention) < 12 * UNIT
    assert 4 * HEADS * TOKENS**2 == 8 * UNIT  # what would come on top


def test_attention_in_half_precision_sums_gradients_in_float32() -> None:
    def peak(dtype: torch.dtype) -> int:
        with FakeTensorMode(), LiveMemory() as memory, gpu_kernels():
            q = torch.empty(1, HEADS, TOKENS, WIDTH, dtype=dtype, requires_grad=True)
            k, v = (torch.empty_like(q) for _ in range(2))
            torch.autograd.grad(F.scaled_dot_product_attention(q, k, v).sum(), q)
            return memory.peak

    halved = peak(torch.float32) / 2
    assert halved + UNIT * 0.99 < peak(torch.bfloat16) < halved + UNIT * 1.05


def test_dropout_keeps_a_byte_for_each_element() -> None:
    assert kept_by(lambda: F.dropout(blank(1024), 0.1, training=True)) == 4096 + 4096 + 1024
    assert kept_by(lambda: F.dropout(blank(1024), 0.1, training=False)) == 4096


def test_rms_norm_keeps_its_input_and_a_number_for_each_row() -> None:
    norm_of = lambda x: F.rms_norm(x, (64,))  # noqa: E731
    assert kept_by(lambda: norm_of(blank(128, 64).bfloat16())) == 3 * (2 * 128 * 64) + 512 + 128 * 64 * 2


def test_norms_are_in_float32_under_autocast() -> None:
    with FakeTensorMode(), gpu_kernels(), torch.autocast("cpu", torch.bfloat16):
        assert nn.LayerNorm(8)(torch.empty(8, 8, dtype=torch.bfloat16)).dtype == torch.float32
        assert nn.Linear(8, 8)(torch.empty(8, 8)).dtype == torch.bfloat16


def test_the_scan_keeps_what_its_backend_keeps() -> None:
    num_batch, num_steps, num_channels, num_states = 2, 64, 32, 16

    def scan() -> Tensor:
        u, delta = (blank(num_batch, num_steps, num_channels) for _ in range(2))
        B, C = (blank(num_batch, num_steps, num_states) for _ in range(2))
        return selective_scan(u, delta, blank(num_channels, num_states), B, C)

    sequence, narrow = (4 * num_batch * num_steps * width for width in (num_channels, num_states))
    inputs = 2 * sequence + 2 * narrow + 4 * num_channels * num_states
    copies = 2 * sequence + 2 * narrow  # with channels before time
    states = 4 * num_batch * num_channels * 2 * num_states
    assert kept_by(scan) == inputs + copies + sequence + states
    assert kept_by(scan, scan="torch") != kept_by(scan)  # states of chunks, in another layout


def test_outside_the_scan_is_as_ever() -> None:
    u = torch.rand(1, 5, 3)
    B = torch.rand(1, 5, 2)
    expected = selective_scan(u, u, -torch.ones(3, 2), B, B)
    with torch.device("cpu"):  # a mode of torch's own
        assert torch.equal(selective_scan(u, u, -torch.ones(3, 2), B, B), expected)
