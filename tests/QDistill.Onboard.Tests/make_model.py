"""Writes a small student as QDistill exports it: NaN -> mean, normalisation, MLP, sigmoid. Weights are random but seeded.

usage: make_model.py SPEC.json OUT.onnx
With "window": w, the model looks at w feature vectors [batch, w, d], oldest first, and takes their weighted sum, the weights 1, 2, 4, ... / (2^w - 1).
With "oversized": "declared", a weight claims more elements than any memory holds; "computed": a node makes such a tensor when it runs.
SPEC: {"schema_id", "features": [names], "constraints": [{"name", "signal", "op", "limit", "unit", "horizon_s", "threshold"}], "seed", "hidden", "low", "high"}
"""
import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

spec = json.load(open(sys.argv[1]))
rng = np.random.default_rng(spec.get("seed", 1))
d, c, h = len(spec["features"]), len(spec["constraints"]), spec.get("hidden", 64)
consts, nodes = [], []


def const(name, value):
    consts.append(numpy_helper.from_array(np.asarray(value, dtype=np.float32), name))
    return name


def node(op, inputs, output, **attributes):
    nodes.append(helper.make_node(op, inputs, [output], **attributes))
    return output


x = node("Where", [node("IsNaN", ["features"], "missing"), const("mean", rng.normal(size=d)), "features"], "filled")
x = node("Div", [node("Sub", [x, "mean"], "centred"), const("scale", rng.uniform(0.5, 2, size=d))], "normal")
w = spec.get("window", 1)
if w > 1:
    weights = 2.0 ** np.arange(w) / (2.0**w - 1)
    consts.append(numpy_helper.from_array(np.asarray([1], dtype=np.int64), "time"))
    x = node("ReduceSum", [node("Mul", [x, const("weights", weights.reshape(1, w, 1))], "weighted"), "time"], "summed", keepdims=0)
for i, (rows, columns) in enumerate([(d, h), (h, h), (h, 1 + c)]):
    x = node("Gemm", [x, const(f"w{i}", rng.normal(size=(rows, columns)) / np.sqrt(rows)), const(f"b{i}", rng.normal(size=columns))], f"z{i}")
    if i < 2:
        x = node("Relu", [x], f"r{i}")
p = node("Sigmoid", [x], "p")
outputs = [("collision_probability", ["batch"]), ("uncertainty", ["batch"])]
axis = numpy_helper.from_array(np.asarray([1], dtype=np.int64), "axis")
consts.append(axis)
if c:
    sizes = numpy_helper.from_array(np.asarray([1, c], dtype=np.int64), "sizes")
    consts.append(sizes)
    nodes.append(helper.make_node("Split", [p, "sizes"], ["collision_column", "violation_probability"], axis=1))
    outputs.append(("violation_probability", ["batch", c]))
else:
    nodes.append(helper.make_node("Identity", [p], ["collision_column"]))
q = node("Squeeze", ["collision_column", "axis"], "collision_probability")
one = const("one", 1.0)
tiny = const("tiny", 1e-12)
r = node("Sub", [one, q], "not_q")
a = node("Mul", [q, node("Log", [node("Max", [q, tiny], "qmax")], "lq")], "qlq")
b = node("Mul", [r, node("Log", [node("Max", [r, tiny], "rmax")], "lr")], "rlr")
node("Neg", [node("Add", [a, b], "sum")], "uncertainty")

graph = helper.make_graph(
    nodes,
    "student",
    [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", w, d] if w > 1 else ["batch", d])],
    [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs],
    consts,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
metadata = {
    "schema_id": spec["schema_id"],
    "feature_names": json.dumps(spec["features"]),
    "horizon_s": "2",
    "collision_threshold": "0.5",
    "missing_features": "mean",
    "constraints": json.dumps(spec["constraints"]),
    "training_low": json.dumps(spec.get("low", [])),
    "training_high": json.dumps(spec.get("high", [])),
    "teacher": json.dumps({"id": "none", "backend": "", "ledger": {}}),
    "data_sha256": "{}",
    "versions": "{}",
}
for key, value in metadata.items():
    entry = model.metadata_props.add()
    entry.key, entry.value = "qdistill.v1." + key, value
oversized = spec.get("oversized")
if oversized == "declared":
    weight = next(t for t in model.graph.initializer if t.name == "w1")
    weight.dims[:] = [1 << 31, 1 << 31]
elif oversized == "computed":
    shape = numpy_helper.from_array(np.asarray([1 << 40], dtype=np.int64), "huge")
    fill = helper.make_tensor("fill", TensorProto.FLOAT, [1], [0.0])
    model.graph.initializer.append(shape)
    sink = next(n for n in model.graph.node if n.output[0] == "filled")
    sink.input[1] = "mean_plus_huge"
    model.graph.node.insert(0, helper.make_node("Add", ["mean", "huge_sum"], ["mean_plus_huge"]))
    model.graph.node.insert(0, helper.make_node("ReduceSum", ["huge_tensor"], ["huge_sum"], keepdims=0))
    model.graph.node.insert(0, helper.make_node("ConstantOfShape", ["huge"], ["huge_tensor"], value=fill))
else:
    onnx.checker.check_model(model, full_check=True)
onnx.save(model, sys.argv[2])
