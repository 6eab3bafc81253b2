"""Times PyTorch training steps on demand: one JSON command a line on stdin, one JSON answer a line.

  {"op": "prepare", "id", "model": {…}, "batchSize", "dtype", "compiled"}  builds, runs warm-up steps
  {"op": "time", "id", "steps"}                                            milliseconds of each step
  {"op": "peak", "id"}                                                     bytes of the device's memory
  {"op": "dispose", "id"}
"""

import json
import sys
import time

import torch

from trm_step import Config, Recipe, Trainer, initial_parameters

WARM_UP_STEPS = 2


class Contender:
    def __init__(self, command):
        model = command["model"]
        self.config = Config(
            vocab_size=model["vocabSize"],
            seq_len=model["seqLen"],
            hidden_size=model["hiddenSize"],
            num_heads=model["numHeads"],
            h_cycles=model["hCycles"],
            l_cycles=model["lCycles"],
            puzzle_rows=model["puzzles"],
            puzzle_dim=model["hiddenSize"],
            puzzle_len=model["puzzleLen"],
            rope=not model["mlpT"],
            mlp_t=model["mlpT"],
            dtype=getattr(torch, command["dtype"]),
        )
        self.on_gpu = command["device"] != "cpu"
        if self.on_gpu:
            torch.cuda.reset_peak_memory_stats()
        self.generator = torch.Generator().manual_seed(0)
        hidden = self.config.hidden_size
        buffers = {
            name: torch.randn(hidden, generator=self.generator).to(self.config.dtype)
            for name in ("H_init", "L_init")
        }
        self.trainer = Trainer(
            self.config,
            Recipe(),
            initial_parameters(self.config, self.generator),
            buffers,
            torch.zeros(model["puzzles"], hidden),
            command["batchSize"],
            command["compiled"],
            command["device"],
        )
        for _ in range(WARM_UP_STEPS):
            self.step()

    def step(self):
        """Milliseconds of one step, from the batch on the host to the loss on the host."""
        shape = (self.trainer.batch_size, self.config.seq_len)
        vocab = self.config.vocab_size
        batch = {
            name: torch.randint(1, vocab, shape, generator=self.generator, dtype=torch.int32)
            for name in ("inputs", "labels")
        }
        rows = (shape[0],)
        batch["puzzle_identifiers"] = torch.randint(
            self.config.puzzle_rows, rows, generator=self.generator, dtype=torch.int32
        )
        if self.on_gpu:
            batch = {name: value.pin_memory() for name, value in batch.items()}
        start = time.perf_counter()
        minimum_steps = self.trainer.minimum_steps(self.generator)
        loss, _ = self.trainer.step(batch, minimum_steps)
        loss.item()
        if self.on_gpu:
            torch.cuda.synchronize()
        return (time.perf_counter() - start) * 1e3

    def peak_bytes(self):
        return torch.cuda.max_memory_allocated() if self.on_gpu else None


def main():
    contenders = {}
    for line in sys.stdin:
        command = json.loads(line)
        answer = {}
        if command["op"] == "prepare":
            start = time.perf_counter()
            contenders[command["id"]] = Contender(command)
            answer = {
                "prepareMs": (time.perf_counter() - start) * 1e3,
                "version": torch.__version__,
                "threads": torch.get_num_threads(),
            }
        elif command["op"] == "time":
            contender = contenders[command["id"]]
            answer = {"ms": [contender.step() for _ in range(command["steps"])]}
        elif command["op"] == "peak":
            answer = {"bytes": contenders[command["id"]].peak_bytes()}
        elif command["op"] == "dispose":
            del contenders[command["id"]]
            torch.compiler.reset()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
