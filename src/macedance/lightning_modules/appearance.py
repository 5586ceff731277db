"""The Appearance Expert: from a motion and a picture to a video.

Axes: B batch, C channels, F frames, T latent frames, H height, W width, h, w those of latents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.cli import LRSchedulerCallable, OptimizerCallable
from torch import Tensor
from torch.optim import AdamW

from macedance.data.video_clips import LATENTS
from macedance.diffusion.flow_matching import FlowDraws, FlowMatching
from macedance.lightning_modules.appearance_backbone import BackboneModule
from macedance.lightning_modules.appearance_state import (
    FLOAT_TYPES,
    check_generation,
    check_options,
    split_fingerprint,
)
from macedance.lightning_modules.clip_maker import ClipMaker, as_videos
from macedance.lightning_modules.mean_terms import MeanTerms
from macedance.lightning_modules.score_report import THIS_MODEL, report_test
from macedance.lightning_modules.video_scores import VideoScores, print_video_scores
from macedance.models.appearance.inputs import clean_latents, condition, constant_inputs, noisy_input
from macedance.render.video_renderer import Video

DEFAULT_RELAY_WEIGHTS = {0: 0.5, 1: 0.25, 5: 0.25}


class AppearanceExpert(BackboneModule):
    """Wan-Animate, fine-tuned in two decoupled stages (MACE-Dance, section 3.3).

    Reads :class:`~macedance.datamodules.AppearanceData` with stored encodings, so that training holds nothing but
    the transformer. Checkpoints hold what either stage trains, in float32, and a fingerprint of the frozen rest.

    Args:
        backbone: Folder or hub id of Wan-Animate in diffusers' layout, or ``tiny``.
        stage: ``kinematic`` trains the Body Adapter, ``aesthetic`` a LoRA on top of it.
        adapter: For the aesthetic stage: checkpoint, export, or ``pose_patch_embedding.safetensors`` of the kinematic
            one; ``base`` begins with the backbone's own adapter.
        lora_rank: Rank of the LoRA.
        lora_alpha: Its output is scaled by ``lora_alpha / lora_rank``; the rank if None.
        relay_weights: How often 0, 1 and 5 known frames are drawn, in proportion; as ``{frames: weight}``.
        shift: Shift of the noise levels.
        timestep_sampling: ``uniform`` or ``logit_normal``.
        gradient_checkpointing: Compute each block again in the backward pass, which a GPU of 80 GB needs.
        dtype: Of the frozen weights and the activations, ``bfloat16`` or ``float32``.
        seed: Of the LoRA's first weights.
        num_sampling_steps: Denoising steps of generated clips.
        num_validation_clips: Clips to generate in each validation, on each rank.
        fps: Of the videos that are written.
        optimizer: Makes the optimizer from what trains.
        lr_scheduler: Makes the learning-rate schedule, stepped every batch.

    Raises:
        ValueError: A name is unknown or a number out of its range.
    """

    training_arguments = ("adapter",)  # what it named is in the weights
    data_members = (LATENTS,)

    def __init__(
        self,
        backbone: str = "Wan-AI/Wan2.2-Animate-14B-Diffusers",
        stage: str = "kinematic",
        adapter: str | None = None,
        lora_rank: int = 32,
        lora_alpha: float | None = None,
        relay_weights: dict[int, float] | None = None,
        shift: float = 5.0,
        timestep_sampling: str = "uniform",
        gradient_checkpointing: bool = True,
        dtype: str = "bfloat16",
        seed: int = 0,
        num_sampling_steps: int = 20,
        num_validation_clips: int = 2,
        fps: float = 30.0,
        optimizer: OptimizerCallable = lambda parameters: AdamW(parameters, lr=1e-5),
        lr_scheduler: LRSchedulerCallable | None = None,
    ) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["optimizer", "lr_scheduler"])
        self.relay_weights = relay_weights or DEFAULT_RELAY_WEIGHTS
        check_options(stage, dtype, lora_rank, self.relay_weights)
        check_generation(num_sampling_steps, num_validation_clips, fps)
        self.flow = FlowMatching(shift, timestep_sampling)  # type: ignore[arg-type]  # checked there
        self.optimizer, self.lr_scheduler = optimizer, lr_scheduler
        self.validation_losses, self.validation_scores = MeanTerms(), VideoScores()
        self.validation_samples: dict[str, Video] = {}
        self._clips = ClipMaker(backbone)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Say whose checkpoint it is, also without a command line."""
        checkpoint["hyper_parameters"].setdefault(
            "_class_path", f"{type(self).__module__}.{type(self).__name__}"
        )

    def configure_optimizers(self) -> dict[str, Any]:
        """The optimizer of what the stage trains and, if one is given, its schedule.

        Raises:
            ValueError: The aesthetic stage does not know which adapter to begin with.
        """
        if self.hparams.stage == "aesthetic" and self.hparams.adapter is None and not self._is_filled:
            raise ValueError(
                "adapter must name the kinematic stage's result for the aesthetic stage, got none; give its "
                "checkpoint with --model.init_args.adapter FILE, or 'base' for the backbone's own"
            )
        optimizer = self.optimizer([p for p in self.transformer.parameters() if p.requires_grad])
        if self.lr_scheduler is None:
            return {"optimizer": optimizer}
        schedule = {"scheduler": self.lr_scheduler(optimizer), "interval": "step"}
        return {"optimizer": optimizer, "lr_scheduler": schedule}

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """The flow-matching loss of one batch of windows, over all latent frames."""
        loss = self._loss(batch)
        self.log("train/loss", loss.detach())
        self.log("loss", loss.detach(), prog_bar=True, logger=False)
        return loss

    def on_validation_epoch_start(self) -> None:
        """Forget the last validation's scores and samples."""
        self.validation_scores.reset()
        self.validation_losses.reset()
        self.validation_samples = {}

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Loss and, of the first clips, generated videos beside the held-out ones."""
        num_clips = len(batch["key"])
        self.validation_losses.update({"loss": self._loss(batch)}, num_clips)
        missing = self.hparams.num_validation_clips - len(self.validation_samples)
        if missing > 0 and not self.trainer.sanity_checking:
            self._score_and_keep(batch, min(missing, num_clips))

    def on_validation_epoch_end(self) -> None:
        """Log the loss and the scores of all ranks' clips."""
        scores = self.validation_losses.compute()
        if self.hparams.num_validation_clips and not self.trainer.sanity_checking:
            scores |= self.validation_scores.compute()
        self.log_dict({f"val/{name}": value for name, value in scores.items()})

    def on_test_start(self) -> None:
        """Prepare a row of scores for this model, and one for what the autoencoder makes of the truth itself."""
        self._test_scores = {name: VideoScores().to(self.device) for name in ("autoencoder", THIS_MODEL)}

    def test_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Generate the clips and score them beside the held-out videos."""
        truth = self._clips.truth(batch, self.device)
        self._test_scores["autoencoder"].update(
            self._clips.decode(batch["latents"]["video"], self.device), truth
        )
        self._test_scores[THIS_MODEL].update(self._generate(batch), truth)

    def on_test_epoch_end(self) -> None:
        """Log and print the scores, and write them as JSON into the run's folder."""
        scores = {
            name: {key: float(value) for key, value in metrics.compute().items()}
            for name, metrics in self._test_scores.items()
        }
        report_test(self, scores, partial(print_video_scores, title="Videos of the test clips"))

    def predict_step(self, batch: dict[str, Any], batch_idx: int) -> dict[str, Video]:
        """Generated videos of the clips, by key."""
        return as_videos(batch["key"], self._generate(batch), self.hparams.fps)

    @staticmethod
    def write_exports(folder: Path, arguments: dict[str, Any], weights: dict[str, Tensor]) -> None:
        """Add the LoRA and the Body Adapter as files that a plain diffusers pipeline reads."""
        from macedance.models.appearance import weights as files

        state, _ = split_fingerprint(weights)
        files.save_adapter(folder / files.ADAPTER_FILE, files.adapter_state(state))
        if any(".lora_" in name for name in state):
            rank = arguments["lora_rank"]
            lora = files.lora_state(state)
            files.save_lora(
                folder / files.LORA_FILE, lora, rank=rank, alpha=arguments.get("lora_alpha") or rank
            )

    def rehearsal(self, num_samples: int, data: Mapping[str, Any]) -> Callable[[], Tensor]:
        """What computes the loss of a batch without values, by a transformer without them; see ``macedance plan``."""
        from macedance.models.appearance.rehearsal import blank_encodings, weightless_transformer

        if not hasattr(self, "transformer"):
            dtype = FLOAT_TYPES[self.hparams.dtype]
            self._prepare(weightless_transformer(self.hparams.backbone, dtype=dtype))
            self._is_filled = True  # whatever the adapter

        def loss() -> Tensor:
            encodings = blank_encodings(self.transformer, num_samples, data["num_frames"], data["size"])
            noise, sigma = clean_latents(encodings).float(), torch.empty(num_samples)
            return self._loss_under(FlowDraws(noise, sigma, [0] * num_samples), encodings)

        return loss

    def _loss(self, batch: dict[str, Any]) -> Tensor:
        encodings = batch["latents"]
        shape = clean_latents(encodings).shape[1:]
        draws = FlowDraws.from_seeds(batch["seed"], shape, self.flow, self.relay_weights)
        return self._loss_under(draws, encodings)

    def _loss_under(self, draws: FlowDraws, encodings: Mapping[str, Tensor]) -> Tensor:
        clean, dtype = clean_latents(encodings), FLOAT_TYPES[self.hparams.dtype]
        velocity = self.transformer(
            hidden_states=noisy_input(draws.add_noise(clean), condition(encodings, draws.relay), dtype),
            timestep=draws.timestep,
            **self._constant_inputs(encodings),
            return_dict=False,
        )[0]
        return draws.loss(velocity, clean)

    def _constant_inputs(self, encodings: Mapping[str, Tensor]) -> dict[str, Any]:
        return constant_inputs(
            encodings,
            face_size_px=self.transformer.config.motion_encoder_size,
            dtype=FLOAT_TYPES[self.hparams.dtype],
        )

    def _score_and_keep(self, batch: dict[str, Any], num_clips: int) -> None:
        batch = _first(batch, num_clips)
        generated, truth = self._generate(batch), self._clips.truth(batch, self.device)
        self.validation_scores.update(generated, truth)
        self.validation_samples |= as_videos(
            batch["key"], torch.cat([generated, truth], dim=-1), self.hparams.fps
        )

    def _generate(self, batch: dict[str, Any]) -> Tensor:
        encodings = batch["latents"]
        inputs = self._constant_inputs(encodings)
        num_steps = self.hparams.num_sampling_steps
        return self._clips.generate(self.transformer, encodings, batch["seed"], inputs, num_steps)


def _first(batch: dict[str, Any], num: int) -> dict[str, Any]:
    return {
        name: _first(value, num) if isinstance(value, dict) else value[:num] for name, value in batch.items()
    }
