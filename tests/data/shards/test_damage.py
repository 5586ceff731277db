"""What can be wrong with a set of shards, and what reading it then does: docs/data.md has the same list."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import soundfile
import webdataset

from macedance.data.motion_clips import MOTION_MEMBERS, MotionWindow
from macedance.data.shards import (
    ShardError,
    ShardLocation,
    ShardReader,
    encode_sample,
    locate_shards,
    read_index,
    read_shards,
    scan_shard,
    write_manifest,
    write_shard,
)
from macedance.data.shards.index import index_path
from macedance.data.shards.loader import ElasticLoader
from macedance.data.shards.members import decode_member, npy_bytes
from macedance.data.shards.order import SampleOrder
from macedance.data.shards.samples import ShardSamples

NUM_FRAMES = 12
ABOUT = {"fps": 30, "genre": None, "num_frames": NUM_FRAMES}


def good(key: str, **changes: Any) -> dict[str, Any]:
    arrays = {
        "poses": np.zeros((NUM_FRAMES, 24, 3), np.float32),
        "trans": np.zeros((NUM_FRAMES, 3), np.float32),
        "betas": np.zeros(10, np.float32),
    }
    sample = encode_sample(key, ABOUT, motion=arrays, music=np.ones((NUM_FRAMES, 35), np.float32))
    return {name: value for name, value in {**sample, **changes}.items() if value is not None}


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def bomb() -> bytes:
    """An npz of a few kilobytes whose entry says it unpacks to 3 GiB, as a bomb's does."""
    data = bytearray(npz(poses=np.zeros((NUM_FRAMES, 24, 3), np.float32)))
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = (3 * 2**30).to_bytes(4, "little")
    return bytes(data)


def lying_header() -> bytes:
    """An npy whose header promises an array of terabytes."""
    header = npy_bytes(np.zeros((NUM_FRAMES, 35), np.float32))
    return header.replace(b"(12, 35), }" + b" " * 10, b"(123456789012, 35), }")


POSES = np.zeros((NUM_FRAMES, 24, 3), np.float32)
TRANS = np.zeros((NUM_FRAMES, 3), np.float32)
NAN = np.where(np.arange(NUM_FRAMES * 3).reshape(NUM_FRAMES, 3) == 5, np.nan, 0).astype(np.float32)

BAD_SAMPLES = {
    "a member is missing": ({"music.npy": None}, "has no member music.npy"),
    "json that is none": ({"json": b"{fps: 30"}, "json does not decode"),
    "json that is a list": ({"json": b"[30]"}, "must be an object"),
    "json without fps": ({"json": b"{}"}, "it lacks 'fps'"),
    "another frame rate": ({"json": json.dumps({**ABOUT, "fps": 60}).encode()}, "must be at 30 fps"),
    "an unknown genre": ({"json": json.dumps({**ABOUT, "genre": "Tango"}).encode()}, "genre must be one of"),
    "NaN in the motion": ({"motion.npz": npz(poses=POSES, trans=NAN)}, "must be finite"),
    "NaN in the music": (
        {"music.npy": npy_bytes(np.full((NUM_FRAMES, 35), np.nan, np.float32))},
        "must be finite",
    ),
    "poses of a wrong shape": ({"motion.npz": npz(poses=POSES[:, :22], trans=TRANS)}, "poses"),
    "music of another length": ({"music.npy": npy_bytes(np.ones((5, 35), np.float32))}, "music must be"),
    "an array is missing": ({"motion.npz": npz(poses=POSES)}, "it lacks 'trans'"),
    "a pickle in an npz": (
        {"motion.npz": npz(poses=np.array([{}], dtype=object), trans=TRANS)},
        "pickled objects, which are never loaded",
    ),
    "a pickle in an npy": ({"music.npy": b"\x93NUMPY\x01\x00"}, "does not decode"),
    "a bomb in an npz": ({"motion.npz": bomb()}, "would take 3221225472 bytes"),
    "a header that lies": ({"music.npy": lying_header()}, "its header promises 17283950461680 bytes"),
    "an npz that is cut off": ({"motion.npz": npz(poses=POSES, trans=TRANS)[:-40]}, "no whole npz archive"),
    "too short for a window": (
        {"music.npy": npy_bytes(np.ones((3, 35), np.float32)), "motion.npz": npz(poses=POSES[:3], trans=TRANS[:3])},
        "window_frames must not exceed",
    ),
    "an empty member": ({"music.npy": b""}, "does not decode"),
}  # fmt: skip


def loader_of(located: list[ShardLocation], on_error: str, num_workers: int = 0) -> ElasticLoader:
    samples = ShardSamples(
        [ShardReader(located)],
        SampleOrder([[shard.num_samples for shard in located]], seed=0),
        members=MOTION_MEMBERS,
        prepare=MotionWindow(8),
        on_error=on_error,  # type: ignore[arg-type]
    )
    return ElasticLoader.of(samples, 2, num_workers=num_workers)


def epoch(folder: Path, on_error: str = "raise", num_workers: int = 0) -> tuple[int, list[str]]:
    """Samples in an epoch's batches, and what was skipped."""
    loader = loader_of(locate_shards(folder), on_error, num_workers)
    return sum(len(batch["seed"]) for batch in loader), loader.skipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two whole shards of four samples each, with a manifest."""
    for shard in "ab":
        write_shard(tmp_path / f"train-{shard}.tar", (good(f"{shard}{n}") for n in range(4)))
    write_manifest(tmp_path, statistics={}, settings={})
    return tmp_path


@pytest.mark.parametrize("kind", BAD_SAMPLES)
def test_a_bad_sample_is_named_or_skipped(tmp_path: Path, kind: str) -> None:
    changes, message = BAD_SAMPLES[kind]
    write_shard(tmp_path / "train-a.tar", [good("a0"), good("bad", **changes), good("a2"), good("a3")])
    with pytest.raises(ShardError, match=r"^[^\n]*train-a\.tar: sample bad") as error:
        epoch(tmp_path)
    assert message in str(error.value)
    num_samples, skipped = epoch(tmp_path, "skip")
    assert num_samples == 4
    assert skipped
    assert all("sample bad" in problem and message in problem for problem in skipped)


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-12_000])


def flip_bytes(path: Path) -> None:
    data = bytearray(path.read_bytes())
    offset = read_index(path).samples["a1"]["music.npy"][0] + 200
    data[offset] ^= 255
    path.write_bytes(data)


def swap_index(path: Path) -> None:
    other = good("a0", json=json.dumps({**ABOUT, "note": "longer " * 400}).encode())
    other_path = path.with_name("x.tar")
    write_shard(other_path, [other, *(good(f"a{n}") for n in range(1, 4))])
    index_path(path).write_bytes(index_path(other_path).read_bytes())
    for made in (other_path, index_path(other_path)):
        made.unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut_off, "cut off"),
        (flip_bytes, "are not those that were written"),
        (swap_index, "are not those that were written|cut off"),
    ],
)
def test_damaged_bytes_are_named_or_skipped(
    folder: Path, damage: Callable[[Path], None], message: str
) -> None:
    damage(folder / "train-a.tar")
    with pytest.raises(ShardError, match=rf"train-a\.tar: sample a\d: .*({message})"):
        epoch(folder)
    num_samples, skipped = epoch(folder, "skip")
    assert num_samples == 8
    assert skipped
    assert all("train-a.tar: sample a" in problem for problem in skipped)


def test_a_cut_off_shard_without_index_is_refused_at_the_start(folder: Path) -> None:
    cut_off(folder / "train-a.tar")
    (folder / "train-a.idx").unlink()
    (folder / "manifest.json").unlink()
    with pytest.raises(ShardError, match=r"train-a\.tar is not a whole tar file"):
        locate_shards(folder)


def test_a_damaged_header_does_not_end_a_shard_in_silence(folder: Path) -> None:
    path = folder / "train-a.tar"
    data = bytearray(path.read_bytes())
    offset = read_index(path).samples["a2"]["json"][0] - 512
    data[offset : offset + 20] = b"\xff" * 20
    path.write_bytes(data)
    with pytest.raises(
        ShardError, match=r"train-a\.tar is not a whole tar file \(damaged at byte \d+ of \d+\)"
    ):
        scan_shard(path)


def test_an_index_that_is_none_is_named(folder: Path) -> None:
    (folder / "train-a.idx").write_text('{"schema_version": 1, "samp')
    with pytest.raises(ShardError, match=r"train-a\.idx is not a whole index"):
        epoch(folder)
    num_samples, skipped = epoch(folder, "skip")
    assert num_samples == 8
    assert all("train-a.idx" in problem for problem in skipped)


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "not a whole manifest"),
     ('{"schema_version": 2, "shards": [], "statistics": {}, "settings": {}}', "version 2"),
     ('{"schema_version": 1, "shards": [{"name": "../x.tar", "num_samples": 1, "num_bytes": 1, "sha256": ""}], '
      '"statistics": {}, "settings": {}}', "not a shard of this folder"),
     ('{"schema_version": 1, "shards": [{"name": "x.tar", "num_samples": "4", "num_bytes": 1, "sha256": ""}], '
      '"statistics": {}, "settings": {}}', "x.tar has '4' samples")],
)  # fmt: skip
def test_a_manifest_that_is_none_is_named(folder: Path, content: str, message: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ShardError, match=rf"manifest\.json .*{message}"):
        locate_shards(folder)


def test_a_shard_that_the_manifest_lists_must_be_there(folder: Path) -> None:
    (folder / "train-a.tar").unlink()
    with pytest.raises(FileNotFoundError, match=r"manifest\.json lists train-a\.tar, which is not there"):
        locate_shards(folder)


def test_a_shard_that_holds_another_number_of_samples_is_named(folder: Path) -> None:
    write_shard(folder / "train-a.tar", [good("a0")])
    with pytest.raises(ShardError, match=r"train-a\.tar holds 1 samples, 4 were announced"):
        epoch(folder)
    num_samples, skipped = epoch(folder, "skip")
    assert num_samples == 8
    assert len(skipped) >= 4


def test_an_empty_shard_is_passed_over(folder: Path) -> None:
    write_shard(folder / "train-c.tar", [])
    write_manifest(folder, statistics={}, settings={})
    assert [shard.num_samples for shard in locate_shards(folder)] == [4, 4, 0]
    assert epoch(folder) == (8, [])


def test_nothing_but_empty_shards_is_an_error(tmp_path: Path) -> None:
    write_shard(tmp_path / "train-a.tar", [])
    with pytest.raises(ValueError, match="at least one"):
        epoch(tmp_path)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_shard_that_vanishes_in_mid_epoch(folder: Path, num_workers: int) -> None:
    located = locate_shards(folder)
    (folder / "train-a.tar").unlink()
    (folder / "train-a.idx").unlink()
    with pytest.raises(ShardError, match=r"^[^\n]*train-a\.tar cannot be read any more"):
        list(loader_of(located, "raise", num_workers))
    skipping = loader_of(located, "skip", num_workers)
    assert len(list(skipping)) == 4
    assert len(skipping.skipped) >= 4


def test_a_shard_that_is_open_is_read_to_the_end_although_it_was_removed(folder: Path) -> None:
    reader = ShardReader(locate_shards(folder))
    reader.read(0, 0)
    (folder / "train-a.tar").unlink()
    assert reader.read(0, 3)["__key__"] == "a3"


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x.json", "/etc/x.json", "a/../../x.json", "a\\..\\x.json"]
)
def test_names_that_climb_out_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "train-a.tar"
    with tarfile.open(path, "w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 2
        tar.addfile(entry, io.BytesIO(b"{}"))
    with pytest.raises(ShardError, match=r"train-a\.tar: .*climbs out of the shard"):
        locate_shards(tmp_path)


def test_an_index_with_names_that_climb_out_is_refused(folder: Path) -> None:
    path = folder / "train-a.idx"
    path.write_text(path.read_text().replace('"a0"', '"../a0"'))
    with pytest.raises(ShardError, match=r"climbs out"):
        epoch(folder)


def test_an_index_that_points_outside_its_shard_is_refused(folder: Path) -> None:
    path = folder / "train-a.idx"
    content = json.loads(path.read_text())
    content["samples"]["a0"]["json"][1] = 10**12
    path.write_text(json.dumps(content))
    with pytest.raises(ShardError, match=r"a0 lies outside the shard"):
        epoch(folder)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "train-a.tar"
    with tarfile.open(path, "w") as tar:
        entry = tarfile.TarInfo("a.json")
        entry.type, entry.linkname = kind, "/etc/passwd"
        tar.addfile(entry)
    with pytest.raises(ShardError, match=r"train-a\.tar: 'a\.json' is a link or device"):
        locate_shards(tmp_path)


def test_keys_that_come_twice_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "train-a.tar"
    with webdataset.TarWriter(str(path), encoder=False) as writer:
        for key in ("a", "b", "a"):
            writer.write(good(key))
    with pytest.raises(ShardError, match=r"train-a\.tar: 'a\..*' comes twice"):
        locate_shards(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_shard_without_permission_is_named(folder: Path) -> None:
    (folder / "train-a.tar").chmod(0)
    with pytest.raises(ShardError, match=r"train-a\.tar cannot be read any more"):
        epoch(folder)


def huge_jpeg() -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (8, 8)).save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = b"\xff\xf0\xff\xf0"
    return bytes(data)


def cut_off_flac() -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).standard_normal(24_000).astype(np.float32) / 8
    soundfile.write(buffer, noise, 24_000, format="FLAC")
    return buffer.getvalue()[:5000]


def flac_of_days() -> bytes:
    """A FLAC that says it holds 2^36 samples."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(24_000, np.float32), 24_000, format="FLAC")
    data = bytearray(buffer.getvalue())
    data[21] |= 0x0F
    data[22:26] = b"\xff\xff\xff\xff"
    return bytes(data)


@pytest.mark.parametrize(
    ("member", "data"),
    [
        ("reference.jpg", huge_jpeg()),
        ("reference.jpg", b"GIF89a"),
        ("audio.flac", cut_off_flac()),
        ("audio.flac", flac_of_days()),
        ("audio.flac", b""),
        ("latents.safetensors", b"\xff" * 64),
        ("latents.safetensors", (2**40).to_bytes(8, "little") + b"{}"),
    ],
)
def test_other_members_are_refused_too(member: str, data: bytes) -> None:
    with pytest.raises(ValueError, match=rf"member {member} does not decode"):
        decode_member(member, data)


def test_a_real_bomb_is_not_unpacked() -> None:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("poses.npy", "w") as entry,
    ):
        block = bytes(1 << 24)
        for _ in range(65):
            entry.write(block)
    data = buffer.getvalue()
    assert len(data) < 5_000_000
    with pytest.raises(ValueError, match="would take 1090519040 bytes, more than 1073741824"):
        decode_member("motion.npz", data)


def test_read_shards_tells_what_is_missing(folder: Path) -> None:
    with pytest.raises(ShardError, match=r"train-a\.tar: sample a0 has no member video\.mp4"):
        next(read_shards(folder, ("video.mp4",)))
