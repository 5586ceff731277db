"""Looks at what was trained or fetched: experts, Wan-Animate, detectors, metrics' networks, bodies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from macedance.commands.doctoring.finding import Found
from macedance.default_expert import default_folder

BACKBONE = "Wan-AI/Wan2.2-Animate-14B-Diffusers"
DETECTORS = ("usyd-community/vitpose-plus-base", "PekingU/rtdetr_r50vd_coco_o365")
METRIC_NETWORKS = (
    "facebook/dino-vitb16",
    "openai/clip-vit-base-patch32",
    "openai/clip-vit-large-patch14",
    "MCG-NJU/videomae-base-finetuned-kinetics",
)
RUNS = Path("runs")


def default_motion() -> Iterator[Found]:
    """The Motion Expert that comes with the package, whose weights must be whole; they are not read."""
    from safetensors import SafetensorError, safe_open

    weights, config = (default_folder() / name for name in ("model.safetensors", "config.yaml"))
    try:
        config.read_bytes()
        with safe_open(weights, "numpy"):
            size_mb = weights.stat().st_size / 1e6
    except (OSError, SafetensorError) as error:
        yield Found("problem", f"cannot be read ({error})", "install macedance again")
    else:
        yield Found("ok", f"the Motion Expert that comes with macedance, {size_mb:.1f} MB")


def trained() -> Iterator[Found]:
    """Checkpoints, which may be folders, and exports below ``runs``."""
    checkpoints = [path for path in RUNS.rglob("*.ckpt") if path.name[0] != "." and path.exists()]
    exports = [path.parent for path in RUNS.rglob("model.safetensors")]
    every = sorted([*checkpoints, *exports], key=lambda path: path.stat().st_mtime)
    if every:
        yield Found("ok", f"{len(every)} below {RUNS}/, the newest {every[-1]}")
    else:
        yield Found("missing", f"none below {RUNS}/ of this folder", "make demo")


def hub_cache() -> Iterator[Found]:
    """Where models of the hub are kept, and whether the hub is asked."""
    from huggingface_hub import constants

    from macedance.data.inspection.wording import num_of

    folder = Path(constants.HF_HUB_CACHE)
    number = len(list(folder.glob("models--*")))
    asked = "it is not asked: HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else "it is asked for others"
    yield Found("ok", f"{num_of(number, 'model')} of the hub in {short(folder)}; {asked}")


def backbone() -> Iterator[Found]:
    """Wan-Animate, in the hub's cache."""
    yield from _fetched([BACKBONE], "model_index.json")


def detectors() -> Iterator[Found]:
    """ViTPose and RT-DETR, in the hub's cache; BlazePose's files have no place of their own."""
    yield from _fetched(DETECTORS, "config.json")


def metric_networks() -> Iterator[Found]:
    """The hub's networks that metrics look with."""
    yield from _fetched(METRIC_NETWORKS, "config.json")


def weight_files() -> Iterator[Found]:
    """Files of weights that metrics read."""
    from macedance.metrics.extractors.weights import WEIGHT_FILES, weights_folder

    folder = weights_folder()
    lacking = [file.file_name for file in WEIGHT_FILES if not (folder / file.file_name).is_file()]
    told = f"{len(WEIGHT_FILES) - len(lacking)} of {len(WEIGHT_FILES)} in {short(folder)}"
    if lacking:
        yield Found("missing", told, "docs/weights.md tells where to get them")
    else:
        yield Found("ok", told)


def bodies() -> Iterator[Found]:
    """Who can be filmed."""
    from macedance.geometry.anny_humans import anny_version
    from macedance.geometry.human_body import kept_humans

    made = len(kept_humans())
    if made or anny_version():
        installed = f"anny {anny_version()}" if anny_version() else "anny is not installed"
        yield Found("ok", f"the mannequin; humans: {made} made before, {installed}")
    else:
        yield Found("missing", "the mannequin alone; for a human", 'pip install "macedance[body]"')


def short(path: Path) -> str:
    """A path with ``~`` for the home folder."""
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def _fetched(models: Sequence[str], file_name: str) -> Iterator[Found]:
    """Which models of the hub are in its cache; nothing is asked of the hub."""
    from huggingface_hub import constants, try_to_load_from_cache

    half = [
        model
        for model in models
        if any(Path(constants.HF_HUB_CACHE).glob(f"models--{model.replace('/', '--')}/blobs/*.incomplete"))
    ]
    lacking = [
        model
        for model in models
        if model not in half and not isinstance(try_to_load_from_cache(model, file_name), str)
    ]
    if half:
        yield Found("problem", f"{half[0]} was fetched in part", f"hf download {half[0]}")
    elif lacking:
        told = f"{len(models) - len(lacking)} of {len(models)} fetched" if len(models) > 1 else "not fetched"
        yield Found("missing", told, f"hf download {lacking[0]}" + (" …" if len(lacking) > 1 else ""))
    else:
        yield Found("ok", f"fetched: {', '.join(models)}")
