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
print(json.dumps(out))
