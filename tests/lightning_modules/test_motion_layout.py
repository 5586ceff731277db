from __future__ import annotations

import pytest
import torch
from torch import Tensor

from macedance.diffusion.losses import MotionLoss
from macedance.geometry.motion import Motion
from macedance.geometry.representation import encode_motion
from macedance.lightning_modules.loading import load_weights


class ExtentRecord:
    """Computes the loss, and notes how far normalised motion reaches."""

    def __init__(self) -> None:
        self.extents: list[float] = []

    def __call__(self, predicted: Tensor, target: Tensor, denormalize) -> dict[str, Tensor]:
        self.extents.append(float(target.abs().max()))
        return MotionLoss()(predicted, target, denormalize)


@pytest.mark.parametrize("layout", ["own", "published"])
def test_motion_lies_in_the_range_that_its_layout_gives_it(
    tiny_expert, tiny_data, tiny_trainer, layout: str
) -> None:
    expert = tiny_expert(motion_layout=layout)
    expert.loss = ExtentRecord()
    tiny_trainer(max_steps=2).fit(expert, tiny_data())
    assert max(expert.loss.extents) <= 1 + 1e-5
    height_channel = 6 if layout == "published" else 5
    assert expert.normalizer.minimum[height_channel] > 0.5
    assert all(parameter.isfinite().all() for parameter in expert.parameters())


def test_dances_to_clips_come_y_up(tiny_expert, tiny_data, tiny_trainer) -> None:
    standing = Motion(torch.zeros(2, 24, 3), torch.tensor([[0.3, 1.2, -0.4]] * 2))
    expert = tiny_expert(motion_layout="published")
    frame = expert.layout.encode(encode_motion(standing.poses, standing.trans))[0]
    expert.normalizer.set_range(frame, frame)
    (batch,) = tiny_trainer().predict(expert, tiny_data(eval_batch_size=3))
    assert len(batch) == 3
    for motion in batch.values():
        torch.testing.assert_close(motion.joints()[0], standing.joints()[0], rtol=0, atol=1e-4)


@pytest.mark.parametrize(("first", "second"), [("own", "published"), ("published", "own")])
def test_weights_of_one_layout_do_not_begin_an_expert_of_the_other(
    tiny_expert, tmp_path, first: str, second: str
) -> None:
    file = tmp_path / "x.ckpt"
    torch.save({"hyper_parameters": {}, "state_dict": tiny_expert(motion_layout=first).state_dict()}, file)
    load_weights(tiny_expert(motion_layout=first), file)
    with pytest.raises(ValueError, match=r"do not fit MotionExpert: .*layout\.z_up_signs"):
        load_weights(tiny_expert(motion_layout=second), file)
