"""What the transformer needs of a window of video, encoded once: latents and embeddings.

Axes: B batch, C channels, F frames, T latent frames, H height, W width, h and w those of latents.
"""

from __future__ import annotations

from collections.abc import Sequence

import PIL.Image
import torch
from diffusers import WanAnimatePipeline
from torch import Tensor

from macedance.models.appearance.inputs import NUM_MASK_CHANNELS, NUM_TEXT_TOKENS, RELAYS

DEFAULT_PROMPT = "视频中的人在跳舞"


class WindowEncoder:
    """Encodes windows of videos with a pipeline's VAE, image encoder and text encoder, by its own helpers.

    Args:
        pipeline: Wan-Animate; its transformer is not used and may be missing.
        prompt: One text for all windows.
        dtype: Of the results; what the models compute in is theirs to know.
    """

    def __init__(
        self,
        pipeline: WanAnimatePipeline,
        prompt: str = DEFAULT_PROMPT,
        dtype: torch.dtype = torch.bfloat16,
    ) -> None:
        self.pipeline, self.dtype = pipeline, dtype
        self.text_embedding = encode_text(pipeline, prompt).to("cpu", dtype)

    @torch.inference_mode()
    def encode(
        self, video: Tensor, pose: Tensor, references: Sequence[PIL.Image.Image]
    ) -> list[dict[str, Tensor]]:
        """For each of B windows, tensors on the CPU.

        Args:
            video: (B, 3, F, H, W), uint8 or float in [-1, 1]; F = 4k + 1, H and W multiples of 16.
            pose: The pose drawings, likewise.
            references: B pictures of any size; they are fitted into H × W, with black beside them.

        Returns:
            ``video``, ``pose``, ``condition_r0``, ``condition_r1``, ``condition_r5`` (16, T, h, w), ``reference``
            (16, 1, h, w), ``image_embedding`` (257, 1280), ``text_embedding`` (up to 512, 4096) without its padding.
        """
        video, pose = self._pixels(video), self._pixels(pose)
        encoded = {
            "video": self._latents(video),
            "pose": self._latents(pose),
            "reference": self._reference(references, video.shape[-2:]),
            "image_embedding": torch.cat([self._image_embedding(image) for image in references]),
            **{f"condition_r{relay}": self._condition(video, relay) for relay in RELAYS},
        }
        stored = {name: value.to("cpu", self.dtype) for name, value in encoded.items()}
        return [
            {name: value[number].clone() for name, value in stored.items()}
            | {"text_embedding": self.text_embedding}
            for number in range(len(video))
        ]

    def _pixels(self, frames: Tensor) -> Tensor:
        pixels = frames.to(self.pipeline.vae.device)
        return pixels.float() / 127.5 - 1 if frames.dtype == torch.uint8 else pixels

    def _latents(self, pixels: Tensor) -> Tensor:
        return self.pipeline.prepare_pose_latents(
            pixels, batch_size=len(pixels), device=self.pipeline.vae.device
        )

    def _reference(self, references: Sequence[PIL.Image.Image], size: Sequence[int]) -> Tensor:
        pipeline, (height, width) = self.pipeline, size
        pixels = torch.cat(
            [
                pipeline.vae_image_processor.preprocess(image, height=height, width=width, resize_mode="fill")
                for image in references
            ]
        )
        latents = pipeline.prepare_reference_image_latents(
            pixels, batch_size=len(pixels), device=pipeline.vae.device
        )
        return latents[:, NUM_MASK_CHANNELS:]

    def _condition(self, pixels: Tensor, relay: int) -> Tensor:
        num_windows, _, num_frames, height, width = pixels.shape
        latents = self.pipeline.prepare_prev_segment_cond_latents(
            pixels[:, :, :relay] if relay else None,
            batch_size=num_windows,
            segment_frame_length=num_frames,
            start_frame=relay,
            height=height,
            width=width,
            prev_segment_cond_frames=relay or 1,
            device=self.pipeline.vae.device,
        )
        return latents[:, NUM_MASK_CHANNELS:]

    def _image_embedding(self, image: PIL.Image.Image) -> Tensor:
        return self.pipeline.encode_image(image.convert("RGB"), self.pipeline.image_encoder.device)


@torch.inference_mode()
def encode_text(pipeline: WanAnimatePipeline, prompt: str) -> Tensor:
    """The embedding (tokens, 4096) of a prompt, without the zeros that fill it up to 512 tokens."""
    embedding, _ = pipeline.encode_prompt(
        prompt,
        do_classifier_free_guidance=False,
        max_sequence_length=NUM_TEXT_TOKENS,
        device=pipeline.text_encoder.device,
    )
    num_tokens = int(embedding[0].ne(0).any(dim=-1).nonzero().max()) + 1
    return embedding[0, :num_tokens].clone()
