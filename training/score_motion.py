"""Score dances of a Motion Expert to the clips of a synthetic set, in batches on one device.

    python training/score_motion.py EXPERT --shards data/held-out --split test --out scores.json
    python training/score_motion.py EXPERT --shards data/held-out --split val --sampler dpm --steps 20

EXPERT is ``ground-truth``, or whatever ``macedance.load_expert`` takes, such as ``default``. ``--shuffled`` lets it
dance to the music of other clips, and scores that with the clips' own beats; ``--untrained`` takes random weights;
``--as-recorded`` lets the songs sound as recordings do, for which the set must hold their sound.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from recordings import as_recorded
from torch import Tensor

from macedance.data.motion_clips import MOTION_FPS, MOTION_MEMBERS, MotionClip
from macedance.data.music_features import fit_num_frames, music_features
from macedance.data.shards import ShardReader, locate_shards
from macedance.diffusion.sampling import sample
from macedance.geometry.representation import MOTION_DIM, representation_joints, representation_poses
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.loading import load_expert
from macedance.metrics import MotionMetrics

BATCH_SIZES = {"cpu": 4, "cuda": 48}
UNTRAINED_SEED = 0


@dataclass(frozen=True)
class HeldOut:
    """Clips of equal length to score on.

    Attributes:
        clips: The clips.
        reference: Metrics that hold the clips' own dances as the real ones.
    """

    clips: list[MotionClip]
    reference: MotionMetrics

    @classmethod
    def read(
        cls, shards: str | Path, split: str, num_clips: int | None = None, *, as_recorded: bool = False
    ) -> HeldOut:
        """The first clips of a split, all of them if no number is given.

        Args:
            shards: The set; with sound, if it is to be heard as recorded.
            split: ``train``, ``val`` or ``test``.
            num_clips: How many.
            as_recorded: Whether the songs are to sound as of :func:`recordings.as_recorded`.
        """
        reader = ShardReader(locate_shards(shards, split))
        read, members = (_recorded_clip, None) if as_recorded else (MotionClip.from_sample, MOTION_MEMBERS)
        places = list(reader.places())[:num_clips]
        clips = [read(reader.read(*place, members)) for place in places]
        reference = MotionMetrics()
        reference.update_reference(torch.stack([clip.dance.joints() for clip in clips]), MOTION_FPS)
        return cls(clips, reference)

    def scores(self, features: Tensor) -> dict[str, float]:
        """Of dances (N, T, 151), one to each clip."""
        return self._scores(representation_joints(features), representation_poses(features))

    def scores_of_truth(self) -> dict[str, float]:
        """Of the clips' own dances."""
        joints = torch.stack([clip.dance.joints() for clip in self.clips])
        return self._scores(joints, torch.stack([clip.dance.poses for clip in self.clips]))

    def _scores(self, joints: Tensor, poses: Tensor) -> dict[str, float]:
        metrics = MotionMetrics()
        metrics.use_reference_of(self.reference)
        beats = [clip.beats for clip in self.clips]
        metrics.update(joints=joints, poses=poses, music_beats=beats, fps=MOTION_FPS)
        return {name: float(value) for name, value in metrics.compute().items()}


def _recorded_clip(sample: dict[str, Any]) -> MotionClip:
    """The clip with the features of its song as recorded; the effects follow from its key."""
    clip = MotionClip.from_sample(sample)
    if "audio.flac" not in sample:
        raise ValueError(f"{sample['__url__']} has no sound; make the set without --no-audio")
    samples, sample_rate = sample["audio.flac"]
    random = np.random.default_rng(list(clip.key.encode()))
    sound = as_recorded(samples.reshape(len(samples), -1).mean(axis=1), sample_rate, random)
    features = fit_num_frames(music_features(sound, sample_rate), len(clip))
    return dataclasses.replace(clip, music=torch.from_numpy(features))


@dataclass(frozen=True)
class Sampling:
    """How dances are sampled; None is the expert's own choice.

    See :meth:`~macedance.lightning_modules.MotionExpert.generate`.
    """

    temperature: float | None = None
    sampler: str | None = None
    num_steps: int | None = None
    eta: float = 1.0
    seed: int = 0
    shuffled: bool = False


@torch.no_grad()
def dance(expert: MotionExpert, clips: list[MotionClip], sampling: Sampling) -> Tensor:
    """Dances (N, T, 151) in natural units to the music of the clips, on the CPU."""
    expert.eval()
    temperature = expert.temperature if sampling.temperature is None else sampling.temperature
    order = [(number + sampling.shuffled) % len(clips) for number in range(len(clips))]
    dances, batch_size = [], BATCH_SIZES[expert.device.type]
    for first in range(0, len(clips), batch_size):
        heard = [clips[number] for number in order[first : first + batch_size]]
        music = torch.stack([clip.music for clip in heard]).to(expert.device)
        genre = torch.tensor([clip.genre for clip in heard], device=expert.device)
        generators = [
            torch.Generator().manual_seed(1_000_000 * sampling.seed + first + number)
            for number in range(len(heard))
        ]
        noise = torch.stack([torch.randn(music.shape[1], MOTION_DIM, generator=g) for g in generators])
        features = sample(
            expert.objective.guided(expert.network, music, genre, temperature),
            noise.to(expert.device),
            sampler=sampling.sampler or expert.sampler,
            num_steps=expert.num_sampling_steps if sampling.num_steps is None else sampling.num_steps,
            eta=sampling.eta,
            generator=generators,
        )
        dances.append(expert.layout.decode(expert.normalizer.denormalize(features)).cpu())
    return torch.cat(dances)


def untrained(like: MotionExpert) -> MotionExpert:
    """An expert of the same form and normalisation, with random weights."""
    torch.manual_seed(UNTRAINED_SEED)
    expert = MotionExpert(**like.hparams)
    expert.normalizer.load_state_dict(like.normalizer.state_dict())
    return expert.to(like.device).eval()


def main() -> None:
    """Score what the arguments name."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("expert", help="ground-truth, or an expert")
    parser.add_argument("--shards", required=True, help="set of clips of equal length")
    parser.add_argument("--split", default="test", choices=("train", "val", "test"))
    parser.add_argument("--clips", type=int, help="only the first N")
    parser.add_argument("--temperature", type=float, help="the expert's own if left out, as is what follows")
    parser.add_argument("--sampler", choices=("ddim", "dpm"))
    parser.add_argument("--steps", type=int)
    parser.add_argument("--eta", type=float, default=Sampling.eta)
    parser.add_argument("--seed", type=int, default=Sampling.seed, help="of the noise")
    parser.add_argument("--shuffled", action="store_true", help="dance to the music of other clips")
    parser.add_argument(
        "--untrained", action="store_true", help="with random weights in place of the expert's"
    )
    parser.add_argument("--as-recorded", action="store_true", help="to songs that sound as recordings do")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", type=Path, help="JSON file for the scores")
    args = parser.parse_args()
    try:
        scores = _scores(args)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print(json.dumps(scores, indent=1))
    if args.out:
        args.out.write_text(json.dumps(scores, indent=1))


def _scores(args: argparse.Namespace) -> dict[str, float]:
    held_out = HeldOut.read(args.shards, args.split, args.clips, as_recorded=args.as_recorded)
    sampling = Sampling(args.temperature, args.sampler, args.steps, args.eta, args.seed, args.shuffled)
    if args.expert == "ground-truth":
        return held_out.scores_of_truth()
    expert: Any = load_expert(args.expert, device=args.device)
    expert = untrained(expert) if args.untrained else expert
    return held_out.scores(dance(expert, held_out.clips, sampling))


if __name__ == "__main__":
    main()
