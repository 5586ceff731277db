"""Generated clips beside the held-out ones. Axes: B batch, F frames, T latent frames, H height, W width, h, w."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from macedance.models.appearance.denoising import decode, denoise
from macedance.models.appearance.inputs import clean_latents, condition
from macedance.render.video_renderer import Video

if TYPE_CHECKING:
    from diffusers import AutoencoderKLWan, UniPCMultistepScheduler, WanAnimateTransformer3DModel


class ClipMaker:
    """Makes frames of stored encodings. Its VAE is loaded when it is needed, and is no part of what is trained.

    Args:
        backbone: Folder or hub id of Wan-Animate, or ``tiny``.
    """

    def __init__(self, backbone: str) -> None:
        self.backbone = backbone
        self._parts: tuple[AutoencoderKLWan, UniPCMultistepScheduler] | None = None

    @torch.no_grad()
    def generate(
        self,
        transformer: WanAnimateTransformer3DModel,
        encodings: Mapping[str, Tensor],
        seeds: Tensor,
        inputs: Mapping[str, Any],
        num_steps: int,
    ) -> Tensor:
        """Frames (B, 3, F, H, W) in [0, 1] that begin with their clips, of noise drawn from each sample's seed.

        Args:
            transformer: Wan-Animate's.
            encodings: Of a batch.
            seeds: (B,) integers.
            inputs: The transformer's constant inputs.
            num_steps: Denoising steps.
        """
        shape = clean_latents(encodings).shape[1:]
        generators = [torch.Generator().manual_seed(seed) for seed in seeds.tolist()]
        noise = torch.stack([torch.randn(shape, generator=generator) for generator in generators])
        known = condition(encodings, [0] * len(noise)).float()
        _, scheduler = self._loaded(seeds.device)
        latents = denoise(transformer, scheduler, noise.to(seeds.device), known, inputs, num_steps=num_steps)
        return self.decode(latents[:, :, 1:], seeds.device)

    def truth(self, batch: Mapping[str, Any], device: torch.device) -> Tensor:
        """The held-out frames (B, 3, F, H, W) in [0, 1]; without ``video.mp4``, what the autoencoder makes of it."""
        if "video" in batch:
            return batch["video"].to(device).float() / 255
        return self.decode(batch["latents"]["video"], device)

    @torch.no_grad()
    def decode(self, latents: Tensor, device: torch.device) -> Tensor:
        """Frames (B, 3, F, H, W) in [0, 1] of latents (B, 16, T, h, w)."""
        vae, _ = self._loaded(device)
        return (decode(vae, latents).float() / 2 + 0.5).clamp(0, 1)

    def _loaded(self, device: torch.device) -> tuple[AutoencoderKLWan, UniPCMultistepScheduler]:
        if self._parts is None:
            from macedance.models.appearance.backbone import load_decoder

            vae, scheduler = load_decoder(self.backbone)
            self._parts = vae.to(device).requires_grad_(False).eval(), scheduler
        return self._parts


def as_videos(keys: list[str], frames: Tensor, fps: float) -> dict[str, Video]:
    """Videos by key, of frames (B, 3, F, H, W) in [0, 1]."""
    pictures = (frames * 255).round().to(torch.uint8).movedim(1, -1).cpu().numpy()
    return {key: Video(list(clip), len(clip), fps) for key, clip in zip(keys, pictures, strict=True)}
