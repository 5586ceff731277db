"""Rows of figures of an expert's dances, beside the choreographer's.

Axis letters: W windows, S seeds, N dances.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from dance_figures import (
    Danced,
    DanceSet,
    alignment_scores,
    body_distances,
    clip_figures,
    gap_interval,
    measured,
    own_and_other,
)
from torch import Tensor

from macedance.data.music_features import MUSIC_FPS
from macedance.metrics.functional.resampling import mean_interval

FIRST_FRAMES = 8 * MUSIC_FPS

Row = dict[str, float]
Rows = dict[str, Row]


def beat_rows(danced: DanceSet, made: Sequence[Danced]) -> Rows:
    """Beat alignment of each song's dances, of all, of songs as if drawn, and of the choreographer's."""
    scores, rows = alignment_scores(danced), {}
    for name, chosen in danced.groups().items():
        low, high = gap_interval(scores, danced.songs, chosen)
        rows[name] = {**mean_alignment(scores, danced.songs, chosen), "gap_low": low, "gap_high": high}
    of_songs = list(rows.values())[: len(danced.tracks)]
    return {
        **rows,
        f"songs drawn (n = {len(of_songs)})": mean_of_songs(of_songs),
        choreographer(made): made_alignment(made),
    }


def mean_of_songs(rows: Sequence[Row]) -> Row:
    """Mean of the songs' rows, each weighing the same, with the interval of the gap over songs."""
    columns = {name: torch.tensor([row[name] for row in rows]) for name in ("own", "other", "gap")}
    low, high = mean_interval(columns["gap"])
    row = {name: float(values.nanmean()) for name, values in columns.items()}
    scored = sum(row["scored"] for row in rows)
    return {"scored": scored, **row, "gap_low": float(low), "gap_high": float(high)}


def mean_alignment(scores: Tensor, songs: Tensor, chosen: Tensor) -> Row:
    """Mean over the dances of chosen windows, bool (W,), and how many have beats."""
    own, other = (values[chosen] for values in own_and_other(scores, songs))
    return {
        "scored": int((~own.isnan()).sum()),
        "own": float(own.nanmean()),
        "other": float(other.nanmean()),
        "gap": float((own - other).nanmean()),
    }


def made_alignment(made: Sequence[Danced]) -> Row:
    """Beat alignment of the choreographer's dances, each to a song of its own."""
    beats = {name: float(value) for name, value in measured(made)["bas"].compute().items()}
    kept = {name: beats[name] for name in ("own", "gap", "gap_low", "gap_high")}
    return {"scored": int(beats["num_clips"]), "other": beats["shuffled"], **kept}


def figure_rows(danced: DanceSet, figures: dict[str, Tensor], made: Sequence[Danced]) -> Rows:
    """The figures (N,) of the dances, their means over each song, over all, and the choreographer's."""
    by_window = {name: values.view(len(danced.windows), -1) for name, values in figures.items()}
    rows = {
        name: means({figure: values[chosen] for figure, values in by_window.items()})
        for name, chosen in danced.groups().items()
    }
    return {**rows, choreographer(made): means(clip_figures(made))}


def means(figures: dict[str, Tensor]) -> Row:
    """The mean of each figure, and the farthest that any dance gets."""
    row = {name: float(values.nanmean()) for name, values in figures.items()}
    return {**row, "farthest_of_all": float(figures["farthest"].max())}


def part_rows(danced: DanceSet, made: Sequence[Danced]) -> Rows:
    """Figures of the first 8 s and of what follows; none if what follows is not as long."""
    num_frames, rows = len(danced.windows[0].features), {}
    if num_frames < 2 * FIRST_FRAMES:
        return {}
    everything = torch.ones(len(danced.windows), dtype=torch.bool)
    for name, (first, stop) in {
        "first 8 s": (0, FIRST_FRAMES),
        "after them": (FIRST_FRAMES, num_frames),
    }.items():
        part, made_part = danced.part(first, stop), [dance.part(first, stop) for dance in made]
        alignment = mean_alignment(alignment_scores(part), danced.songs, everything)
        rows[name] = {**means(clip_figures(part.dances)), **alignment}
        rows[f"choreographer, {name}"] = {
            **means(clip_figures(made_part)),
            **made_alignment(made_part),
        }
    return rows


def apart_rows(danced: DanceSet, again: Danced, made: Sequence[Danced]) -> Rows:
    """How far dances lie apart that differ in the seed, the window or the song, and the first one from ``again``."""
    distances = body_distances([dance.motion for dance in danced.dances])
    seeds = torch.arange(danced.num_seeds).repeat(len(danced.windows))
    of_window = torch.arange(len(danced.windows)).repeat_interleave(danced.num_seeds)
    same_seed, same_window, same_song = (
        labels[:, None] == labels for labels in (seeds, of_window, danced.songs[of_window])
    )
    repeated = body_distances([danced.dances[0].motion, again.motion])
    of_made = body_distances([dance.motion for dance in made])
    return {
        "same window, other seed": pair_row(distances, same_window & ~same_seed),
        "same song and seed, other window": pair_row(distances, same_song & ~same_window & same_seed),
        "other song, same seed": pair_row(distances, ~same_song & same_seed),
        "same window and seed, danced again": pair_row(repeated, torch.ones_like(repeated).bool()),
        f"{choreographer(made)}, other songs": pair_row(of_made, torch.ones_like(of_made).bool()),
    }


def pair_row(distances: Tensor, chosen: Tensor) -> Row:
    """Mean and least of the distances of chosen pairs, both symmetric (N, N)."""
    pairs = distances[chosen.triu(diagonal=1)]
    least = float(pairs.min()) if len(pairs) else math.nan
    return {"mean": float(pairs.mean()), "least": least, "pairs": len(pairs)}


def closest_two(danced: DanceSet) -> str:
    """Names and distance of the two dances that are most alike."""
    distances = body_distances([dance.motion for dance in danced.dances]).fill_diagonal_(math.inf)
    first, second = divmod(int(distances.argmin()), len(distances))
    return f"{danced.names[first]}, and {danced.names[second]}: {100 * float(distances.min()):.1f} cm"


def choreographer(made: Sequence[Danced]) -> str:
    """What the choreographer's row is called."""
    return f"choreographer (n = {len(made)})"
