"""Tiny random models of pictures and texts, with files as the published ones have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_WORDS = ("house", "tree", "sea")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
_SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "initializer_range": 0.5,
}
_LOOKS: dict[str, Any] = {**_SIZES, "image_size": 32, "patch_size": 8}


def make_clip(folder: Path, seed: int = 0) -> Path:
    """Write a CLIP model of dimension 24 that reads 16 tokens, and return its folder."""
    from transformers import CLIPConfig, CLIPModel, CLIPProcessor, CLIPTokenizerFast, set_seed
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    set_seed(seed)
    begin, end = "<|startoftext|>", "<|endoftext|>"
    vocabulary = {word: n for n, word in enumerate([*_LETTERS, *(f"{sign}</w>" for sign in _LETTERS), begin, end])}
    ids = {"bos_token_id": vocabulary[begin], "eos_token_id": vocabulary[end], "pad_token_id": vocabulary[end]}
    text = {**_SIZES, **ids, "vocab_size": len(vocabulary), "max_position_embeddings": 16}
    CLIPModel(CLIPConfig(text_config=text, vision_config=_LOOKS, projection_dim=24)).save_pretrained(folder)
    looks = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    words = CLIPTokenizerFast(vocab=vocabulary, merges=[], model_max_length=16)
    CLIPProcessor(image_processor=looks, tokenizer=words).save_pretrained(folder)
    return folder


def make_siglip(folder: Path) -> Path:
    """Write a SigLIP model of dimension 32 that reads 16 tokens, and return its folder."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, SiglipConfig, SiglipModel, SiglipProcessor, set_seed
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    set_seed(0)
    vocabulary = {word: n for n, word in enumerate(["<pad>", "</s>", "<unk>", *_WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    ids = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}
    text = {**_SIZES, **ids, "vocab_size": len(vocabulary), "max_position_embeddings": 16, "projection_size": 32}
    SiglipModel(SiglipConfig(text_config=text, vision_config=_LOOKS)).save_pretrained(folder)
    special: dict[str, Any] = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    words = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=16, model_input_names=["input_ids"], **special
    )
    looks = SiglipImageProcessorPil(size={"height": 32, "width": 32})
    SiglipProcessor(image_processor=looks, tokenizer=words).save_pretrained(folder)
    return folder
