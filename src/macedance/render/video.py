"""Video files: H.264 picture and AAC sound in an mp4. Axis letters: C channels, H height, W width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.sidedata.sidedata import Type as SideDataType
from av.video.reformatter import ColorRange, Colorspace

from macedance.render.soundtrack import Soundtrack
from macedance.whole_files import renamed_when_complete

CONSTANT_RATE_FACTOR = 18
REPRODUCIBLE = {"threads": "1", "x264-params": "mbtree=0"}
"""x264's macroblock tree, as some processors compute it, differs from run to run, even in one thread."""
AUDIO_BITS_PER_SECOND = 192_000
BT709 = 1
MP4_METADATA_KEYS = frozenset(
    {
        "title",
        "artist",
        "album_artist",
        "album",
        "composer",
        "date",
        "genre",
        "copyright",
        "description",
        "comment",
    }
)


@dataclass(frozen=True)
class VideoInfo:
    """What a video file says of itself; lengths are those that a player shows."""

    width: int
    height: int
    fps: Fraction
    num_frames: int
    video_seconds: float
    audio_seconds: float | None
    metadata: Mapping[str, str]


def write_video(
    path: str | Path,
    frames: Iterable[np.ndarray],
    *,
    fps: float | Fraction,
    audio: np.ndarray | None = None,
    sample_rate: int | None = None,
    metadata: Mapping[str, str] | None = None,
    is_reproducible: bool = False,
) -> None:
    """Writes pictures, and sound if given, into one mp4 that plays everywhere.

    The picture sets the length: the sound is cut or continued with silence to num_frames / fps. Frames are
    encoded as they come, so an iterator of any length needs little memory. Missing folders are made, and the
    file gets its name only when it is complete.

    Args:
        path: ends in ``.mp4``.
        frames: uint8 (H, W, 3) RGB arrays of one size; H and W even.
        fps: frames per second; pass a Fraction for rates such as 30000/1001.
        audio: (C, num_samples) or (num_samples,) float in [-1, 1], mono or stereo.
        sample_rate: of `audio`; rates other than 44.1 and 48 kHz are converted to 48 kHz.
        metadata: mp4's own keys (title, artist, comment, ...) are stored as such, every other one as a line
            ``key: value`` of the comment.
        is_reproducible: equal frames give equal bytes, which takes one thread and some more bytes; otherwise they
            give pictures that look the same.

    Raises:
        ValueError: if an argument, or a frame, is not as described.
    """
    path = Path(path)
    rate = _validated_rate(path, fps)
    if audio is not None and sample_rate is None:
        raise ValueError("sample_rate must be given with audio; pass the rate the sound was read at")
    soundtrack = None if audio is None or sample_rate is None else Soundtrack(audio, sample_rate)
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        raise ValueError("frames must hold at least one picture, got none")
    _check_frame(first, first.shape)
    with (
        renamed_when_complete(path) as partial,
        av.open(str(partial.absolute()), "w", format="mp4", options={"movflags": "+faststart"}) as container,
    ):
        container.metadata.update(_mp4_metadata(metadata or {}))
        video = _add_video_stream(container, rate, first.shape, is_reproducible=is_reproducible)
        _encode(container, video, chain([first], frames), rate, soundtrack)


def probe_video(path: str | Path) -> VideoInfo:
    """Size, rate, lengths and metadata of a video file.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    with av.open(str(Path(path).absolute())) as container:
        video = container.streams.video[0]
        sounds = container.streams.audio
        first = next(container.decode(video), None)
        is_lying = first is not None and _turn(first)[0]
        fps = Fraction(video.average_rate or 0)
        num_frames = video.frames or _num_packets(path)
        return VideoInfo(
            width=video.height if is_lying else video.width,
            height=video.width if is_lying else video.height,
            fps=fps,
            num_frames=num_frames,
            video_seconds=_stream_seconds(video) or (float(num_frames / fps) if fps else 0.0),
            audio_seconds=_stream_seconds(sounds[0]) if sounds else None,
            metadata=dict(container.metadata),
        )


def read_frames(path: str | Path, indices: Sequence[int] | None = None) -> Iterator[np.ndarray]:
    """The uint8 (H, W, 3) RGB frames of a video file, all of them or those at `indices`, in playing order.

    They are turned as a player would turn them: what a phone films upright is often stored lying.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if an index lies outside the video.
    """
    wanted = None if indices is None else set(indices)
    num_frames = 0
    with av.open(str(Path(path).absolute())) as container:
        try:
            for index, frame in enumerate(container.decode(video=0)):
                if wanted is None or index in wanted:
                    yield _upright(frame)
                num_frames = index + 1
        except av.FFmpegError as error:
            raise ValueError(
                f"{path} cannot be decoded after {num_frames} frames ({error.strerror}); it may have been cut off"
            ) from error
    outside = sorted(index for index in wanted or () if not 0 <= index < num_frames)
    if outside:
        raise ValueError(f"indices must lie in 0..{num_frames - 1} for {path}, got {outside}")


def _upright(frame: av.VideoFrame) -> np.ndarray:
    """The picture (H, W, 3), turned and mirrored as the file wants it shown."""
    picture = frame.to_ndarray(format="rgb24")
    is_lying, is_mirrored, is_upside_down = _turn(frame)
    if is_lying:
        picture = picture.swapaxes(0, 1)
    if is_mirrored:
        picture = picture[:, ::-1]
    if is_upside_down:
        picture = picture[::-1]
    return np.ascontiguousarray(picture)


def _turn(frame: av.VideoFrame) -> tuple[bool, bool, bool]:
    """Whether rows and columns are to change places, then columns to be reversed, then rows.

    The display matrix takes x to a x + c y and y to b x + d y.
    """
    side_data = frame.side_data.get(SideDataType.DISPLAYMATRIX)  # type: ignore[call-overload]
    if side_data is None:
        return False, False, False
    a, b, _, c, d = np.frombuffer(bytes(side_data), dtype=np.int32)[:5].tolist()
    is_lying = abs(b) > abs(a)
    return is_lying, (c if is_lying else a) < 0, (b if is_lying else d) < 0


def _num_packets(path: str | Path) -> int:
    """Frames of a file that does not tell how many it has."""
    with av.open(str(Path(path).absolute())) as container:
        return sum(packet.size > 0 for packet in container.demux(video=0))


def _validated_rate(path: Path, fps: float | Fraction) -> Fraction:
    if path.suffix.lower() != ".mp4":
        raise ValueError(f"path must end in .mp4, the one container written here, got {path.name!r}")
    if not fps > 0:
        raise ValueError(f"fps must be positive, got {fps}")
    return Fraction(fps).limit_denominator(1001)


def _check_frame(frame: np.ndarray, shape: tuple[int, ...]) -> None:
    if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3 or frame.shape != shape:
        expected = "(H, W, 3)" if frame.shape == shape else str(shape)
        raise ValueError(f"frames must be uint8 {expected}, got {frame.dtype} {frame.shape}")
    if shape[0] % 2 or shape[1] % 2:
        raise ValueError(
            f"frames must have an even width and height for H.264, got {shape[1]}x{shape[0]}; "
            "add or cut one row or column"
        )


def _mp4_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    known = {key: value for key, value in metadata.items() if key in MP4_METADATA_KEYS}
    other = [f"{key}: {value}" for key, value in metadata.items() if key not in MP4_METADATA_KEYS]
    if other:
        known["comment"] = "\n".join([*filter(None, [known.get("comment")]), *other])
    return known


def _encode(
    container: av.container.OutputContainer,
    video: av.VideoStream,
    frames: Iterable[np.ndarray],
    rate: Fraction,
    soundtrack: Soundtrack | None,
) -> None:
    shape = (video.height, video.width, 3)
    sound = None
    if soundtrack is not None:
        sound = container.add_stream("aac", rate=soundtrack.sample_rate, layout=soundtrack.layout)
        sound.bit_rate = AUDIO_BITS_PER_SECOND
    for index, frame in enumerate(frames):
        _check_frame(frame, shape)
        container.mux(video.encode(_to_video_frame(frame, index, rate)))
        if soundtrack is not None and sound is not None:
            container.mux(sound.encode(soundtrack.advance_to((index + 1) / rate)))
    container.mux(video.encode())
    if sound is not None:
        container.mux(sound.encode())


def _add_video_stream(
    container: av.container.OutputContainer, rate: Fraction, shape: tuple[int, ...], *, is_reproducible: bool
) -> av.VideoStream:
    options = {"crf": str(CONSTANT_RATE_FACTOR), **(REPRODUCIBLE if is_reproducible else {})}
    video = container.add_stream("libx264", rate=rate, options=options)
    video.height, video.width = shape[:2]
    video.pix_fmt = "yuv420p"
    context = video.codec_context
    context.color_range = ColorRange.MPEG
    context.colorspace = context.color_primaries = context.color_trc = BT709
    return video


def _to_video_frame(frame: np.ndarray, index: int, rate: Fraction) -> av.VideoFrame:
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        threads=1,  # starting more for one picture takes longer than the conversion
    )
    picture.pts = index
    picture.time_base = 1 / rate
    return picture


def _stream_seconds(stream: av.stream.Stream) -> float:
    return float((stream.duration or 0) * (stream.time_base or 0))
