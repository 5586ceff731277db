"""Score dances of a Motion Expert to the clips of a synthetic set, in batches on one device.

    python training/score_motion.py EXPERT --shards data/held-out --split test --out scores.json
    python training/score_motion.py EXPERT --shards data/held-out --split val --sampler dpm --steps 20

EXPERT is ``ground-truth``, or whatever ``macedance.load_expert`` takes, such as ``default``. ``--shuffled`` lets it
dance to the music of other clips, and scores that with the clips' own beats; ``--untrained`` takes random weights.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from macedance.data.motion_clips import MOTION_FPS, MotionClip, read_motion_clips
from macedance.data.shards import ShardReader, locate_shards
from macedance.diffusion.sampling import sample
from macedance.geometry.representation import MOTION_DIM, representation_joints, representation_poses
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.loading import load_expert
from macedance.metrics import MotionMetrics

BATCH_SIZE = 48
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
    def read(cls, shards: str | Path, split: str, num_clips: int | None = None) -> HeldOut:
        """The first clips of a split, all of them if no number is given."""
        clips = list(read_motion_clips(ShardReader(locate_shards(shards, split))))[:num_clips]
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


@dataclass(frozen=True)
class Sampling:
    """How dances are sampled; see :meth:`~macedance.lightning_modules.MotionExpert.generate`."""

    temperature: float = 0.75
    sampler: str = "ddim"
    num_steps: int = 50
    eta: float = 1.0
    seed: int = 0
    shuffled: bool = False


@torch.no_grad()
def dance(expert: MotionExpert, clips: list[MotionClip], sampling: Sampling) -> Tensor:
    """Dances (N, T, 151) in natural units to the music of the clips, on the CPU."""
    expert.eval()
    order = [(number + sampling.shuffled) % len(clips) for number in range(len(clips))]
    dances = []
    for first in range(0, len(clips), BATCH_SIZE):
        heard = [clips[number] for number in order[first : first + BATCH_SIZE]]
        music = torch.stack([clip.music for clip in heard]).to(expert.device)
        genre = torch.tensor([clip.genre for clip in heard], device=expert.device)
        generators = [
            torch.Generator().manual_seed(1000 * sampling.seed + first + number)
            for number in range(len(heard))
        ]
        noise = torch.stack([torch.randn(music.shape[1], MOTION_DIM, generator=g) for g in generators])
        features = sample(
            expert.objective.guided(expert.network, music, genre, sampling.temperature),
            noise.to(expert.device),
            sampler=sampling.sampler,
            num_steps=sampling.num_steps,
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
    parser.add_argument("--temperature", type=float, default=Sampling.temperature)
    parser.add_argument("--sampler", default=Sampling.sampler, choices=("ddim", "dpm"))
    parser.add_argument("--steps", type=int, default=Sampling.num_steps)
    parser.add_argument("--eta", type=float, default=Sampling.eta)
    parser.add_argument("--seed", type=int, default=Sampling.seed, help="of the noise")
    parser.add_argument("--shuffled", action="store_true", help="dance to the music of other clips")
    parser.add_argument(
        "--untrained", action="store_true", help="with random weights in place of the expert's"
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--out", type=Path, help="JSON file for the scores")
    args = parser.parse_args()
    held_out = HeldOut.read(args.shards, args.split, args.clips)
    sampling = Sampling(args.temperature, args.sampler, args.steps, args.eta, args.seed, args.shuffled)
    if args.expert == "ground-truth":
        scores = held_out.scores_of_truth()
    else:
        expert: Any = load_expert(args.expert, device=args.device)
        expert = untrained(expert) if args.untrained else expert
        scores = held_out.scores(dance(expert, held_out.clips, sampling))
    print(json.dumps(scores, indent=1))
    if args.out:
        args.out.write_text(json.dumps(scores, indent=1))


if __name__ == "__main__":
    main()
