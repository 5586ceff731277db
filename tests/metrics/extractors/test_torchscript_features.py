from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
import torch
from torch import Tensor, nn

from macedance.metrics.extractors import (
    AlexLpips,
    TorchScriptFrameFeatures,
    TorchScriptFrameScores,
    TorchScriptI3D,
    TorchScriptInception,
    TorchScriptInterpolator,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*is not the published.*")


class TinyI3D(nn.Module):
    """Tells the corners of first and last frame; 400 numbers."""

    def forward(
        self, x: Tensor, rescale: bool = True, resize: bool = True, return_features: bool = False
    ) -> Tensor:
        assert not rescale
        assert not resize
        assert return_features
        assert x.shape[1:2] + x.shape[3:] == [3, 224, 224]
        corners = x[:, :, :, ::223, ::223].flatten(1)
        means = x.mean((3, 4)).flatten(1)
        return torch.cat([corners, means, torch.zeros(len(x), 400)], 1)[:, :400]


class TinyInception(nn.Module):
    """The sums of the bytes of the channels; 2048 numbers."""

    def forward(self, x: Tensor, return_features: bool = False) -> Tensor:
        assert x.dtype == torch.uint8
        assert return_features
        return x.flatten(2).to(torch.float32).sum(2).repeat(1, 683)[:, :2048]


class ChannelMeans(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        assert x.shape[2:] == [6, 4]
        return x.mean((2, 3))


class Everything(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x


def seen_by_i3d(frame: np.ndarray) -> np.ndarray:
    """An independent statement of bilinear resizing with half-pixel centres, and of the middle."""
    height, width = frame.shape[1:]
    scale = 224 / min(height, width)
    size = [224 if extent == min(height, width) else math.ceil(extent * scale) for extent in (height, width)]
    rows, columns = (
        (np.arange(new) + 0.5) * old / new - 0.5 for new, old in zip(size, (height, width), strict=True)
    )
    grid = np.meshgrid(rows, columns, indexing="ij")
    resized = np.stack(
        [scipy.ndimage.map_coordinates(plane / 255, grid, order=1, mode="nearest") for plane in frame]
    )
    top, left = (size[0] - 224) // 2, (size[1] - 224) // 2
    return resized[:, top : top + 224, left : left + 224] * 2 - 1


def test_i3d_sees_the_middle_of_clips_in_its_layout(torchscript_file, noise_frames) -> None:
    extractor = TorchScriptI3D(torchscript_file(TinyI3D()), num_frames=2, batch_size=2)
    clips = noise_frames(3, 2, 3, 30, 53)
    features = extractor(clips)
    assert (extractor.name, extractor.num_features, extractor.num_frames) == ("i3d", 400, 2)
    assert features.shape == (3, 400)
    for clip, found in zip(clips.double().numpy(), features, strict=True):
        seen = np.stack([seen_by_i3d(frame) for frame in clip], axis=1)
        wanted = np.concatenate([seen[:, :, ::223, ::223].ravel(), seen.mean((2, 3)).ravel()])
        np.testing.assert_allclose(found[: len(wanted)].numpy(), wanted, atol=1e-5)


def test_i3d_refuses_clips_of_other_lengths_and_floats(torchscript_file, noise_frames) -> None:
    extractor = TorchScriptI3D(torchscript_file(TinyI3D()))
    with pytest.raises(ValueError, match="clips must have 16 frames each, got 2"):
        extractor(noise_frames(1, 2, 3, 8, 8))
    with pytest.raises(ValueError, match=r"clips must be uint8 \(N, T, 3, H, W\), got torch.float32"):
        extractor(torch.zeros(1, 16, 3, 8, 8))
    assert extractor(noise_frames(0, 16, 3, 8, 8)).shape == (0, 400)


def test_inception_gets_the_bytes_as_they_are(torchscript_file, noise_frames) -> None:
    extractor = TorchScriptInception(torchscript_file(TinyInception()), batch_size=2)
    frames = noise_frames(5, 3, 7, 9)
    features = extractor(frames)
    assert (extractor.name, extractor.num_features) == ("inception", 2048)
    assert features.dtype == torch.float32
    torch.testing.assert_close(features[:, :3], frames.flatten(2).float().sum(2))


def test_any_network_gets_resized_and_normalised_pictures(torchscript_file, noise_frames) -> None:
    path = torchscript_file(ChannelMeans())
    extractor = TorchScriptFrameFeatures(
        path, name="arcface", size_px=(6, 4), mean=(0.5, 0, 0), std=(0.5, 1, 1)
    )
    assert (extractor.name, extractor.num_features) == ("arcface", 3)
    frames = noise_frames(3, 3, 1, 1).expand(3, 3, 12, 8)
    values = frames[:, :, 0, 0] / 255
    torch.testing.assert_close(
        extractor(frames), (values - torch.tensor([0.5, 0, 0])) / torch.tensor([0.5, 1, 1])
    )


def test_files_that_do_not_fit_are_told(torchscript_file, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no none\.pt; give a TorchScript file of face"):
        TorchScriptFrameFeatures("none.pt", name="face", size_px=(8, 8))
    with pytest.raises(ValueError, match=r"must give features \(frames, features\), got \(1, 3, 8, 8\)"):
        TorchScriptFrameFeatures(torchscript_file(Everything()), name="face", size_px=(8, 8))
    (tmp_path / "page.pt").write_text("<html>")
    with pytest.raises(ValueError, match=r"must be a TorchScript file, but .*page.pt cannot"):
        TorchScriptI3D(tmp_path / "page.pt")


def test_clips_and_batches_of_nothing_are_refused(torchscript_file) -> None:
    path = torchscript_file(Everything())
    with pytest.raises(ValueError, match="num_frames must be at least 1, got 0"):
        TorchScriptI3D(path, num_frames=0)
    for kind in (
        TorchScriptI3D,
        TorchScriptInception,
        TorchScriptFrameScores,
        TorchScriptInterpolator,
        AlexLpips,
    ):
        with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
            kind(path, batch_size=0)
    with pytest.raises(ValueError, match="batch_size must be at least 1, got -1"):
        TorchScriptFrameFeatures(path, name="face", size_px=(8, 8), batch_size=-1)
