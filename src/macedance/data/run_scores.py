"""What a cascade's run scored, and the files that tell it."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field

import numpy as np

from macedance.data.run_folder import RunFolder
from macedance.json_files import write_json
from macedance.metrics.scores import GENERATED, ScoreRow
from macedance.whole_files import renamed_when_complete

MOTION, IMAGE_PLANE, SEEN = "Motion", "Motion in the image plane", "What is seen"
"""Titles of the tables."""
ClipValues = dict[str, dict[str, dict[str, float]]]
"""By set, clip and score."""


@dataclass(frozen=True)
class ScoreTable:
    """Scores of one kind.

    Attributes:
        title: What they are of.
        what: What the sets consist of.
        protocol: How they were computed, in words.
        rows: By set, the ground truth first.
        notes: What a reader should know.
    """

    title: str
    what: str
    protocol: str
    rows: dict[str, ScoreRow]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RunScores:
    """All scores of a run.

    Attributes:
        tables: The tables, those that there is anything for.
        clip_values: Each clip's numbers.
    """

    tables: list[ScoreTable]
    clip_values: ClipValues

    def named(self) -> dict[str, float]:
        """The generated clips' known scores by names that logs take: ``fid_random`` for ``fid[random]``.

        Those of the image plane end in ``_2d``.
        """
        return {
            name.replace("[", "_").replace("]", "") + ("_2d" if table.title == IMAGE_PLANE else ""): value
            for table in self.tables
            for name, value in table.rows[GENERATED].scores.items()
            if not math.isnan(value)
        }

    def write(self, folder: RunFolder) -> None:
        """Write ``scores.json`` and ``clips.csv``."""
        tables = [
            {
                "title": table.title,
                "what": table.what,
                "protocol": table.protocol,
                "notes": table.notes,
                "rows": {
                    name: {
                        "num_clips": row.num_clips,
                        "scores": dict(row.scores),
                        "intervals": {key: list(bounds) for key, bounds in row.intervals.items()},
                    }
                    for name, row in table.rows.items()
                },
            }
            for table in self.tables
        ]
        write_json(folder.scores_file(), {"tables": tables})
        self._write_clips(folder)

    def _write_clips(self, folder: RunFolder) -> None:
        names = list(
            dict.fromkeys(
                name for clips in self.clip_values.values() for values in clips.values() for name in values
            )
        )
        with (
            renamed_when_complete(folder.clip_scores_file()) as partial_file,
            partial_file.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.writer(file)
            writer.writerow(["key", "set", *names])
            for set_name, clips in self.clip_values.items():
                for key, values in clips.items():
                    writer.writerow([key, set_name, *(_cell(values.get(name, np.nan)) for name in names)])


def _cell(value: float) -> str:
    return "" if value != value else repr(float(value))
