"""``macedance data song``: a made-up song as a sound file."""

from __future__ import annotations

import argparse

EXAMPLE = """\
example:
  macedance data song --out song.ogg --seconds 60 --style funk --seed 4
It prints the style, the tempo and the sections: intro, verse, build, drop, break, outro."""

MAX_SECONDS = 3600
"""A song is made in memory as a whole."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--out", required=True, help="sound file to write (.wav, .flac or .ogg)")
    parser.add_argument("--seconds", type=float, default=30.0, help="length, 1 to 3600")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another song")
    parser.add_argument("--style", help="drawn by the seed if left out; a wrong name lists the right ones")


def run(args: argparse.Namespace) -> int:
    """Make the song and write it."""
    from pathlib import Path

    import soundfile

    from macedance.data.songs import make_song
    from macedance.whole_files import renamed_when_complete

    out = Path(args.out)
    if out.suffix not in (".wav", ".flac", ".ogg"):
        raise ValueError(f"--out must end in .wav, .flac or .ogg, got {out}")
    if not 1 <= args.seconds <= MAX_SECONDS:
        raise ValueError(f"--seconds must lie in 1..{MAX_SECONDS}, got {args.seconds:g}")
    song = make_song(args.seconds, args.seed, style=args.style)
    with (
        renamed_when_complete(out) as partial,
        soundfile.SoundFile(partial, "w", song.sample_rate, channels=1) as file,
    ):
        # In blocks: libsndfile overflows its stack when it writes a long Vorbis stream at once.
        for start in range(0, len(song.samples), song.sample_rate):
            file.write(song.samples[start : start + song.sample_rate])
    form = ", ".join(section.name for section in song.sections)
    print(f"wrote {out}: {song.style}, {song.bpm:.0f} bpm; {form}")
    return 0
