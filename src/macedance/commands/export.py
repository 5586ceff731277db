"""``macedance export``: a checkpoint as a folder to share, on the hub too if wanted."""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLE = """\
The folder holds config.yaml, model.safetensors and a card, README.md, to complete
before you share it: nothing says under which licence it is. 'macedance generate',
macedance.load_expert and a cascade read the folder, or its id on the hub, where
nothing else that lies in the folder is put but other safetensors files.

examples:
  macedance export runs/motion-tiny/version_0/checkpoints/last.ckpt --out my-expert
  macedance export last.ckpt --out my-expert --class-path my_package.MyExpert
  macedance export last.ckpt --out my-expert --push-to-hub me/my-expert --private
  macedance export my-expert --push-to-hub me/my-expert"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "source",
        nargs="?",
        metavar="CKPT",
        help="checkpoint of a run, the newest of runs/ if left out; with --push-to-hub also a folder exported before "
        "or default, the Motion Expert that comes with macedance",
    )
    parser.add_argument("--checkpoint", metavar="CKPT", help="the same")
    parser.add_argument("--out", metavar="DIR", help="folder to write, which must not exist yet")
    parser.add_argument(
        "--class-path",
        metavar="PKG.CLASS",
        help="the expert's class, to be imported, if no installed package offers it by an entry point",
    )
    parser.add_argument("--push-to-hub", metavar="OWNER/NAME", help="put the folder on the Hugging Face hub")
    parser.add_argument("--private", action="store_true", help="of --push-to-hub: for your eyes only")


def run(args: argparse.Namespace) -> int:
    """Export the averaged weights, and share them if asked to."""
    from macedance.hub_sharing import check_sharing

    if args.source and args.checkpoint:
        raise ValueError("CKPT and --checkpoint are the same; give one of them")
    if args.private and not args.push_to_hub:
        raise ValueError("--private must come with --push-to-hub, the model that is to be private")
    if args.push_to_hub:
        check_sharing(args.push_to_hub)
    folder = _folder(args)
    if args.push_to_hub:
        _share(folder, args)
    return 0


def _folder(args: argparse.Namespace) -> Path:
    """The exported folder: the one that is named, or one that is written now."""
    from macedance.commands.output_files import check_output_folder
    from macedance.default_expert import DEFAULT
    from macedance.distributed import is_sharded_checkpoint
    from macedance.lightning_modules.exporting import export_expert
    from macedance.lightning_modules.loading import newest_checkpoint

    source = args.source or args.checkpoint or str(newest_checkpoint())
    if source == DEFAULT or (Path(source).is_dir() and not is_sharded_checkpoint(source)):
        return _exported_before(source, args)
    if not args.out:
        raise ValueError("--out must name the folder to write, got none")
    check_output_folder("--out", str(Path(args.out).parent))
    folder = export_expert(source, args.out, class_path=args.class_path, prefix="--")
    print(f"exported {source} to {folder}")
    return folder


def _exported_before(source: str, args: argparse.Namespace) -> Path:
    """The folder that ``source`` names, if sharing is all that is wanted."""
    from macedance.default_expert import DEFAULT, default_folder
    from macedance.lightning_modules.expert_files import read_expert

    read_expert(source)
    folder = default_folder() if source == DEFAULT else Path(source)
    if args.class_path:
        raise ValueError(
            f"--class-path must come with a checkpoint to export, but {source} is exported already and names its "
            "class; leave it out"
        )
    if args.out or not args.push_to_hub:
        raise ValueError(
            f"{source} is exported already; share it by --push-to-hub without --out, or copy {folder}"
        )
    return folder


def _share(folder: Path, args: argparse.Namespace) -> None:
    """Put what belongs to an export on the hub, and say what does not."""
    from macedance.hub_sharing import share_folder
    from macedance.lightning_modules.expert_files import exported_files

    names = exported_files(folder)
    left_out = sorted({path.name for path in folder.iterdir()} - set(names))
    if left_out:
        print(f"not shared, for it is no part of an export: {', '.join(left_out)}")
    print(f"shared as {share_folder(folder, args.push_to_hub, names, is_private=args.private)}")
