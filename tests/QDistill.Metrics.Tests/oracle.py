"""Answers metric questions with scikit-learn, SciPy and NumPy: JSON list in, JSON list out."""
import json
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")


def binary(p, y, threshold, bins, clip):
    from sklearn import metrics as m
    p, y = np.asarray(p, float), np.asarray(y, int)
    hit = p >= threshold
    index = np.minimum((p * bins).astype(int), bins - 1)
    ece = mce = reliability = resolution = 0.0
    for k in range(bins):
        inside = index == k
        if inside.any():
            gap = abs(p[inside].mean() - y[inside].mean())
            ece += inside.mean() * gap
            mce = max(mce, gap)
            reliability += inside.mean() * (p[inside].mean() - y[inside].mean()) ** 2
            resolution += inside.mean() * (y[inside].mean() - y.mean()) ** 2
    order = np.argsort(p, kind="stable")
    mass = sum(len(part) / len(p) * abs(p[part].mean() - y[part].mean()) for part in np.array_split(order, bins))
    fpr, tpr, _ = m.roc_curve(y, p, drop_intermediate=False)
    precision, recall, _ = m.precision_recall_curve(y, p)
    best = max(m.f1_score(y, p >= t) for t in np.unique(p))
    return {
        "auroc": m.roc_auc_score(y, p), "auprc": m.average_precision_score(y, p), "f1": m.f1_score(y, hit),
        "accuracy": m.accuracy_score(y, hit), "balanced_accuracy": m.balanced_accuracy_score(y, hit),
        "precision": m.precision_score(y, hit), "recall": m.recall_score(y, hit), "mcc": m.matthews_corrcoef(y, hit),
        "brier": m.brier_score_loss(y, p), "nll": m.log_loss(y, p, eps=clip), "ece": ece, "mce": mce, "ece_equal_mass": mass,
        "reliability": reliability, "resolution": resolution, "best_f1": best,
        "roc": np.column_stack([fpr, tpr]).tolist(), "pr": np.column_stack([recall, precision]).tolist(),
    }


def multiclass(p, classes, labels, bins, clip):
    from sklearn import metrics as m
    p, y = np.asarray(p, float).reshape(-1, classes), np.asarray(labels, int)
    top, guess = p.max(1), p.argmax(1)

    def ece(q, z):
        index = np.minimum((q * bins).astype(int), bins - 1)
        return sum(abs((q[index == k] - z[index == k]).sum()) for k in range(bins)) / len(q)

    return {
        "accuracy": m.accuracy_score(y, guess), "balanced_accuracy": m.balanced_accuracy_score(y, guess),
        "macro_f1": m.f1_score(y, guess, average="macro"), "macro_auroc": m.roc_auc_score(y, p, multi_class="ovr", average="macro"),
        "nll": float(-np.log(np.clip(p[np.arange(len(y)), y], clip, 1 - clip)).mean()),
        "brier": float(((p - np.eye(classes)[y]) ** 2).sum(1).mean()),
        "ece_top_label": ece(top, (guess == y).astype(float)),
        "ece_classwise": float(np.mean([ece(p[:, c], (y == c).astype(float)) for c in range(classes)])),
    }


def temperature(logits, y):
    from scipy.optimize import minimize_scalar
    z, t = np.asarray(logits, float), np.asarray(y, float)
    best = minimize_scalar(lambda b: np.mean(np.logaddexp(0, b * z) - t * b * z), bounds=(0.05, 20), method="bounded", options={"xatol": 1e-12})
    return {"temperature": 1 / best.x, "nll": best.fun}


def temperature_multiclass(logits, classes, labels):
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax
    z, y = np.asarray(logits, float).reshape(-1, classes), np.asarray(labels, int)
    best = minimize_scalar(lambda b: -log_softmax(b * z, axis=1)[np.arange(len(y)), y].mean(), bounds=(0.05, 20), method="bounded", options={"xatol": 1e-12})
    return {"temperature": 1 / best.x}


def platt(logits, y):
    from scipy.optimize import minimize
    z, t = np.asarray(logits, float), np.asarray(y, bool)
    up, down = t.sum(), (~t).sum()
    goal = np.where(t, (up + 1) / (up + 2), 1 / (down + 2))

    def loss(w):
        s = w[0] * z + w[1]
        e = 1 / (1 + np.exp(-s)) - goal
        return np.sum(np.logaddexp(0, s) - goal * s), np.array([np.sum(e * z), np.sum(e)])

    best = minimize(loss, [0.0, 0.0], jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 5000})
    return {"slope": best.x[0], "intercept": best.x[1]}


def isotonic(scores, y, at):
    from sklearn.isotonic import IsotonicRegression
    model = IsotonicRegression(out_of_bounds="clip").fit(np.asarray(scores, float), np.asarray(y, float))
    return {"values": model.predict(np.asarray(at, float)).tolist()}


def wilcoxon(differences, mode):
    from scipy.stats import wilcoxon as test
    result = test(np.asarray(differences, float), mode=mode, correction=False)
    return {"statistic": float(result.statistic), "p": float(result.pvalue)}


def aurc(confidence, wrong):
    order = np.argsort(-np.asarray(confidence), kind="stable")
    losses = np.asarray(wrong, float)[order]
    return {"aurc": float(np.mean(np.cumsum(losses) / np.arange(1, len(losses) + 1)))}


def quantiles(values, at):
    return {"values": np.quantile(np.asarray(values, float), at).tolist()}


answers = []
for question in json.load(sys.stdin):
    name = question.pop("op")
    answers.append({k: (float(v) if np.isscalar(v) else v) for k, v in globals()[name](**question).items()})
json.dump(answers, sys.stdout)
