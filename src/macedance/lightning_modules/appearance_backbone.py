"""How the Appearance Expert gets its backbone, whole or in shards, and what of it a checkpoint holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from macedance.distributed.sharding import Shard
from macedance.lightning_modules.appearance_rendering import RenderingModule
from macedance.lightning_modules.appearance_state import (
    BASE,
    FLOAT_TYPES,
    check_precision,
    fingerprint_tensor,
    split_fingerprint,
    trained_weights,
)
from macedance.models.appearance.stages import load_trained_state, prepare_stage, trained_state

if TYPE_CHECKING:
    from diffusers import WanAnimateTransformer3DModel


class BackboneModule(RenderingModule):
    """A module whose ``transformer`` is Wan-Animate, prepared for a stage; its state is what either stage trains.

    Its hyperparameters name the ``backbone``, its ``dtype``, the ``stage``, the ``adapter`` to begin with,
    ``lora_rank``, ``lora_alpha``, ``seed`` and ``gradient_checkpointing``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_filled, self._fingerprint = False, ""

    def configure_model(self) -> None:
        """Load the backbone and prepare the stage, once; where it is going to be sharded, without its weights.

        Raises:
            FileNotFoundError: The backbone or the adapter is not there.
            ValueError: They do not fit one another.
        """
        if self._trainer is not None:
            check_precision(str(self.trainer.precision))
        if hasattr(self, "transformer"):
            return
        if self.device_mesh is not None:
            from macedance.models.appearance.sharded_loading import empty_transformer

            self._prepare(empty_transformer(self.hparams.backbone, dtype=FLOAT_TYPES[self.hparams.dtype]))
            return
        self._load_backbone()
        self._begin_with_adapter()

    def configure_sharding(self, shard: Shard) -> None:
        """Shard each block and each face adapter by itself, and what is left of the transformer together."""
        for block in (*self.transformer.blocks, *self.transformer.face_adapter):
            shard(block)
        shard(self.transformer)

    def load_shards(self) -> None:
        """Read this rank's part of the backbone, unless it was loaded whole before it was sharded."""
        if self._fingerprint:
            return
        from macedance.models.appearance.fingerprint import base_fingerprint
        from macedance.models.appearance.sharded_loading import load_slices

        load_slices(self.transformer, self.hparams.backbone)
        self._fingerprint = base_fingerprint(self.transformer)
        self._begin_with_adapter()

    def state_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What either stage trains, in float32, and the fingerprint of the backbone."""
        if not hasattr(self, "transformer"):
            return {}
        return trained_state(self.transformer) | fingerprint_tensor(self._fingerprint)

    def load_state_dict(
        self, state_dict: Mapping[str, Tensor], strict: bool = True, assign: bool = False
    ) -> Any:
        """Take over what :meth:`state_dict` gave, of this stage or of the kinematic one.

        Raises:
            ValueError: The weights belong to another backbone, or do not fit the stage.
        """
        from macedance.models.appearance.fingerprint import check_fingerprint

        if not hasattr(self, "transformer"):  # whose adapter comes now, wherever the configured one is
            self._load_backbone()
        state, fingerprint = split_fingerprint(state_dict)
        if fingerprint is not None:
            check_fingerprint(self._fingerprint, fingerprint, "the Appearance Expert")
        load_trained_state(self.transformer, state)
        self._is_filled = True
        return torch.nn.modules.module._IncompatibleKeys([], [])

    def _load_backbone(self) -> None:
        from macedance.models.appearance.backbone import load_transformer
        from macedance.models.appearance.fingerprint import base_fingerprint

        transformer = load_transformer(self.hparams.backbone, dtype=FLOAT_TYPES[self.hparams.dtype])
        self._fingerprint = base_fingerprint(transformer)
        self._prepare(transformer)

    def _prepare(self, transformer: WanAnimateTransformer3DModel) -> None:
        options = self.hparams
        prepare_stage(
            transformer,
            options.stage,
            lora_rank=options.lora_rank,
            lora_alpha=options.lora_alpha or options.lora_rank,
            seed=options.seed,
        )
        if options.gradient_checkpointing:
            transformer.enable_gradient_checkpointing()
        self.transformer = transformer.train()  # without dropout; Lightning warns of eval mode

    def _begin_with_adapter(self) -> None:
        if self.hparams.adapter not in (None, BASE):
            self.load_state_dict(trained_weights(self.hparams.adapter))
