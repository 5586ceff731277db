"""A run's folder holds clips of one making only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch

from macedance.data.precomputed import PrecomputedMotion, PrecomputedVideo
from macedance.data.run_folder import RunFolder
from macedance.geometry.motion import Motion
from macedance.lightning_modules.cascade_experts import motion_expert
from macedance.render.video import write_video

from ..cascade_runs import cascade, run
from ..cascade_shards import SECONDS, SIZE_PX, VIDEO_FPS, write_cascade_shards


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cascade_shards(tmp_path_factory.mktemp("shards"), num_clips=2)


def picture(path: Path, shade: int) -> str:
    PIL.Image.fromarray(np.full((SIZE_PX, SIZE_PX, 3), shade, np.uint8)).save(path)
    return str(path)


def test_a_folder_of_other_settings_or_experts_is_refused(shards: Path, tmp_path: Path) -> None:
    output = tmp_path
    run(cascade(output), shards)
    with pytest.raises(
        ValueError, match=r"other settings \(temperature None, not 0.5\) made; give another output"
    ):
        run(cascade(output, temperature=0.5), shards)
    with pytest.raises(ValueError, match=r"another appearance expert \(.*Squares, not body\) made"):
        run(cascade(output, appearance=None), shards)
    with pytest.raises(ValueError, match=r"other settings \(seed 0, not 1\)"):
        run(cascade(output), shards, seed=1)


def test_the_same_clips_of_other_content_are_refused(shards: Path, tmp_path: Path) -> None:
    red, blue = picture(tmp_path / "red.png", 40), picture(tmp_path / "blue.png", 200)
    run(cascade(tmp_path), shards, reference=red)
    with pytest.raises(ValueError, match=r"clip val0: what lies in .* was made of another clip of this name"):
        run(cascade(tmp_path), shards, reference=blue)
    again = cascade(tmp_path)
    run(again, shards, reference=red)
    assert again.motion_said.num_asked == 0
    others = write_cascade_shards(tmp_path / "others", num_clips=2, seconds=1.8)
    with pytest.raises(ValueError, match=r"clip val0: what lies in .* was made of another clip of this name"):
        run(cascade(tmp_path), others, reference=red)


def test_the_same_weights_of_other_arguments_are_another_expert(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    stored = torch.load(tiny_checkpoint, weights_only=True)
    stored["hyper_parameters"]["temperature"] = 0.3
    torch.save(stored, tmp_path / "other.ckpt")
    first, second = (motion_expert(str(path)) for path in (tiny_checkpoint, tmp_path / "other.ckpt"))
    assert first is not None
    assert second is not None
    assert first.sha256 == second.sha256
    assert first.about()["built_of"] != second.about()["built_of"]
    by_mapping = motion_expert({"weights": str(tiny_checkpoint)})
    assert by_mapping is not None
    assert by_mapping.about() == first.about()


def still(folder: Path, height: float) -> PrecomputedMotion:
    for key in ("val0", "val1"):
        trans = torch.tensor([[0.0, height, 0.0]]).repeat(60, 1)
        Motion(torch.zeros(60, 24, 3), trans).save(folder / f"{key}.npz")
    return PrecomputedMotion(str(folder))


def test_files_of_other_methods_are_told_from_those_that_replaced_them(shards: Path, tmp_path: Path) -> None:
    run(cascade(tmp_path / "out", motion=still(tmp_path / "a", 1.2)), shards)
    run(cascade(tmp_path / "out", motion=still(tmp_path / "a", 1.2)), shards)
    with pytest.raises(ValueError, match=r"clip val0: .* was made of another state of the motion expert"):
        run(cascade(tmp_path / "out", motion=still(tmp_path / "a", 1.4)), shards)


def test_the_same_files_elsewhere_are_the_same(shards: Path, tmp_path: Path) -> None:
    for name in ("here", "there"):
        still(tmp_path / name, 1.2)
        said = {
            "class_path": "macedance.data.precomputed.PrecomputedMotion",
            "init_args": {"folder": str(tmp_path / name)},
        }
        again = cascade(tmp_path / "out", motion=said)
        run(again, shards)
    assert again.appearance_said.num_asked == 0


def test_a_video_that_was_made_anew_is_measured_anew(shards: Path, tmp_path: Path) -> None:
    def videos(num_shades: int) -> PrecomputedVideo:
        for key in ("val0", "val1"):
            frames = [
                np.full((SIZE_PX, SIZE_PX, 3), 100 + 40 * (number % num_shades), np.uint8)
                for number in range(int(SECONDS * VIDEO_FPS))
            ]
            write_video(tmp_path / "videos" / f"{key}.mp4", frames, fps=VIDEO_FPS)
        return PrecomputedVideo(str(tmp_path / "videos"))

    output, name = tmp_path / "out", "val/temporal_flickering"
    steady = run(cascade(output, motion=None, appearance=videos(1)), shards)
    for file in RunFolder(output / "val").path.glob("clips/*.json"):
        file.unlink()
    assert run(cascade(output, motion=None, appearance=videos(2)), shards)[name] < steady[name]


def test_what_a_failed_clip_left_is_replaced(shards: Path, tmp_path: Path) -> None:
    red, blue = picture(tmp_path / "red.png", 40), picture(tmp_path / "blue.png", 200)
    folder = RunFolder(tmp_path / "val")
    with pytest.raises(ValueError, match="clip val0: its real video has 10 fps, the cascade 20"):
        run(cascade(tmp_path, fps=20.0), shards, reference=red)
    assert not folder.video_file("val0", truth=True).exists(), "it was not found to be usable"
    run(cascade(tmp_path), shards, reference=blue)
    assert np.mean(PIL.Image.open(folder.reference_file("val0"))) == pytest.approx(200, abs=2)
    assert folder.video_file("val0", truth=True).is_file()


@pytest.mark.parametrize("seconds", [SECONDS, 1.5], ids=["the same", "another"])
def test_a_clip_that_comes_twice_is_refused(shards: Path, tmp_path: Path, seconds: float) -> None:
    copy = write_cascade_shards(tmp_path / "copy", num_clips=1, seconds=seconds)
    with pytest.raises(ValueError, match="keys must be unique in a split, val0 comes more than once"):
        run(cascade(tmp_path), {str(shards): 0.5, str(copy): 0.5})


def test_a_run_without_any_usable_clip_is_told(tmp_path: Path) -> None:
    bare = write_cascade_shards(tmp_path / "bare", num_clips=2, leave_out=("reference.jpg",))
    with (
        pytest.warns(UserWarning, match="clip left out"),
        pytest.raises(ValueError, match="no clip could be used"),
    ):
        run(cascade(tmp_path), bare, on_error="skip")


class Rank:
    """A trainer as one of two ranks sees it, whose first rank has sent ``told``."""

    def __init__(self, told: object) -> None:
        self.is_global_zero, self.strategy, self.told = False, self, told

    def broadcast(self, _: object) -> object:
        return self.told


def test_ranks_that_wait_hear_what_went_wrong(tmp_path: Path) -> None:
    waiting = cascade(tmp_path)
    waiting._trainer = Rank((None, "no space left"))  # type: ignore[assignment]
    with pytest.raises(ValueError, match="the first rank failed: no space left"):
        waiting._on_first_rank(lambda: pytest.fail("another rank's work"))
    waiting._trainer = Rank(({"jerk": 1.0}, None))  # type: ignore[assignment]
    assert waiting._on_first_rank(lambda: None) == {"jerk": 1.0}
