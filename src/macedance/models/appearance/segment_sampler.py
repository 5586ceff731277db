"""Wan-Animate's sampling of one segment after another, over the pipeline's own parts.

B batch (1), C channels, T frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass

import PIL.Image
import torch
from diffusers import WanAnimatePipeline
from torch import Tensor

from macedance.models.appearance.denoising import decode, denoise
from macedance.models.appearance.segment_conditions import SegmentConditions


@dataclass(frozen=True)
class SegmentSettings:
    """How segments are made.

    Attributes:
        size_px: (width, height).
        segment_num_frames: Frames of a segment, the relay included.
        relay_num_frames: Frames that a segment takes over from the one before.
        num_inference_steps: Denoising steps of a segment.
    """

    size_px: tuple[int, int]
    segment_num_frames: int
    relay_num_frames: int
    num_inference_steps: int


class SegmentSampler:
    """Makes the segments of one video; of a finished segment it keeps the relay alone.

    The arithmetic and the order of random draws are those of ``WanAnimatePipeline.__call__`` in the mode "animate"
    without classifier-free guidance. The scheduler is a copy: videos of one pipeline may be made in turns.

    Args:
        pipeline: Its parts do the work.
        conditions: See there.
        settings: See there.
        generator: Draws the noise, of each segment when its turn comes.
        on_step: Called after each denoising step.
    """

    def __init__(
        self,
        pipeline: WanAnimatePipeline,
        conditions: SegmentConditions,
        settings: SegmentSettings,
        *,
        generator: torch.Generator | None = None,
        on_step: Callable[[], None] = lambda: None,
    ) -> None:
        self.pipeline = pipeline
        self.conditions = conditions
        self.settings = settings
        self.generator = generator
        self.on_step = on_step
        self.device: torch.device = pipeline._execution_device
        self._scheduler = deepcopy(pipeline.scheduler)

    @torch.no_grad()
    def sample(self, pose_segments: Iterable[list[PIL.Image.Image]]) -> Iterator[Tensor]:
        """New frames (B, 3, T, H, W) in [-1, 1] of each segment, the relay left out of all but the first."""
        num_known = self.settings.relay_num_frames
        relay: Tensor | None = None
        for pictures in pose_segments:
            pixels = self._segment(pictures, relay)
            new = pixels if relay is None else pixels[:, :, num_known:]
            relay = new[:, :, -num_known:].clone()
            del pixels, pictures
            yield new
            del new

    def _segment(self, pictures: list[PIL.Image.Image], relay: Tensor | None) -> Tensor:
        """All frames of a segment; ``relay`` holds the last ones of the segment before, None if there is none."""
        noise = self._noise()
        inputs = self._inputs(pictures)
        known = torch.cat([self.conditions.reference, self._known(relay)], dim=2)
        latents = denoise(
            self.pipeline.transformer,
            self._scheduler,
            noise,
            known,
            inputs,
            num_steps=self.settings.num_inference_steps,
            on_step=self.on_step,
        )
        return decode(self.pipeline.vae, latents[:, :, 1:])

    def _noise(self) -> Tensor:
        width, height = self.settings.size_px
        return self.pipeline.prepare_latents(
            1,
            num_channels_latents=self.pipeline.vae.config.z_dim,
            height=height,
            width=width,
            num_frames=self.settings.segment_num_frames,
            dtype=torch.float32,
            device=self.device,
            generator=self.generator,
        )

    def _inputs(self, pictures: list[PIL.Image.Image]) -> dict[str, Tensor]:
        """The transformer's inputs that a segment's steps share."""
        pipeline, (width, height) = self.pipeline, self.settings.size_px
        pixels = pipeline.video_processor.preprocess_video(pictures, height=height, width=width)
        pose = pipeline.prepare_pose_latents(pixels, device=self.device)
        return {
            "encoder_hidden_states": self.conditions.prompt,
            "encoder_hidden_states_image": self.conditions.image,
            "pose_hidden_states": pose.to(pipeline.transformer.dtype),
            "face_pixel_values": self.conditions.face,
        }

    def _known(self, relay: Tensor | None) -> Tensor:
        """Mask and latents (B, 20, T, H / 8, W / 8) of the relay, the rest of the segment unknown."""
        width, height = self.settings.size_px
        return self.pipeline.prepare_prev_segment_cond_latents(
            relay,
            segment_frame_length=self.settings.segment_num_frames,
            start_frame=0 if relay is None else 1,  # the helper asks only whether it is the first segment
            height=height,
            width=width,
            prev_segment_cond_frames=self.settings.relay_num_frames,
            device=self.device,
        )
