"""Compares trm_step.py with the reference's numbers: `python check.py FIXTURES`.

Tolerances are those of the fixtures' README: logits, halting logits, carry and loss 1e-4 absolute,
gradients 2e-4 of the tensor's largest absolute value; counts exactly.
"""

import json
import os
import sys
from types import SimpleNamespace

import torch
from safetensors.torch import load_file

from trm_step import Config, Recipe, Trainer

PREFIX = "model.inner."
BATCH = ("inputs", "labels", "puzzle_identifiers")


def load(folder, case):
    with open(os.path.join(folder, case + ".json"), encoding="utf-8") as file:
        return json.load(file), load_file(os.path.join(folder, case + ".safetensors"))


def trainer_of(model, tensors, recipe=Recipe(), compiled=False):
    config = Config(
        vocab_size=model["vocab_size"],
        seq_len=model["seq_len"],
        hidden_size=model["hidden_size"],
        num_heads=model["num_heads"],
        expansion=model["expansion"],
        num_layers=model["L_layers"],
        h_cycles=model["H_cycles"],
        l_cycles=model["L_cycles"],
        puzzle_rows=model["num_puzzle_identifiers"],
        puzzle_dim=model["puzzle_emb_ndim"],
        puzzle_len=model["puzzle_emb_len"],
        rope=model["pos_encodings"] == "rope",
        mlp_t=model["mlp_t"],
        max_steps=model["halt_max_steps"],
        exploration=0.0,
    )
    initial = {
        name.removeprefix("init/" + PREFIX): value
        for name, value in tensors.items()
        if name.startswith("init/" + PREFIX)
    }
    buffers = {name: initial.pop(name) for name in ("H_init", "L_init")}
    no_rows = torch.zeros(model["num_puzzle_identifiers"], 0)
    table = initial.pop("puzzle_emb.weights", no_rows).clone()
    return Trainer(config, recipe, initial, buffers, table, model["batch_size"], compiled)


def batch_of(tensors, t):
    return {name: tensors[f"batch{t}/{name}"] for name in BATCH}


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, difference, allowed):
        good = difference <= allowed
        self.passed += good
        self.failed += not good
        if not good:
            print(f"FAILED  {what}: differs by {difference:.3g}, allowed {allowed:.3g}")

    def close(self, what, value, expected, absolute=1e-4):
        self.check(what, (value.double() - expected.double()).abs().max().item(), absolute)

    def gradient(self, what, value, expected):
        scale = max(expected.double().abs().max().item(), 1e-12)
        self.check(what, (value.double() - expected.double()).abs().max().item() / scale, 2e-4)


def check_model(folder, case, tally, compiled=False):
    """Three supervision steps with constant weights: outputs, metrics, carry, gradients."""
    meta, tensors = load(folder, case)
    trainer = trainer_of(meta["config"], tensors, compiled=compiled)
    label = case + (" compiled" if compiled else "")
    never = torch.zeros(trainer.batch_size, dtype=torch.int32)
    for t in range(3):
        at = f"step{t}/"
        batch = batch_of(tensors, t)
        loss, metrics, outputs, _, gradients, row_gradient = trainer.gradients(batch, never)
        tally.close(f"{label} {at}loss", loss, tensors[at + "loss"])
        for name in ("logits", "q_halt_logits"):
            tally.close(f"{label} {at}{name}", outputs[name].detach(), tensors[at + name])
        for name, value in metrics.items():
            exact = 0 if tensors[at + "metrics/" + name].dtype == torch.int64 else 1e-4
            tally.close(f"{label} {at}{name}", value, tensors[at + "metrics/" + name], exact)
        for name in ("z_H", "z_L", "steps", "halted"):
            exact = 1e-4 if name.startswith("z_") else 0
            tally.close(
                f"{label} {at}carry/{name}", trainer.carry[name], tensors[f"{at}carry/{name}"], exact
            )
        named = dict(zip(trainer.parameters, gradients))
        for name, value in named.items():
            raw = value * trainer.batch_size  # the fixtures hold the gradient of the sum
            if at + "grad/" + PREFIX + name in tensors:
                expected = tensors[at + "grad/" + PREFIX + name]
                tally.gradient(f"{label} {at}grad/{name}", raw, expected)
            else:
                expected = tensors[at + "grad_norm/" + PREFIX + name]
                tally.gradient(f"{label} {at}grad_norm/{name}", raw.double().norm(), expected)
        if trainer.config.puzzle_dim > 0:
            expected = tensors[at + "puzzle_emb/local_weights_grad"]
            tally.gradient(f"{label} {at}rows", row_gradient * trainer.batch_size, expected)


def check_training(folder, tally, compiled=False):
    """Six calls of the training loop: parameters, average, puzzle rows, carry."""
    meta, tensors = load(folder, "train_loop")
    hyper = SimpleNamespace(**meta["config"]["hyper"])
    recipe = Recipe(
        rate=hyper.lr,
        row_rate=hyper.puzzle_emb_lr,
        decay=hyper.weight_decay,
        row_decay=hyper.puzzle_emb_weight_decay,
        beta1=hyper.beta1,
        beta2=hyper.beta2,
        warmup=hyper.lr_warmup_steps,
        floor=hyper.lr_min_ratio,
        total=hyper.total_steps,
        ema=hyper.ema_rate,
    )
    trainer = trainer_of(meta["config"]["model"], tensors, recipe, compiled)
    label = "train_loop" + (" compiled" if compiled else "")
    never = torch.zeros(trainer.batch_size, dtype=torch.int32)
    for call in range(6):
        trainer.step(batch_of(tensors, call), never)
        tally.close(f"{label} call{call} rows", trainer.table, tensors[f"call{call}/puzzle_emb.weights"], 1e-6)
        for name in ("steps", "halted"):
            tally.close(f"{label} call{call} {name}", trainer.carry[name], tensors[f"call{call}/carry/{name}"], 0)
    for (name, value), average in zip(trainer.parameters.items(), trainer.average):
        tally.close(f"{label} {name}", value.detach(), tensors["final/param/" + PREFIX + name], 1e-5)
        tally.close(f"{label} average {name}", average, tensors["final/ema/" + PREFIX + name], 1e-5)
    for name in ("z_H", "z_L"):
        tally.close(f"{label} {name}", trainer.carry[name], tensors["final/carry/" + name])


def main():
    folder = sys.argv[1]
    compiled = "--compiled" in sys.argv
    tally = Tally()
    for case in ("trm_att", "trm_mlp", "trm_nopuz") if not compiled else ("trm_mlp",):
        check_model(folder, case, tally, compiled)
    check_training(folder, tally, compiled)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
