"""Training on one GPU and on all GPUs of a host: throughput, peak memory per GPU, and going on after a kill.

    python benchmarks/bench_scaling.py motion
    python benchmarks/bench_scaling.py appearance --layers 40
    python benchmarks/bench_scaling.py motion --tiny      # two processes on the CPU

The Motion Expert is the paper's, under DDP and FSDP2. The Appearance Expert has Wan-Animate's full width and random
weights, which are written to a folder and read from it slice by slice, under FSDP2. Data are made up. Needs the space
of the backbone, 35 GB at 40 blocks, in --folder.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors.torch import save_file
from wan_animate_workload import published_transformer, random_encodings

from macedance.data.shards import encode_sample, write_shard
from macedance.data.synthesis import SynthesisSettings, synthesize
from macedance.models.appearance.tiny import tiny_backbone, tiny_transformer

WORKER = Path(__file__).with_name("scaling_worker.py")
FILE_BYTES = 4 * 2**30


@dataclass(frozen=True)
class Training:
    """What a worker is told; ``folder`` is that of the run."""

    name: str
    num_ranks: int
    batch_size: int
    strategy: str = "auto"
    options: dict[str, Any] = field(default_factory=dict)
    num_steps: int = 20
    num_warmup: int = 5
    save_every: int = 10_000
    end_at: int | None = None
    signal: str = "SIGKILL"
    resumes: bool = False


class Bench:
    """Runs trainings of one expert, and prints a row of each."""

    def __init__(self, folder: Path, common: dict[str, Any]) -> None:
        self.folder, self.common = folder, common
        print(
            f"{'':44} {'GPUs':>4} {'batch':>5} {'s/step':>8} {'samples/s':>9} {'peak GiB':>8} {'host GiB':>8}"
        )

    def run(self, training: Training, into: str | None = None) -> dict[str, Any]:
        """Reports of the ranks; raises if a rank failed that was not told to end."""
        folder = self.folder / (into or training.name.replace(" ", "-"))
        folder.mkdir(exist_ok=True)
        settings = {**self.common, **vars(training), "folder": str(folder)}
        launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={training.num_ranks}"]
        begin = time.perf_counter()
        done = subprocess.run(
            [
                sys.executable,
                *(launcher if training.num_ranks > 1 else []),
                str(WORKER),
                json.dumps(settings),
            ],
            capture_output=True,
            text=True,
        )
        is_killed = training.end_at is not None and training.signal == "SIGKILL"
        if (done.returncode != 0) != is_killed:
            print(done.stdout[-2000:], done.stderr[-6000:], sep="\n")
            raise SystemExit(f"{training.name}: ended with {done.returncode}")
        row = self._row(training, folder, is_killed)
        print(f"{row}  ({time.perf_counter() - begin:.0f} s in all)", flush=True)
        return {"losses": _losses(folder, training.num_ranks), "folder": folder}

    def _row(self, training: Training, folder: Path, is_killed: bool) -> str:
        name = f"{training.name:44} {training.num_ranks:4} {training.batch_size:5}"
        if is_killed:
            return f"{name} killed in step {training.end_at}"
        files = [folder / f"report-{rank}.json" for rank in range(training.num_ranks)]
        reports = [json.loads(file.read_text()) for file in files]
        seconds = max(report.get("seconds_per_step", float("nan")) for report in reports)
        peak = max(report.get("peak_gib", float("nan")) for report in reports)
        host = max(report["anonymous_gib_before_training"] for report in reports)
        return f"{name} {seconds:8.3f} {training.batch_size / seconds:9.2f} {peak:8.2f} {host:8.2f}"


def _losses(folder: Path, num_ranks: int) -> dict[int, float]:
    """By step, over the global batch; a step that was done twice counts as done last."""
    of_ranks = []
    for rank in range(num_ranks):
        lines = (folder / f"losses-{rank}.jsonl").read_text().splitlines()
        of_ranks.append(dict(json.loads(line) for line in lines))
    return {step: sum(losses[step] for losses in of_ranks) / num_ranks for step in sorted(of_ranks[-1])}


def compare(name: str, expected: dict[int, float], losses: dict[int, float], first: int) -> None:
    """Print by how much the losses after a resume differ from those of a run that was not stopped."""
    steps = [step for step in losses if step >= first]
    worst = max(abs(losses[step] / expected[step] - 1) for step in steps)
    print(
        f"{name:44} largest relative difference of the losses of steps {steps[0]} to {steps[-1]}: {worst:.2e}"
    )


def resume_after_kill(bench: Bench, whole: Training, elsewhere: Training) -> None:
    """Kill one rank in the middle, and end one by SIGTERM; go on, the second time elsewhere; compare."""
    expected = bench.run(whole)["losses"]
    middle = whole.num_steps // 2
    common = {**vars(whole), "save_every": 2}
    bench.run(Training(**{**common, "name": "SIGKILL of one rank", "end_at": middle + 1}), "killed")
    resumed = bench.run(Training(**{**common, "name": "resumed", "resumes": True}), "killed")
    compare("SIGKILL, resumed", expected, resumed["losses"], middle + 1)
    bench.run(
        Training(**{**common, "name": "SIGTERM to one rank", "end_at": middle, "signal": "SIGTERM"}), "ended"
    )
    shutil.rmtree(bench.folder / "moved", ignore_errors=True)
    (bench.folder / "moved").mkdir()
    last = bench.folder / "ended" / "last.ckpt"
    (shutil.copytree if last.is_dir() else shutil.copy)(last, bench.folder / "moved" / "last.ckpt")
    moved = bench.run(Training(**{**vars(elsewhere), "resumes": True}), "moved")
    compare(f"SIGTERM, {elsewhere.name}", expected, moved["losses"], min(moved["losses"]))


def bench_motion(folder: Path, num_gpus: int, tiny: bool) -> None:
    shards = folder / "motion"
    synthesize(
        shards, SynthesisSettings({"train": 8 if tiny else 128, "val": 1, "test": 1}, 10, has_audio=False)
    )
    model = {"width": 16, "num_dance_layers": 2, "num_music_layers": 1, "num_heads": 2} if tiny else {}
    batch = 8 if tiny else 128
    common = {
        "expert": "motion",
        "shards": str(shards),
        "model": model,
        "num_frames": 60 if tiny else 240,
        "windows_per_clip": 8 if tiny else 256,  # long epochs: at the end of each the loader starts anew
        "num_workers": 0 if tiny else 6,
    }
    steps = {"num_steps": 8, "num_warmup": 2} if tiny else {"num_steps": 60, "num_warmup": 20}
    for precision in ("32-true",) if tiny else ("32-true", "bf16-mixed"):
        print(f"Motion Expert, {precision}")
        bench = Bench(folder, {**common, "precision": precision})
        bench.run(Training(f"one {precision}", 1, batch, **steps))
        bench.run(Training(f"DDP {precision}", num_gpus, num_gpus * batch, "ddp", **steps))
        bench.run(Training(f"DDP {precision}, same global batch", num_gpus, batch, "ddp", **steps))
        bench.run(Training(f"FSDP2 {precision}", num_gpus, num_gpus * batch, "fsdp2", **steps))
    # Dropout differs from rank to rank, so that a run which goes on on another number of ranks would differ, too.
    bench = Bench(folder, {**common, "precision": "32-true", "model": {**model, "dropout": 0.0}})
    short = {"num_steps": 8, "num_warmup": 2}
    resume_after_kill(
        bench,
        Training("DDP, not stopped", num_gpus, batch, "ddp", **short),
        Training("resumed on one", 1, batch, **short),
    )


def bench_appearance(folder: Path, num_gpus: int, args: argparse.Namespace) -> None:
    tiny, num_layers = args.tiny, args.layers
    shards, frames = folder / "latents", 17 if tiny else 77
    common = {"expert": "appearance", "shards": str(shards), "num_frames": frames, "num_workers": 1}
    write_latents(shards, [32, 32] if tiny else [832, 480], frames, tiny)
    model = {"stage": "aesthetic", "adapter": "base", "dtype": "float32" if tiny else "bfloat16"}
    steps = {"num_steps": 3, "num_warmup": 1}
    for stage in args.stages:
        backbone = write_backbone(folder / f"backbone-{num_layers}", num_layers, tiny)
        adapter = "base" if stage == "aesthetic" else None
        settings = {**model, "stage": stage, "adapter": adapter, "backbone": str(backbone)}
        print(f"Appearance Expert, {stage}, {num_layers} blocks")
        bench = Bench(folder, {**common, "precision": "32-true", "model": settings})
        bench.run(Training(f"{stage} one", 1, 1, **steps))
        bench.run(Training(f"{stage} FSDP2", num_gpus, num_gpus, "fsdp2", **steps))
        if stage == "aesthetic":
            kept = {"reshard_after_forward": False}
            bench.run(Training("aesthetic FSDP2, kept gathered", num_gpus, num_gpus, "fsdp2", kept, **steps))
    if not args.resume_layers:
        return
    backbone = write_backbone(folder / f"backbone-{args.resume_layers}", args.resume_layers, tiny)
    print(f"Appearance Expert, aesthetic, {args.resume_layers} blocks")
    bench = Bench(folder, {**common, "precision": "32-true", "model": {**model, "backbone": str(backbone)}})
    short = {"num_steps": 8, "num_warmup": 1}
    bench.run(Training("FSDP2, CPU offload", num_gpus, num_gpus, "fsdp2", {"cpu_offload": True}, **short))
    resume_after_kill(
        bench,
        Training("FSDP2, not stopped", num_gpus, num_gpus, "fsdp2", **short),
        Training("resumed on one", 1, num_gpus, **short),
    )


def write_latents(folder: Path, size_px: list[int], num_frames: int, tiny: bool) -> None:
    """Eight windows of random encodings."""
    folder.mkdir(exist_ok=True)
    with torch.device("meta"):
        transformer = tiny_transformer() if tiny else published_transformer(5)
    samples = []
    for index in range(8):
        encodings = random_encodings(transformer, size_px, num_frames, torch.device("cpu"))
        tensors = {name: value[0].clone() for name, value in encodings.items()}
        latents = {"start_frame": 0, "num_frames": num_frames, "size": size_px, "backbone": "random"}
        about = {"fps": 30, "num_frames": num_frames, "video_num_frames": num_frames, "latents": latents}
        files = {"latents.safetensors": safetensors.torch.save(tensors)}
        samples.append(encode_sample(f"clip{index}", about, files=files))
    for split in ("train", "val"):
        write_shard(folder / f"{split}-000000.tar", samples)


def write_backbone(folder: Path, num_layers: int, tiny: bool) -> Path:
    """Wan-Animate's transformer of that many blocks with random weights, in diffusers' layout."""
    if folder.exists():
        return folder
    if tiny:
        tiny_backbone().save_pretrained(folder)
        return folder
    with torch.device("meta"):
        transformer = published_transformer(num_layers)
    (folder / "transformer").mkdir(parents=True)
    transformer.save_config(folder / "transformer")
    places: dict[str, str] = {}
    for number, tensors in enumerate(_random_weights(transformer), start=1):
        name = f"diffusion_pytorch_model-{number:05d}.safetensors"
        save_file(tensors, folder / "transformer" / name, metadata={"format": "pt"})
        places |= dict.fromkeys(tensors, name)
    index = {"metadata": {}, "weight_map": places}
    (folder / "transformer" / "diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    return folder


def _random_weights(transformer: torch.nn.Module) -> Iterator[dict[str, torch.Tensor]]:
    """Around 1 for norms and around 0 for the rest, as much at a time as goes into a file."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    pending: dict[str, torch.Tensor] = {}
    for name, parameter in transformer.named_parameters():
        middle = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        value = torch.randn(parameter.shape, device=device, dtype=torch.bfloat16) * 0.02 + middle
        pending[name] = value.cpu()
        if sum(tensor.nbytes for tensor in pending.values()) > FILE_BYTES:
            yield pending
            pending = {}
    yield pending


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("expert", choices=("motion", "appearance"), nargs="?")
    parser.add_argument("--layers", type=int, default=40, help="blocks of the backbone, a multiple of 5")
    parser.add_argument("--resume-layers", type=int, default=5, help="the same, where runs go on; 0: none")
    parser.add_argument(
        "--stages", nargs="+", default=["aesthetic", "kinematic"], help="of the Appearance Expert"
    )
    parser.add_argument(
        "--folder", type=Path, help="where to put data and weights; a temporary one by default"
    )
    parser.add_argument("--tiny", action="store_true", help="small sizes, two processes on the CPU")
    args = parser.parse_args()
    args.tiny |= not torch.cuda.is_available()
    num_gpus = 2 if args.tiny else torch.cuda.device_count()
    for expert in (args.expert,) if args.expert else ("motion", "appearance"):
        with tempfile.TemporaryDirectory(dir=args.folder) as folder:
            if expert == "motion":
                bench_motion(Path(folder), num_gpus, args.tiny)
            else:
                bench_appearance(Path(folder), num_gpus, args)


if __name__ == "__main__":
    main()
