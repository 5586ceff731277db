from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from macedance.data.precomputed import PrecomputedMotion, PrecomputedVideo
from macedance.data.run_folder import RunFolder
from macedance.geometry.motion import Motion
from macedance.lightning_modules import Cascade
from macedance.render.video import probe_video, read_frames, write_video

from ..cascade_runs import Squares, Turning, cascade, run
from ..cascade_shards import SECONDS, SIZE_PX, VIDEO_FPS, write_cascade_shards

KEYS = ["val0", "val1", "val2"]
NUM_VIDEO_FRAMES = int(SECONDS * VIDEO_FPS)


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cascade_shards(tmp_path_factory.mktemp("shards"))


@pytest.fixture(scope="module")
def finished(shards: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, dict[str, float]]:
    output = tmp_path_factory.mktemp("finished")
    logged = run(cascade(output, extractors="random", name="turning"), shards)
    return RunFolder(output / "val"), logged


def test_every_clip_leaves_motion_video_and_record(finished: tuple[RunFolder, dict[str, float]]) -> None:
    folder, _ = finished
    assert folder.keys() == KEYS
    for key in KEYS:
        clip = folder.read_clip(key)
        assert clip["genre"] == "Jazz"
        assert clip["num_frames"] == NUM_VIDEO_FRAMES
        assert Motion.load(folder.motion_file(key)).num_frames == SECONDS * 30
        info = probe_video(folder.video_file(key))
        assert (info.width, info.num_frames, float(info.fps)) == (SIZE_PX, NUM_VIDEO_FRAMES, VIDEO_FPS)
        assert info.audio_seconds == pytest.approx(SECONDS, abs=0.1)
        made = json.loads(info.metadata["comment"])
        assert made["generated"] is True
        assert made["seed"] == clip["seed"]
        assert made["config_hash"] == folder.read_run()["config_hash"]
    assert folder.report_file().read_text().startswith("<!DOCTYPE html>")


def test_scores_are_logged_and_written_beside_the_truths(
    finished: tuple[RunFolder, dict[str, float]],
) -> None:
    folder, logged = finished
    tables = {table["title"]: table["rows"] for table in folder.read_scores()}
    assert list(tables["Motion"])[:2] == ["ground truth", "truth, by chance"]
    assert list(tables["What is seen"]) == ["ground truth", "generated"]
    assert logged["val/fvd_random"] == pytest.approx(
        tables["What is seen"]["generated"]["scores"]["fvd[random]"]
    )
    assert logged["val/jerk"] == pytest.approx(tables["Motion"]["generated"]["scores"]["jerk"], rel=1e-6)
    assert logged["val/fid_k"] > 0
    assert "val/ssim" not in logged, "the videos are not meant to equal the real ones"
    with folder.clip_scores_file().open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["set"], row["key"]) for row in rows] == [
        (name, key) for name in ("ground truth", "generated") for key in KEYS
    ]
    assert all(float(row["jerk"]) >= 0 and float(row["temporal_flickering"]) > 0 for row in rows)


def test_a_finished_run_makes_nothing_anew(
    finished: tuple[RunFolder, dict[str, float]], shards: Path
) -> None:
    folder, logged = finished
    before = {file: file.stat().st_mtime_ns for file in folder.path.rglob("*.mp4")}
    again = cascade(folder.path.parent, extractors="random", name="turning")
    assert run(again, shards) == logged
    assert again.motion_said.num_asked == again.appearance_said.num_asked == 0
    assert {file: file.stat().st_mtime_ns for file in folder.path.rglob("*.mp4")} == before


def test_a_run_that_was_cut_off_goes_on_and_scores_the_same(shards: Path, tmp_path: Path) -> None:
    whole = run(cascade(tmp_path / "whole"), shards)
    with pytest.raises(RuntimeError, match="power"):
        run(cascade(tmp_path / "cut", appearance=Squares(fails_at=2)), shards)
    folder = RunFolder(tmp_path / "cut" / "val")
    assert folder.keys() == ["val0"]
    assert folder.motion_file("val1").is_file()
    assert not folder.video_file("val1").exists()
    rest = cascade(tmp_path / "cut")
    assert run(rest, shards) == whole
    assert (rest.motion_said.num_asked, rest.appearance_said.num_asked) == (2, 2), "the first clip was done"


def test_other_networks_look_again_without_anything_being_made(
    finished: tuple[RunFolder, dict[str, float]], shards: Path
) -> None:
    again = cascade(finished[0].path.parent, name="turning", compare_frames=True, extractors=None)
    logged = run(again, shards)
    assert again.appearance_said.num_asked == 0
    assert {"val/ssim", "val/psnr"} <= set(logged)
    assert not any(name.startswith("val/fvd") for name in logged)


def test_results_of_other_methods_enter_the_tables(shards: Path, tmp_path: Path) -> None:
    for number, key in enumerate(KEYS):
        still = Motion(torch.zeros(120, 24, 3), torch.zeros(120, 3), fps=60.0)
        still.save(tmp_path / "motions" / f"{key}.npz")
        frames = [np.full((SIZE_PX, SIZE_PX, 3), 100 + number, np.uint8)] * NUM_VIDEO_FRAMES
        write_video(tmp_path / "videos" / f"{key}.mp4", frames, fps=VIDEO_FPS)
    motions, videos = str(tmp_path / "motions"), str(tmp_path / "videos")
    named = {"class_path": "macedance.data.precomputed.PrecomputedMotion", "init_args": {"folder": motions}}
    both = run(
        cascade(tmp_path / "both", motion=named, appearance=PrecomputedVideo(videos)), shards, num_clips=2
    )
    assert both["val/jerk"] == pytest.approx(0, abs=1e-6)
    folder = RunFolder(tmp_path / "both" / "val")
    assert folder.keys() == KEYS[:2]
    assert not folder.poses_file("val0").exists(), "nobody knows what drove these videos"
    alone = run(cascade(tmp_path / "alone", motion=None, appearance=PrecomputedVideo(videos)), shards)
    assert alone["val/temporal_flickering"] == pytest.approx(1.0)
    assert "val/jerk" not in alone


def test_what_is_longer_than_the_clip_is_cut(shards: Path, tmp_path: Path) -> None:
    run(cascade(tmp_path, appearance=Squares(speed=0.5)), shards, "predict", num_clips=1)
    assert probe_video(RunFolder(tmp_path / "test").video_file("test0")).num_frames == NUM_VIDEO_FRAMES


def test_predict_makes_the_test_split_and_scores_nothing(shards: Path, tmp_path: Path) -> None:
    run(cascade(tmp_path), shards, "predict", num_clips=1)
    folder = RunFolder(tmp_path / "test")
    assert folder.keys() == ["test0"]
    assert not folder.scores_file().exists()
    assert not folder.measured_file("test0").exists()
    scored = cascade(tmp_path)
    assert "test/jerk" in run(scored, shards, "test", num_clips=1)
    assert scored.appearance_said.num_asked == 0


def test_shards_without_truth_or_sound_are_danced_to_all_the_same(tmp_path: Path) -> None:
    bare = write_cascade_shards(
        tmp_path / "bare", num_clips=2, leave_out=("motion.npz", "video.mp4", "audio.flac")
    )
    logged = run(cascade(tmp_path, extractors="random"), bare)
    assert "val/bas_own" in logged
    assert "val/fid_k" not in logged
    assert "val/fvd_random" not in logged
    notes = [note for table in RunFolder(tmp_path / "val").read_scores() for note in table["notes"]]
    assert any("no real dances" in note for note in notes)
    assert any("no real videos" in note for note in notes)
    assert probe_video(RunFolder(tmp_path / "val").video_file("val0")).audio_seconds is None


class Seer:
    """A detector that sees a dancer whose hands go up and down, whatever the frames show."""

    name = "seer"

    def __call__(self, frames: Any) -> np.ndarray:
        return np.stack(list(self.track(frames)))

    def track(self, frames: Any) -> Any:
        random = np.random.default_rng(0)
        standing = np.concatenate([random.uniform(4, 28, (20, 2)), np.ones((20, 1))], axis=1)
        for number, _ in enumerate(frames):
            seen = standing.copy()
            seen[4:8, 1] += 3 * np.sin(number)
            yield seen


def test_key_points_bring_motion_in_the_image_plane_and_pose_fidelity(
    shards: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("macedance.lightning_modules.cascade.choose_detector", lambda **named: Seer())
    logged = run(cascade(tmp_path), shards)
    assert 0 <= logged["val/pck_seer"] <= 1
    assert logged["val/jerk_2d"] > 0
    assert logged["val/fid_k_2d"] == pytest.approx(0, abs=1e-6), "the seer sees the same dance in all videos"
    folder = RunFolder(tmp_path / "val")
    assert [table["title"] for table in folder.read_scores()] == [
        "Motion",
        "Motion in the image plane",
        "What is seen",
    ]
    assert folder.clip_scores_file().read_text().startswith("key,set,")
    assert "jerk_2d" in folder.clip_scores_file().read_text().splitlines()[0]


def test_experts_are_frozen_and_may_take_turns(
    shards: Path, tmp_path: Path, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from macedance.lightning_modules.cascade_experts import motion_expert

    expert = motion_expert(str(tiny_checkpoint))
    assert expert is not None
    network = expert.expert
    assert not network.training
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert len(str(expert.sha256)) == 64
    places: list[str] = []
    monkeypatch.setattr(type(network), "to", lambda self, device: places.append(str(device)))
    with expert.on(torch.device("meta"), takes_turns=True):
        assert places == ["meta"]
    assert places == ["meta", "cpu"]
    with expert.on(torch.device("meta"), takes_turns=False):
        pass
    assert places[2:] == ["meta"]


def test_an_expert_that_offloads_moves_itself(tmp_path: Path) -> None:
    from macedance.lightning_modules.cascade_experts import appearance_expert

    said = {
        "class_path": "macedance.lightning_modules.AppearanceExpert",
        "init_args": {"backbone": "tiny", "dtype": "float32"},
        "rendering": {"offload": True},
    }
    expert = appearance_expert(said)
    with expert.on(torch.device("meta"), takes_turns=True):
        assert {parameter.device.type for parameter in expert.expert.parameters()} == {"cpu"}


WRONG = [
    (
        {"motion": Squares()},
        "motion must name a Motion Expert, but .*Squares is a Squares, which has no generate.*; appearance takes it",
    ),
    ({"appearance": Turning()}, "appearance must name an Appearance Expert, but .*; motion takes it"),
    ({"motion": {"class_path": "no.such.Thing"}}, "motion.class_path must be the dotted path of a class"),
    ({"motion": {"path": "x"}}, "motion must be a path, a hub id, or have class_path"),
    ({"motion": None}, "motion is null; name a Motion Expert"),
    ({"motion": {"class_path": "macedance.data.precomputed.PrecomputedMotion"}}, "init_args do not fit"),
    ({"motion": "no/such/thing.ckpt"}, "no/such/thing.ckpt"),
    ({"fps": 30.0}, "its real video has 10 fps, the cascade 30; set fps to 10"),
    (
        {"appearance": {"class_path": "macedance.render.body_renderer.BodyRenderer", "rendering": {"a": 1}}},
        "takes no rendering options",
    ),
    (
        {
            "appearance": {
                "class_path": "macedance.lightning_modules.AppearanceExpert",
                "init_args": {"backbone": "tiny", "dtype": "float32"},
                "rendering": {"num_steps": 3},
            }
        },
        "rendering must be of .*num_inference_steps.*, got num_steps",
    ),
    (
        {"appearance": Squares(side_px=48)},
        "gave 20 frames of 48x48; it must give them as it told and was asked, 20 of 32x32",
    ),
    ({"appearance": Squares(speed=2)}, r"gave 1.00 s for a clip of 2.00 s; it must give the whole clip"),
    (
        {"appearance": Squares(speed=2, num_promised=20)},
        "gave 10 frames of 32x32; .*told and was asked, 20 of",
    ),
]


@pytest.mark.parametrize(("more", "message"), WRONG, ids=[message[:30] for _, message in WRONG])
def test_wrong_experts_are_told(more: dict[str, Any], message: str, shards: Path, tmp_path: Path) -> None:
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        run(cascade(tmp_path, **more), shards)
    folder = RunFolder(tmp_path / "val")
    assert folder.keys() == []
    assert not folder.video_file("val0").exists()


def test_it_cannot_be_fitted_nor_asked_for_nonsense(tmp_path: Path, shards: Path) -> None:
    with pytest.raises(ValueError, match="the cascade is frozen and cannot be fitted; fit its experts"):
        run(cascade(tmp_path), shards, "fit")
    with pytest.raises(ValueError, match="size_px must be an even width and height"):
        Cascade(size_px=(33, 32))
    with pytest.raises(ValueError, match="fps must lie in"):
        Cascade(fps=0)
    with pytest.raises(ValueError, match="keypoints must be by blazepose"):
        Cascade(keypoints={"openpose": "x"})
    with pytest.raises(ValueError, match="protocol must be one of 3D motion, got mace-2d"):
        Cascade(protocol="mace-2d")


def test_an_output_that_cannot_be_written_is_told(shards: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"output cannot be written at .*choose another folder"):
        run(cascade(tmp_path / "file" / "below"), shards)


def test_the_body_dances_where_no_appearance_is_named(shards: Path, tmp_path: Path) -> None:
    run(cascade(tmp_path, appearance=None), shards, "predict", num_clips=1)
    assert RunFolder(tmp_path / "test").read_run()["models"]["appearance"]["id"] == "body"
    frames = list(read_frames(RunFolder(tmp_path / "test").video_file("test0")))
    assert np.ptp(frames[0].astype(int)) > 30, "something stands before the plain picture"


def test_stored_results_must_fit_their_clips(tmp_path: Path) -> None:
    short = Motion(torch.zeros(60, 24, 3), torch.zeros(60, 3), fps=60.0)
    short.save(tmp_path / "waltz.npz")
    stored = PrecomputedMotion(str(tmp_path))
    with pytest.raises(ValueError, match=r"60 frames at 60 fps, 1.00 s, for 2.00 s of music; if its rate"):
        stored.for_clip("waltz").generate(torch.zeros(60, 35))
    with pytest.raises(
        FileNotFoundError, match=r"must hold a file named as the clip tango, and holds none; .*'waltz'"
    ):
        stored.for_clip("tango")
    write_video(tmp_path / "waltz.mp4", [np.zeros((32, 32, 3), np.uint8)] * 10, fps=10)
    video = PrecomputedVideo(str(tmp_path)).for_clip("waltz")
    for arguments, message in (
        ({"size_px": (32, 32), "fps": 30.0}, "has 10 fps, the cascade 30"),
        ({"size_px": (64, 32), "fps": 10.0}, "is 32x32, the cascade 64x32"),
    ):
        with pytest.raises(ValueError, match=message):
            video.render(None, None, **arguments)
    long = Motion(torch.zeros(60, 24, 3), torch.zeros(60, 3))
    with pytest.raises(ValueError, match=r"lasts 1.00 s, its motion 2.00 s"):
        video.render(long, None, size_px=(32, 32), fps=10.0)
