"""Where a command works."""

from __future__ import annotations


def working_device(name: str | None) -> str:
    """The device that was asked for, or a GPU if there is one.

    Raises:
        ValueError: There is no such device.
    """
    import torch

    if name is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"--device must be a device of this machine, got {name} ({reason})") from error
    return name
