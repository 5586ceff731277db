"""The Motion Expert: from music to a dancing body.

Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import lightning as L
import torch
from lightning.pytorch.cli import LRSchedulerCallable, OptimizerCallable
from torch import Tensor, nn
from torch.optim import AdamW

from macedance.callbacks.seeding import StepSeeding
from macedance.callbacks.weight_averaging import ExponentialMovingAverage
from macedance.data.genres import GENRES, genre_index
from macedance.data.motion_clips import MOTION_FPS
from macedance.data.music_features import MUSIC_DIM
from macedance.diffusion.losses import MotionLoss
from macedance.diffusion.noise import DiffusionDraws
from macedance.diffusion.objectives import build_objective, check_temperature
from macedance.diffusion.sampling import add_noise, check_sampling, sample
from macedance.distributed.sharding import Shard
from macedance.geometry.motion import Motion
from macedance.geometry.representation import MOTION_DIM, decode_motion
from macedance.lightning_modules.mean_terms import MeanTerms
from macedance.lightning_modules.motion_scores import motions_by_key, print_scores, score_batch, scores_of
from macedance.lightning_modules.score_report import THIS_MODEL, report_test
from macedance.metrics import MotionMetrics
from macedance.metrics.scores import GROUND_TRUTH
from macedance.models.motion import MinMaxNormalizer, MotionDenoiser, build_layout


class MotionExpert(L.LightningModule):
    """Music to 3D dance by diffusion with a BiMamba–Transformer backbone (MACE-Dance, section 3.2).

    Training, validation, test and prediction read :class:`~macedance.datamodules.MotionData`. The averaged
    weights are what is validated, sampled, saved as the model and exported.

    Args:
        width: Model width.
        num_dance_layers: Layers over the motion.
        num_music_layers: Layers over the music.
        num_heads: Attention heads.
        dropout: Probability of dropping units in training.
        state_size: State size of each Mamba channel.
        backbone: What mixes the frames: ``bimamba``, ``mamba`` or ``transformer``.
        music_path: How the music gets in: ``additive`` or the published ``cross_attention``.
        motion_layout: What the network's motion means: ``own``, or ``published`` for converted weights.
        objective: ``gft`` (guidance-free training) or ``cfg`` (classifier-free guidance).
        loss_weights: Weights to change of :class:`~macedance.diffusion.losses.MotionLoss`.
        temperature: Guidance temperature β in [0.1, 1] for validation, test and prediction.
        sampler: ``ddim`` or ``dpm``.
        num_sampling_steps: Denoising steps in test and prediction.
        num_validation_sampling_steps: Denoising steps in validation.
        ema_decay: Decay of the weight average.
        optimizer: Makes the optimizer from the parameters.
        lr_scheduler: Makes the learning-rate schedule, stepped every batch.

    Raises:
        ValueError: A name is unknown or a number out of its range.
    """

    def __init__(
        self,
        width: int = 512,
        num_dance_layers: int = 8,
        num_music_layers: int = 2,
        num_heads: int = 8,
        dropout: float = 0.1,
        state_size: int = 16,
        backbone: str = "bimamba",
        music_path: str = "additive",
        motion_layout: str = "own",
        objective: str = "gft",
        loss_weights: dict[str, float] | None = None,
        temperature: float = 0.75,
        sampler: str = "ddim",
        num_sampling_steps: int = 50,
        num_validation_sampling_steps: int = 20,
        ema_decay: float = 0.9999,
        optimizer: OptimizerCallable = lambda parameters: AdamW(parameters, lr=4e-4, weight_decay=0.02),
        lr_scheduler: LRSchedulerCallable | None = None,
    ) -> None:
        super().__init__()
        self.save_hyperparameters(ignore=["optimizer", "lr_scheduler"])
        check_temperature(temperature)
        for num_steps in (num_sampling_steps, num_validation_sampling_steps):
            check_sampling(sampler, num_steps)
        self.network_arguments: dict[str, Any] = {
            "width": width,
            "num_dance_layers": num_dance_layers,
            "num_music_layers": num_music_layers,
            "num_heads": num_heads,
            "dropout": dropout,
            "state_size": state_size,
            "backbone": backbone,
            "music_path": music_path,
            "motion_dim": MOTION_DIM,
            "music_dim": MUSIC_DIM,
            "num_genres": len(GENRES) + 1,
        }
        self.network = MotionDenoiser(**self.network_arguments)
        self.normalizer = MinMaxNormalizer(MOTION_DIM)
        self.layout = build_layout(motion_layout)
        self.objective = build_objective(objective)
        self.loss = MotionLoss.with_weights(loss_weights or {})
        self.temperature, self.sampler, self.ema_decay = temperature, sampler, ema_decay
        self.num_sampling_steps = num_sampling_steps
        self.num_validation_sampling_steps = num_validation_sampling_steps
        self.optimizer, self.lr_scheduler = optimizer, lr_scheduler
        self.validation_metrics = MotionMetrics()
        self.validation_losses = MeanTerms()
        self.validation_samples: dict[str, Motion] = {}

    def configure_callbacks(self) -> list[L.Callback]:
        """Weight averaging and seeding, which belong to the method."""
        return [ExponentialMovingAverage(self.ema_decay), StepSeeding()]

    def configure_sharding(self, shard: Shard) -> None:
        """Shard each layer by itself, and what is left of the network together."""
        for layer in (*self.network.music_layers, *self.network.dance_layers):
            shard(layer)
        shard(self.network, methods=("encode_music", "denoise", "unconditional"))

    def configure_optimizers(self) -> dict[str, Any]:
        """The optimizer and, if one is given, its schedule."""
        optimizer = self.optimizer(self.parameters())
        if self.lr_scheduler is None:
            return {"optimizer": optimizer}
        schedule = {"scheduler": self.lr_scheduler(optimizer), "interval": "step"}
        return {"optimizer": optimizer, "lr_scheduler": schedule}

    def setup(self, stage: str) -> None:
        """Take the statistics of the training motion, unless the weights brought theirs."""
        if stage == "fit" and not self.normalizer.is_fitted:
            self.normalizer.set_range(*self.layout.encode_range(*self.trainer.datamodule.motion_range()))

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """The loss of one batch of windows."""
        terms = self._losses(batch)
        self.log_dict({f"train/{name}": value.detach() for name, value in terms.items()})
        self.log("loss", terms["loss"].detach(), prog_bar=True, logger=False)
        return terms["loss"]

    def on_validation_epoch_start(self) -> None:
        """Forget the last validation's scores and samples."""
        self.validation_metrics.reset()
        self.validation_losses.reset()
        self.validation_samples = {}

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Loss, and the scores of dances generated to the clips' music."""
        terms = self._losses(batch)
        self.validation_losses.update(terms, len(batch["motion"]))
        features = self._generate_batch(self.network, batch, self.num_validation_sampling_steps)
        score_batch(self.validation_metrics, features, batch)
        if not self.validation_samples:
            self.validation_samples = motions_by_key(batch["key"], features)

    def on_validation_epoch_end(self) -> None:
        """Log the losses and the scores of all ranks' dances."""
        scores = {**self.validation_losses.compute(), **scores_of(self.validation_metrics)}
        self.log_dict({f"val/{name}": value for name, value in scores.items()})

    def on_test_start(self) -> None:
        """Prepare a row of scores each for the ground truth, this model, and the same network untrained."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            untrained = MotionDenoiser(**self.network_arguments).to(self.device).eval()
        self._test_networks: dict[str, nn.Module] = {THIS_MODEL: self.network, "untrained": untrained}
        self._test_metrics = {
            name: MotionMetrics().to(self.device) for name in (GROUND_TRUTH, *self._test_networks)
        }

    def test_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Generate dances to the clips' music and score them beside the clips' own."""
        score_batch(self._test_metrics[GROUND_TRUTH], batch["motion"], batch)
        for name, network in self._test_networks.items():
            features = self._generate_batch(network, batch, self.num_sampling_steps)
            score_batch(self._test_metrics[name], features, batch)

    def on_test_epoch_end(self) -> None:
        """Log and print the table of scores, and write it as JSON into the run's folder."""
        scores = {name: scores_of(metrics) for name, metrics in self._test_metrics.items()}
        report_test(self, scores, partial(print_scores, title="Dances to the music of the test clips"))

    def predict_step(self, batch: dict[str, Any], batch_idx: int) -> dict[str, Motion]:
        """Dances generated to the clips' music, by key."""
        return motions_by_key(
            batch["key"], self._generate_batch(self.network, batch, self.num_sampling_steps)
        )

    @torch.no_grad()
    def generate(
        self,
        music: Tensor,
        *,
        num_frames: int | None = None,
        genre: str | None = None,
        temperature: float | None = None,
        generator: torch.Generator | None = None,
        sampler: str | None = None,
        num_steps: int | None = None,
        eta: float = 1.0,
        on_step: Callable[[int], None] | None = None,
    ) -> Motion:
        """Return one dance at 30 fps to music features (T, 35), of any length.

        Args:
            music: Features of the whole track, as :func:`macedance.data.music_features.music_features` gives.
            num_frames: Length of the dance, from 1 to that of the music, which it is if not given.
            genre: One of :data:`macedance.data.genres.GENRES`, or None.
            temperature: β in [0.1, 1]: smaller follows the music more, 1 is unguided.
            generator: Source of all noise, on the CPU.
            sampler: ``ddim`` or ``dpm``.
            num_steps: Denoising steps.
            eta: Fresh noise at each DDIM step, 0 to 1.
            on_step: Called with the number of steps done.

        Raises:
            ValueError: An argument is out of its range, or the expert has never been trained.
        """
        temperature = self.temperature if temperature is None else temperature
        sampler = self.sampler if sampler is None else sampler
        num_steps = self.num_sampling_steps if num_steps is None else num_steps
        check_temperature(temperature)
        check_sampling(sampler, num_steps, eta)
        if not self.normalizer.is_fitted:
            raise ValueError("the expert has no statistics of motion yet: train it, or load a trained one")
        if music.ndim != 2 or music.shape[1] != MUSIC_DIM or len(music) == 0:
            raise ValueError(
                f"music must be features (T, {MUSIC_DIM}) of one track, got {tuple(music.shape)}"
            )
        num_frames = len(music) if num_frames is None else num_frames
        if not 1 <= num_frames <= len(music):
            raise ValueError(
                f"num_frames must lie in 1..{len(music)}, the length of the music, got {num_frames}; "
                "prolong the music with fit_num_frames"
            )
        self.eval()
        music = music[:num_frames].to(self.device, self.dtype).unsqueeze(0)
        genres = torch.tensor([genre_index(genre)], device=self.device)
        noise = torch.randn(1, music.shape[1], MOTION_DIM, generator=generator).to(music)
        features = sample(
            self.objective.guided(self.network, music, genres, temperature),
            noise,
            sampler=sampler,
            num_steps=num_steps,
            eta=eta,
            generator=generator,
            on_step=on_step,
        )
        return decode_motion(self._in_own_layout(features)[0].cpu(), fps=MOTION_FPS)

    def rehearsal(self, num_samples: int, data: Mapping[str, Any]) -> Callable[[], Tensor]:
        """What computes the loss of a batch without values; see ``macedance plan``."""
        seed = torch.zeros(1, dtype=torch.long, device="cpu")
        drawn = vars(DiffusionDraws.from_seeds(seed, data["window_frames"], MOTION_DIM))

        def loss() -> Tensor:
            blank = {
                name: torch.empty(num_samples, *one.shape[1:], dtype=one.dtype) for name, one in drawn.items()
            }
            motion = torch.empty(blank["noise"].shape)
            music = torch.empty(*motion.shape[:2], MUSIC_DIM)
            batch = {"motion": motion, "music": music, "genre": torch.empty(num_samples, dtype=torch.long)}
            return self.losses_under(DiffusionDraws(**blank), batch)["loss"]

        return loss

    def losses_under(self, draws: DiffusionDraws, batch: dict[str, Any]) -> dict[str, Tensor]:
        """``loss`` and its terms, of a batch of ``motion`` (B, T, 151), ``music`` (B, T, 35) and ``genre`` (B,).

        Nothing in it waits for the device, so that a step can be captured as a CUDA graph.
        """
        clean = self.normalizer.normalize(self.layout.encode(batch["motion"]))
        genre = batch["genre"].masked_fill(draws.drop_genre, len(GENRES))
        noisy = add_noise(clean, draws.noise, draws.timestep)
        predicted = self.objective.predict(self.network, noisy, batch["music"], genre, draws)
        return self.loss(predicted, clean, self.normalizer.denormalize)

    def _losses(self, batch: dict[str, Any]) -> dict[str, Tensor]:
        draws = DiffusionDraws.from_seeds(batch["seed"], *batch["motion"].shape[1:])
        return self.losses_under(draws, batch)

    def _generate_batch(self, network: Any, batch: dict[str, Any], num_steps: int) -> Tensor:
        """Generated features (B, T, 151) in natural units; noise is drawn from each sample's seed."""
        denoiser = self.objective.guided(network, batch["music"], batch["genre"], self.temperature)
        noise = DiffusionDraws.from_seeds(batch["seed"], *batch["motion"].shape[1:]).noise
        generators = [torch.Generator().manual_seed(seed) for seed in batch["seed"].tolist()]
        features = sample(denoiser, noise, sampler=self.sampler, num_steps=num_steps, generator=generators)
        return self._in_own_layout(features)

    def _in_own_layout(self, normalized: Tensor) -> Tensor:
        return self.layout.decode(self.normalizer.denormalize(normalized))
