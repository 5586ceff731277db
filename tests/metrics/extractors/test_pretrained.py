from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from transformers import (
    CLIPConfig,
    CLIPModel,
    CLIPTextConfig,
    CLIPTokenizer,
    CLIPVisionConfig,
    VideoMAEConfig,
    VideoMAEForVideoClassification,
    ViTConfig,
    ViTModel,
)
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.videomae.image_processing_pil_videomae import VideoMAEImageProcessorPil

from macedance.metrics.extractors import (
    AestheticHead,
    ClipFeatures,
    ClipImagingQuality,
    DinoFeatures,
    VideoMaeFeatures,
)
from macedance.metrics.extractors.clip import clip_pixels

SIZE = 32
TINY = {
    "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
    "image_size": SIZE, "patch_size": 8,
}  # fmt: skip
ONE_LEVEL_TOLERANCE = 5e-3  # of features whose pixels differ by at most one of 255 levels; 2.2e-3 was seen
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))


@pytest.fixture(scope="module")
def dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the published one: without the weights of a pooling layer."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("dino")
    ViTModel(ViTConfig(**TINY), add_pooling_layer=False).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("clip")
    letters = [*"bdgopht.a", *(f"{letter}</w>" for letter in "bdgopht.a"), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({letter: index for index, letter in enumerate(letters)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    text = CLIPTextConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        vocab_size=len(letters), bos_token_id=len(letters) - 2, eos_token_id=len(letters) - 1,
    )  # fmt: skip
    config = CLIPConfig(text_config=text, vision_config=CLIPVisionConfig(**TINY), projection_dim=12)
    config.vision_config.projection_dim = config.text_config.projection_dim = 12
    CLIPModel(config).save_pretrained(folder)
    CLIPTokenizer.from_pretrained(folder).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def video_mae(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the published one: with the head of a classifier."""
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("videomae")
    VideoMAEForVideoClassification(VideoMAEConfig(num_frames=4, tubelet_size=2, **TINY)).save_pretrained(
        folder
    )
    return folder


def smooth(frames: Tensor, size: tuple[int, int]) -> Tensor:
    """Larger frames without sharp edges, where PIL cuts off what its filter throws over."""
    return F.interpolate(frames.float(), size=size, mode="bilinear").to(torch.uint8)


def pictures(frames: Tensor) -> list[np.ndarray]:
    return [frame.permute(1, 2, 0).numpy() for frame in frames]


def without_smoothing(frames: Tensor, size: tuple[int, int], mode: str, statistics: tuple) -> Tensor:
    mean, std = (torch.tensor(values)[:, None, None] for values in statistics)
    levels = F.interpolate(frames.float(), size=size, mode=mode).clamp(0, 255).round().to(torch.uint8)
    return (levels / 255 - mean) / std


def test_dino_takes_the_class_token_of_the_whole_frame(dino: Path, noise_frames) -> None:
    frames = noise_frames(3, 3, 40, 70)
    extractor = DinoFeatures(str(dino), batch_size=2)
    assert (extractor.name, extractor.num_features) == ("dino", 16)
    model = ViTModel.from_pretrained(dino, add_pooling_layer=False).eval()
    with torch.no_grad():
        pixels = without_smoothing(frames, (SIZE, 56), "bilinear", IMAGENET)
        wanted = model(pixels, interpolate_pos_encoding=True).last_hidden_state[:, 0]
    torch.testing.assert_close(extractor(frames), wanted, rtol=1e-4, atol=1e-5)
    assert extractor(frames[:0]).shape == (0, 16)


def test_clip_takes_the_embedding_of_the_middle(clip: Path, noise_frames) -> None:
    frames = noise_frames(3, 3, 70, 40)
    extractor = ClipFeatures(str(clip), batch_size=2)
    assert (extractor.name, extractor.num_features) == ("clip", 12)
    with torch.no_grad():
        pixels = without_smoothing(frames, (56, SIZE), "bicubic", CLIP)[..., 12:44, :]
        wanted = CLIPModel.from_pretrained(clip).eval().get_image_features(pixels).pooler_output
    torch.testing.assert_close(extractor(frames), wanted, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(ClipFeatures(str(clip), antialias=True)(frames), wanted, atol=1e-3)


def test_clip_with_smoothing_sees_what_its_processor_shows(clip: Path, noise_frames) -> None:
    frames = smooth(noise_frames(2, 3, 6, 6), (90, 50))
    processor = CLIPImageProcessorPil(size={"shortest_edge": SIZE}, crop_size={"height": SIZE, "width": SIZE})
    pixels = processor(pictures(frames), return_tensors="pt").pixel_values
    with torch.no_grad():
        wanted = CLIPModel.from_pretrained(clip).eval().get_image_features(pixels).pooler_output
    levels = [
        (
            255
            * torch.tensor(CLIP[1])[:, None, None]
            * (clip_pixels(frames, SIZE, antialias=smoothing) - pixels)
        ).abs()
        for smoothing in (True, False)
    ]
    assert (
        levels[0].max() < 1.01
    )  # PIL rounds after rows and after columns, so some values differ by one level
    assert levels[1].max() > 2
    found = ClipFeatures(str(clip), antialias=True)(frames)
    torch.testing.assert_close(found, wanted, rtol=0, atol=ONE_LEVEL_TOLERANCE)


def test_videomae_takes_the_mean_of_what_its_processor_shows(video_mae: Path, noise_frames) -> None:
    clips = smooth(noise_frames(12, 3, 6, 6), (50, 90)).unflatten(0, (3, 4))
    extractor = VideoMaeFeatures(str(video_mae), batch_size=2)
    assert (extractor.name, extractor.num_features, extractor.num_frames) == ("videomae", 16, 4)
    processor = VideoMAEImageProcessorPil(
        size={"shortest_edge": SIZE}, crop_size={"height": SIZE, "width": SIZE},
        image_mean=IMAGENET[0], image_std=IMAGENET[1],
    )  # fmt: skip
    pixels = processor([pictures(clip) for clip in clips], return_tensors="pt").pixel_values
    model = VideoMAEForVideoClassification.from_pretrained(video_mae).eval().videomae
    with torch.no_grad():
        wanted = model(pixels).last_hidden_state.mean(1)
    torch.testing.assert_close(extractor(clips), wanted, rtol=0, atol=ONE_LEVEL_TOLERANCE)
    with pytest.raises(ValueError, match="clips must have 4 frames each, got 3"):
        extractor(clips[:, :3])


def test_the_aesthetic_head_is_linear_on_unit_embeddings(clip: Path, tmp_path: Path, noise_frames) -> None:
    frames = noise_frames(3, 3, 40, 40)
    weight, bias = torch.linspace(-1, 2, 12)[None], torch.tensor([5.0])
    torch.save({"weight": weight, "bias": bias}, tmp_path / "head.pth")
    scores = AestheticHead(str(clip), tmp_path / "head.pth")
    embeddings = ClipFeatures(str(clip))(frames)
    units = embeddings / embeddings.norm(dim=1, keepdim=True)
    assert scores.name == "laion-aesthetic"
    torch.testing.assert_close(scores(frames), ((units * weight).sum(1) + 5) / 10)

    torch.save({"weight": torch.zeros(1, 768), "bias": bias}, tmp_path / "large.pth")
    with pytest.raises(ValueError, match=r"is for embeddings of 768 numbers, but .* gives 12"):
        AestheticHead(str(clip), tmp_path / "large.pth")
    torch.save({"layer": bias}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match="head must hold the weight and bias of one linear layer"):
        AestheticHead(str(clip), tmp_path / "other.pth")
    (tmp_path / "page.pth").write_text("<html>")
    with pytest.raises(
        ValueError, match=r"page.pth is damaged .*; get it again from https.*/sa_0_4_vit_l_14"
    ):
        AestheticHead(str(clip), tmp_path / "page.pth")
    with pytest.raises(FileNotFoundError, match=r"AestheticHead: there is no .*none\.pth"):
        AestheticHead(str(clip), tmp_path / "none.pth")


def test_imaging_quality_is_the_probability_of_a_good_photo(clip: Path, noise_frames) -> None:
    frames = noise_frames(3, 3, SIZE, SIZE)
    scores = ClipImagingQuality(str(clip))
    assert scores.name == "clip-iqa"
    tokens = CLIPTokenizer.from_pretrained(clip)(
        ["Good photo.", "Bad photo."], padding=True, return_tensors="pt"
    )
    assert len(set(map(tuple, tokens.input_ids.tolist()))) == 2
    with torch.no_grad():
        logits = (
            CLIPModel.from_pretrained(clip)
            .eval()(**tokens, pixel_values=without_smoothing(frames, (SIZE, SIZE), "bilinear", CLIP))
            .logits_per_image
        )
    torch.testing.assert_close(scores(frames), logits.softmax(1)[:, 0], rtol=1e-4, atol=1e-5)


def test_what_is_missing_is_told(clip: Path, tmp_path: Path) -> None:
    with pytest.raises(
        FileNotFoundError, match=r"model: there is no ViTModel at .*none', for there is no folder .*none"
    ):
        DinoFeatures(str(tmp_path / "none"))
    with pytest.raises(
        FileNotFoundError, match=r"there is no ViTModel at .*; give the folder that holds one"
    ):
        DinoFeatures(str(tmp_path))
    with pytest.raises(ValueError, match=r"is no ViTModel: it lacks .* of its weights, such as"):
        DinoFeatures(str(clip))


def test_batches_of_nothing_are_refused(clip: Path, dino: Path, video_mae: Path) -> None:
    kinds = {ClipFeatures: clip, ClipImagingQuality: clip, DinoFeatures: dino, VideoMaeFeatures: video_mae}
    for kind, folder in kinds.items():
        with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
            kind(str(folder), batch_size=0)
