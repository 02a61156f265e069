"""Trains a LoRA adapter on the records of `assistant distill`: `python train_lora.py MODEL RECORDS OUT [FLAG...]`.

The model learns the assistant's turns only: what stands before them is read, and never learnt. A record that is longer
than `--max-tokens` is left out and counted, as its question, which stands last, would be cut off. The adapter is in
PEFT's format, which vLLM serves: `--enable-lora --lora-modules NAME=OUT`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from pathlib import Path
from typing import Any

IGNORED = -100  # the label of a token that is not learnt
ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")


def arguments(given: list[str]) -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(prog="train_lora.py", description="Train a LoRA adapter on distilled records.")
    parser.add_argument("model", help="a checkpoint's folder, or its name on the hub")
    parser.add_argument(
        "records", type=Path, help="what `assistant distill` wrote; its validation file stands beside it"
    )
    parser.add_argument("out", type=Path, help="the adapter's folder, which must not be there")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--alpha", type=int, default=32)
    parser.add_argument("--dropout", type=float, default=0.05)
    parser.add_argument(
        "--targets", nargs="+", default=list(ATTENTION), help="linear layers outside of the vision tower"
    )
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    parser.add_argument("--batch", type=int, default=1, help="records in one step of a device")
    parser.add_argument("--accumulate", type=int, default=8, help="steps between updates")
    parser.add_argument("--max-tokens", type=int, default=8192, help="longer records are left out")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(given)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the records of a file; none where there is no such file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:  # not `splitlines`: a record may hold what that takes for an end
        return [json.loads(line) for line in lines]


def beside(records: Path, name: str) -> Path:
    """Return the file of that name that `assistant distill` writes beside the records."""
    stem = records.with_suffix("") if records.suffix == ".jsonl" else records
    return stem.with_name(f"{stem.name}.{name}")


def encode(row: dict[str, Any], tokenizer: Any) -> dict[str, list[int]]:
    """Return a record's tokens, with labels for those of the last turn alone.

    Raises:
        SystemExit: the chat template writes the turns before an answer otherwise once the answer is there.
    """
    messages = row["messages"]
    asked = _ids(tokenizer, messages[:-1], add_generation_prompt=True)
    whole = _ids(tokenizer, messages, add_generation_prompt=False)
    if whole[: len(asked)] != asked:
        raise SystemExit("error: this model's chat template rewrites earlier turns: give it another one")
    return {"input_ids": whole, "labels": [IGNORED] * len(asked) + whole[len(asked) :]}


def _ids(tokenizer: Any, messages: list[dict[str, str]], *, add_generation_prompt: bool) -> list[int]:
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=add_generation_prompt)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def fitting(rows: list[dict[str, Any]], tokenizer: Any, most: int) -> tuple[list[dict[str, list[int]]], int]:
    """Return the records that are short enough, as tokens, and how many are not."""
    encoded = [encode(row, tokenizer) for row in rows]
    kept = [each for each in encoded if len(each["input_ids"]) <= most]
    return kept, len(encoded) - len(kept)


def collate(padding: int) -> Any:
    """Return what makes a batch of records, padded on the right."""
    import torch

    def together(rows: list[dict[str, list[int]]]) -> dict[str, Any]:
        longest = max(len(row["input_ids"]) for row in rows)

        def padded(name: str, with_what: int) -> Any:
            return torch.tensor([row[name] + [with_what] * (longest - len(row[name])) for row in rows])

        there = torch.tensor([[1] * len(r["input_ids"]) + [0] * (longest - len(r["input_ids"])) for r in rows])
        return {
            "input_ids": padded("input_ids", padding),
            "labels": padded("labels", IGNORED),
            "attention_mask": there,
        }

    return together


def load(name: str) -> Any:
    """Return the model, of the class that its checkpoint names, on the GPUs where there are any."""
    import torch
    import transformers

    config = transformers.AutoConfig.from_pretrained(name)
    kind = getattr(transformers, (config.architectures or ["AutoModelForCausalLM"])[0])
    placed = {"device_map": "auto"} if torch.cuda.is_available() else {}
    return kind.from_pretrained(name, dtype="auto", **placed)


def adapted(model: Any, options: argparse.Namespace) -> Any:
    """Return the model with an adapter at its targets; vision towers are left as they are."""
    from peft import LoraConfig, get_peft_model

    names = "|".join(options.targets)
    config = LoraConfig(
        r=options.rank,
        lora_alpha=options.alpha,
        lora_dropout=options.dropout,
        target_modules=rf"^(?!.*vision).*\.(?:{names})$",
        task_type="CAUSAL_LM",
    )
    model.enable_input_require_grads()
    return get_peft_model(model, config)


def schedule(options: argparse.Namespace) -> Any:
    """Return how transformers' trainer goes about it."""
    import transformers

    return transformers.TrainingArguments(
        output_dir=str(options.out),
        num_train_epochs=options.epochs,
        learning_rate=options.learning_rate,
        per_device_train_batch_size=options.batch,
        per_device_eval_batch_size=options.batch,
        gradient_accumulation_steps=options.accumulate,
        gradient_checkpointing=True,
        lr_scheduler_type="cosine",
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        remove_unused_columns=False,
        prediction_loss_only=True,
        disable_tqdm=True,
        seed=options.seed,
    )


def train(options: argparse.Namespace) -> dict[str, Any]:
    """Train, write the adapter, and return what is to be known of it."""
    import transformers

    transformers.set_seed(options.seed)
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    learnt, too_long = fitting(read_rows(options.records), tokenizer, options.max_tokens)
    tested, tested_too_long = fitting(
        read_rows(beside(options.records, "validation.jsonl")), tokenizer, options.max_tokens
    )
    if not learnt:
        raise SystemExit(
            f"error: no record of {options.records} has at most {options.max_tokens} tokens: see --max-tokens"
        )
    model = adapted(load(options.model), options)
    padding = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
    trainer = transformers.Trainer(
        model=model, args=schedule(options), train_dataset=learnt, data_collator=collate(padding)
    )
    before = {"train": loss(trainer, learnt), "validation": loss(trainer, tested)}
    trainer.train()
    after = {"train": loss(trainer, learnt), "validation": loss(trainer, tested)}
    model.save_pretrained(options.out)
    return {
        "base": options.model,
        "records": {"train": len(learnt), "validation": len(tested)},
        "left_out_as_too_long": {"train": too_long, "validation": tested_too_long},
        "learnt_tokens": sum(label != IGNORED for row in learnt for label in row["labels"]),
        "parameters": sum(p.numel() for p in model.parameters() if p.requires_grad),
        "loss": {"before": before, "after": after},
        "records_sha256": hashlib.sha256(options.records.read_bytes()).hexdigest(),
        "options": {name: str(value) for name, value in vars(options).items()},
    }


def loss(trainer: Any, rows: list[dict[str, list[int]]]) -> float | None:
    """Return the mean loss of an assistant's token; None where there are no records."""
    return round(trainer.evaluate(rows)["eval_loss"], 4) if rows else None


def main(given: list[str]) -> int:
    """Train, and say what came of it."""
    options = arguments(given)
    if options.out.exists():
        raise SystemExit(f"error: {options.out} is there already: name another folder")
    about_file = beside(options.records, "about.json")
    about = json.loads(about_file.read_text(encoding="utf-8")) if about_file.is_file() else {}
    told = train(options)
    finite = [value for each in told["loss"].values() for value in each.values() if value is not None]
    if not all(math.isfinite(value) for value in finite):
        raise SystemExit(f"error: the loss is not a number ({told['loss']}): train with a lower --learning-rate")
    told |= {name: about[name] for name in ("teacher", "readers", "denied") if name in about}
    (options.out / "training.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(told, indent=2) + "\n")
    if note := about.get("teacher", {}).get("note"):
        sys.stderr.write(f"licence: {note}\n")
    if about.get("readers") not in (None, ["group:everyone"]):
        sys.stderr.write(f"note: only these may read all that it was trained on: {', '.join(about['readers'])}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
