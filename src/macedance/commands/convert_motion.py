"""``macedance convert reference-motion``: a published Motion Expert as a folder that this package loads."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macedance.lightning_modules.expert_card import Conversion
    from macedance.lightning_modules.expert_files import StoredExpert
    from macedance.models.motion.published_checkpoint import PublishedMotion

EXAMPLE = """\
The file is one of torch.save with ema_state_dict, model_state_dict and normalizer.
Nothing in it is run. The folder is one as of 'macedance export': 'macedance generate
--motion DIR', macedance.load_expert and a cascade read it. docs/weights.md tells
what a conversion cannot know.

examples:
  macedance convert reference-motion motion.pt --out my-expert
  macedance generate --music song.mp3 --motion my-expert --out dance.mp4"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", help="published checkpoint, a file of torch.save (.pt)")
    parser.add_argument("--out", metavar="DIR", required=True, help="folder to write")
    parser.add_argument(
        "--weights",
        choices=("ema", "model"),
        default="ema",
        help="those averaged over training, which are the default, or the last ones",
    )
    parser.add_argument(
        "--num-heads",
        type=int,
        default=8,
        metavar="N",
        help="attention heads, which the file does not tell; 8 if left out",
    )
    parser.add_argument(
        "--licence",
        default="",
        metavar="NAME",
        help="licence of the weights for the card, in the hub's words, such as apache-2.0; not known if left out",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there already")


def run(args: argparse.Namespace) -> None:
    """Read the published file, tell what it holds, write it anew."""
    from macedance.commands.output_files import check_output_folder
    from macedance.lightning_modules.expert_card import expert_card
    from macedance.lightning_modules.exporting import write_expert
    from macedance.lightning_modules.motion import MotionExpert
    from macedance.models.motion.published_checkpoint import read_published

    out = _out_folder(args)
    published = read_published(
        args.file, weights=args.weights, num_heads=args.num_heads, heads_name="--num-heads"
    )
    check_output_folder("--out", str(out if out.exists() else out.parent))
    print(f"{args.file}: {_about(published)}")
    stored = _stored(published, args.file)
    card = expert_card(stored, MotionExpert, out.name, _conversion(args))
    write_expert(stored, MotionExpert, out, card)
    print(f"wrote {args.out}")


def _out_folder(args: argparse.Namespace) -> Path:
    """The folder to write, which holds none of the files that an export has, or those that may be replaced."""
    from macedance.commands.output_files import refuse_existing
    from macedance.lightning_modules.expert_files import CARD_FILE, CONFIG_FILE, WEIGHTS_FILE
    from macedance.lightning_modules.exporting import resolved_folder

    if not args.out:
        raise ValueError("--out must name the folder to write, got none")
    out, names = resolved_folder(args.out, "--out"), (CONFIG_FILE, WEIGHTS_FILE, CARD_FILE)
    for path in (out / name for name in names):
        if not path.is_file() and (path.exists() or path.is_symlink()):
            raise ValueError(
                f"--out must not hold {path}, which is no file; choose another folder or remove it"
            )
    refuse_existing("--out", [Path(args.out, name) for name in names], args.overwrite)
    return out


def _about(published: PublishedMotion) -> str:
    sizes = published.sizes
    return (
        f"Motion Expert of width {sizes['width']}, {sizes['num_music_layers']} + {sizes['num_dance_layers']} layers, "
        f"Mamba state {sizes['state_size']}, taken to have {sizes['num_heads']} attention heads"
    )


def _stored(published: PublishedMotion, name: str) -> StoredExpert:
    """The weights as those of a :class:`~macedance.lightning_modules.MotionExpert`."""
    from macedance.lightning_modules.expert_classes import DEFAULT_CLASS_PATH
    from macedance.lightning_modules.expert_files import StoredExpert
    from macedance.lightning_modules.motion import MotionExpert

    arguments = {**published.sizes, "music_path": "additive", "motion_layout": "published"}
    expert = MotionExpert(**arguments)  # the music's own path, which was not published, begins at zero
    expert.network.load_state_dict(published.state, strict=False)
    expert.normalizer.set_range(published.minimum, published.maximum)
    return StoredExpert(name, DEFAULT_CLASS_PATH, arguments, expert.state_dict())


def _conversion(args: argparse.Namespace) -> Conversion:
    from macedance.hashes import file_hash
    from macedance.lightning_modules.expert_card import Conversion

    chosen = "averaged over training" if args.weights == "ema" else "of the last step, not averaged"
    told = (
        f"Converted, not trained by this package: the weights of `{Path(args.file).name}` (sha256 "
        f"`{file_hash(args.file)}`), those {chosen}, by `macedance convert reference-motion` with "
        f"{args.num_heads} attention heads. The network works z up, as it was published, and what it makes is turned "
        "to y up. The layer by which `music_path: additive` adds the music is at zero, so the network's function is "
        "the published one."
    )
    return Conversion(told, args.licence)
