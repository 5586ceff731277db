"""What all segments of a video are made under: text, reference picture and face.

B batch (1), C channels, T frames, H height, W width.
"""

from __future__ import annotations

from dataclasses import dataclass

import PIL.Image
import torch
from diffusers import WanAnimatePipeline
from torch import Tensor

from macedance.models.appearance.inputs import NO_FACE


@dataclass(frozen=True)
class SegmentConditions:
    """What all segments of a video have in common.

    Attributes:
        prompt: Embedding of the text (B, 512, text width), in the transformer's dtype.
        image: CLIP features of the reference (B, tokens, image width), in the transformer's dtype.
        reference: Mask and latent of the reference (B, 20, 1, H / 8, W / 8).
        face: Faces (B, 3, T, size, size) in [-1, 1] of a segment, in the transformer's dtype.
    """

    prompt: Tensor
    image: Tensor
    reference: Tensor
    face: Tensor


@torch.no_grad()
def encode_conditions(
    pipeline: WanAnimatePipeline,
    prompt: Tensor,
    image: PIL.Image.Image,
    face: PIL.Image.Image | None,
    *,
    size_px: tuple[int, int],
    num_frames: int,
) -> SegmentConditions:
    """Encodes pictures by the pipeline's own parts.

    Args:
        pipeline: Its image encoder and VAE are used.
        prompt: The text's embedding (B, 512, text width).
        image: The reference, RGB; fitted into the picture, with black bars where its aspect is another.
        face: What every frame shows to the face branch; None is no face.
        size_px: (width, height).
        num_frames: Frames of a segment.
    """
    device, dtype = pipeline._execution_device, pipeline.transformer.dtype
    width, height = size_px
    features = pipeline.encode_image(image, device)
    pixels = pipeline.vae_image_processor.preprocess(image, height=height, width=width, resize_mode="fill")
    return SegmentConditions(
        prompt=prompt.to(device, dtype),
        image=features.to(dtype),
        reference=pipeline.prepare_reference_image_latents(pixels.float(), device=device),
        face=_face_pixels(pipeline, face, num_frames).to(device, dtype),
    )


def _face_pixels(pipeline: WanAnimatePipeline, face: PIL.Image.Image | None, num_frames: int) -> Tensor:
    """The face in every frame of a segment, (1, 3, T, size, size) in [-1, 1]; -1 is no face.

    The frames lie in memory as the pipeline's do, one by one and channels last: convolutions sum in another order
    where they do not.
    """
    size = pipeline.transformer.config.motion_encoder_size
    if face is None:
        pixels = torch.full((1, 1, size, size, 3), NO_FACE)
    else:
        prepared = pipeline.video_processor.preprocess_video([face.convert("RGB")], height=size, width=size)
        pixels = prepared.float().permute(0, 2, 3, 4, 1)
    return pixels.repeat(1, num_frames, 1, 1, 1).permute(0, 4, 1, 2, 3)
