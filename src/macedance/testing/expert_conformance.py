"""What the kits of both kinds of experts have in common: training, weights, moves, chance."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import lightning as L
import pytest
import torch
from torch import Tensor, nn

from macedance.lightning_modules.exporting import export_expert
from macedance.lightning_modules.loading import load_expert
from macedance.testing.cascade_run import run_cascade
from macedance.testing.signatures import signature_problems
from macedance.testing.tiny_shards import TinyShards
from macedance.testing.training import differing, read_checkpoint, train

NUM_STEPS = 4
_trained: dict[type, tuple[Path, L.LightningModule]] = {}
_made: dict[type, dict[str, Tensor]] = {}


class ExpertConformance:
    """Tests of an expert; :class:`MotionExpertConformance` and :class:`AppearanceExpertConformance` add their own.

    What does not apply to an expert is switched off by an attribute, and shows as a skipped test.

    Attributes:
        expert_class: The class under test.
        init_args: Its arguments: small ones, so that four steps of training take seconds.
        is_trainable: Whether it can be fitted and exported. Needs a LightningModule.
        has_weights: Whether it is an nn.Module with a state.
        is_deterministic: Whether it leaves nothing to chance, so that another seed changes nothing.
        keeps_its_dtype: Whether it computes in types of its own, so that it cannot be used after ``to(float64)``.
    """

    expert_class: ClassVar[type]
    init_args: ClassVar[Mapping[str, Any]] = {}
    is_trainable: ClassVar[bool] = True
    has_weights: ClassVar[bool] = True
    is_deterministic: ClassVar[bool] = False
    keeps_its_dtype: ClassVar[bool] = False

    protocol_method: ClassVar[Any]
    method_name: ClassVar[str]
    role: ClassVar[str]

    def make_expert(self) -> Any:
        """An expert that has learnt nothing yet; override it if ``init_args`` are not enough."""
        return self.expert_class(**self.init_args)

    def data(self, shards: TinyShards) -> L.LightningDataModule:
        """What the expert is trained on: batches of two, and three batches an epoch."""
        raise NotImplementedError

    def outcome(self, expert: Any, shards: TinyShards, seed: int) -> dict[str, Tensor]:
        """What the expert makes of a small input with a generator of that seed, as tensors by name."""
        raise NotImplementedError

    def other_expert(self) -> dict[str, Any]:
        """An expert of the other kind, by its role in the cascade."""
        raise NotImplementedError

    @property
    def class_path(self) -> str:
        """How a configuration names the class."""
        return f"{self.expert_class.__module__}.{self.expert_class.__qualname__}"

    @pytest.fixture
    def shards(self, tmp_path_factory: pytest.TempPathFactory) -> TinyShards:
        """Small sets, shared by all kits of a session."""
        return TinyShards(tmp_path_factory.getbasetemp() / "macedance-shards")

    @pytest.fixture
    def trained(
        self, shards: TinyShards, tmp_path_factory: pytest.TempPathFactory
    ) -> tuple[Path, L.LightningModule]:
        """The checkpoint after four steps of training, and the expert that took them, shared by a class's tests."""
        if not self.is_trainable:
            pytest.skip(f"{type(self).__name__}.is_trainable is False")
        if type(self) not in _trained:
            folder = tmp_path_factory.mktemp("trained")
            _trained[type(self)] = self._train(shards, folder, num_steps=NUM_STEPS)
        return _trained[type(self)]

    @pytest.fixture
    def checkpoint(self, trained: tuple[Path, L.LightningModule]) -> Path:
        """The checkpoint alone."""
        return trained[0]

    @pytest.fixture
    def expert(self, request: pytest.FixtureRequest) -> Any:
        """A trained expert, or a new one if it cannot be trained, ready to be used."""
        if self.is_trainable:
            state = read_checkpoint(request.getfixturevalue("checkpoint"))["state_dict"]
            return self._filled(state, seed=1)
        expert = self._configured()
        return expert.eval() if isinstance(expert, nn.Module) else expert

    @pytest.fixture
    def made(self, expert: Any, shards: TinyShards) -> dict[str, Tensor]:
        """What such an expert makes with the seed 0, made once for the tests of a class."""
        if type(self) not in _made:
            torch.manual_seed(1)
            _made[type(self)] = self.outcome(expert, shards, 0)
        return _made[type(self)]

    def test_is_called_as_the_protocol_says(self) -> None:
        """The cascade passes every argument by the name that the Protocol gives it."""
        method = getattr(self.expert_class, self.method_name, None)
        assert method is not None, f"{self.expert_class.__name__} must have a method {self.method_name}"
        problems = signature_problems(method, self.protocol_method)
        assert not problems, f"{self.expert_class.__name__}.{self.method_name}: {'; '.join(problems)}"

    def test_training_changes_weights(self, checkpoint: Path) -> None:
        """What is learnt is in the state dict: in parameters, or in buffers that are registered."""
        untrained = self._configured().state_dict()
        trained = read_checkpoint(checkpoint)["state_dict"]
        assert differing(untrained, trained), (
            f"{NUM_STEPS} steps of training changed nothing in the state dict; keep what is learnt in parameters or "
            "in buffers (register_buffer)"
        )

    def test_a_run_that_was_resumed_equals_one_that_was_not(
        self, checkpoint: Path, shards: TinyShards, tmp_path: Path
    ) -> None:
        """Two steps, and two more from the checkpoint, give bit for bit what four steps give."""
        half, _ = self._train(shards, tmp_path / "half", num_steps=NUM_STEPS // 2)
        resumed, _ = self._train(shards, tmp_path / "resumed", num_steps=NUM_STEPS, resume_from=half)
        whole, again = read_checkpoint(checkpoint), read_checkpoint(resumed)
        for name in ("state_dict", "current_model_state"):  # the latter's beside averaged weights
            differences = differing(whole.get(name, {}), again.get(name, {}))
            assert not differences, (
                f"after a resume {', '.join(differences[:3])} differ; keep all state of training in buffers, the "
                "optimizer or on_save_checkpoint, and draw chance from batch['seed'] or add "
                "macedance.callbacks.StepSeeding in configure_callbacks"
            )

    def test_weights_make_the_expert(self, expert: Any, made: dict[str, Tensor], shards: TinyShards) -> None:
        """Another of the same arguments and the same state dict makes the same."""
        if not self.has_weights:
            pytest.skip(f"{type(self).__name__}.has_weights is False")
        other = self._filled(expert.state_dict(), seed=2)
        self._require_equal(
            made,
            self.outcome(other, shards, 0),
            "an expert filled by load_state_dict makes something else; all that generation needs must be in the "
            "arguments or the state dict",
        )

    def test_a_checkpoint_holds_all_that_was_learnt(
        self, trained: tuple[Path, L.LightningModule], made: dict[str, Tensor], shards: TinyShards
    ) -> None:
        """The expert that took the steps makes the same as one from their checkpoint.

        It takes that state over, since weights may be averaged; what stays its own is not in the state.
        """
        checkpoint, learner = trained
        learner.load_state_dict(read_checkpoint(checkpoint)["state_dict"])
        self._require_equal(
            made,
            self.outcome(learner.eval(), shards, 0),
            "the expert that was trained makes something else than one from its checkpoint; keep what is learnt in "
            "parameters or in buffers (register_buffer), not in plain attributes",
        )

    def test_an_export_makes_the_same(
        self, checkpoint: Path, made: dict[str, Tensor], shards: TinyShards, tmp_path: Path
    ) -> None:
        """The exported folder alone gives the expert back."""
        folder = export_expert(checkpoint, tmp_path / "export", class_path=self.class_path)
        loaded = load_expert(folder, class_path=self.class_path)
        assert isinstance(loaded, self.expert_class)
        self._require_equal(
            made,
            self.outcome(loaded, shards, 0),
            "the exported expert makes something else; call save_hyperparameters() in __init__, so that the export "
            "knows the arguments",
        )

    def test_equal_seeds_make_the_same(
        self, expert: Any, made: dict[str, Tensor], shards: TinyShards
    ) -> None:
        """All chance comes from the generator that is passed: not from the global one, nor from earlier calls."""
        torch.manual_seed(2)
        self._require_equal(
            made,
            self.outcome(expert, shards, 0),
            f"equal generators make something else; {self.method_name} must draw all chance from its generator",
        )
        self._require_equal(
            made,
            self.outcome(expert, shards, 0),
            f"called once more, the expert makes something else; {self.method_name} must leave nothing behind in it",
        )

    def test_another_seed_makes_something_else(
        self, expert: Any, made: dict[str, Tensor], shards: TinyShards
    ) -> None:
        """Unless ``is_deterministic`` says that nothing is left to chance."""
        is_equal = not differing(made, self.outcome(expert, shards, 1))
        assert is_equal == self.is_deterministic, (
            "another seed changes nothing, so set is_deterministic = True"
            if is_equal
            else "another seed makes something else, so is_deterministic must be False"
        )

    def test_works_in_another_dtype(self, expert: Any, shards: TinyShards) -> None:
        """Whoever moves it to float64 can use it there."""
        if not self.has_weights:
            pytest.skip(f"{type(self).__name__}.has_weights is False")
        if self.keeps_its_dtype:
            pytest.skip(f"{type(self).__name__}.keeps_its_dtype is True")
        try:
            self.outcome(expert.to(torch.float64), shards, 0)
        except (RuntimeError, TypeError, ValueError) as error:
            raise AssertionError(
                f"after to(torch.float64) {self.method_name} fails; cast its inputs and its noise to self.dtype, or "
                f"set keeps_its_dtype = True ({error})"
            ) from error

    def test_moves_to_another_dtype_and_back(
        self, expert: Any, made: dict[str, Tensor], shards: TinyShards
    ) -> None:
        """A type that holds all of float32 loses nothing, also if the expert is used in it."""
        if not self.has_weights:
            pytest.skip(f"{type(self).__name__}.has_weights is False")
        expert.to(torch.float64)
        if not self.keeps_its_dtype:
            self.outcome(expert, shards, 0)
        self._require_equal(
            made,
            self.outcome(expert.to(torch.float32), shards, 0),
            "after a move to float64 and back it makes something else; keep tensors in parameters and buffers, and "
            "what is counted in whole numbers in buffers of whole numbers",
        )

    def test_moves_to_a_gpu_and_back(self, expert: Any, made: dict[str, Tensor], shards: TinyShards) -> None:
        """It works there, gives its results on the CPU, and leaves nothing of there behind."""
        if not torch.cuda.is_available() or not self.has_weights:
            pytest.skip("there is no GPU, or has_weights is False")
        self.outcome(expert.to("cuda"), shards, 0)
        self._require_equal(
            made,
            self.outcome(expert.to("cpu"), shards, 0),
            "after a move to a GPU and back it makes something else; register tensors as buffers",
        )

    def test_works_in_the_cascade(self, expert: Any, shards: TinyShards, tmp_path: Path) -> None:
        """Chained with an expert of the other kind, frozen, it makes a clip."""
        experts = {**self.other_expert(), self.role: expert}
        run_cascade(**experts, shards=shards.rendered(), folder=tmp_path)

    def _train(
        self, shards: TinyShards, folder: Path, *, num_steps: int, resume_from: Path | None = None
    ) -> tuple[Path, L.LightningModule]:
        data = self.data(shards)
        L.seed_everything(0, verbose=False)
        expert = self.make_expert()
        return train(expert, data, folder, num_steps=num_steps, resume_from=resume_from), expert

    def _configured(self, seed: int = 0) -> Any:
        """A new expert as a training begins with it, if the seed is 0."""
        L.seed_everything(seed, verbose=False)
        expert = self.make_expert()
        if isinstance(expert, L.LightningModule):
            L.seed_everything(seed, verbose=False)
            expert.configure_model()
        return expert

    def _filled(self, state: Mapping[str, Tensor], seed: int) -> Any:
        """An expert of that state; what is random in it besides depends on the seed."""
        expert = self._configured(seed)
        expert.load_state_dict(state)
        return expert.eval()

    @staticmethod
    def _require_equal(first: Mapping[str, Tensor], second: Mapping[str, Tensor], message: str) -> None:
        differences = differing(first, second)
        assert not differences, f"{message} (different: {', '.join(differences)})"
