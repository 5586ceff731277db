from __future__ import annotations

import pytest
import torch

from macedance.metrics.extractors import TorchScriptI3D
from macedance.metrics.extractors.weights import I3D, weights_folder
from macedance.metrics.functional.frechet import frechet_distance

PUBLISHED_DISTANCE = 151.256


@pytest.mark.real_data
@pytest.mark.skipif(
    not (weights_folder() / I3D.file_name).is_file(),
    reason=f"needs {I3D.file_name} in {weights_folder()}, or in the folder that MACEDANCE_WEIGHTS names",
)
def test_black_and_white_videos_are_as_far_apart_as_published() -> None:
    extractor = TorchScriptI3D(num_frames=30)
    black = torch.zeros(8, 30, 3, 64, 64, dtype=torch.uint8)
    white = torch.full_like(black, 255)
    distance = frechet_distance(extractor(black), extractor(white))
    assert distance.item() == pytest.approx(PUBLISHED_DISTANCE, abs=0.01)
