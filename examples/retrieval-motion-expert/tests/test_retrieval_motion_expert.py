from __future__ import annotations

import pytest
import torch

from macedance.testing import MotionExpertConformance, TinyShards
from retrieval_motion_expert import RetrievalMotionExpert
from retrieval_motion_expert.window_bank import WindowBank


class TestRetrievalMotionExpert(MotionExpertConformance):
    expert_class = RetrievalMotionExpert
    init_args = {"bank_frames": 30, "num_shared": 8, "max_windows": 32}  # noqa: RUF012

    def test_windows_are_joined_without_jumps(
        self, expert: RetrievalMotionExpert, shards: TinyShards
    ) -> None:
        motion = expert.generate(self.music(shards), generator=torch.Generator().manual_seed(0))
        steps = motion.joints().diff(dim=0).norm(dim=-1)
        assert steps.max() < 0.25, "no joint moves faster than 7.5 m/s, also where windows meet"

    def test_an_expert_that_was_never_trained_says_so(self, shards: TinyShards) -> None:
        with pytest.raises(ValueError, match="remembers no dances yet"):
            self.make_expert().generate(self.music(shards))


def test_the_newest_windows_take_the_place_of_the_oldest() -> None:
    bank = WindowBank(max_windows=3, window_frames=2)
    for number in range(1, 5):
        bank.add(torch.full((1, 2, 151), float(number)), torch.zeros(1, 2, 35), torch.tensor([number]))
    assert len(bank) == 3
    assert bank.genre.tolist() == [4, 2, 3]
    assert bank.motion[:, 0, 0].tolist() == [4, 2, 3]
