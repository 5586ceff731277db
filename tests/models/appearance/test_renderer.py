from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import PIL.Image
import pytest
import torch
from diffusers import WanAnimatePipeline

from macedance.geometry.motion import Motion
from macedance.models.appearance.encoding import DEFAULT_PROMPT
from macedance.models.appearance.renderer import WanRenderer
from macedance.models.appearance.segment_sampler import SegmentSampler
from macedance.models.appearance.tiny import tiny_backbone
from macedance.projection.face import crop_face
from macedance.projection.reference import Reference

SIZE = (48, 32)
SEGMENT, STEPS = 17, 2


@pytest.fixture(scope="module")
def pipeline() -> WanAnimatePipeline:
    pipeline = tiny_backbone()
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def renderer(pipeline: WanAnimatePipeline, **options) -> WanRenderer:
    return WanRenderer(pipeline, segment_num_frames=SEGMENT, num_inference_steps=STEPS, **options)


def noise_picture(size_px: tuple[int, int], seed: int = 0) -> PIL.Image.Image:
    random = np.random.default_rng(seed)
    return PIL.Image.fromarray(random.integers(0, 256, (size_px[1], size_px[0], 3), dtype=np.uint8))


def poses(num_frames: int) -> list[PIL.Image.Image]:
    return [noise_picture(SIZE, seed=100 + number) for number in range(num_frames)]


PERSON = noise_picture((40, 56))


def by_diffusers(
    pipeline: WanAnimatePipeline,
    num_frames: int,
    relay: int,
    output_type: str,
    face: PIL.Image.Image | None = None,
) -> np.ndarray:
    face_size = pipeline.transformer.config.motion_encoder_size
    frames = pipeline(
        image=PERSON,
        pose_video=poses(num_frames),
        face_video=[face or PIL.Image.new("RGB", (face_size, face_size))] * num_frames,
        prompt=DEFAULT_PROMPT,
        width=SIZE[0],
        height=SIZE[1],
        segment_frame_length=SEGMENT,
        prev_segment_conditioning_frames=relay,
        num_inference_steps=STEPS,
        guidance_scale=1.0,
        mode="animate",
        generator=torch.Generator().manual_seed(7),
        output_type=output_type,
    ).frames[0]
    return np.stack([np.asarray(frame) for frame in frames])


@pytest.mark.parametrize(("num_frames", "relay"), [(34, 1), (27, 1), (40, 5), (29, 5), (9, 1)])
def test_frames_equal_those_of_diffusers_bit_by_bit(
    pipeline: WanAnimatePipeline, num_frames: int, relay: int
) -> None:
    video = renderer(pipeline, relay_num_frames=relay).render_pose(
        poses(num_frames), num_frames, PERSON, size_px=SIZE, generator=torch.Generator().manual_seed(7)
    )
    made = np.stack(list(video.frames))
    assert made.dtype == np.uint8
    assert made.std() > 1
    np.testing.assert_array_equal(made, by_diffusers(pipeline, num_frames, relay, "pil"))


@pytest.mark.parametrize("relay", [1, 5])
def test_frames_equal_those_of_diffusers_before_rounding_too(
    pipeline: WanAnimatePipeline, relay: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = []
    sample = SegmentSampler.sample

    def noted(self: SegmentSampler, pose_segments) -> Iterator[torch.Tensor]:
        for pixels in sample(self, pose_segments):
            exact.append(pixels.clone())
            yield pixels

    monkeypatch.setattr(SegmentSampler, "sample", noted)
    face = noise_picture((20, 20), seed=3)
    video = renderer(pipeline, relay_num_frames=relay).render_pose(
        poses(23), 23, PERSON, size_px=SIZE, face=face, generator=torch.Generator().manual_seed(7)
    )
    assert len(list(video.frames)) == 23
    made = pipeline.video_processor.postprocess_video(torch.cat(exact, dim=2)[:, :, :23], output_type="np")
    np.testing.assert_array_equal(made[0], by_diffusers(pipeline, 23, relay, "np", face))


def test_frames_come_segment_by_segment(pipeline: WanAnimatePipeline) -> None:
    num_read = 0
    steps: list[tuple[int, int]] = []

    def counted() -> Iterator[PIL.Image.Image]:
        nonlocal num_read
        for pose in poses(49):
            num_read += 1
            yield pose

    video = renderer(pipeline).render_pose(
        counted(), 49, PERSON, size_px=SIZE, on_progress=lambda done, total: steps.append((done, total))
    )
    assert (num_read, steps) == (0, [])
    for number, _ in enumerate(video.frames):
        num_segments = 1 if number < SEGMENT else 1 + -(-(number - SEGMENT + 1) // (SEGMENT - 1))
        assert num_read == SEGMENT + (num_segments - 1) * (SEGMENT - 1)
        assert len(steps) == num_segments * STEPS
    assert number == 48
    assert steps == [(done, 3 * STEPS) for done in range(1, 3 * STEPS + 1)]


def test_videos_of_one_pipeline_may_be_made_in_turns(pipeline: WanAnimatePipeline) -> None:
    def video(seed: int) -> Iterator[np.ndarray]:
        generator = torch.Generator().manual_seed(seed)
        made = renderer(pipeline).render_pose(poses(18), 18, PERSON, size_px=SIZE, generator=generator)
        return iter(made.frames)

    alone, other = list(video(1)), list(video(2))
    in_turns = list(zip(video(1), video(2), strict=True))
    assert all(np.array_equal(frame, pair[0]) for frame, pair in zip(alone, in_turns, strict=True))
    assert all(np.array_equal(frame, pair[1]) for frame, pair in zip(other, in_turns, strict=True))
    assert not np.array_equal(alone, other)


def test_a_motion_becomes_a_video_at_its_own_speed(pipeline: WanAnimatePipeline) -> None:
    sway = torch.zeros(20, 24, 3)
    sway[:, 16, 2] = torch.linspace(-1, 1, 20)
    motion = Motion(sway, torch.tensor([[0.0, 1.2, 0.0]]).expand(20, 3), fps=30.0)
    reference = Reference(PERSON)

    def film(seed: int, **options) -> np.ndarray:
        generator = torch.Generator().manual_seed(seed)
        video = renderer(pipeline, **options).render(
            motion, reference, size_px=SIZE, fps=15.0, generator=generator
        )
        assert (video.num_frames, video.fps) == (10, 15.0)
        return np.stack(list(video.frames))

    made = film(0)
    assert made.shape == (10, 32, 48, 3)
    np.testing.assert_array_equal(film(0), made)
    assert not np.array_equal(film(1), made)
    assert not np.array_equal(film(0, face="reference"), made)


def test_the_face_shown_is_the_references(pipeline: WanAnimatePipeline) -> None:
    motion = Motion(torch.zeros(5, 24, 3), torch.zeros(5, 3))
    shown = renderer(pipeline, face="reference")
    seen = []
    shown.render_pose = lambda *_, face, **__: seen.append(face)  # type: ignore[method-assign]
    shown.render(motion, Reference(PERSON), size_px=SIZE)
    np.testing.assert_array_equal(np.asarray(seen[0]), np.asarray(crop_face(PERSON, None)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"segment_num_frames": 18}, "take 17 or 21"),
        ({"relay_num_frames": 3}, "relay_num_frames must be 1 or 5"),
        ({"num_inference_steps": 0}, "num_inference_steps must lie in 1..1000, got 0"),
        ({"face": "mine"}, "face must be one of none, reference, got 'mine'"),
    ],
)
def test_wrong_settings_are_refused(pipeline: WanAnimatePipeline, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WanRenderer(pipeline, **options)


@pytest.mark.skipif(torch.accelerator.is_available(), reason="there is a GPU")
def test_offloading_needs_a_gpu(pipeline: WanAnimatePipeline) -> None:
    with pytest.raises(ValueError, match="offload needs a GPU"):
        WanRenderer(pipeline, offload=True)


def test_offloading_changes_no_pixel(pipeline: WanAnimatePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part has to be called through its hooks; here they move it from the CPU to the CPU."""

    def film(wan: WanRenderer) -> np.ndarray:
        generator = torch.Generator().manual_seed(7)
        video = wan.render_pose(poses(18), 18, PERSON, size_px=SIZE, generator=generator)
        return np.stack(list(video.frames))

    offloaded = tiny_backbone()
    hooked, freed = offloaded.enable_model_cpu_offload, []
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(offloaded, "enable_model_cpu_offload", lambda **_: hooked(device="cpu"))
    monkeypatch.setattr(offloaded, "maybe_free_model_hooks", lambda: freed.append(True))
    np.testing.assert_array_equal(film(renderer(offloaded, offload=True)), film(renderer(pipeline)))
    assert offloaded.transformer._hf_hook is not None
    assert freed == [True]


def test_wrong_poses_are_refused(pipeline: WanAnimatePipeline) -> None:
    wan = renderer(pipeline)
    with pytest.raises(ValueError, match="multiples of 16, got 50 x 32; 48 x 32 is near"):
        wan.render_pose(poses(5), 5, PERSON, size_px=(50, 32))
    with pytest.raises(ValueError, match="at most 512 a side for this backbone, got 528 x 32"):
        wan.render_pose(poses(5), 5, PERSON, size_px=(528, 32))
    with pytest.raises(ValueError, match="num_frames must be at least 1"):
        wan.render_pose([], 0, PERSON, size_px=SIZE)
    with pytest.raises(ValueError, match=r"pose_frames must be of size_px \(32, 32\), got \(48, 32\)"):
        list(wan.render_pose(poses(5), 5, PERSON, size_px=(32, 32)).frames)
    with pytest.raises(ValueError, match="ended after 3"):
        list(wan.render_pose(poses(3), 5, PERSON, size_px=SIZE).frames)
