"""Checkpoints as folders in which each rank writes its part of the tensors.

Tensors lie in safetensors files, one a rank, everything else in ``meta.pt``, which is plain containers; so nothing is
unpickled that could be code. A folder is read by any number of ranks, or as a whole by one process.
"""

from __future__ import annotations

import re
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, distributed
from torch.distributed import checkpoint as dcp
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.hf_storage import HuggingFaceStorageReader, HuggingFaceStorageWriter
from torch.distributed.tensor import DTensor

from macedance.ops.sharded_tensors import shard_like

META_FILE = "meta.pt"
_SHARDED = ("state_dict", "current_model_state", "optimizer_states")
_PLACE = "__tensor__"
_REPLACED = ".replaced"

Template = Callable[[str, torch.Size, torch.dtype], Tensor | None]
"""From a tensor's name, shape and type to an empty one that says which part of it is wanted; None if nothing is."""


class Stored(NamedTuple):
    """A checkpoint taken apart: containers with names where tensors were, and the tensors."""

    structure: dict[str, Any]
    tensors: dict[str, Tensor]


def is_sharded_checkpoint(path: str | Path) -> bool:
    """Whether there is a complete checkpoint folder of that name."""
    return (Path(path) / META_FILE).is_file()


def write_sharded_checkpoint(checkpoint: dict[str, Any], path: str | Path) -> None:
    """Write a checkpoint as a folder, on all ranks together; it gets its name when it is complete.

    Args:
        checkpoint: Containers and tensors, sharded or equal on all ranks.
        path: The folder, on a disk that all ranks share. What has that name before is replaced.

    Raises:
        OSError: Some rank could not write; what was at ``path`` is still there.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.partial")
    structure, tensors = _take_apart(checkpoint)

    def finish() -> None:
        torch.save(structure, partial / META_FILE)
        _replace(path, partial)

    try:
        _on_first_rank(lambda: _make_empty(partial))
        with _without_word_of_one_process():
            dcp.save(
                dict(tensors), storage_writer=HuggingFaceStorageWriter(str(partial), save_distributed=True)
            )
        _on_first_rank(finish)
    except CheckpointException as error:
        _on_first_rank(lambda: shutil.rmtree(partial, ignore_errors=True))
        raise _cause(error) from error
    except Exception:
        _on_first_rank(lambda: shutil.rmtree(partial, ignore_errors=True))
        raise


def read_sharded_checkpoint(
    path: str | Path, template: Template | None = None, *, only: str | None = ""
) -> dict[str, Any]:
    """The checkpoint in a folder.

    Args:
        path: The folder.
        template: Says which part of each tensor is wanted. Without it this process reads all of it, on the CPU, and
            needs no others; with it, all ranks must read.
        only: Begin of the names of the tensors that are wanted, such as ``state_dict``; others are None. None reads
            none.

    Raises:
        ValueError: The folder is damaged.
    """
    path = Path(path)
    reader = HuggingFaceStorageReader(str(path))
    try:
        structure = torch.load(path / META_FILE, map_location="cpu", weights_only=True)
        stored = reader.read_metadata().state_dict_metadata
    except Exception as error:
        raise ValueError(f"{path} is not the checkpoint of an expert ({type(error).__name__})") from error
    missing = [name for name in _names(structure) if name not in stored]
    if missing:
        raise ValueError(f"{path} is damaged: it lacks {missing[0]}; copy all of its files")
    make = template or (lambda name, shape, dtype: torch.empty(shape, dtype=dtype))
    wanted = {
        name: make(name, about.size, about.properties.dtype)
        for name, about in stored.items()
        if only is not None and name.startswith(only)
    }
    tensors = {name: tensor for name, tensor in wanted.items() if tensor is not None}
    with _without_word_of_one_process():
        dcp.load(tensors, storage_reader=reader, no_dist=template is None)
    return _put_together(structure, tensors)


def gathered(checkpoint: dict[str, Any]) -> dict[str, Any]:
    """The checkpoint with whole tensors, on the CPU of the first rank; all ranks must take part."""
    structure, tensors = _take_apart(checkpoint)
    is_first = not distributed.is_initialized() or distributed.get_rank() == 0
    whole = {}
    for name, tensor in tensors.items():
        gathered_tensor = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
        if is_first:
            whole[name] = gathered_tensor.cpu()
    return _put_together(structure, whole)


def sharded(checkpoint: dict[str, Any], template: Template) -> dict[str, Any]:
    """The checkpoint with those parts of its whole tensors that are wanted."""
    structure, tensors = _take_apart(checkpoint)
    parts = {}
    for name, tensor in tensors.items():
        like = template(name, tensor.shape, tensor.dtype)
        if like is not None:
            parts[name] = shard_like(tensor, like)
    return _put_together(structure, parts)


@contextmanager
def _without_word_of_one_process() -> Iterator[None]:
    """Without torch's warning that it reads or writes on one process, which is meant."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*assuming the intent is to.*")
        yield


def _take_apart(checkpoint: dict[str, Any]) -> Stored:
    tensors: dict[str, Tensor] = {}

    def walk(value: Any, name: str) -> Any:
        if isinstance(value, Tensor):
            tensors[name] = value.detach() if isinstance(value, DTensor) else value.detach().contiguous()
            return {_PLACE: name}
        if isinstance(value, dict):
            return {key: walk(item, f"{name}.{key}") for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(walk(item, f"{name}.{number}") for number, item in enumerate(value))
        return value

    structure = {key: walk(value, key) if key in _SHARDED else value for key, value in checkpoint.items()}
    return Stored(structure, tensors)


def _put_together(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, dict):
        if set(value) == {_PLACE}:
            return tensors.get(value[_PLACE])
        return {key: _put_together(item, tensors) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_put_together(item, tensors) for item in value)
    return value


def _names(value: Any) -> list[str]:
    if isinstance(value, dict):
        if set(value) == {_PLACE}:
            return [value[_PLACE]]
        return [name for item in value.values() for name in _names(item)]
    if isinstance(value, list | tuple):
        return [name for item in value for name in _names(item)]
    return []


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def put_aside(path: Path) -> Path:
    """Give what is there, if anything, the name that :func:`put_back` knows; it is returned."""
    replaced = path.with_name(f".{path.name}{_REPLACED}")
    if path.exists():
        remove_checkpoint(replaced)
        path.rename(replaced)
    return replaced


def put_back(folder: Path) -> None:
    """Give checkpoints in a folder their names again that were put aside when a process was killed in between."""
    for replaced in folder.glob(f".*{_REPLACED}"):
        path = folder / replaced.name[1 : -len(_REPLACED)]
        if not path.exists():
            with suppress(FileNotFoundError):  # another rank was faster
                replaced.rename(path)


def _replace(path: Path, partial: Path) -> None:
    """Two renames: a folder cannot be replaced in one."""
    replaced = put_aside(path)
    partial.rename(path)
    remove_checkpoint(replaced)


def remove_checkpoint(path: Path) -> None:
    """Remove a file, or a folder, or nothing."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _on_first_rank(work: Callable[[], None]) -> None:
    """Do it on one rank while the others wait; its failure is that of all.

    Raises:
        OSError: It failed.
    """
    told: list[Any] = [None]
    if not distributed.is_initialized() or distributed.get_rank() == 0:
        try:
            work()
        except Exception as error:  # whatever it is, the others must not wait
            told = [as_os_error(error)]
    if distributed.is_initialized():
        distributed.broadcast_object_list(told, src=0)
    if told[0] is not None:
        raise told[0]


def as_os_error(error: BaseException, path: Path | None = None) -> BaseException:
    """The system's error behind one of torch's or safetensors' writers; the error itself if there is none.

    Args:
        error: What was raised; some writers put an error of their own, without a number or with one in its words, in
            the place of the system's.
        path: What was being written, if the system's error is to name that.
    """
    for found in (error, error.__cause__, error.__context__):
        if isinstance(found, OSError) and found.errno is not None:
            return OSError(found.errno, found.strerror, str(path) if path else found.filename)
    number = re.search(r"os error (\d+)", str(error))
    return OSError(int(number[1]), str(error)) if number else error


def _cause(error: CheckpointException) -> BaseException:
    """The first rank's own failure."""
    failure = next(iter(error.failures.values()))
    return as_os_error(failure[0] if isinstance(failure, tuple) else failure)
