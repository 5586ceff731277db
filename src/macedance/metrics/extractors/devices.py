"""Whether the device that extractors shall run on is there."""

from __future__ import annotations

import torch


def require_device(argument: str, device: str) -> None:
    """Refuse a device that is not there.

    Raises:
        ValueError: It is not.
    """
    try:
        torch.zeros(1, device=device)
    except Exception as error:  # each kind of device fails in its own way
        raise ValueError(
            f"{argument} must be a device that is there ({', '.join(_devices())}), got {device!r}"
        ) from error


def _devices() -> list[str]:
    accelerator = torch.accelerator.current_accelerator()
    return ["cpu", *(f"{accelerator.type}:{index}" for index in range(torch.accelerator.device_count()))]
