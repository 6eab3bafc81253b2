"""One TRM training step in PyTorch: forward, backward, AdamATan2, sign-SGD on puzzle rows, EMA.

Written from the formulas of the paper (arXiv 2510.04871) and from the published behaviour of its
reference implementation, as the opponent of `npm run bench:step`. It is not the reference's code.
`check.py` compares it with numbers that the reference produced.

Shapes: B batch, S sequence, P puzzle prefix, L = P + S, D hidden, H heads, V vocabulary.
Parameters are a dict by the reference's state_dict names (without `model.inner.`), float32; they are
cast to the compute dtype where they are used. Norms, rotary embedding and the halting logits are
float32, the loss float64, as in the reference.
"""

from dataclasses import dataclass
import math

import torch
import torch.nn.functional as F

IGNORED = -100


@dataclass(frozen=True)
class Config:
    vocab_size: int
    seq_len: int
    hidden_size: int
    num_heads: int = 8
    expansion: float = 4
    num_layers: int = 2
    h_cycles: int = 3
    l_cycles: int = 6
    puzzle_rows: int = 1
    puzzle_dim: int = 0
    puzzle_len: int = 0
    rope: bool = True
    mlp_t: bool = False
    max_steps: int = 16
    exploration: float = 0.1
    dtype: torch.dtype = torch.float32

    @property
    def total_len(self):
        return self.seq_len + self.puzzle_len


def swiglu_width(width, expansion):
    return -(-round(expansion * width * 2 / 3) // 256) * 256


def initial_parameters(config, generator):
    """The reference's initialisation, with the q head's bias at -5."""
    h, length = config.hidden_size, config.total_len

    def normal(rows, cols, std):
        weight = torch.empty(rows, cols)
        torch.nn.init.trunc_normal_(weight, 0, 1, -2, 2, generator=generator)
        return weight * (std * 1.1368472343)

    parameters = {
        "embed_tokens.embedding_weight": normal(config.vocab_size, h, 1 / math.sqrt(h)),
        "lm_head.weight": normal(config.vocab_size, h, 1 / math.sqrt(h)),
        "q_head.weight": torch.zeros(2, h),
        "q_head.bias": torch.full((2,), -5.0),
    }
    for i in range(config.num_layers):
        layer = f"L_level.layers.{i}."
        mixers = [("mlp", h)]
        if config.mlp_t:
            mixers.append(("mlp_t", length))
        else:
            parameters[layer + "self_attn.qkv_proj.weight"] = normal(3 * h, h, 1 / math.sqrt(h))
            parameters[layer + "self_attn.o_proj.weight"] = normal(h, h, 1 / math.sqrt(h))
        for name, width in mixers:
            inner = swiglu_width(width, config.expansion)
            parameters[f"{layer}{name}.gate_up_proj.weight"] = normal(
                2 * inner, width, 1 / math.sqrt(width)
            )
            parameters[f"{layer}{name}.down_proj.weight"] = normal(
                width, inner, 1 / math.sqrt(inner)
            )
    return parameters


def rotary_tables(config, theta=10000.0):
    """cos and sin [L, head dim], the angles repeated for the second half."""
    dim = config.hidden_size // config.num_heads
    inverse = theta ** (-torch.arange(0, dim, 2, dtype=torch.float32) / dim)
    angles = torch.outer(torch.arange(config.total_len, dtype=torch.float32), inverse)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos(), angles.sin()


def linear(x, weight, bias=None):
    return F.linear(x, weight.to(x.dtype), None if bias is None else bias.to(x.dtype))


def rms_norm(x, epsilon=1e-5):
    wide = x.float()
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + epsilon)).to(x.dtype)


def swiglu(x, parameters, prefix):
    gate, up = linear(x, parameters[prefix + "gate_up_proj.weight"]).chunk(2, dim=-1)
    return linear(F.silu(gate) * up, parameters[prefix + "down_proj.weight"])


def rotate(x_BHLK, cos, sin):
    first, second = x_BHLK.float().chunk(2, dim=-1)
    turned = torch.cat([-second, first], dim=-1)
    return (x_BHLK.float() * cos + turned * sin).to(x_BHLK.dtype)


def attention(x_BLD, parameters, prefix, config, rotary):
    batch, length, hidden = x_BLD.shape
    heads = config.num_heads
    qkv = linear(x_BLD, parameters[prefix + "qkv_proj.weight"])
    q, k, v = qkv.view(batch, length, 3, heads, hidden // heads).permute(2, 0, 3, 1, 4)
    if rotary is not None:
        q, k = rotate(q, *rotary), rotate(k, *rotary)
    mixed = F.scaled_dot_product_attention(q, k, v)
    mixed = mixed.transpose(1, 2).reshape(batch, length, hidden)
    return linear(mixed, parameters[prefix + "o_proj.weight"])


def reasoning(z_BLD, injection_BLD, parameters, config, rotary):
    x = z_BLD + injection_BLD
    for i in range(config.num_layers):
        layer = f"L_level.layers.{i}."
        if config.mlp_t:
            # Normalised over the sequence, while transposed.
            x = x.transpose(1, 2)
            x = rms_norm(x + swiglu(x, parameters, layer + "mlp_t."))
            x = x.transpose(1, 2)
        else:
            x = rms_norm(x + attention(x, parameters, layer + "self_attn.", config, rotary))
        x = rms_norm(x + swiglu(x, parameters, layer + "mlp."))
    return x


def embed(inputs_BS, rows_BK, parameters, config):
    x = parameters["embed_tokens.embedding_weight"].to(config.dtype)[inputs_BS]
    if config.puzzle_dim > 0:
        padded = F.pad(rows_BK, (0, config.puzzle_len * config.hidden_size - config.puzzle_dim))
        prefix = padded.view(-1, config.puzzle_len, config.hidden_size).to(config.dtype)
        x = torch.cat([prefix, x], dim=1)
    return math.sqrt(config.hidden_size) * x


def stablemax_loss(logits, labels):
    """-log of the stablemax probability per position, float64; 0 where not scored."""
    x = logits.double()
    s = torch.where(x < 0, 1 / (1 - x + 1e-30), x + 1)
    log_p = (s / s.sum(-1, keepdim=True)).log()
    scored = labels != IGNORED
    chosen = log_p.gather(-1, torch.where(scored, labels, 0).long().unsqueeze(-1)).squeeze(-1)
    return torch.where(scored, -chosen, 0)


def admit(carry, batch, buffers):
    """Halted slots start anew with their row of the batch; the others go on with theirs."""
    halted = carry["halted"]
    restart = halted[:, None, None]
    admitted = {
        "z_H": torch.where(restart, buffers["H_init"].to(carry["z_H"].dtype), carry["z_H"]),
        "z_L": torch.where(restart, buffers["L_init"].to(carry["z_L"].dtype), carry["z_L"]),
        "steps": torch.where(halted, 0, carry["steps"]),
    }
    for name, value in batch.items():
        chosen = halted.view(-1, *([1] * (value.ndim - 1)))
        admitted[name] = torch.where(chosen, value, carry[name])
    return admitted


def forward(parameters, rows, carry, minimum_steps, config, rotary):
    """The supervision step on an admitted carry: (loss, metrics, new carry, outputs)."""
    x = embed(carry["inputs"], rows, parameters, config)
    z_H, z_L = carry["z_H"], carry["z_L"]

    def cycle(z_H, z_L, x):
        for _ in range(config.l_cycles):
            z_L = reasoning(z_L, z_H + x, parameters, config, rotary)
        return reasoning(z_H, z_L, parameters, config, rotary), z_L

    with torch.no_grad():
        for _ in range(config.h_cycles - 1):
            z_H, z_L = cycle(z_H, z_L, x)
    z_H, z_L = cycle(z_H, z_L, x)

    logits = linear(z_H, parameters["lm_head.weight"])[:, config.puzzle_len :]
    q_halt = linear(z_H[:, 0], parameters["q_head.weight"], parameters["q_head.bias"]).float()[:, 0]

    labels = carry["labels"]
    scored = labels != IGNORED
    counts = scored.sum(-1)
    divisor = counts.clamp(min=1)
    correct = scored & (logits.argmax(-1) == labels)
    solved = correct.sum(-1) == counts
    lm_loss = (stablemax_loss(logits, labels) / divisor[:, None]).sum()
    q_loss = F.binary_cross_entropy_with_logits(q_halt, solved.float(), reduction="sum")
    loss = lm_loss + 0.5 * q_loss

    with torch.no_grad():
        steps = carry["steps"] + 1
        halted = steps >= config.max_steps
        if config.max_steps > 1:
            halted = (halted | (q_halt > 0)) & (steps >= minimum_steps)
        valid = halted & (counts > 0)
        metrics = {
            "count": valid.sum(),
            "accuracy": torch.where(valid, correct.sum(-1) / divisor, 0).sum(),
            "exact_accuracy": (valid & solved).sum(),
            "q_halt_accuracy": (valid & ((q_halt >= 0) == solved)).sum(),
            "steps": torch.where(valid, steps, 0).sum(),
            "lm_loss": lm_loss.detach(),
            "q_halt_loss": q_loss.detach(),
        }
    kept = {name: carry[name] for name in ("inputs", "labels", "puzzle_identifiers")}
    new_carry = {"z_H": z_H.detach(), "z_L": z_L.detach(), "steps": steps, "halted": halted, **kept}
    return loss, metrics, new_carry, {"logits": logits, "q_halt_logits": q_halt}


def adam_atan2(parameters, gradients, first, second, rate, decay, beta1, beta2, correct1, correct2):
    """In place over lists of tensors. `correct` is 1 - beta^t; the first stands outside of atan2."""
    torch._foreach_mul_(parameters, 1 - rate * decay)
    torch._foreach_lerp_(first, gradients, 1 - beta1)
    torch._foreach_mul_(second, beta2)
    torch._foreach_addcmul_(second, gradients, gradients, 1 - beta2)
    for p, m, v in zip(parameters, first, second):
        p.sub_(torch.atan2(m, (v / correct2).sqrt()) * (rate / correct1))


def sign_sgd(table, ids, gradient, rate, decay):
    """Decays and moves the rows that the batch touched, by the sign of each row's summed gradient."""
    same = (ids[:, None] == ids[None, :]).to(gradient.dtype)
    rows = table[ids]
    table[ids] = rows * (1 - rate * decay) - rate * torch.sign(same @ gradient)


def learning_rate(base, step, total, warmup, floor):
    if step < warmup:
        return base * step / max(1, warmup)
    progress = (step - warmup) / max(1, total - warmup)
    return base * (floor + max(0.0, (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))))


@dataclass(frozen=True)
class Recipe:
    rate: float = 1e-4
    row_rate: float = 1e-4
    decay: float = 1.0
    row_decay: float = 1.0
    beta1: float = 0.9
    beta2: float = 0.95
    warmup: int = 2000
    floor: float = 1.0
    total: int = 65104
    ema: float = 0.999


class Trainer:
    """State of one training and its step. `compiled` puts model, loss and updates through torch.compile."""

    def __init__(
        self, config, recipe, parameters, buffers, table, batch_size, compiled=False, device="cpu"
    ):
        self.config, self.recipe, self.batch_size = config, recipe, batch_size
        self.device = torch.device(device)
        self.parameters = {
            name: value.to(device, copy=True).requires_grad_() for name, value in parameters.items()
        }
        self.buffers = {name: value.to(device) for name, value in buffers.items()}
        self.table = table.to(device)
        values = [p.detach() for p in self.parameters.values()]
        self.first = [torch.zeros_like(p) for p in values]
        self.second = [torch.zeros_like(p) for p in values]
        self.average = [p.clone() for p in values]
        self.rotary = None
        if config.rope and not config.mlp_t:
            self.rotary = tuple(table.to(device) for table in rotary_tables(config))
        self.carry = self._initial_carry()
        self.step_number = 0
        self.forward = torch.compile(forward, dynamic=False) if compiled else forward
        self.update = torch.compile(self._update, dynamic=False) if compiled else self._update

    def _initial_carry(self):
        config, batch = self.config, self.batch_size
        latent = (batch, config.total_len, config.hidden_size)
        carry = {
            "z_H": torch.zeros(latent, dtype=config.dtype),
            "z_L": torch.zeros(latent, dtype=config.dtype),
            "steps": torch.zeros(batch, dtype=torch.int32),
            "halted": torch.ones(batch, dtype=torch.bool),
            "inputs": torch.zeros(batch, config.seq_len, dtype=torch.int32),
            "labels": torch.zeros(batch, config.seq_len, dtype=torch.int32),
            "puzzle_identifiers": torch.zeros(batch, dtype=torch.int32),
        }
        return {name: value.to(self.device) for name, value in carry.items()}

    def minimum_steps(self, generator):
        """With probability `exploration`, a row may not halt before a random step."""
        batch, config = self.batch_size, self.config
        explores = torch.rand(batch, generator=generator) < config.exploration
        least = torch.randint(2, config.max_steps + 1, (batch,), generator=generator)
        return torch.where(explores, least, 0).int()

    def gradients(self, batch, minimum_steps):
        """Loss of the summed batch, its gradients, the metrics; advances the carry."""
        batch = {
            name: value.to(self.device, non_blocking=True) for name, value in batch.items()
        }
        minimum_steps = minimum_steps.to(self.device, non_blocking=True)
        carry = admit(self.carry, batch, self.buffers)
        ids = carry["puzzle_identifiers"].long()
        rows = self.table[ids].requires_grad_()
        loss, metrics, self.carry, outputs = self.forward(
            self.parameters, rows, carry, minimum_steps, self.config, self.rotary
        )
        wanted = [*self.parameters.values(), rows]
        gradients = torch.autograd.grad(
            loss / self.batch_size, wanted, allow_unused=True, materialize_grads=True
        )
        return loss.detach(), metrics, outputs, ids, gradients[:-1], gradients[-1]

    def _update(self, gradients, rate, correct1, correct2):
        with torch.no_grad():
            recipe, parameters = self.recipe, list(self.parameters.values())
            adam_atan2(
                parameters, gradients, self.first, self.second, rate, recipe.decay,
                recipe.beta1, recipe.beta2, correct1, correct2,
            )  # fmt: skip
            torch._foreach_lerp_(self.average, parameters, 1 - recipe.ema)

    def step(self, batch, minimum_steps):
        """One training step; returns loss and metrics, summed over the batch."""
        recipe = self.recipe
        self.step_number += 1
        if self.step_number > recipe.total:
            with torch.no_grad():
                torch._foreach_lerp_(self.average, list(self.parameters.values()), 1 - recipe.ema)
            return None
        loss, metrics, _, ids, gradients, row_gradient = self.gradients(batch, minimum_steps)
        rates = [
            learning_rate(base, self.step_number, recipe.total, recipe.warmup, recipe.floor)
            for base in (recipe.row_rate, recipe.rate)
        ]
        if self.config.puzzle_dim > 0:
            with torch.no_grad():
                sign_sgd(self.table, ids, row_gradient, rates[0], recipe.row_decay)
        # Tensors, not Python numbers: a compiled update must not recompile when they change.
        corrections = [1 - beta**self.step_number for beta in (recipe.beta1, recipe.beta2)]
        scalars = [torch.tensor(value, device=self.device) for value in (rates[1], *corrections)]
        self.update(gradients, *scalars)
        return loss, metrics
