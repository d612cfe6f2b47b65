"""The same computations in PyTorch itself: prints name -> numbers as JSON. The tests run it once and compare."""
import json

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
out = {}


def put(name, value):
    out[name] = (value if torch.is_tensor(value) else torch.tensor(value, dtype=torch.float64)).detach().double().reshape(-1).tolist()


def data():
    torch.manual_seed(5)
    x = torch.randn(6, 4)
    w = torch.randn(3, 4)
    y = torch.randint(0, 3, (6,))
    return x, w, y


x, w, y = data()
put("random.randn", x)
put("random.randint", y)
put("random.rand", torch.rand(4))
put("random.randperm", torch.randperm(7))
put("random.multinomial", torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 5, True))

logits = x @ w.t()
target = F.softmax(torch.randn(6, 3), 1)
for reduction in ["none", "mean", "sum"]:
    put(f"loss.cross_entropy.{reduction}", F.cross_entropy(logits, y, reduction=reduction))
    put(f"loss.cross_entropy_soft.{reduction}", F.cross_entropy(logits, target, reduction=reduction, label_smoothing=0.1))
    put(f"loss.bce_logits.{reduction}", F.binary_cross_entropy_with_logits(logits, target, reduction=reduction, pos_weight=torch.tensor([1.0, 2.0, 3.0])))
    put(f"loss.bce.{reduction}", F.binary_cross_entropy(torch.sigmoid(logits), target, reduction=reduction))
    put(f"loss.mse.{reduction}", F.mse_loss(logits, target, reduction=reduction))
    put(f"loss.l1.{reduction}", F.l1_loss(logits, target, reduction=reduction))
    put(f"loss.smooth_l1.{reduction}", F.smooth_l1_loss(logits, target, reduction=reduction, beta=0.5))
    put(f"loss.huber.{reduction}", F.huber_loss(logits, target, reduction=reduction, delta=0.5))
    put(f"loss.nll.{reduction}", F.nll_loss(F.log_softmax(logits, 1), y, reduction=reduction))
    put(f"loss.kl.{reduction}", F.kl_div(F.log_softmax(logits, 1), target, reduction=reduction, log_target=False))
    put(f"loss.kl_log.{reduction}", F.kl_div(F.log_softmax(logits, 1), target.log(), reduction=reduction, log_target=True))
put("loss.cross_entropy_weighted", F.cross_entropy(logits, y, weight=torch.tensor([1.0, 2.0, 3.0])))
put("loss.triplet", F.triplet_margin_loss(x, x.flip(0), x.roll(1, 0)))
put("loss.cosine_embedding", F.cosine_embedding_loss(x, x.flip(0), torch.tensor([1.0, -1, 1, -1, 1, -1]), margin=0.1))

for name, f in {
    "relu": F.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "gelu": F.gelu, "silu": F.silu, "elu": lambda t: F.elu(t, 1.0),
    "leaky_relu": lambda t: F.leaky_relu(t, 0.01), "softplus": F.softplus, "logsigmoid": F.logsigmoid,
    "softmax": lambda t: F.softmax(t, -1), "log_softmax": lambda t: F.log_softmax(t, -1),
    "normalize": lambda t: F.normalize(t), "logsumexp": lambda t: torch.logsumexp(t, 1), "cdist": lambda t: torch.cdist(t, t.flip(0) * 0.5),
}.items():
    t = x.clone().requires_grad_()
    r = f(t)
    (r * torch.arange(1.0, r.numel() + 1).reshape(r.shape)).sum().backward()
    put(f"op.{name}", r)
    put(f"op.{name}.grad", t.grad)


def model():
    torch.manual_seed(11)
    return torch.nn.Sequential(
        torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 8), torch.nn.GELU(), torch.nn.LayerNorm(8), torch.nn.Linear(8, 3))


optimizers = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adam_wd_amsgrad": lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.95), weight_decay=0.1, amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.2),
    "adam_maximize": lambda p: torch.optim.Adam(p, lr=0.01, maximize=True),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.2, weight_decay=0.01),
    "sgd_nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
}
for name, make in optimizers.items():
    m = model()
    if name == "adam":
        for k, v in m.state_dict().items():
            put(f"model.{k}", v)
    opt = make(m.parameters())
    losses = []
    for step in range(20):
        opt.zero_grad()
        loss = F.cross_entropy(m(x), y)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    put(f"train.{name}.losses", losses)
    put(f"train.{name}.parameters", torch.cat([p.reshape(-1) for p in m.parameters()]))
    m.eval()
    put(f"train.{name}.eval", m(x))

torch.manual_seed(3)
conv = torch.nn.Sequential(torch.nn.Conv1d(2, 4, 3, padding=1, dilation=1), torch.nn.Tanh(), torch.nn.MaxPool1d(2), torch.nn.Conv1d(4, 4, 3, padding="same", groups=2), torch.nn.AvgPool1d(2), torch.nn.Flatten(), torch.nn.Linear(8, 2))
put("conv1d", conv(torch.randn(3, 2, 8)))
torch.manual_seed(3)
conv = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 3, stride=2), torch.nn.BatchNorm2d(3), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
put("conv2d", conv(torch.randn(2, 1, 12, 12)))
torch.manual_seed(9)
put("dropout", F.dropout(torch.ones(20), 0.3))

p = torch.nn.Parameter(torch.zeros(1))
for name, make in {
    "step": lambda o: torch.optim.lr_scheduler.StepLR(o, 3, 0.5),
    "multistep": lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [2, 5], 0.1),
    "exponential": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9),
    "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 8, 0.001),
    "lambda": lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda e: 1 / (1 + e)),
}.items():
    o = torch.optim.SGD([p], lr=0.1)
    s = make(o)
    rates = [o.param_groups[0]["lr"]]
    for _ in range(8):
        o.step()
        s.step()
        rates.append(o.param_groups[0]["lr"])
    put(f"schedule.{name}", rates)

m = model()
F.cross_entropy(m(x), y).backward()
put("clip.norm", torch.nn.utils.clip_grad_norm_(m.parameters(), 0.5))
put("clip.grads", torch.cat([p.grad.reshape(-1) for p in m.parameters()]))

t = torch.arange(24.0).reshape(2, 3, 4)
put("index.slice", t[:, 1:3, ::2])
put("index.int", t[1, -1])
put("index.ellipsis", t[..., 0])
put("index.mask", t[t > 5])
put("index.tensor", t[:, torch.tensor([2, 0])])
put("index.none", t[0, None, 1])
put("quantile", torch.quantile(t, torch.tensor([0.1, 0.5]), 1))
a = x.t() @ x + torch.eye(4)
put("linalg.inv", torch.linalg.inv(a))
put("linalg.cholesky", torch.linalg.cholesky(a))
put("linalg.eigvalsh", torch.linalg.eigvalsh(a))
put("linalg.solve", torch.linalg.solve(a, x.t()))
put("linalg.svdvals", torch.linalg.svdvals(x))
z = torch.fft.fft(torch.arange(6.0))
put("fft.abs", z.abs())
put("fft.angle", z.angle())
w1 = torch.tensor([1.5, -0.5], dtype=torch.float64, requires_grad=True)
(g,) = torch.autograd.grad((w1 ** 3).sum(), w1, create_graph=True)
(h,) = torch.autograd.grad(g.sum(), w1)
put("grad.first", g)
put("grad.second", h)

# Every operator of the binding once: the same expression in PyTorch. Complex results are compared as (real, imaginary).
torch.manual_seed(21)
a, b = torch.randn(3, 4), torch.rand(3, 4) + 0.5
sq = torch.randn(4, 4)
i = torch.tensor([[0, 2, 1, 0], [1, 1, 0, 2], [2, 0, 0, 1]])
k = torch.tensor([2, 0])
mask = a > 0
batch = torch.randn(2, 3, 4)
unit = torch.rand(3, 4) * 0.8 + 0.1
c = torch.complex(a, b)
ints = torch.tensor([3, 1, 2, 1, 0])
every = {
    "acos": unit.acos(), "acosh": (b + 1).acosh(), "asin": unit.asin(), "asinh": a.asinh(), "atan": a.atan(), "atanh": unit.atanh(), "ceil": a.ceil(), "cos": a.cos(), "cosh": a.cosh(),
    "digamma": b.digamma(), "erf": a.erf(), "erfc": a.erfc(), "erfinv": unit.erfinv(), "exp2": a.exp2(), "expm1": a.expm1(), "floor": a.floor(), "frac": a.frac(), "lgamma": b.lgamma(), "log10": b.log10(),
    "log1p": b.log1p(), "log2": b.log2(), "reciprocal": b.reciprocal(), "round": a.round(decimals=2), "rsqrt": b.rsqrt(), "sign": a.sign(), "sin": a.sin(), "sinc": a.sinc(), "sinh": a.sinh(), "square": a.square(),
    "tan": a.tan(), "trunc": a.trunc(), "isnan": (a / 0 * 0).isnan(), "isfinite": (a / 0).isfinite(), "logical_not": mask.logical_not(), "add_alpha": torch.add(a, b, alpha=3), "rsub": 2 - a, "rdiv": 2 / b, "remainder": a % 0.7,
    "fmod": a.fmod(0.7), "div_floor": torch.div(a, b, rounding_mode="floor"), "div_trunc": torch.div(a, 0.3, rounding_mode="trunc"), "pow": b.pow(a), "atan2": a.atan2(b), "maximum": torch.maximum(a, b), "fmin": torch.fmin(a, b),
    "and": mask & (b > 1), "or": mask | (b > 1), "xor": mask ^ (b > 1), "not": ~mask, "eq": i == 1, "ne": i != 1, "le": a <= 0.1, "clamp": a.clamp(-0.5, 0.5), "clamp_tensor": a.clamp(-b, b), "clamp_min": a.clamp_min(0.2), "nan_to_num": (a / 0).nan_to_num(0, 5, -5),
    "lerp": a.lerp(b, unit), "addcmul": a.addcmul(b, b, value=0.5), "addcdiv": a.addcdiv(b, b, value=0.5), "logit": unit.logit(), "xlogy": b.xlogy(b), "logaddexp": a.logaddexp(b), "relu6": (a * 6).clamp(0, 6), "selu": F.selu(a),
    "sum": a.sum(1), "sum_keep": a.sum(0, keepdim=True), "mean": a.mean(1), "std": a.std(1), "var": a.var(0, unbiased=False), "std_all": a.std(), "prod": a.prod(1), "max": a.max(1).values, "max_at": a.max(1).indices, "min": a.min(0).values, "amax": a.amax(0),
    "argmax": a.argmax(1), "argmin": a.argmin(), "all": mask.all(1), "any": mask.any(0), "norm1": a.norm(1), "norm_dim": a.norm(2, 1), "cumsum": a.cumsum(1), "cumprod": a.cumprod(0), "median": a.median(), "bincount": ints.bincount(), "count_nonzero": mask.count_nonzero(),
    "cov": a.cov(), "corrcoef": a.corrcoef(), "reshape": a.reshape(2, 6), "flatten": batch.flatten(1), "unflatten": a.unflatten(1, (2, 2)), "unsqueeze": a.unsqueeze(1), "permute": batch.permute(2, 0, 1), "expand": a.unsqueeze(0).expand(2, -1, -1), "repeat": a.repeat(2, 1),
    "repeat_interleave": a.repeat_interleave(2, 1), "tile": a.tile(2), "narrow": a.narrow(1, 1, 2), "select": a.select(1, 2), "index_select": a.index_select(0, k), "gather": a.gather(0, i), "scatter": a.scatter(0, i, b), "scatter_add": a.scatter_add(0, i, b),
    "index_add": a.index_add(0, k, b[:2], alpha=2), "masked_fill": a.masked_fill(mask, 7), "masked_select": a.masked_select(mask), "where": torch.where(mask, a, b), "nonzero": mask.nonzero(), "flip": a.flip(0, 1), "roll": a.roll(1, 1), "tril": a.tril(), "triu": a.triu(1),
    "diag": sq.diag(), "diagonal": sq.diagonal(1), "diag_embed": a.diag_embed(), "trace": sq.trace(), "diff": a.diff(), "argsort": a.argsort(1), "sort": a.sort(1, descending=True).values, "topk": a.topk(2).values, "split": a.split(2, 1)[1], "split_sizes": a.split([1, 3], 1)[1],
    "chunk": a.chunk(2, 1)[0], "unbind": a.unbind(1)[3], "cat": torch.cat([a, b], 1), "stack": torch.stack([a, b], 1), "vstack": torch.vstack([a, b]), "hstack": torch.hstack([a, b]), "meshgrid": torch.meshgrid(ints, k, indexing="ij")[1], "mm": a.mm(sq), "mv": sq.mv(a[0]),
    "bmm": batch.bmm(batch.transpose(1, 2)), "dot": a[0].dot(b[0]), "outer": a[0].outer(b[0]), "inner": a.inner(b), "addmm": a.addmm(b, sq, beta=0.5, alpha=2), "kron": a.kron(sq), "einsum": torch.einsum("ij,kj->ik", a, b), "tensordot": torch.tensordot(batch, a.t(), 1),
    "det": sq.det(), "inverse": sq.inverse(), "linalg_det": torch.linalg.det(sq), "eigh": torch.linalg.eigh(sq + sq.t())[0], "svd": torch.linalg.svd(sq)[1], "vector_norm": torch.linalg.vector_norm(a, 3), "linalg_norm": torch.linalg.norm(a), "pinv": torch.linalg.pinv(a), "matrix_exp": torch.linalg.matrix_exp(sq),
    "linspace": torch.linspace(0, 1, 5), "logspace": torch.logspace(0, 2, 3), "eye": torch.eye(2, 3), "full": torch.full((2, 2), 3.5), "arange_step": torch.arange(1, 10, 3), "zeros_like": torch.zeros_like(a), "full_like": torch.full_like(a, 2),
    "one_hot": F.one_hot(ints), "cosine_similarity": F.cosine_similarity(a, b), "pairwise_distance": F.pairwise_distance(a, b), "max_pool2d": F.max_pool2d(batch, 2), "avg_pool2d": F.avg_pool2d(batch, 2, 1), "adaptive2d": F.adaptive_avg_pool2d(batch, 2), "conv2d_same": F.conv2d(batch.unsqueeze(1), torch.ones(1, 1, 3, 3), padding="same"),
    "margin_ranking": F.margin_ranking_loss(a, b, torch.ones(3, 4)), "c_abs": c.abs(), "c_angle": c.angle(), "c_mul": torch.view_as_real(c * c.conj()), "c_real": c.real, "c_imag": c.imag, "polar": torch.view_as_real(torch.polar(b, a)), "fft": torch.view_as_real(torch.fft.fft(a, norm="ortho")),
    "rfft": torch.view_as_real(torch.fft.rfft(a)), "irfft": torch.fft.irfft(torch.fft.rfft(a), n=4), "ifft": torch.view_as_real(torch.fft.ifft(c)), "view_as_complex": torch.view_as_complex(batch.reshape(3, 4, 2).contiguous()).abs(), "mH": torch.view_as_real(c.mH.contiguous()), "broadcast_to": a[0].broadcast_to(2, 4), "slice": a[:, 0:4:2],
}
for name, value in every.items():
    put("every." + name, value)
print(json.dumps(out))
