from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
import torchmetrics
from scipy.signal import correlate

from macedance.metrics.extractors import AlexLpips

pytestmark = pytest.mark.filterwarnings("ignore:.*is not the published.*")

CONVOLUTIONS = {0: (3, 64, 11, 4, 2), 3: (64, 192, 5, 1, 2), 6: (192, 384, 3, 1, 1), 8: (384, 256, 3, 1, 1)}
CONVOLUTIONS[10] = (256, 256, 3, 1, 1)
HEADS = Path(torchmetrics.__file__).parent / "functional" / "image" / "lpips_models" / "alex.pth"


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file like torchvision's, of random weights."""
    generator = torch.Generator().manual_seed(0)
    weights = {}
    for index, (width, next_width, kernel, _, _) in CONVOLUTIONS.items():
        scale = (2 / (width * kernel**2)) ** 0.5
        shape = (next_width, width, kernel, kernel)
        weights[f"features.{index}.weight"] = torch.randn(shape, generator=generator) * scale
        weights[f"features.{index}.bias"] = torch.randn(next_width, generator=generator) * 0.1
    weights["classifier.1.bias"] = torch.zeros(4096)
    path = tmp_path_factory.mktemp("alexnet") / "alexnet.pth"
    torch.save(weights, path)
    return path


def convolved(
    picture: np.ndarray, weight: np.ndarray, bias: np.ndarray, stride: int, padding: int
) -> np.ndarray:
    padded = np.pad(picture, ((0, 0), (padding, padding), (padding, padding)))
    maps = [correlate(padded, kernel, mode="valid", method="fft")[0] for kernel in weight]
    return np.stack(maps)[:, ::stride, ::stride] + bias[:, None, None]


def pooled(picture: np.ndarray) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(picture, (3, 3), axis=(1, 2))
    return windows[:, ::2, ::2].max(axis=(-1, -2))


def stages(picture: np.ndarray, weights: dict[str, torch.Tensor]) -> list[np.ndarray]:
    shift, scale = np.array([-0.030, -0.088, -0.188]), np.array([0.458, 0.448, 0.450])
    values = (picture / 255 * 2 - 1 - shift[:, None, None]) / scale[:, None, None]
    found = []
    for index, (_, _, _, stride, padding) in CONVOLUTIONS.items():
        if index in (3, 6):
            values = pooled(values)
        weight, bias = (weights[f"features.{index}.{part}"].double().numpy() for part in ("weight", "bias"))
        values = np.maximum(convolved(values, weight, bias, stride, padding), 0)
        found.append(values)
    return found


def lpips(one: np.ndarray, other: np.ndarray, weights: dict[str, torch.Tensor]) -> float:
    """An independent statement of LPIPS 0.1."""
    heads = torch.load(HEADS, map_location="cpu", weights_only=True)
    total = 0.0
    for stage, (first, second) in enumerate(zip(stages(one, weights), stages(other, weights), strict=True)):
        units = [
            values / np.linalg.norm(values, axis=0, keepdims=True).clip(1e-10) for values in (first, second)
        ]
        head = heads[f"lin{stage}.model.1.weight"].double().numpy().reshape(-1)
        assert (head >= 0).all()
        total += np.einsum("c,chw->hw", head, (units[0] - units[1]) ** 2).mean()
    return total


def test_distances_are_those_of_the_formula(trunk: Path, noise_frames) -> None:
    frames, others = noise_frames(2, 3, 40, 47), noise_frames(2, 3, 40, 47, seed=1)
    others[1] = frames[1].float().mul(0.9).to(torch.uint8)
    distance = AlexLpips(trunk, batch_size=1)
    assert distance.name == "lpips"
    weights = torch.load(trunk, weights_only=True)
    wanted = [lpips(one.numpy(), other.numpy(), weights) for one, other in zip(frames, others, strict=True)]
    np.testing.assert_allclose(distance(frames, others).numpy(), wanted, rtol=1e-4)
    assert (distance(frames, frames) == 0).all()


def test_batches_do_not_matter_and_torchmetrics_heads_are_the_default(trunk: Path, noise_frames) -> None:
    frames, others = noise_frames(5, 3, 33, 33), noise_frames(5, 3, 33, 33, seed=1)
    together, in_pairs = AlexLpips(trunk, batch_size=5), AlexLpips(trunk, HEADS, batch_size=2)
    torch.testing.assert_close(together(frames, others), in_pairs(frames, others), rtol=1e-5, atol=0)
    assert together(frames[:0], others[:0]).shape == (0,)


def test_other_files_are_refused(trunk: Path, tmp_path: Path, noise_frames) -> None:
    torch.save({"weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(
        ValueError, match=r"trunk must hold torchvision's AlexNet .* but .*other.pth does not"
    ):
        AlexLpips(tmp_path / "other.pth")
    with pytest.raises(ValueError, match=r"heads must hold LPIPS' heads .* but .*other.pth does not"):
        AlexLpips(trunk, tmp_path / "other.pth")
    (tmp_path / "page.pth").write_text("<html>")
    with pytest.raises(ValueError, match=r"page.pth is damaged .*; get it again from https.*/alexnet-owt"):
        AlexLpips(tmp_path / "page.pth")
    with pytest.raises(
        ValueError, match=r"page.pth is damaged .*; leave heads out for those that torchmetrics"
    ):
        AlexLpips(trunk, tmp_path / "page.pth")
    with pytest.raises(FileNotFoundError, match=r"heads: there is no none\.pth"):
        AlexLpips(trunk, "none.pth")
    with pytest.raises(ValueError, match="frames and others must be alike in shape"):
        AlexLpips(trunk)(noise_frames(1, 3, 33, 33), noise_frames(1, 3, 33, 34))
