"""A Wan-Animate of the real one's form, as small as it goes, with random weights: for tests, demos and trials."""

from __future__ import annotations

import torch
from diffusers import (
    AutoencoderKLWan,
    UniPCMultistepScheduler,
    WanAnimatePipeline,
    WanAnimateTransformer3DModel,
)
from transformers import (
    CLIPImageProcessorPil,
    CLIPVisionConfig,
    CLIPVisionModel,
    T5Tokenizer,
    UMT5Config,
    UMT5EncoderModel,
)

TINY = "tiny"
"""The name that stands for this backbone where others are named by folder or hub id."""

_HEADS, _HEAD_WIDTH = 2, 12
_TEXT_WIDTH, _IMAGE_WIDTH, _FACE_SIZE = 32, 4, 16
_CHARACTERS = "abcdefghijklmnopqrstuvwxyz视频中的人在跳舞"


def tiny_backbone(seed: int = 0) -> WanAnimatePipeline:
    """A pipeline whose every part works and has learnt nothing; a call at 32 × 32 takes a second on a CPU.

    Latents, masks, the split of text and image, and the names of all parameters are as in Wan2.2-Animate-14B.

    Args:
        seed: Of the weights; torch's own random state is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return WanAnimatePipeline(
            tokenizer=_tokenizer(),
            text_encoder=_text_encoder(),
            vae=_vae(),
            scheduler=UniPCMultistepScheduler(
                prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=5.0
            ),
            image_processor=CLIPImageProcessorPil(crop_size=_IMAGE_WIDTH, size=_IMAGE_WIDTH),
            image_encoder=_image_encoder(),
            transformer=tiny_transformer(),
        )


def tiny_transformer() -> WanAnimateTransformer3DModel:
    """The transformer alone, in eval mode; torch's random state decides the weights."""
    width = _HEADS * _HEAD_WIDTH
    return WanAnimateTransformer3DModel(
        patch_size=(1, 2, 2),
        num_attention_heads=_HEADS,
        attention_head_dim=_HEAD_WIDTH,
        in_channels=36,
        latent_channels=16,
        out_channels=16,
        text_dim=_TEXT_WIDTH,
        freq_dim=256,
        ffn_dim=32,
        num_layers=2,
        cross_attn_norm=True,
        qk_norm="rms_norm_across_heads",
        image_dim=_IMAGE_WIDTH,
        added_kv_proj_dim=width,
        rope_max_seq_len=32,
        motion_encoder_channel_sizes={"4": 16, "8": 16, "16": 16},
        motion_encoder_size=_FACE_SIZE,
        motion_style_dim=8,
        motion_dim=4,
        motion_encoder_dim=16,
        face_encoder_hidden_dim=16,
        face_encoder_num_heads=2,
        inject_face_latents_blocks=2,
    ).eval()


def _vae() -> AutoencoderKLWan:
    return AutoencoderKLWan(
        base_dim=3,
        z_dim=16,
        dim_mult=[1, 1, 1, 1],
        num_res_blocks=1,
        temperal_downsample=[False, True, True],  # diffusers' spelling
    ).eval()


def _text_encoder() -> UMT5EncoderModel:
    return UMT5EncoderModel(
        UMT5Config(
            vocab_size=len(_CHARACTERS) + 4,
            d_model=_TEXT_WIDTH,
            d_kv=8,
            d_ff=37,
            num_layers=2,
            num_heads=4,
            tie_word_embeddings=True,
        )
    ).eval()


def _image_encoder() -> CLIPVisionModel:
    return CLIPVisionModel(
        CLIPVisionConfig(
            hidden_size=_IMAGE_WIDTH,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=_IMAGE_WIDTH,
            intermediate_size=16,
            patch_size=1,
        )
    ).eval()


def _tokenizer() -> T5Tokenizer:
    """A tokenizer that knows some characters by themselves."""
    pieces = ["<pad>", "</s>", "<unk>", "▁", *_CHARACTERS]
    return T5Tokenizer(vocab=[(piece, -1.0) for piece in pieces], extra_ids=0)
