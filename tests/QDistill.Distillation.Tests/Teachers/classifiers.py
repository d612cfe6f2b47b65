"""Trees, boosting and logistic regression by scikit-learn: JSON on stdin, JSON on stdout."""
import json
import sys

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeRegressor

case = json.load(sys.stdin)
x, y, probe, weight = (np.array(case[k]) for k in ("x", "y", "probe", "weight"))
logistic = dict(C=case["c"], tol=1e-10, max_iter=10000)
out = {
    "tree": DecisionTreeRegressor(max_depth=4, min_samples_leaf=case["leaf"], random_state=0).fit(x, y).predict(probe),
    "boosted": GradientBoostingClassifier(
        n_estimators=case["trees"], learning_rate=case["rate"], max_depth=case["depth"], min_samples_leaf=case["leaf"], criterion="squared_error", random_state=0
    ).fit(x, y).decision_function(probe),
    "logistic": LogisticRegression(**logistic).fit(x, y).decision_function(probe),
    "balanced": LogisticRegression(**logistic).fit(x, y, sample_weight=weight).decision_function(probe),
    "forest": RandomForestClassifier(n_estimators=100, max_depth=8, min_samples_leaf=2, max_features=2, random_state=0).fit(x, y).predict_proba(probe)[:, 1],
}
json.dump({k: v.tolist() for k, v in out.items()}, sys.stdout)
