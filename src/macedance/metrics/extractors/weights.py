"""Files of published weights: which there are, where they come from, and where they are looked for."""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

FOLDER_VARIABLE = "MACEDANCE_WEIGHTS"


@dataclass(frozen=True)
class WeightFile:
    """A file of weights that users fetch or export themselves.

    Attributes:
        file_name: What it is called in the weights folder.
        source_url: Where it comes from.
        sha256: Of its content; None where every export differs, or it is not known.
        used_by: The extractor that reads it.
    """

    file_name: str
    source_url: str
    sha256: str | None
    used_by: str


I3D = WeightFile(
    "i3d_torchscript.pt",
    "https://www.dropbox.com/s/ge9e5ujwgetktms/i3d_torchscript.pt",
    "bec6519f66ea534e953026b4ae2c65553c17bf105611c746d904657e5860a5e2",
    "TorchScriptI3D",
)
INCEPTION = WeightFile(
    "inception-2015-12-05.pt",
    "https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/metrics/inception-2015-12-05.pt",
    "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4",
    "TorchScriptInception",
)
ALEXNET = WeightFile(
    "alexnet-owt-7be5be79.pth",
    "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
    "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
    "AlexLpips",
)
AESTHETIC_HEAD = WeightFile(
    "sa_0_4_vit_l_14_linear.pth",
    "https://github.com/LAION-AI/aesthetic-predictor/raw/main/sa_0_4_vit_l_14_linear.pth",
    None,
    "AestheticHead",
)
MUSIQ = WeightFile(
    "musiq_spaq.torchscript.pt",
    "https://github.com/chaofengc/IQA-PyTorch/releases/download/v0.1-weights/musiq_spaq_ckpt-358bb6af.pth",
    None,
    "TorchScriptFrameScores",
)
"""To be exported from what the URL gives, see docs/weights.md; so is AMT-S."""
AMT_S = WeightFile(
    "amt_s.torchscript.pt",
    "https://huggingface.co/lalala125/AMT/resolve/main/amt-s.pth",
    None,
    "TorchScriptInterpolator",
)
WEIGHT_FILES = (I3D, INCEPTION, ALEXNET, AESTHETIC_HEAD, MUSIQ, AMT_S)


def weights_folder() -> Path:
    """Where files of weights are looked for: ``MACEDANCE_WEIGHTS``, else ``weights`` in the user's cache."""
    import platformdirs

    folder = os.environ.get(FOLDER_VARIABLE)
    return Path(folder) if folder else platformdirs.user_cache_path("macedance") / "weights"


def find_weights(file: WeightFile, path: str | Path | None = None) -> Path:
    """The file at ``path``, or else in the weights folder; warns if its content is not the published one.

    Raises:
        FileNotFoundError: It is not there; the message says where to get it and where to put it.
    """
    found = Path(path) if path is not None else weights_folder() / file.file_name
    if not found.is_file():
        made = "exported (docs/weights.md) from" if file.file_name.endswith(".torchscript.pt") else "from"
        raise FileNotFoundError(
            f"{file.used_by}: there is no {found}; get {file.file_name} {made} {file.source_url} and put it into "
            f"{weights_folder()} (or the folder that {FOLDER_VARIABLE} names), or give its path"
        )
    if file.sha256 is not None and (digest := _sha256(found)) != file.sha256:
        warnings.warn(
            f"{found} is not the published {file.file_name}: its sha256 is {digest}, not {file.sha256}",
            stacklevel=2,
        )
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
