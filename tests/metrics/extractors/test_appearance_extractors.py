from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from macedance.metrics.extractors import (
    EXTRACTOR_KEYS,
    NETWORK_METRICS,
    PUBLISHED,
    AppearanceExtractors,
    RandomFrameFeatures,
    RandomVideoFeatures,
    load_extractors,
    metric_name,
)

OWN = f"{Path(__file__).stem}_own"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "extractors.yaml"
    path.write_text(text)
    return path


def test_plain_names_belong_to_the_published_extractors() -> None:
    assert all(metric_name(metric, extractor) == metric for metric, extractor in PUBLISHED.items())
    assert metric_name("fid", "random") == "fid[random]"
    assert metric_name("motion_smoothness", "linear") == "motion_smoothness[linear]"
    assert metric_name("subject_consistency", "clip") == "subject_consistency[clip]"
    assert set(NETWORK_METRICS) == set(PUBLISHED)
    assert set(NETWORK_METRICS.values()) == set(EXTRACTOR_KEYS)


@pytest.mark.parametrize("name", ["random", "configs/metrics/random.yaml"])
def test_random_ones_need_no_files_and_serve_every_metric(name: str, noise_frames) -> None:
    extractors = load_extractors(name)
    names = dict.fromkeys(PUBLISHED, "random") | {"motion_smoothness": "linear"}
    assert extractors.names() == names
    assert extractors.num_features() == {"fid": 64, "fvd": 64}
    frames = noise_frames(2, 3, 20, 20)
    assert extractors.fid(frames).shape == extractors.subject(frames).shape == (2, 64)
    assert extractors.fvd(noise_frames(1, 16, 3, 8, 8)).shape == (1, 64)
    assert extractors.lpips(frames, frames).tolist() == [0, 0]
    assert extractors.imaging(frames).shape == extractors.aesthetic(frames).shape == (2,)
    torch.testing.assert_close(extractors.fid(frames), RandomFrameFeatures()(frames))


def test_a_file_gives_some_with_arguments_and_leaves_others_out(tmp_path: Path) -> None:
    file = """
    fid: {class_path: macedance.metrics.extractors.RandomFrameFeatures, init_args: {num_features: 5}}
    fvd: {class_path: RandomVideoFeatures, init_args: {num_frames: 4, device: cpu}}
    imaging: null
    """
    extractors = load_extractors(written(tmp_path, file))
    assert isinstance(extractors.fvd, RandomVideoFeatures)
    assert (extractors.fid.num_features, extractors.fvd.num_frames) == (5, 4)
    assert extractors == AppearanceExtractors(fid=extractors.fid, fvd=extractors.fvd)
    assert extractors.names() == {"fid": "random", "fvd": "random"}


def test_the_device_is_passed_on_where_the_file_gives_none(tmp_path: Path, noise_frames) -> None:
    file = """
    fid: {class_path: RandomFrameFeatures}
    background: {class_path: RandomFrameFeatures, init_args: {device: cpu}}
    smoothness: {class_path: LinearInterpolator}
    """
    extractors = load_extractors(written(tmp_path, file), device="meta")
    assert extractors.background(noise_frames(1, 3, 8, 8)).device.type == "cpu"
    with pytest.raises(NotImplementedError, match="meta"):
        extractors.fid(noise_frames(1, 3, 8, 8))


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks for what this machine must not have")
def test_a_device_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    file = written(tmp_path, "fid: {class_path: RandomFrameFeatures, init_args: {device: cuda}}")
    with pytest.raises(ValueError, match=r"^fid.init_args.device must be a device .* \(cpu.*\), got 'cuda'$"):
        load_extractors(file)
    for name in ("random", file):
        with pytest.raises(
            ValueError, match=r"^device must be a device that is there \(cpu.*\), got 'cuda'$"
        ):
            load_extractors(name, device="cuda")


def test_a_class_of_ones_own_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"{OWN}.py").write_text(
        "class Mean:\n"
        "    name, num_features = 'mean', 3\n"
        "    def __init__(self, scale: float):\n        self.scale = scale\n"
        "    def __call__(self, frames):\n        return self.scale * frames.float().mean((2, 3))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    extractors = load_extractors(
        written(tmp_path, f"fid: {{class_path: {OWN}.Mean, init_args: {{scale: 2}}}}")
    )
    features: Tensor = extractors.fid(torch.ones(1, 3, 2, 2))
    assert features.tolist() == [[2, 2, 2]]
    assert extractors.names() == {"fid": "mean"}


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("fud: null", "must map any of fid, fvd, .* to extractors, got fud"),
        ("[fid]", r"must map any of fid, .* got \['fid'\]"),
        ("fid: {", "is no YAML file of extractors"),
        ("fid: RandomFrameFeatures", "fid must be null or have a class_path and init_args, got 'RandomFrameF"),
        ("fid: {class_path: Inceptoin}", "fid.class_path must be a class of .*, got 'Inceptoin': .* no attribute"),
        ("fid: {class_path: none.Such}", "fid.class_path must be .*, got 'none.Such': No module named 'none'"),
        ("fid: {class_path: metric_name}", "fid.class_path must name a class that can be built, got 'metric_name'"),
        (
            "fid: {class_path: RandomFrameFeatures, init_args: {num_features: many}}",
            "fid.init_args do not fit RandomFrameFeatures: .*num_features.* many",
        ),
        (
            "fid: {class_path: RandomFrameFeatures, init_args: {width: 3}}",
            "fid.init_args do not fit RandomFrameFeatures: .*width",
        ),
        ("fid: {class_path: FrameFeatures}", "fid.class_path must name a class that can be .*'FrameFeatures'"),
        ("fid: {class_path: ..Mine}", r"fid.class_path must be a class of .*, got '\.\.Mine'"),
        ("fid: {class_path: collections.Counter}", "fid.init_args do not fit Counter: .*iterable"),
        ("fid: {class_path: builtins.dict}", "fid.init_args do not fit dict: no signature"),
        (
            "fid: {class_path: RandomFrameFeatures, init_args: [1]}",
            r"fid.init_args must map arguments of RandomFrameFeatures to values, got \[1\]",
        ),
        (
            "fid: {class_path: RandomFrameFeatures, init_args: {device: gpu}}",
            r"fid.init_args.device must be a device that is there \(cpu.*\), got 'gpu'",
        ),
        (
            "fvd: {class_path: RandomVideoFeatures, init_args: {num_frames: 0}}",
            "fvd: num_frames must be at least 1, got 0",
        ),
        ("identity: {class_path: TorchScriptFrameFeatures}", "identity.init_args do not fit .*path"),
        (
            "smoothness: {class_path: LinearInterpolator, init_args: {weight: 3}}",
            "smoothness.init_args: LinearInterpolator takes none, got weight",
        ),
        ("fvd: {class_path: RandomFrameFeatures}", "fvd must be a VideoFeatures, .* called with clips; Random"),
        ("imaging: {class_path: RandomFrameFeatures}", "imaging must be a FrameScores, which has name and is"),
        ("fid: {class_path: RandomFrameScores}", "fid must be a FrameFeatures, which has name, num_features and"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_told_in_one_line(file: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message) as told:
        load_extractors(written(tmp_path, file))
    assert "\n" not in str(told.value)


def test_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no configuration none\.yaml"):
        load_extractors("none.yaml")
    file = f"lpips: {{class_path: AlexLpips, init_args: {{trunk: {tmp_path}/alexnet.pth}}}}"
    with pytest.raises(
        FileNotFoundError, match=r"there is no .*alexnet\.pth; get alexnet-owt-7be5be79\.pth from"
    ):
        load_extractors(written(tmp_path, file))
