"""Losses and gradients of the training signals by PyTorch in double precision: JSON on stdin, JSON on stdout."""
import json
import sys

import torch
import torch.nn.functional as F

case = {k: torch.tensor(v, dtype=torch.float64) for k, v in json.load(sys.stdin).items()}
z = case["logits"].requires_grad_()
h = case["hidden"].requires_grad_()
t = case["temperature"]
each = F.binary_cross_entropy_with_logits(z, case["truth"], reduction="none")
kl = torch.zeros(())
for p, q in ((case["p"], z), (1 - case["p"], -z)):
    # Two-class Kullback-Leibler divergence of the softened distributions, Hinton et al.: the same gradient as the cross-entropy.
    a = torch.sigmoid(torch.logit(p) / t)
    kl = kl + a * (torch.log(a) - F.logsigmoid(q / t))
losses = {
    "hard": (each * case["mask"]).sum() / case["mask"].sum(),
    "soft": kl.mean() * t * t,
    "expectations": F.mse_loss(F.linear(h, case["weight"], case["bias"]), case["expectations"]),
}
out = {}
for name, loss in losses.items():
    gz, gh = torch.autograd.grad(loss, (z, h), allow_unused=True)
    out[name] = {"loss": loss.item(), "logits": [] if gz is None else gz.flatten().tolist(), "hidden": [] if gh is None else gh.flatten().tolist()}
json.dump(out, sys.stdout)
