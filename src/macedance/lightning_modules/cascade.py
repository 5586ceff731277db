"""The cascade: a Motion Expert and an Appearance Expert, both frozen, chained and scored end to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import lightning as L
from lightning.pytorch.cli import SaveConfigCallback

from macedance.data.cascade_clips import CascadeClip
from macedance.data.run_folder import RunFolder
from macedance.data.run_scores import RunScores
from macedance.data.run_scoring import score_run
from macedance.diffusion.objectives import check_temperature
from macedance.lightning_modules.cascade_experts import appearance_expert, motion_expert, what_determines
from macedance.lightning_modules.cascade_record import open_run, run_record
from macedance.lightning_modules.clip_measuring import ClipMeasuring
from macedance.lightning_modules.clip_production import ClipProduction, ProductionSettings
from macedance.metrics.extractors import AppearanceExtractors, load_extractors, read_extractor_config
from macedance.metrics.functional.protocols import motion_protocol
from macedance.projection.detector_choice import choose_detector
from macedance.render.provenance import Provenance
from macedance.render.report_page import report_page
from macedance.render.score_tables import print_score_tables
from macedance.whole_files import renamed_when_complete

SPLITS = {"validate": "val", "test": "test", "predict": "test"}


class Cascade(L.LightningModule):
    """Music and a picture to a dance video, by experts that were trained apart (MACE-Dance, section 3.1).

    ``macedance validate``, ``test`` and ``predict`` read :class:`~macedance.datamodules.CascadeData`. Every clip's
    motion and video go into ``output``/SPLIT, see :class:`~macedance.data.run_folder.RunFolder`; ``validate`` and
    ``test`` also score them, beside the real ones where those are known, and write a page to look at. A run that was
    cut off goes on with the clips that are not done, on any number of ranks that share the folder; scores are made
    of the files alone.

    An expert is a checkpoint, an exported folder, a hub id or ``default``, the Motion Expert that comes with the
    package; or a mapping with ``class_path`` and ``init_args`` (of anything that fulfils the Protocol), or
    ``weights`` and, if the class is not installed, ``class_path``.

    Args:
        motion: The Motion Expert; None only where ``appearance`` has its videos already.
        appearance: The Appearance Expert; None lets a body dance. A mapping may also have ``rendering``, options of
            :class:`~macedance.models.appearance.renderer.WanRenderer`.
        size_px: (width, height) of the videos.
        fps: Of the videos, also of the real ones.
        temperature: Of the motion, in [0.1, 1]; the expert's own if None.
        takes_turns: Keep each expert on the device only while it works, for a GPU that cannot hold both.
        extractors: Networks of the metrics of videos: ``random``, or a YAML file such as
            ``configs/metrics/vbench.yaml``; None leaves out what needs one.
        keypoints: What finds the dancers in the videos: ``blazepose`` with a folder, or ``detector`` and
            ``person_detector`` with models; None leaves out motion in the image plane and pose fidelity.
        compare_frames: Also score SSIM, PSNR and LPIPS beside the real video, frame by frame. It makes sense only
            where the real motions are danced.
        protocol: Of the metrics of motion.
        name: What reports call the cascade.
        output: Folder of the results; that of the run's log if None.

    Raises:
        ValueError: A size, rate, temperature or name is out of its range.
    """

    def __init__(
        self,
        motion: str | dict[str, Any] | Any | None = None,
        appearance: str | dict[str, Any] | Any | None = None,
        size_px: tuple[int, int] = (480, 832),
        fps: float = 30.0,
        temperature: float | None = None,
        takes_turns: bool = False,
        extractors: str | None = None,
        keypoints: dict[str, str] | None = None,
        compare_frames: bool = False,
        protocol: str = "default",
        name: str = "cascade",
        output: str | None = None,
    ) -> None:
        super().__init__()
        _check(size_px, fps, temperature, protocol, keypoints)
        self.motion_said, self.appearance_said = motion, appearance
        self.production = ProductionSettings((size_px[0], size_px[1]), fps, temperature, takes_turns)
        self.extractors, self.keypoints, self.compares_frames = extractors, keypoints, compare_frames
        self.protocol, self.name, self.output = protocol, name, output
        self.automatic_optimization = False

    def setup(self, stage: str) -> None:
        """Load and freeze the experts, and open the folder.

        Raises:
            FileNotFoundError: Weights are missing.
            ValueError: The cascade is to be trained, an expert is of the wrong kind, or the folder holds clips of
                other settings.
        """
        if stage == "fit":
            _refuse_training()
        motion, appearance = motion_expert(self.motion_said), appearance_expert(self.appearance_said)
        split = SPLITS[stage]
        models = {
            "motion": None if motion is None else motion.about(),
            "appearance": appearance.about(),
        }
        record = run_record(self.name, split, models, self._settings())
        log_dir = self.trainer.log_dir  # asks the other ranks, so all must come by here
        self._keys: list[str] = []
        self.folder = RunFolder(Path(self.output or log_dir or self.trainer.default_root_dir) / split)
        self._measuring = None if stage == "predict" else self._make_measuring()
        self._on_first_rank(lambda: self._open(record))
        self._record = record
        self._production = ClipProduction(
            self.folder, motion, appearance, self.production, self.device, self._metadata
        )

    def validation_step(self, batch: CascadeClip, batch_idx: int) -> None:
        """Make and measure a clip."""
        self._make(batch)

    def test_step(self, batch: CascadeClip, batch_idx: int) -> None:
        """Make and measure a clip."""
        self._make(batch)

    def predict_step(self, batch: CascadeClip, batch_idx: int) -> dict[str, Any]:
        """Make a clip; nothing is returned, since all is in the folder."""
        self._make(batch)
        return {}

    def on_validation_epoch_end(self) -> None:
        """Score all ranks' clips, and log."""
        self._score("val")

    def on_test_epoch_end(self) -> None:
        """Score all ranks' clips, and log."""
        self._score("test")

    def on_predict_epoch_end(self) -> None:
        """Say where the clips are."""
        keys = self._all_keys()
        if self.trainer.is_global_zero:
            print(f"wrote {len(keys)} clips to {self.folder.path}")

    def training_step(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: its experts are trained apart."""
        _refuse_training()

    def configure_optimizers(self) -> NoReturn:
        """Refused: its experts are trained apart."""
        _refuse_training()

    def _make(self, clip: CascadeClip) -> None:
        if clip.key in self._keys:
            raise ValueError(_twice(clip.key))
        self._keys.append(clip.key)
        self._production.make(clip)
        if self._measuring is not None:
            self._measuring.measure(clip.key)

    def _score(self, prefix: str) -> None:
        """Let one rank score what all made; the others wait."""
        assert self._measuring is not None
        keys, videos = self._all_keys(), self._measuring.scoring()

        def score() -> dict[str, float]:
            found = score_run(self.folder, keys, protocol=self.protocol, videos=videos)
            found.write(self.folder)
            self._show(found, len(keys))
            return found.named()

        scores = self._on_first_rank(score)
        self.log_dict({f"{prefix}/{name}": value for name, value in scores.items()}, batch_size=1)

    def _all_keys(self) -> list[str]:
        """The clips of all ranks, in order of their names.

        Raises:
            ValueError: There are none, or one came twice.
        """
        from torch import distributed

        gathered = [self._keys]
        if distributed.is_available() and distributed.is_initialized():
            gathered = [[] for _ in range(distributed.get_world_size())]
            distributed.all_gather_object(gathered, self._keys)
        keys = sorted(key for of_rank in gathered for key in of_rank)
        if not keys:
            raise ValueError("no clip could be used; on_error: raise tells why")
        twice = next((key for key, after in pairwise(keys) if key == after), None)
        if twice is not None:
            raise ValueError(_twice(twice))
        return keys

    def _show(self, found: RunScores, num_clips: int) -> None:
        for table in found.tables:
            title = f"{table.title} ({table.protocol})"
            console = print_score_tables(table.rows, title=title, what=table.what)
            for note in table.notes:
                console.print(f"note: {note}", style="yellow", markup=False, soft_wrap=True)
        with renamed_when_complete(self.folder.report_file()) as partial:
            partial.write_text(report_page(self.folder), encoding="utf-8")
        print(f"{num_clips} clips in {self.folder.path}, to look at in {self.folder.report_file()}")

    def _on_first_rank(self, work: Callable[[], Any]) -> Any:
        """What the first rank made, on all of them; they wait for it, so what goes wrong there ends all."""
        outcome, problem = None, None
        if self.trainer.is_global_zero:
            try:
                outcome = work()
            except Exception as error:
                problem = error
        outcome, told = self.trainer.strategy.broadcast((outcome, str(problem) if problem else None))
        if problem is not None:
            raise problem
        if told is not None:
            raise ValueError(f"the first rank failed: {told}")
        return outcome

    def _open(self, record: dict[str, Any]) -> None:
        """Begin or take up the folder, and keep the configuration that a command was given."""
        open_run(self.folder, record)
        for callback in self.trainer.callbacks:
            if isinstance(callback, SaveConfigCallback):
                with renamed_when_complete(self.folder.config_file()) as partial:
                    callback.parser.save(
                        callback.config, partial, skip_none=False, overwrite=True, multifile=False
                    )

    def _settings(self) -> dict[str, Any]:
        seed = getattr(getattr(self.trainer, "datamodule", None), "seed", 0)
        return {
            "size_px": list(self.production.size_px),
            "fps": self.production.fps,
            "temperature": self.production.temperature,
            "seed": seed,
            "motion": what_determines(self.motion_said),
            "appearance": what_determines(self.appearance_said),
        }

    def _metadata(self, clip: CascadeClip) -> Mapping[str, str]:
        return Provenance(self._record["models"], clip.seed, self._record["settings"]).metadata()

    def _make_measuring(self) -> ClipMeasuring:
        device = str(self.device)
        extractors: AppearanceExtractors = AppearanceExtractors()
        identity: Any = self.extractors
        if self.extractors is not None:
            extractors = load_extractors(self.extractors, device=device)
            if self.extractors != "random":
                identity = read_extractor_config(self.extractors)
        return ClipMeasuring(
            self.folder,
            extractors,
            choose_detector(**(self.keypoints or {}), device=device),
            device,
            compares_frames=self.compares_frames,
            identity=identity,
        )


def _twice(key: str) -> str:
    return f"keys must be unique in a split, {key} comes more than once; rename it in one set"


def _refuse_training() -> NoReturn:
    raise ValueError(
        "the cascade is frozen and cannot be fitted; fit its experts, for example with configs/motion/tiny.yaml, "
        "and give it their checkpoints"
    )


def _check(
    size_px: tuple[int, int],
    fps: float,
    temperature: float | None,
    protocol: str,
    keypoints: dict[str, str] | None,
) -> None:
    if len(size_px) != 2 or any(side < 32 or side % 2 for side in size_px):
        raise ValueError(f"size_px must be an even width and height from 32 on, got {list(size_px)}")
    if not 1 <= fps <= 240:
        raise ValueError(f"fps must lie in 1..240, got {fps}")
    if temperature is not None:
        check_temperature(temperature)
    if motion_protocol(protocol).dimensions != 3:
        raise ValueError(f"protocol must be one of 3D motion, got {protocol}")
    unknown = set(keypoints or {}) - {"blazepose", "detector", "person_detector"}
    if unknown:
        raise ValueError(f"keypoints must be by blazepose, detector or person_detector, got {min(unknown)}")
