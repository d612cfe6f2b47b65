"""Writes models with python3-onnx, and what numpy says they compute, into the folder given."""
import json
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

folder = sys.argv[1]
rng = np.random.default_rng(4)
w1, b1 = rng.normal(size=(16, 8)).astype(np.float32), rng.normal(size=16).astype(np.float32)
w2, b2 = rng.normal(size=(3, 16)).astype(np.float32), rng.normal(size=3).astype(np.float32)
x = rng.normal(size=(5, 8)).astype(np.float32)

graph = helper.make_graph(
    [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["a"]),
        helper.make_node("Gemm", ["a", "w2", "b2"], ["logits"], transB=1),
        helper.make_node("Softmax", ["logits"], ["p"], axis=-1),
    ],
    "mlp",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 8])],
    [helper.make_tensor_value_info("p", TensorProto.FLOAT, ["N", 3]), helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 3])],
    [numpy_helper.from_array(v, n) for n, v in {"w1": w1, "b1": b1, "w2": w2, "b2": b2}.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="make_models", doc_string="a model of the tests")
model.ir_version = 8
helper.set_model_props(model, {"colour": "blue", "ünïcode": "größe", "empty": ""})
save(model, f"{folder}/mlp.onnx")

h = np.maximum(x.astype(np.float64) @ w1.T + b1, 0)
logits = h @ w2.T + b2
e = np.exp(logits - logits.max(axis=1, keepdims=True))
json.dump({"x": x.reshape(-1).tolist(), "p": (e / e.sum(axis=1, keepdims=True)).reshape(-1).tolist(), "logits": logits.reshape(-1).tolist()}, open(f"{folder}/mlp.json", "w"))

graph = helper.make_graph(
    [helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0), helper.make_node("Not", ["flag"], ["no"])],
    "typed",
    [helper.make_tensor_value_info("x", TensorProto.INT64, [2, 3]), helper.make_tensor_value_info("flag", TensorProto.BOOL, [])],
    [helper.make_tensor_value_info("s", TensorProto.INT64, []), helper.make_tensor_value_info("no", TensorProto.BOOL, [])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
model.ir_version = 8
save(model, f"{folder}/typed.onnx")
