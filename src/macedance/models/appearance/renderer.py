"""Wan-Animate as a video renderer: videos of any length in the memory of one segment.

C channels, T frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import numpy as np
import PIL.Image
import torch
from diffusers import WanAnimatePipeline
from torch import Tensor

from macedance.geometry.motion import Motion
from macedance.models.appearance.encoding import DEFAULT_PROMPT, encode_text
from macedance.models.appearance.inputs import padded_text
from macedance.models.appearance.segment_conditions import SegmentConditions, encode_conditions
from macedance.models.appearance.segment_sampler import SegmentSampler, SegmentSettings
from macedance.models.appearance.segments import check_segments, count_segments, overlapping_segments
from macedance.projection.face import crop_face
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference
from macedance.render.pose_drawing import pose_frames as draw_poses
from macedance.render.video_renderer import OnProgress, Video

SIZE_MULTIPLE_PX = 16
"""Eight pixels a latent by two latents a patch, in every published Wan of 14 B parameters."""

Face = Literal["none", "reference"]
FACES: tuple[Face, ...] = ("none", "reference")


class WanRenderer:
    """Lets the person of a picture dance, by a Wan-Animate pipeline; a :class:`VideoRenderer`.

    The frames equal those of ``pipeline(..., mode="animate", guidance_scale=1.0)`` for the same generator, bit by
    bit, but come segment by segment: poses are drawn and frames handed out as they are needed, so a song takes no
    more memory than a segment.

    Seeds: noise is drawn from the generator when a segment's turn comes. A generator in the same state gives the
    same video; one of the CPU gives the same noise on every device.

    Args:
        pipeline: With all its parts; see :func:`macedance.models.appearance.backbone.load_backbone`.
        prompt: What the video shows.
        projector: From motions to poses; one with a perspective camera if left out.
        segment_num_frames: Frames made at a time, 4k + 1; memory and time of a step grow with it.
        relay_num_frames: Frames from which a segment goes on where the last one stopped, 1 or 5.
        num_inference_steps: Denoising steps of a segment.
        face: What the face branch sees in every frame: nothing, or the face of the reference.
        offload: Keep each part on the GPU only while it works, for GPUs that do not hold all at once.

    Raises:
        ValueError: An argument is not as told, or there is no GPU to offload from.
    """

    def __init__(
        self,
        pipeline: WanAnimatePipeline,
        *,
        prompt: str = DEFAULT_PROMPT,
        projector: Projector | None = None,
        segment_num_frames: int = 77,
        relay_num_frames: int = 1,
        num_inference_steps: int = 20,
        face: Face = "none",
        offload: bool = False,
    ) -> None:
        check_segments(segment_num_frames, relay_num_frames, pipeline.vae_scale_factor_temporal)
        check_steps(num_inference_steps)
        if face not in FACES:
            raise ValueError(f"face must be one of {', '.join(FACES)}, got {face!r}")
        self.pipeline = pipeline
        self.prompt = prompt
        self.projector = projector or Projector()
        self.segment_num_frames = segment_num_frames
        self.relay_num_frames = relay_num_frames
        self.num_inference_steps = num_inference_steps
        self.face = face
        self._prompt_embedding: Tensor | None = None
        if offload:
            check_offload()
            pipeline.enable_model_cpu_offload()

    def render(
        self,
        motion: Motion,
        reference: Reference,
        *,
        size_px: tuple[int, int],
        fps: float = 30.0,
        generator: torch.Generator | None = None,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """The video in which the person of ``reference`` dances ``motion``.

        Args:
            motion: The dance; it is resampled to ``fps``.
            reference: The person; with key-points, the dancer stands where and as tall as they do.
            size_px: (width, height), multiples of 16.
            fps: Frames per second.
            generator: See the class.
            on_progress: Called after each denoising step with the steps done and the steps of all segments.

        Raises:
            ValueError: ``size_px`` is not as told.
        """
        self._check_size(size_px)
        sequence = self.projector.project(motion, size_px=size_px, fps=fps, reference=reference)
        face = None
        if self.face == "reference":
            face = crop_face(reference.image, reference.keypoints)
        return self.render_pose(
            draw_poses(sequence),
            len(sequence.points),
            reference.image,
            size_px=size_px,
            fps=fps,
            face=face,
            generator=generator,
            on_progress=on_progress,
        )

    def render_pose(
        self,
        pose_frames: Iterable[np.ndarray | PIL.Image.Image],
        num_frames: int,
        image: PIL.Image.Image,
        *,
        size_px: tuple[int, int],
        fps: float = 30.0,
        face: PIL.Image.Image | None = None,
        generator: torch.Generator | None = None,
        on_progress: OnProgress | None = None,
    ) -> Video:
        """The video in which the person of ``image`` follows poses that are drawn already.

        Args:
            pose_frames: Pictures of ``size_px``, uint8 (H, W, 3) or PIL; read a segment at a time.
            num_frames: How many of them to follow.
            image: The person; fitted into the picture, with black bars where its aspect is another.
            size_px: (width, height), multiples of 16.
            fps: Frames per second.
            face: What the face branch sees in every frame; nothing if left out.
            generator: See the class.
            on_progress: As in :meth:`render`.

        Raises:
            ValueError: ``size_px`` or ``num_frames`` is not as told. While frames are made: a pose picture has
                another size, or there are fewer than ``num_frames``.
        """
        self._check_size(size_px)
        if num_frames < 1:
            raise ValueError(f"num_frames must be at least 1, got {num_frames}; give poses to follow")
        made = self._frames(
            pose_frames, num_frames, image.convert("RGB"), size_px, face, generator, on_progress
        )
        return Video(frames=made, num_frames=num_frames, fps=fps)

    def _frames(
        self,
        pose_frames: Iterable[np.ndarray | PIL.Image.Image],
        num_frames: int,
        image: PIL.Image.Image,
        size_px: tuple[int, int],
        face: PIL.Image.Image | None,
        generator: torch.Generator | None,
        on_progress: OnProgress | None,
    ) -> Iterator[np.ndarray]:
        settings = SegmentSettings(
            size_px, self.segment_num_frames, self.relay_num_frames, self.num_inference_steps
        )
        num_segments = count_segments(num_frames, self.segment_num_frames, self.relay_num_frames)
        sampler = SegmentSampler(
            self.pipeline,
            self._conditions(image, size_px, face),
            settings,
            generator=generator,
            on_step=_step_counter(num_segments * self.num_inference_steps, on_progress),
        )
        pictures = (_picture(frame, size_px) for frame in pose_frames)
        segments = overlapping_segments(
            pictures,
            num_frames,
            segment_num_frames=self.segment_num_frames,
            relay_num_frames=self.relay_num_frames,
        )
        num_left = num_frames
        try:
            for pixels in sampler.sample(segments):
                made = _to_uint8(self.pipeline, pixels[:, :, :num_left])
                num_left -= len(made)
                del pixels
                yield from made
        finally:
            self.pipeline.maybe_free_model_hooks()

    def _conditions(
        self, image: PIL.Image.Image, size_px: tuple[int, int], face: PIL.Image.Image | None
    ) -> SegmentConditions:
        if self._prompt_embedding is None:
            self._prompt_embedding = padded_text(encode_text(self.pipeline, self.prompt)[None])
        return encode_conditions(
            self.pipeline,
            self._prompt_embedding,
            image,
            face,
            size_px=size_px,
            num_frames=self.segment_num_frames,
        )

    def _check_size(self, size_px: tuple[int, int]) -> None:
        config = self.pipeline.transformer.config
        multiple = self.pipeline.vae_scale_factor_spatial * config.patch_size[-1]
        check_size(size_px, multiple)
        largest = multiple * config.rope_max_seq_len
        if max(size_px) > largest:
            raise ValueError(
                f"size_px must be at most {largest} a side for this backbone, got {size_px[0]} x {size_px[1]}"
            )


def check_size(size_px: tuple[int, int], multiple: int = SIZE_MULTIPLE_PX) -> None:
    """Refuse a picture size that does not consist of whole patches.

    Raises:
        ValueError: Width or height is no multiple of ``multiple``.
    """
    if any(side < multiple or side % multiple for side in size_px):
        near = " x ".join(str(max(1, round(side / multiple)) * multiple) for side in size_px)
        raise ValueError(
            f"size_px must be multiples of {multiple}, got {size_px[0]} x {size_px[1]}; {near} is near"
        )


def check_steps(num_inference_steps: int) -> None:
    """Refuse a number of denoising steps that makes no video.

    Raises:
        ValueError: It does not lie in 1..1000.
    """
    if not 1 <= num_inference_steps <= 1000:
        raise ValueError(f"num_inference_steps must lie in 1..1000, got {num_inference_steps}; 20 is usual")


def check_offload() -> None:
    """Refuse to offload where there is nothing to offload from.

    Raises:
        ValueError: There is no GPU.
    """
    if not torch.accelerator.is_available():
        raise ValueError("offload needs a GPU to put each part on while it works; leave it out on a CPU")


def _picture(frame: np.ndarray | PIL.Image.Image, size_px: tuple[int, int]) -> PIL.Image.Image:
    picture = frame.convert("RGB") if isinstance(frame, PIL.Image.Image) else PIL.Image.fromarray(frame)
    if picture.size != tuple(size_px):
        raise ValueError(f"pose_frames must be of size_px {tuple(size_px)}, got {picture.size}")
    return picture


def _to_uint8(pipeline: WanAnimatePipeline, pixels: Tensor) -> np.ndarray:
    """Pixels (1, 3, T, H, W) in [-1, 1] as uint8 (T, H, W, 3)."""
    unit = pipeline.video_processor.postprocess_video(pixels, output_type="np")[0]
    return (unit * 255).round().astype(np.uint8)


def _step_counter(num_steps: int, on_progress: OnProgress | None) -> Callable[[], None]:
    num_done = 0

    def count() -> None:
        nonlocal num_done
        num_done += 1
        if on_progress is not None:
            on_progress(num_done, num_steps)

    return count
