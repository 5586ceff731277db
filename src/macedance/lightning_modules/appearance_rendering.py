"""How the Appearance Expert makes videos of any length."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import lightning as L
import torch

from macedance.geometry.motion import Motion
from macedance.lightning_modules.appearance_state import FLOAT_TYPES
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference
from macedance.render.video_renderer import OnProgress, Video

if TYPE_CHECKING:
    from diffusers import WanAnimateTransformer3DModel

    from macedance.models.appearance.renderer import WanRenderer


class RenderingModule(L.LightningModule):
    """A module with a ``transformer`` of Wan-Animate, which films dances with it.

    Its hyperparameters name the ``backbone``, whose other networks it takes, their ``dtype``, and
    ``num_sampling_steps``.
    """

    transformer: WanAnimateTransformer3DModel

    def __init__(self) -> None:
        super().__init__()
        self._rendering: dict[str, Any] = {}
        self._renderer: WanRenderer | None = None

    def video_renderer(self, **options: Any) -> WanRenderer:
        """The expert as a renderer of videos of any length.

        Args:
            **options: See :class:`~macedance.models.appearance.renderer.WanRenderer`.
        """
        from macedance.models.appearance.backbone import load_backbone
        from macedance.models.appearance.renderer import WanRenderer

        self.configure_model()
        self.eval()
        dtype = FLOAT_TYPES[self.hparams.dtype]
        pipeline = load_backbone(self.hparams.backbone, dtype=dtype, with_transformer=False)
        pipeline.register_modules(transformer=self.transformer)
        options.setdefault("num_inference_steps", self.hparams.num_sampling_steps)
        offloads = options.get("offload", False)
        return WanRenderer(pipeline if offloads else pipeline.to(self.transformer.device), **options)

    def set_rendering(self, **options: Any) -> None:
        """How :meth:`render` makes videos: see :class:`~macedance.models.appearance.renderer.WanRenderer`.

        Raises:
            ValueError: There is no such option.
        """
        from macedance.models.appearance.renderer import WanRenderer

        known = [name for name in inspect.signature(WanRenderer).parameters if name != "pipeline"]
        unknown = sorted(set(options) - set(known))
        if unknown:
            raise ValueError(f"rendering must be of {', '.join(known)}, got {', '.join(unknown)}")
        self._rendering, self._renderer = options, None

    @property
    def offloads(self) -> bool:
        """Whether the renderer moves its parts to the GPU and back itself."""
        return bool(self._rendering.get("offload", False))

    @property
    def projector(self) -> Projector:
        """What :meth:`render` projects dances by."""
        return self._ready_renderer().projector

    def _ready_renderer(self) -> WanRenderer:
        self._renderer = self._renderer or self.video_renderer(**self._rendering)
        return self._renderer

    def _apply(self, fn: Any, recurse: bool = True) -> Any:
        """Take the renderer's other networks along to another device; their numbers keep their type."""
        super()._apply(fn, recurse)
        if self._renderer is not None and not self.offloads:
            self._renderer.pipeline.to(self.transformer.device)
        return self

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
        """The video, of (width, height) and ``fps``, in which the person of ``reference`` dances ``motion``."""
        return self._ready_renderer().render(
            motion, reference, size_px=size_px, fps=fps, generator=generator, on_progress=on_progress
        )
