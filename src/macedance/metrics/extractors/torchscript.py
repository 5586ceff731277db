"""Networks from TorchScript files, which bring their code along."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

SIZE_ENTRY = "size_px"


@dataclass(frozen=True)
class TorchScriptNetwork:
    """A frozen network of a TorchScript file.

    Attributes:
        module: The network, in eval mode.
        path: Of its file.
        size_px: Height and width of the frames that it was traced with, if the file tells them; None if it
            takes any.
    """

    module: Any
    path: Path
    size_px: tuple[int, int] | None

    def require_size(self, frames: Tensor) -> None:
        """Refuse frames of another size than the traced one, for which a trace may give wrong numbers.

        Raises:
            ValueError: They are of another size.
        """
        size = tuple(frames.shape[-2:])
        if self.size_px is not None and size != self.size_px:
            raise ValueError(
                f"frames: {self.path} was traced for a height and width of {self.size_px}, got {size}; "
                "export it for that size (docs/weights.md)"
            )


def load_torchscript(path: Path, device: str | torch.device) -> TorchScriptNetwork:
    """The network in a TorchScript file. Its code runs, so the file must be one that you trust.

    An entry ``size_px`` among its extra files, such as ``288,512``, tells height and width it was traced for.

    Raises:
        ValueError: It is no TorchScript file.
    """
    extra_files: dict[str, Any] = {SIZE_ENTRY: ""}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # TorchScript is what the published files are
            module = torch.jit.load(str(path), map_location=torch.device(device), _extra_files=extra_files)
    except RuntimeError as error:
        raise ValueError(f"path must be a TorchScript file, but {path} cannot be read as one") from error
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    text = extra_files[SIZE_ENTRY]
    height_width = (text.decode() if isinstance(text, bytes) else text).split(",")
    size_px = (int(height_width[0]), int(height_width[1])) if len(height_width) == 2 else None
    return TorchScriptNetwork(module.eval(), path, size_px)
