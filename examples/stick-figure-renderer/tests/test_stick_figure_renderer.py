from __future__ import annotations

import torch

from macedance.testing import AppearanceExpertConformance
from stick_figure_renderer import StickFigureRenderer
from stick_figure_renderer.body_parts import PARTS
from stick_figure_renderer.expert import seen_colors


class TestStickFigureRenderer(AppearanceExpertConformance):
    expert_class = StickFigureRenderer


def test_colours_are_read_in_the_middle_of_each_part() -> None:
    video = torch.zeros(1, 3, 1, 40, 30, dtype=torch.uint8)
    video[0, :, 0, 20, 10] = torch.tensor([255, 0, 51], dtype=torch.uint8)
    keypoints = torch.zeros(1, 1, 20, 3)
    keypoints[0, 0, 2], keypoints[0, 0, 3] = torch.tensor([8.0, 16, 1]), torch.tensor([12.0, 24, 1])
    colors, is_seen = seen_colors(video, keypoints)
    upper_arm = list(PARTS).index("right_upper_arm")
    assert colors[0, 0, upper_arm].tolist() == [1.0, 0.0, torch.tensor(51 / 255).item()]
    assert is_seen[0, 0].nonzero().flatten().tolist() == [upper_arm]
