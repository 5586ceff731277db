"""Videos without what their files tell of where they come from."""

from __future__ import annotations

import io
from pathlib import Path

import av

BROWSER_CODECS = ("h264", "vp9", "av1")


def bare_video(path: str | Path) -> bytes:
    """The picture and sound of a video as an mp4 without metadata; nothing is encoded anew.

    Raises:
        ValueError: Not every browser plays it, or it cannot be read.
    """
    buffer = io.BytesIO()
    try:
        with (
            av.open(str(Path(path).absolute())) as source,
            av.open(buffer, "w", format="mp4") as target,
        ):
            picture = source.streams.video[0]
            if picture.codec_context.name not in BROWSER_CODECS:
                raise ValueError(
                    f"{path} must hold H.264, VP9 or AV1, which browsers play, and holds "
                    f"{picture.codec_context.name}; write it anew"
                )
            streams = [picture, *source.streams.audio[:1]]
            targets = {stream.index: target.add_stream_from_template(stream) for stream in streams}
            for packet in source.demux(streams):
                if packet.dts is not None:
                    packet.stream = targets[packet.stream.index]
                    target.mux(packet)
    except av.FFmpegError as error:
        raise ValueError(f"{path} must be a video, and cannot be read as one ({error.strerror})") from error
    return buffer.getvalue()
