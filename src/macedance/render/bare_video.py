"""Videos without what their files tell of where they come from."""

from __future__ import annotations

import io
import re
from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext

BROWSER_CODECS = ("h264", "vp9", "av1")
H264_FORMATS = ("yuv420p", "yuvj420p")
WITHOUT_REMARKS = {"h264": "filter_units=remove_types=6"}  # SEI, in which x264 tells its version and settings
SOUND_ENCODER = re.compile(rb"(?:Lavc|LAME)[0-9.]+")


def bare_video(path: str | Path) -> bytes:
    """The picture and sound of a video as an mp4 without metadata and what encoders tell of themselves.

    Nothing is encoded anew.

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
            codec = picture.codec_context.codec.canonical_name
            _check_playable(path, codec, picture.codec_context.pix_fmt)
            streams = [picture, *source.streams.audio[:1]]
            targets = {
                stream.index: target.add_stream_from_template(stream, opaque=True) for stream in streams
            }
            remarks = BitStreamFilterContext(
                WITHOUT_REMARKS.get(codec, "null"), picture, targets[picture.index]
            )
            for packet in source.demux(streams):
                if packet.dts is None:
                    continue
                stream, time_base = packet.stream, packet.time_base
                for bare in remarks.filter(packet) if stream is picture else [_bare_sound(packet)]:
                    bare.stream, bare.time_base = targets[stream.index], time_base
                    target.mux(bare)
    except av.FFmpegError as error:
        raise ValueError(f"{path} must be a video, and cannot be read as one ({error.strerror})") from error
    return buffer.getvalue()


def _check_playable(path: str | Path, codec: str, pixel_format: str | None) -> None:
    if codec not in BROWSER_CODECS:
        raise ValueError(
            f"{path} must hold H.264, VP9 or AV1, which browsers play, and holds {codec}; write it anew"
        )
    if codec == "h264" and pixel_format not in H264_FORMATS:
        raise ValueError(
            f"{path} must hold H.264 of 8 bits as yuv420p, which browsers play, and holds {pixel_format}; "
            "write it anew, as by ffmpeg -pix_fmt yuv420p"
        )


def _bare_sound(packet: av.Packet) -> av.Packet:
    """The packet with zeros in place of the encoder's name, which is in bytes that decoders pass over."""
    content = bytes(packet)
    bare = SOUND_ENCODER.sub(lambda name: bytes(len(name[0])), content)
    if bare != content:
        packet.update(bare)
    return packet
