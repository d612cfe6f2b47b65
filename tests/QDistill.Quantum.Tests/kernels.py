"""Trains scikit-learn's classifiers on a Gram matrix: JSON in, JSON out."""
import json
import sys

import numpy as np
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import DotProduct
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

q = json.load(sys.stdin)
n = len(q["y"])
K = np.array(q["gram"]).reshape(n, n)
C = np.array(q["cross"]).reshape(-1, n)
y = np.array(q["y"], int)

svm = SVC(kernel="precomputed", C=q["c"], tol=1e-8).fit(K, y)

# Features whose inner products are the kernel, for classifiers that take no Gram matrix.
L = np.linalg.cholesky(K + 1e-12 * np.eye(n))
new = np.linalg.solve(L, C.T).T
logistic = LogisticRegression(C=1 / q["lambda"], tol=1e-12, max_iter=100000).fit(L, y)
a = np.sqrt(q["amplitude"])
gp = GaussianProcessClassifier(kernel=DotProduct(sigma_0=1e-9, sigma_0_bounds="fixed"), optimizer=None, max_iter_predict=1000).fit(a * L, y)
json.dump({
    "decision": svm.decision_function(C).tolist(),
    "logistic": logistic.predict_proba(new)[:, 1].tolist(),
    "latent": gp.base_estimator_.f_cached.tolist() if hasattr(gp.base_estimator_, "f_cached") else [],
    "evidence": float(gp.log_marginal_likelihood_value_),
    "gp": gp.predict_proba(a * new)[:, 1].tolist(),
}, sys.stdout)
