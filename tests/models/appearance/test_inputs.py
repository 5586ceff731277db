"""The training batch beside what the real pipeline gives its transformer."""

from __future__ import annotations

from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch

from macedance.models.appearance.encoding import DEFAULT_PROMPT, WindowEncoder
from macedance.models.appearance.inputs import (
    clean_latents,
    condition,
    constant_inputs,
    noisy_input,
    num_video_frames,
)
from macedance.models.appearance.tiny import tiny_backbone

SIZE, NUM_FRAMES = 32, 17
TO_BATCH = tuple[dict[str, torch.Tensor], list[dict[str, Any]], list[torch.Tensor]]


def pictures(seed: int, num: int, size: tuple[int, int] = (SIZE, SIZE)) -> list[PIL.Image.Image]:
    pixels = np.random.default_rng(seed).integers(0, 256, (num, *size, 3), dtype=np.uint8)
    return [PIL.Image.fromarray(picture) for picture in pixels]


def as_video(images: list[PIL.Image.Image]) -> torch.Tensor:
    return torch.stack([torch.from_numpy(np.array(image)).movedim(-1, 0) for image in images], dim=1)[None]


class Captured:
    """Two segments of the real pipeline: each call of the transformer, and each segment's decoded frames."""

    def __init__(self, relay: int) -> None:
        self.pipeline = tiny_backbone()
        self.pipeline.set_progress_bar_config(disable=True)
        self.image = pictures(0, 1, size=(24, SIZE))[0]
        self.pose = pictures(1, 2 * NUM_FRAMES - relay)
        self.calls: list[dict[str, Any]] = []
        self.decoded: list[torch.Tensor] = []
        forward, decode = self.pipeline.transformer.forward, self.pipeline.vae.decode

        def capture(**inputs: Any) -> Any:
            self.calls.append({name: _copy(value) for name, value in inputs.items()})
            return forward(**inputs)

        def capture_frames(*args: Any, **kwargs: Any) -> Any:
            frames = decode(*args, **kwargs)
            self.decoded.append(frames[0].clone())
            return frames

        self.pipeline.transformer.forward, self.pipeline.vae.decode = capture, capture_frames
        self.pipeline(
            image=self.image,
            pose_video=self.pose,
            face_video=[PIL.Image.new("RGB", (16, 16))] * len(self.pose),  # black is −1: no face
            prompt=DEFAULT_PROMPT,
            height=SIZE,
            width=SIZE,
            segment_frame_length=NUM_FRAMES,
            prev_segment_conditioning_frames=relay,
            num_inference_steps=2,
            guidance_scale=1.0,
            generator=torch.Generator().manual_seed(0),
            output_type="latent",
        )


def _copy(value: Any) -> Any:
    return value.clone() if isinstance(value, torch.Tensor) else value


@pytest.mark.parametrize("relay", [1, 5])
@pytest.mark.parametrize("segment", [0, 1])
def test_training_batch_equals_the_pipelines_inputs(relay: int, segment: int) -> None:
    captured = Captured(relay)
    call = captured.calls[2 * segment]
    start = segment * (NUM_FRAMES - relay)
    video = as_video(pictures(7, NUM_FRAMES)).float() / 127.5 - 1
    if segment:
        video[:, :, :relay] = captured.decoded[0][:, :, -relay:]
    pose = as_video(captured.pose[start : start + NUM_FRAMES])
    encoder = WindowEncoder(tiny_backbone(), dtype=torch.float32)
    (window,) = encoder.encode(video, pose, [captured.image])
    batch = {name: value[None] for name, value in window.items()}

    known = condition(batch, [relay if segment else 0])
    noise = call["hidden_states"][:, :16]
    ours: dict[str, Any] = {
        "hidden_states": noisy_input(noise, known, torch.float32),
        **constant_inputs(batch, face_size_px=16, dtype=torch.float32),
    }

    assert {name for name, value in call.items() if isinstance(value, torch.Tensor)} == {*ours, "timestep"}
    for name, value in ours.items():
        assert value.shape == call[name].shape, name
        torch.testing.assert_close(value, call[name], rtol=0, atol=2e-6, msg=name)
    # the noisy part has the place and the form of what the training learns to make
    assert clean_latents(batch).shape == noise.shape
    torch.testing.assert_close(clean_latents(batch)[:, :, :1], known[:, 4:, :1])


def test_mask_marks_the_reference_and_the_relay() -> None:
    window = {f"condition_r{relay}": torch.randn(3, 16, 5, 2, 2) for relay in (0, 1, 5)}
    window["reference"] = torch.randn(3, 16, 1, 2, 2)

    mask = condition(window, [0, 1, 5])[:, :4]

    assert mask[:, :, 0].eq(1).all()
    assert [int(mask[number, 0, :, 0, 0].sum()) - 1 for number in range(3)] == [0, 1, 2]
    assert mask.amax(dim=(1, 3, 4)).equal(mask.amin(dim=(1, 3, 4)))


def test_each_relay_brings_its_own_condition() -> None:
    window = {f"condition_r{relay}": torch.full((3, 16, 5, 2, 2), float(relay)) for relay in (0, 1, 5)}
    window["reference"] = torch.full((3, 16, 1, 2, 2), 9.0)

    latents = condition(window, [5, 0, 1])[:, 4:]

    assert latents[:, 0, 0, 0, 0].tolist() == [9.0, 9.0, 9.0]
    assert latents[:, 0, 1, 0, 0].tolist() == [5.0, 0.0, 1.0]


def test_number_of_frames() -> None:
    assert [num_video_frames(number) for number in (1, 2, 5, 20)] == [1, 5, 17, 77]
