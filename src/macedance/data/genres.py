"""The genres a Motion Expert can be asked for."""

from __future__ import annotations

GENRES = (
    "Dai",
    "ShenYun",
    "Wei",
    "Korean",
    "Urban",
    "Hiphop",
    "Popping",
    "Miao",
    "HanTang",
    "Breaking",
    "Kun",
    "Locking",
    "Jazz",
    "Choreography",
    "Chinese",
    "DunHuang",
)
"""FineDance's 16 genres in use; a genre's index is its row of the network's embedding."""

UNKNOWN_GENRE = len(GENRES)
"""The embedding row of motion whose genre is not told."""


def genre_index(genre: str | None) -> int:
    """The embedding row of a genre, case ignored; None is the unknown genre.

    Raises:
        ValueError: There is no such genre.

    >>> genre_index("hiphop"), genre_index(None)
    (5, 16)
    """
    if genre is None:
        return UNKNOWN_GENRE
    lowered = [name.lower() for name in GENRES]
    if genre.lower() not in lowered:
        raise ValueError(
            f"genre must be one of {', '.join(GENRES)}, got {genre!r}; leave it out if it is unknown"
        )
    return lowered.index(genre.lower())
