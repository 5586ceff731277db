"""Looks at pictures, videos and sound: drawing, encoding, hearing."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from importlib.metadata import version

from macedance.commands.doctoring.finding import Found

ENCODERS = ("libx264", "aac")
REINSTALL_AV = "pip install --force-reinstall av"


def renderer() -> Iterator[Found]:
    """What draws the frames, and why not OpenGL if it does not."""
    from macedance.render.backend import RENDERER_VARIABLE, default_renderer

    chosen = os.environ.get(RENDERER_VARIABLE)
    if chosen not in (None, "", "opengl", "software"):
        yield Found(
            "problem",
            f"{RENDERER_VARIABLE}={chosen} is neither opengl nor software",
            f"unset {RENDERER_VARIABLE}",
        )
        return
    if chosen == "software":
        yield Found("ok", f"software, as {RENDERER_VARIABLE} says")
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        works = default_renderer() == "opengl"
    if works:
        yield Found("ok", "OpenGL" + (f", as {RENDERER_VARIABLE} says" if chosen else ""))
    elif chosen:
        yield Found(
            "problem", f"{RENDERER_VARIABLE}=opengl, but no window opens", f"unset {RENDERER_VARIABLE}"
        )
    else:
        yield Found(
            "missing",
            "software, which is slower: for OpenGL no window opens, without a display by EGL",
            "apt-get install libegl1",
        )


def encoders() -> Iterator[Found]:
    """What writes pictures and sound into a video."""
    import av
    from av.codec import Codec
    from av.codec.codec import UnknownCodecError

    lacking = []
    for name in ENCODERS:
        try:
            Codec(name, "w")
        except UnknownCodecError:
            lacking.append(name)
    library = ".".join(map(str, av.library_versions["libavcodec"]))
    told = f"av {av.__version__} with libavcodec {library}"
    if lacking:
        yield Found("problem", f"{told} has no encoder {' and no '.join(lacking)}", REINSTALL_AV)
    else:
        yield Found("ok", f"H.264 by libx264, AAC; {told}")


def sound_files() -> Iterator[Found]:
    """What reads songs."""
    import soundfile

    formats = [name for name in ("WAV", "MP3", "OGG", "FLAC") if name in soundfile.available_formats()]
    yield Found("ok", f"{', '.join(formats)} by libsndfile {soundfile.__libsndfile_version__}, others by av")


def music_features() -> Iterator[Found]:
    """What hears beats, compiled when it is first used."""
    import numba

    from macedance.commands.doctoring.models import short
    from macedance.data.librosa_kernels import lock_folder

    yield Found(
        "ok",
        f"librosa {version('librosa')}, compiled by numba {numba.__version__} at its first use; lock in "
        f"{short(lock_folder())}",
    )
