"""What appearance metrics are measured with: frozen networks, kept apart from the metrics themselves."""

from macedance.metrics.extractors.aesthetic import AestheticHead
from macedance.metrics.extractors.appearance_extractors import (
    EXTRACTOR_KEYS,
    NETWORK_METRICS,
    AppearanceExtractors,
    extractor_class,
    load_extractors,
    read_extractor_config,
)
from macedance.metrics.extractors.clip import ClipFeatures
from macedance.metrics.extractors.clip_imaging_quality import ClipImagingQuality
from macedance.metrics.extractors.dino import DinoFeatures
from macedance.metrics.extractors.linear_interpolator import LinearInterpolator
from macedance.metrics.extractors.lpips import AlexLpips
from macedance.metrics.extractors.metric_names import PUBLISHED, metric_name
from macedance.metrics.extractors.protocols import (
    FrameFeatures,
    FrameInterpolator,
    FrameScores,
    PerceptualDistance,
    VideoFeatures,
)
from macedance.metrics.extractors.random_network import (
    RandomFrameFeatures,
    RandomFrameScores,
    RandomPerceptualDistance,
    RandomVideoFeatures,
)
from macedance.metrics.extractors.torchscript_features import (
    TorchScriptFrameFeatures,
    TorchScriptI3D,
    TorchScriptInception,
)
from macedance.metrics.extractors.torchscript_interpolator import TorchScriptInterpolator
from macedance.metrics.extractors.torchscript_scores import TorchScriptFrameScores
from macedance.metrics.extractors.video_mae import VideoMaeFeatures
from macedance.metrics.extractors.weights import WEIGHT_FILES, WeightFile, find_weights, weights_folder

__all__ = [
    "EXTRACTOR_KEYS",
    "NETWORK_METRICS",
    "PUBLISHED",
    "WEIGHT_FILES",
    "AestheticHead",
    "AlexLpips",
    "AppearanceExtractors",
    "ClipFeatures",
    "ClipImagingQuality",
    "DinoFeatures",
    "FrameFeatures",
    "FrameInterpolator",
    "FrameScores",
    "LinearInterpolator",
    "PerceptualDistance",
    "RandomFrameFeatures",
    "RandomFrameScores",
    "RandomPerceptualDistance",
    "RandomVideoFeatures",
    "TorchScriptFrameFeatures",
    "TorchScriptFrameScores",
    "TorchScriptI3D",
    "TorchScriptInception",
    "TorchScriptInterpolator",
    "VideoFeatures",
    "VideoMaeFeatures",
    "WeightFile",
    "extractor_class",
    "find_weights",
    "load_extractors",
    "metric_name",
    "read_extractor_config",
    "weights_folder",
]
