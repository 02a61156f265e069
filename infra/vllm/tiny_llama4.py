"""Makes a Llama 4 of two million random parameters, with experts and vision, that vLLM serves on a CPU.

`python tiny_llama4.py FOLDER` writes weights, tokenizer, chat template and image processor in the layout of the
published checkpoints. It proves what a server does (counts, streams, caches, limits), never what a model says. Its
shape follows `Llama4Config` of transformers; tokens are byte-level BPE like those of Llama 4, 4,096 of them, trained
on this Python's own sources. The same packages give the same checkpoint.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import Any

VOCABULARY = 4096
POSITIONS = 16384
TILE, PATCH = 56, 14  # pixels; a tile has 4 x 4 patches, of which the pixel shuffle makes 4 tokens
SEED = 4
CONTROLS = (
    "<|begin_of_text|>",
    "<|end_of_text|>",
    "<|header_start|>",
    "<|header_end|>",
    "<|eom|>",
    "<|eot|>",
    "<|python_start|>",
    "<|python_end|>",
    "<|finetune_right_pad|>",
    "<|image_start|>",
    "<|image_end|>",
    "<|tile_x_separator|>",
    "<|tile_y_separator|>",
    "<|image|>",
    "<|patch|>",
)
WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
TEMPLATE = """\
{%- macro body(content) -%}
  {%- if content is string -%}{{ content }}
  {%- else -%}
    {%- for part in content -%}
      {%- if part.type == 'image' -%}{{ '<|image|>' }}{%- else -%}{{ part.text }}{%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}
{%- macro head(role) -%}{{ '<|header_start|>' + role + '<|header_end|>' + '\\n\\n' }}{%- endmacro -%}
{{- bos_token -}}
{%- if tools -%}
  {{- head('system') + 'Functions, called as [name(argument=value)]:\\n' -}}
  {%- for tool in tools -%}{{ tool | tojson + '\\n' }}{%- endfor -%}
  {{- '<|eot|>' -}}
{%- endif -%}
{%- for message in messages -%}
  {%- if message.role == 'tool' -%}
    {{- head('ipython') + body(message.content) + '<|eot|>' -}}
  {%- elif message.tool_calls -%}
    {{- head('assistant') + '<|python_start|>' -}}
    {%- for call in message.tool_calls -%}
      {{- call.function.name + (call.function.arguments | tojson) + ' ' -}}
    {%- endfor -%}
    {{- '<|python_end|><|eom|>' -}}
  {%- else -%}
    {{- head(message.role) + body(message.content) + '<|eot|>' -}}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ head('assistant') }}{%- endif -%}
"""


def train_tokenizer() -> Any:
    """Return the tokenizer, trained."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    words = pre_tokenizers.Split(Regex(WORDS), "isolated")
    letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, letters])
    tokenizer.decoder = decoders.ByteLevel()
    corpus = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))[:80]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(CONTROLS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train([str(path) for path in corpus], trainer)
    tokenizer.add_special_tokens(list(CONTROLS))
    begin = ("<|begin_of_text|>", tokenizer.token_to_id("<|begin_of_text|>"))
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{begin[0]} $A", special_tokens=[begin])
    return tokenizer


def make_tokenizer() -> Any:
    """Return the tokenizer as transformers takes it, with the chat template."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=train_tokenizer(),
        bos_token=CONTROLS[0],
        eos_token=CONTROLS[5],
        pad_token=CONTROLS[8],
        model_max_length=POSITIONS,
        clean_up_tokenization_spaces=False,
        chat_template=TEMPLATE,
    )


def make_config(tokenizer: Any) -> Any:
    """Return the shape: four layers, every second one with four experts, and a vision tower of two."""
    from transformers import Llama4Config

    number = tokenizer.convert_tokens_to_ids
    text = {
        "vocab_size": VOCABULARY,
        "hidden_size": 128,
        "intermediate_size": 128,
        "intermediate_size_mlp": 256,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "num_local_experts": 4,
        "num_experts_per_tok": 1,
        "interleave_moe_layer_step": 2,
        "use_qk_norm": False,
        "attention_chunk_size": 8192,
        "max_position_embeddings": POSITIONS,
        "rope_parameters": {"rope_type": "default", "rope_theta": 500000.0},
        "initializer_range": 0.05,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    vision = {
        "hidden_size": 64,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": TILE,
        "patch_size": PATCH,
        "projector_input_dim": 64,
        "projector_output_dim": 64,
        "vision_output_dim": 64,
        "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
    }
    return Llama4Config(
        text_config=text,
        vision_config=vision,
        boi_token_index=number("<|image_start|>"),
        eoi_token_index=number("<|image_end|>"),
        image_token_index=number("<|patch|>"),
    )


def make_model(tokenizer: Any) -> Any:
    """Return the model with its random weights, in bfloat16."""
    import torch
    from transformers import Llama4ForConditionalGeneration

    torch.manual_seed(SEED)
    model = Llama4ForConditionalGeneration(make_config(tokenizer)).to(torch.bfloat16).eval()
    for parameter in model.parameters():
        if not torch.isfinite(parameter).all() or parameter.abs().max() > 10:  # some are allocated and not set
            torch.nn.init.normal_(parameter, std=0.05)
    ends = [tokenizer.convert_tokens_to_ids(name) for name in ("<|eot|>", "<|eom|>", "<|end_of_text|>")]
    model.generation_config.bos_token_id = tokenizer.bos_token_id
    model.generation_config.eos_token_id = ends
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    return model


def make(folder: Path) -> None:
    """Write the checkpoint into that folder."""
    from transformers import Llama4Processor
    from transformers.models.llama4 import image_processing_llama4 as images

    tokenizer = make_tokenizer()
    make_model(tokenizer).save_pretrained(folder)
    kind = getattr(images, "Llama4ImageProcessorFast", None) or images.Llama4ImageProcessor
    processor = kind(size={"height": TILE, "width": TILE}, max_patches=4)
    Llama4Processor(
        processor, tokenizer, patch_size=PATCH, pixel_shuffle_ratio=0.5, chat_template=TEMPLATE
    ).save_pretrained(folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tiny_llama4.py FOLDER")
    make(Path(sys.argv[1]))
