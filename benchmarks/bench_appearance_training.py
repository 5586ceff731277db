"""Time and memory of Wan-Animate's training steps at the published sizes on one GPU, with random weights.

The encodings are random too, in the shapes that are stored for a window. Checks on the way that preparing a stage
changes no output and no frozen weight, that gradients are finite and nowhere else than they should be, and ends with
an error if not. Without a GPU, or with ``--tiny``, it is a trial of a few seconds.

Run: ``python benchmarks/bench_appearance_training.py --stage both --naive``; ``--layers 5`` cuts the network down.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")  # read when torch is imported

import torch
from diffusers import UniPCMultistepScheduler, WanAnimateTransformer3DModel
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import Tensor
from torch.nn.utils import parametrize
from wan_animate_workload import Workload, flop_text, forward_flop, random_encodings, random_transformer

from macedance.models.appearance.denoising import denoise
from macedance.models.appearance.fingerprint import base_fingerprint
from macedance.models.appearance.inputs import FRAMES_PER_LATENT, clean_latents, condition
from macedance.models.appearance.stages import BODY_ADAPTER, Stage, prepare_stage

LEARNING_RATES: dict[Stage, float] = {"kinematic": 1e-5, "aesthetic": 1e-4}
NUM_DENOISING_STEPS = 2
failures: list[str] = []


class Result(NamedTuple):
    """The median of the steps' times, and the most memory that tensors took."""

    seconds: float
    peak_gib: float


def main() -> None:
    args = _parsed()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    print(f"{torch.cuda.get_device_name() if device.type == 'cuda' else 'CPU'}, torch {torch.__version__}")
    transformer, seconds = timed(device, random_transformer, None if args.tiny else args.layers, device)
    num_parameters = sum(parameter.numel() for parameter in transformer.parameters())
    print(
        f"{num_parameters / 1e9:.3f} G parameters in {len(transformer.blocks)} blocks, made in {seconds:.1f} s"
    )
    transformer.enable_gradient_checkpointing()
    work = Workload(transformer, random_encodings(transformer, args.size, args.frames, device))
    fingerprint, seconds = timed(device, base_fingerprint, transformer)
    print(f"fingerprint of the frozen weights: {seconds:.3f} s")
    face_seconds = attempt("face", measure_faces, work)
    print(flop_text(work))
    print(f"{'':22} {'trained':>12} {'s/step':>8} {'TFLOP/s':>8} {'peak GiB':>9} {'loss':>8} {'faces':>7}")
    stages: tuple[Stage, ...] = ("kinematic", "aesthetic") if args.stage == "both" else (args.stage,)
    for number, stage in enumerate(stages):
        attempt(stage, measure_stage, work, stage, args, face_seconds, with_shared_face=number == 0)
        check(base_fingerprint(transformer) == fingerprint, f"{stage}: the frozen weights have changed")
    attempt("denoising", measure_denoising, work)
    if failures:
        raise SystemExit("failed: " + "; ".join(failures))


def measure_stage(
    work: Workload,
    stage: Stage,
    args: argparse.Namespace,
    face_seconds: float | None,
    *,
    with_shared_face: bool,
) -> None:
    """Prepare a stage, train some steps, and print its row and those of the ways to compare with."""
    before = output(work)
    prepare_stage(work.transformer, stage)
    check(torch.equal(before, output(work)), f"{stage}: preparing the stage changes the output")
    ours = attempt(stage, train, work, stage, stage, args.steps, face_seconds)
    if with_shared_face:
        with shared_face(work.transformer):
            shared = attempt("shared", train, work, stage, "  one face frame", args.steps, None)
        _print_ratio("  one face frame to all", shared, ours)
    if stage == "aesthetic" and args.naive:
        use_lora_in_float32(work.transformer)
        naive = attempt("naive", train, work, stage, "  LoRA in float32", args.steps, face_seconds)
        _print_ratio("  ours to float32", ours, naive)


@torch.inference_mode()
def output(work: Workload) -> Tensor:
    return work.predict(0)[0]


def train(work: Workload, stage: Stage, name: str, num_steps: int, face_seconds: float | None) -> Result:
    """Train on what requires a gradient: a step to warm up, then ``num_steps`` timed ones; prints a row."""
    work.transformer.zero_grad()
    trained = [parameter for parameter in work.transformer.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=LEARNING_RATES[stage])
    if work.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    times, losses = [], []
    for seed in range(1 + num_steps):
        loss, seconds = timed(work.device, training_step, work, trained, optimizer, seed)
        times.append(seconds)
        losses.append(loss.item())
    check_gradients(work.transformer, stage, name)
    optimizer.zero_grad()
    check(all(torch.isfinite(torch.tensor(losses))), f"{name}: the loss is not finite")
    result = Result(statistics.median(times[1:]), _peak_gib(work.device))
    share = f"{face_seconds / result.seconds:6.1%}" if face_seconds else "-"
    print(
        f"{name:<22} {sum(parameter.numel() for parameter in trained):12,d} {result.seconds:8.3f} "
        f"{3 * forward_flop(work) / result.seconds / 1e12:8.3g} {result.peak_gib:9.2f} {losses[-1]:8.4f} {share:>7}",
        flush=True,
    )
    return result


def training_step(
    work: Workload, trained: list[torch.nn.Parameter], optimizer: torch.optim.Optimizer, seed: int
) -> Tensor:
    """The loss of one step; the gradients are left to be looked at."""
    optimizer.zero_grad()
    velocity, clean, draws = work.predict(seed)
    loss = draws.loss(velocity, clean)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    return loss.detach()


def check_gradients(transformer: WanAnimateTransformer3DModel, stage: Stage, name: str) -> None:
    """Every parameter of the stage has a finite gradient, and no other has one."""
    part = f"{BODY_ADAPTER}." if stage == "kinematic" else ".lora_"
    for parameter_name, parameter in transformer.named_parameters():
        gradient = parameter.grad
        check((gradient is not None) == (part in parameter_name), f"{name}: gradient of {parameter_name}")
        if gradient is not None:
            check(bool(gradient.isfinite().all()), f"{name}: infinite gradient of {parameter_name}")


def use_lora_in_float32(transformer: WanAnimateTransformer3DModel) -> None:
    """Let the LoRA compute in the type that it is stored in, for which peft casts the activations."""
    for layer in transformer.modules():
        if isinstance(layer, BaseTunerLayer):
            for factors in (layer.lora_A, layer.lora_B):
                parametrize.remove_parametrizations(factors["default"], "weight", leave_parametrized=False)


@contextmanager
def shared_face(transformer: WanAnimateTransformer3DModel) -> Iterator[None]:
    """Within, the motion encoder sees one frame of the face and its answer stands for all."""
    encoder, num_at_once = transformer.motion_encoder, transformer.config.motion_encoder_batch_size
    encode = encoder.forward
    encoder.forward = lambda faces: encode(faces[:1]).expand(len(faces), -1)
    transformer.register_to_config(motion_encoder_batch_size=10**6)
    try:
        yield
    finally:
        del encoder.forward
        transformer.register_to_config(motion_encoder_batch_size=num_at_once)


@torch.inference_mode()
def measure_faces(work: Workload) -> float:
    """Seconds that motion and face encoder take of one forward pass."""
    transformer, faces = work.transformer, work.constants()["face_pixel_values"]
    num_frames, num_at_once = faces.shape[2], transformer.config.motion_encoder_batch_size

    def encode(frames: Tensor) -> Tensor:
        return torch.cat([transformer.motion_encoder(batch) for batch in frames.split(num_at_once)])

    frames = faces.movedim(2, 1).flatten(0, 1)
    for _ in range(3):  # the last one counts
        vectors, motion = timed(work.device, encode, frames)
        _, face = timed(work.device, transformer.face_encoder, vectors[None])
    difference = (encode(frames[:1]) - vectors).abs().max().item()
    print(
        f"motion encoder {motion:.4f} s and face encoder {face:.4f} s for {num_frames} frames; the vectors differ "
        f"by {difference:.2g} at most from that of one frame alone"
    )
    return motion + face


@torch.inference_mode()
def measure_denoising(work: Workload) -> None:
    """Print what a step of generating one segment costs."""
    clean = clean_latents(work.encodings)
    scheduler = UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0
    )
    known, constants = condition(work.encodings, [1]), work.constants()
    if work.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    ends = []

    def note_end() -> None:
        _wait_for(work.device)
        ends.append(time.perf_counter())

    latents = denoise(
        work.transformer,
        scheduler,
        torch.randn_like(clean, dtype=torch.float32),
        known,
        constants,
        num_steps=NUM_DENOISING_STEPS,
        on_step=note_end,
    )
    check(bool(latents.isfinite().all()), "denoising: latents are not finite")
    step_seconds = ends[-1] - ends[-2]  # the first step warms up
    print(
        f"denoising: {step_seconds:.3f} s/step, {forward_flop(work) / step_seconds / 1e12:.3g} TFLOP/s, "
        f"peak {_peak_gib(work.device):.2f} GiB"
    )


def check(holds: bool, failure: str) -> None:
    """Note a failure and go on: what follows may still be worth knowing."""
    if not holds and len(failures) < 10:
        failures.append(failure)
        print(f"FAILED: {failure}", flush=True)


def attempt(name: str, function: Callable[..., Any], *args: Any, **named: Any) -> Any:
    """What the function gives, or None if the GPU's memory did not suffice, which is said."""
    try:
        return function(*args, **named)
    except torch.cuda.OutOfMemoryError as error:
        print(f"{name:<22} out of memory: {str(error).partition('. ')[0]}", flush=True)
        return None
    finally:
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def timed(device: torch.device, function: Callable[..., Any], *args: Any) -> tuple[Any, float]:
    """What the function gives and the seconds until the device is done with it."""
    _wait_for(device)
    start = time.perf_counter()
    value = function(*args)
    _wait_for(device)
    return value, time.perf_counter() - start


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _peak_gib(device: torch.device) -> float:
    return torch.cuda.max_memory_allocated() / 2**30 if device.type == "cuda" else float("nan")


def _print_ratio(name: str, one: Result | None, other: Result | None) -> None:
    if one and other:
        time_ratio, memory_ratio = one.seconds / other.seconds, one.peak_gib / other.peak_gib
        print(f"{name:<22} {'':12} {time_ratio:7.3f}x {'':8} {memory_ratio:8.3f}x", flush=True)


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--layers", type=int, default=40, help="blocks, a multiple of 5")
    parser.add_argument("--size", type=int, nargs=2, default=[832, 480], help="height and width in pixels")
    parser.add_argument("--frames", type=int, default=77, help="frames of a window, 4k + 1")
    parser.add_argument("--stage", choices=("kinematic", "aesthetic", "both"), default="both")
    parser.add_argument("--steps", type=int, default=3, help="timed steps of each row")
    parser.add_argument("--naive", action="store_true", help="also time the LoRA computing in float32")
    parser.add_argument("--tiny", action="store_true", help="a tiny transformer, 32 × 32 and 17 frames")
    args = parser.parse_args()
    if args.layers < 5 or args.layers % 5:
        parser.error(
            f"--layers must be a multiple of 5, got {args.layers}: every fifth block has a face adapter"
        )
    if args.frames % FRAMES_PER_LATENT != 1 or any(side % 16 for side in args.size):
        parser.error("--frames must be 4k + 1, and both of --size multiples of 16")
    args.tiny |= not torch.cuda.is_available()
    if args.tiny:
        args.size, args.frames = [32, 32], 17
    return args


if __name__ == "__main__":
    main()
