"""Training a Motion Expert for some minutes on one GPU, a whole step as one CUDA graph.

Every draw of a step, windows and noise alike, is made on the device, and its kernels are launched together: for a
network of this size launching them one by one takes longer than computing. Axes: B batch, T frames, C channels.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from recipes import Recipe, Stage
from torch import Tensor, nn
from window_bank import WindowBank

from macedance.callbacks.weight_averaging import newest_weight
from macedance.diffusion.noise import DROP_PROBABILITY, DiffusionDraws
from macedance.diffusion.sampling import NUM_TRAIN_TIMESTEPS
from macedance.geometry.representation import MOTION_DIM
from macedance.lightning_modules import MotionExpert
from macedance.whole_files import renamed_when_complete

NUM_CLIPS_OF_RANGE = 512
"""Clips, the first ones, whose range of motion normalises all."""
CHUNK_STEPS = 20
"""Steps between looks at clock and data."""
REPORT_SECONDS, SAVE_SECONDS = 10, 60


class GraphTraining:
    """One training, in a folder in which it can be cut off and gone on with.

    Args:
        recipe: What to train.
        bank: The data.
        folder: For ``state.pt`` and ``curve.jsonl``.

    Raises:
        ValueError: A window is longer than the clips, or the folder holds a training by another recipe.
    """

    def __init__(self, recipe: Recipe, bank: WindowBank, folder: Path) -> None:
        self.recipe, self.bank, self.folder = recipe, bank, folder
        longest = max(stage.window_frames for stage in recipe.stages)
        if longest > bank.clip_frames:
            raise ValueError(
                f"{recipe.name}: windows of {longest} frames must not be longer than the clips, which have "
                f"{bank.clip_frames}; make longer ones"
            )
        torch.manual_seed(recipe.seed)
        self.expert = MotionExpert(**recipe.expert)
        motion_range = (one.cpu() for one in bank.motion_range(NUM_CLIPS_OF_RANGE))
        self.expert.normalizer.set_range(*self.expert.layout.encode_range(*motion_range))
        self.expert.to(bank.device).train()
        self.network = self.expert.network
        self.parameters = list(self.network.parameters())
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.rate = torch.zeros((), device=bank.device)
        self.average_weight = torch.zeros((), device=bank.device)
        self.optimizer = torch.optim.AdamW(
            self.parameters,
            lr=self.rate,
            weight_decay=recipe.weight_decay,
            fused=True,  # which heeds ``found_inf``
            capturable=bank.device.type == "cuda",
        )
        self.step, self.seconds = 0, 0.0
        self.sums: dict[str, Tensor] = {}
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "state.pt").is_file():
            self._load()
        if (folder / "curve.jsonl").is_file():
            self._cut_curve()

    @property
    def progress(self) -> float:
        """Share of the time that is over."""
        return self.seconds / (60 * self.recipe.minutes)

    def run(self) -> None:
        """Train until the time is over."""
        end = 0.0
        for number, stage in enumerate(self.recipe.stages, start=1):
            end = 1.0 if number == len(self.recipe.stages) else end + stage.share
            if self.progress < end:
                self._run_until(end, self._captured(stage), stage)
        self.save()

    def _run_until(self, end: float, step: Callable[[], None], stage: Stage) -> None:
        last_report = last_save = self.seconds
        num_reported = self.step
        self._synchronize()
        while self.progress < end:
            begin = time.monotonic()
            for _ in range(CHUNK_STEPS):
                self.rate.fill_(self.recipe.rate(self.progress))
                self.average_weight.fill_(newest_weight(self.expert.ema_decay, self.step))
                step()
                self.step += 1
            self.bank.refresh()
            self._synchronize()
            self.seconds += time.monotonic() - begin
            is_to_save = self.seconds - last_save >= SAVE_SECONDS
            if is_to_save or self.seconds - last_report >= REPORT_SECONDS or self.progress >= end:
                self._report(self.step - num_reported, self.seconds - last_report, stage)
                last_report, num_reported = self.seconds, self.step
            if is_to_save:
                self.save()
                last_save = self.seconds

    def averaged_weights(self) -> dict[str, Tensor]:
        """The expert's state with averaged weights, on the CPU."""
        averaged = copy.deepcopy(self.expert)
        for parameter, average in zip(averaged.network.parameters(), self.average, strict=True):
            parameter.data.copy_(average)
        return {name: value.cpu() for name, value in averaged.state_dict().items()}

    def save(self) -> None:
        """Write all that the training needs to go on."""
        state = {
            "recipe": _plain(self.recipe),
            "num_clips": self.bank.num_clips,
            "expert": self.expert.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "random": self._random_state(),
        }
        with renamed_when_complete(self.folder / "state.pt") as partial:
            torch.save(state, partial)

    def _load(self) -> None:
        state = torch.load(self.folder / "state.pt", map_location=self.bank.device, weights_only=True)
        ours = _plain(self.recipe)
        others = {name: value for name, value in state["recipe"].items() if value != ours[name]}
        if others:
            raise ValueError(
                f"{self.folder} holds a training by another recipe, with {others}; remove it or choose another folder"
            )
        self.bank.wait_for(state["num_clips"])  # a run goes on with no less than it had
        self.expert.load_state_dict(state["expert"])
        for own, stored in zip(self.average, state["average"], strict=True):
            own.copy_(stored)
        self.optimizer.load_state_dict(state["optimizer"])
        self.optimizer.param_groups[0]["lr"] = self.rate
        self.step, self.seconds = state["step"], state["seconds"]
        self._set_random_state(state["random"].cpu())

    def _random_state(self) -> Tensor:
        is_on_gpu = self.bank.device.type == "cuda"
        return torch.cuda.get_rng_state(self.bank.device) if is_on_gpu else torch.get_rng_state()

    def _set_random_state(self, state: Tensor) -> None:
        if self.bank.device.type == "cuda":
            torch.cuda.set_rng_state(state, self.bank.device)
        else:
            torch.set_rng_state(state)

    def _cut_curve(self) -> None:
        """Leave out the curve's steps after the last save, which are made again."""
        lines = (self.folder / "curve.jsonl").read_text().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]
        with renamed_when_complete(self.folder / "curve.jsonl") as partial:
            partial.write_text("".join(line for line in whole if json.loads(line)["step"] <= self.step))

    def _captured(self, stage: Stage) -> Callable[[], None]:
        """A function that does one step: on a GPU, a graph that was recorded of it."""
        if self.bank.device.type != "cuda":
            return lambda: self._step(stage)
        self.rate.zero_()
        self.average_weight.zero_()  # so that what warms up changes no weights
        moments, random = _copied(self.optimizer.state_dict()["state"]), self._random_state()
        stream = torch.cuda.Stream(self.bank.device)
        stream.wait_stream(torch.cuda.current_stream(self.bank.device))
        with torch.cuda.stream(stream):
            for _ in range(3):
                self._step(stage)
        torch.cuda.current_stream(self.bank.device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._step(stage)
        self._restore(moments)
        self._set_random_state(random)
        for total in self.sums.values():
            total.zero_()
        return graph.replay

    def _restore(self, moments: dict[int, dict[str, Tensor]]) -> None:
        """Undo what warming up did to the optimizer's state, in place: the graph knows where it lies."""
        for number, parameter in enumerate(self.parameters):
            for name, value in self.optimizer.state[parameter].items():
                if number in moments:
                    value.copy_(moments[number][name])
                else:
                    value.zero_()

    def _step(self, stage: Stage) -> None:
        batch = self.bank.draw(stage.batch_size, stage.window_frames)
        for parameter in self.parameters:
            parameter.grad = None
        with torch.autocast("cuda", torch.bfloat16, enabled=self.bank.device.type == "cuda"):
            terms = self.expert.losses_under(self._draws(stage), batch)
        terms["loss"].backward()
        norm = nn.utils.clip_grad_norm_(self.parameters, 1.0)
        is_finite = norm.isfinite()
        self.optimizer.found_inf = (~is_finite).float()  # type: ignore[attr-defined]  # then it changes nothing
        self.optimizer.step()
        with torch.no_grad():
            moved = torch._foreach_sub(self.parameters, self.average)
            torch._foreach_mul_(moved, self.average_weight)
            torch._foreach_add_(self.average, moved)
            for name, value in {**terms, "gradient_norm": norm, "finite": is_finite.float()}.items():
                if name not in self.sums:
                    self.sums[name] = torch.zeros((), device=self.bank.device)
                self.sums[name] += value.detach().where(is_finite, 0)

    def _draws(self, stage: Stage) -> DiffusionDraws:
        device, size = self.bank.device, stage.batch_size
        drops = torch.rand(2, size, device=device) < DROP_PROBABILITY
        return DiffusionDraws(
            noise=torch.randn(size, stage.window_frames, MOTION_DIM, device=device),
            timestep=torch.randint(NUM_TRAIN_TIMESTEPS, (size,), device=device),
            beta=1 - torch.rand(size, device=device),
            drop_music=drops[0],
            drop_genre=drops[1],
        )

    def _report(self, num_steps: int, seconds: float, stage: Stage) -> None:
        """Append the means since the last report, over steps with finite gradients, to the curve.

        Raises:
            FloatingPointError: Fewer than half of the steps had any.
        """
        num_finite = float(self.sums["finite"])
        if num_finite < num_steps / 2:
            raise FloatingPointError(
                f"{self.recipe.name}: {num_finite:.0f} of the last {num_steps} steps had finite gradients; lower the "
                "learning rate"
            )
        means = {name: float(total) / num_finite for name, total in self.sums.items() if name != "finite"}
        for total in self.sums.values():
            total.zero_()
        line = {
            "step": self.step,
            "seconds": round(self.seconds, 2),
            "ms_per_step": round(1000 * seconds / num_steps, 3),
            "num_clips": self.bank.num_clips,
            "num_skipped": num_steps - round(num_finite),
            **asdict(stage),
            "learning_rate": float(self.rate),
            **means,
        }
        with (self.folder / "curve.jsonl").open("a") as curve:
            curve.write(json.dumps(line) + "\n")
        print(
            f"{self.recipe.name}: {self.progress:6.1%}, step {self.step}, {line['ms_per_step']} ms, loss "
            f"{means['loss']:.4f}, {self.bank.num_clips} clips",
            flush=True,
        )

    def _synchronize(self) -> None:
        if self.bank.device.type == "cuda":
            torch.cuda.synchronize(self.bank.device)


def _copied(state: dict[int, dict[str, Tensor]]) -> dict[int, dict[str, Tensor]]:
    return {
        number: {name: value.clone() for name, value in values.items()} for number, values in state.items()
    }


def _plain(recipe: Recipe) -> dict[str, Any]:
    """The recipe as JSON would have it."""
    return dict(json.loads(json.dumps(asdict(recipe))))
