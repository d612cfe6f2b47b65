"""Losses and gradients of the representation and relational signals by PyTorch in double precision, after the papers' definitions: JSON on stdin, JSON on stdout."""
import json
import sys

import torch
import torch.nn.functional as F

case = {k: torch.tensor(v, dtype=torch.float64) for k, v in json.load(sys.stdin).items()}
z, h, m = (case[k].requires_grad_() for k in ("logits", "hidden", "map"))
t, features = case["representation"], case["features"]
n = len(h)


def distances(x):
    d = torch.stack([torch.stack([torch.norm(x[i] - x[j]) if i != j else x.new_zeros(()) for j in range(n)]) for i in range(n)])
    return d / (d.sum() / (n * (n - 1)))


def cosines(x):
    rows = []
    for i in range(n):
        e = torch.stack([F.normalize(x[j] - x[i], dim=0) if j != i else torch.zeros_like(x[i]) for j in range(n)])
        rows.append(e @ e.T)
    return torch.stack(rows)


def hsic(a, b):
    centre = torch.eye(n, dtype=torch.float64) - 1 / n
    return torch.trace(a @ centre @ b @ centre)


def attention(x):
    return F.normalize(x.pow(2).mean(1).flatten(1), dim=1)


off = ~torch.eye(n, dtype=torch.bool)
ks, kt = h @ h.T, t @ t.T
pooled = F.avg_pool2d(m.pow(2).mean(1, keepdim=True), 2).flatten(1)
groups = case["states"].reshape(n, 4, 2).sum(2)
losses = {
    "logits": (0.5 * (z - torch.logit(case["p"])).pow(2).mean(), z),
    "states": (F.kl_div(F.log_softmax(F.linear(h, case["state_weight"], case["state_bias"]), 1), groups, reduction="batchmean"), h),
    "hint": (0.5 * (F.linear(h, case["hint_weight"], case["hint_bias"]) - features).pow(2).mean(), h),
    "distance": (F.smooth_l1_loss(distances(h)[off], distances(t)[off]), h),
    "angle": (F.smooth_l1_loss(cosines(h), cosines(t)), h),
    "cka": (1 - hsic(ks, kt) / torch.sqrt(hsic(ks, ks) * hsic(kt, kt)), h),
    "attention": ((F.normalize(pooled, dim=1) - attention(features.reshape(n, 2, 2, 2))).pow(2).sum(1).mean(), m),
}
json.dump({k: {"loss": v.item(), "gradient": torch.autograd.grad(v, x, retain_graph=True)[0].flatten().tolist()} for k, (v, x) in losses.items()}, sys.stdout)
