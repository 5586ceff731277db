"""What the cascade reads: whole clips, one at a time."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from torch.utils.data import DataLoader, Subset

from macedance.data.cascade_clips import CascadeClip, CascadeClips
from macedance.data.shards import ShardReader
from macedance.data.shards.loader import require_sample_for_each_rank
from macedance.datamodules.base import ShardData, Sources
from macedance.projection.reference import Reference


class CascadeData(ShardData):
    """Music and a picture of each clip of a split, and the real dance and video where they are stored.

    Batches are single :class:`~macedance.data.cascade_clips.CascadeClip`. ``macedance validate`` reads the split
    ``val``, ``test`` and ``predict`` read ``test``. A clip's noise is a function of (seed, key).

    Args:
        shards: A folder, glob pattern or list of shards with ``json`` and ``music.npy``; and, where there are such,
            ``reference.jpg``, ``audio.flac``, ``motion.npz`` and ``video.mp4``. ``macedance data render`` makes them.
        reference: A picture of the person who is to dance in all clips, instead of each clip's own.
        reference_keypoints: JSON file that tells where the person is in that picture.
        num_clips: How many clips of the split to take, from the first on; all if None.
        **reading: ``num_workers``, ``seed``, ``on_error``, ``cache_dir``, ``cache_gib``: see
            :class:`~macedance.datamodules.base.ShardData`.

    Raises:
        ValueError: ``num_clips`` is not positive, or key-points are given without a picture.
    """

    def __init__(
        self,
        shards: Sources,
        reference: str | None = None,
        reference_keypoints: str | None = None,
        num_clips: int | None = None,
        **reading: Any,
    ) -> None:
        super().__init__(shards, 1, **reading)
        self.save_hyperparameters()
        if num_clips is not None and num_clips < 1:
            raise ValueError(f"num_clips must be at least 1, or null for all, got {num_clips}")
        if reference is None and reference_keypoints is not None:
            raise ValueError("reference_keypoints must come with reference, the picture that they are of")
        self.reference, self.reference_keypoints, self.num_clips = reference, reference_keypoints, num_clips

    def setup(self, stage: str) -> None:
        """Find the shards of the split.

        Raises:
            FileNotFoundError: There are none, or no such picture.
            ValueError: The trainer would divide the clips among the ranks once more.
        """
        self.require_own_division()
        if stage != "fit":
            self.locate("val" if stage == "validate" else "test")

    def evaluation_loader(self, split: str) -> DataLoader[Any]:
        """The clips of a split, in this rank's share."""
        rank, world_size = self.rank_and_world_size()
        readers = [ShardReader(shards, self.cache) for shards in self.locate(split)]
        picture = None
        if self.reference is not None:
            picture = Reference.load(self.reference, self.reference_keypoints)
        clips = CascadeClips(readers, self.seed, picture, self.num_clips)
        require_sample_for_each_rank(len(clips), world_size)
        mine = Subset(clips, range(rank, len(clips), world_size))
        return ClipLoader(
            mine,
            batch_size=None,
            num_workers=self.num_workers,
            collate_fn=_unchanged,
            skips=self.on_error == "skip",
        )

    def transfer_batch_to_device(self, batch: CascadeClip, device: Any, dataloader_idx: int) -> CascadeClip:
        """The clip as it is: experts take it from the CPU."""
        return batch


class ClipLoader(DataLoader[Any]):
    """One clip after another; what cannot be used is raised, or skipped and told.

    Args:
        *args: As of ``torch.utils.data.DataLoader``, of items as
            :class:`~macedance.data.cascade_clips.CascadeClips` has them.
        skips: Whether to go on after a clip that cannot be used.
        **kwargs: The same.
    """

    def __init__(self, *args: Any, skips: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skips = skips

    def __iter__(self) -> Iterator[CascadeClip]:
        for item in super().__iter__():
            if item["error"] is None:
                yield item["batch"]
            elif self.skips:
                warnings.warn(f"clip left out: {item['error']}", stacklevel=2)
            else:
                raise item["error"]


def _unchanged(item: Any) -> Any:
    return item
