"""Writes risk models with python3-onnx, good ones and each kind of bad one, and what numpy says the good one computes."""
import json
import sys

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save

folder = sys.argv[1]
rng = np.random.default_rng(8)
d, c = 4, 2
w = rng.normal(size=(1 + c, d)).astype(np.float32)
names = ["lidar.clearance", "lidar.ttc", "motion.speed", "motion.yaw_rate"]
contract = {
    "qdistill.v1.schema_id": "ab" * 32,
    "qdistill.v1.feature_names": json.dumps(names),
    "qdistill.v1.horizon_s": "2.5",
    "qdistill.v1.collision_threshold": "0.4",
    "qdistill.v1.missing_features": "mean",
    "qdistill.v1.constraints": json.dumps([
        {"name": "speed", "signal": "motion.speed", "op": ">", "limit": 0.5, "unit": "m/s", "horizon_s": 1.5, "threshold": 0.3},
        {"name": "tilt", "signal": "", "op": ">=", "limit": 0.2, "unit": "rad", "horizon_s": 1, "threshold": 0.5}]),
    "qdistill.v1.training_low": "[0, 0, -1, -2]",
    "qdistill.v1.training_high": "[5, 10, 1, 2]",
    "qdistill.v1.teacher": json.dumps({"id": "vqc-6q3l", "backend": "statevector", "ledger": {"circuits": 1200, "shots": 0}}),
    "qdistill.v1.data_sha256": json.dumps({"run_1": "cd" * 32}),
    "qdistill.v1.versions": json.dumps({"qdistill": "0.1.0"}),
}


def info(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def write(name, props=contract, d=d, input_name="features", kind=TensorProto.FLOAT, extra=(), outputs=None, opset=17, batch="batch", domains=(), scale=1.0, violation=c, last=9):
    nodes = [
        helper.make_node("IsNaN", [input_name], ["missing"]),
        helper.make_node("Where", ["missing", "zero", input_name], ["x"]),
        helper.make_node("Gemm", ["x", "w"], ["z"], transB=1),
        helper.make_node("Sigmoid", ["z"], ["p"]),
        helper.make_node("Mul", ["p", "scale"], ["q"]),
        helper.make_node("Slice", ["q", "i0", "i1", "i1"], ["q0"]),
        helper.make_node("Squeeze", ["q0", "i1"], ["collision_probability"]),
        helper.make_node("Slice", ["q", "i1", "i9", "i1"], ["violation_probability"]),
        helper.make_node("Mul", ["collision_probability", "half"], ["uncertainty"]),
        *extra,
    ]
    if kind != TensorProto.FLOAT:
        nodes = [helper.make_node("Cast", [input_name], ["cast"], to=TensorProto.FLOAT)] + nodes
        nodes[1].input[0] = "cast"
        nodes[2].input[2] = "cast"
    outs = outputs or [info("collision_probability", TensorProto.FLOAT, [batch]), info("violation_probability", TensorProto.FLOAT, [batch, violation]), info("uncertainty", TensorProto.FLOAT, [batch])]
    weights = w if d == 4 else rng.normal(size=(1 + c, d)).astype(np.float32)
    init = {"w": weights, "zero": np.float32(0), "scale": np.float32(scale), "half": np.float32(0.5), "i0": np.array([0]), "i1": np.array([1]), "i9": np.array([last])}
    graph = helper.make_graph(nodes, "student", [info(input_name, kind, [batch, d])], outs, [numpy_helper.from_array(np.asarray(v), n) for n, v in init.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)] + [helper.make_opsetid(x, 1) for x in domains])
    model.ir_version = 8
    if props:
        helper.set_model_props(model, props)
    save(model, f"{folder}/{name}.onnx")


write("good")
write("batch_of_one", batch=1)
write("refuse", {**contract, "qdistill.v1.missing_features": "refuse"})
write("no_contract", {})
write("future_contract", {"qdistill.v7.schema_id": "ab" * 32})
write("bad_horizon", {**contract, "qdistill.v1.horizon_s": "soon"})
write("negative_horizon", {**contract, "qdistill.v1.horizon_s": "-1"})
write("no_names", {k: v for k, v in contract.items() if not k.endswith("feature_names")})
write("bad_json", {**contract, "qdistill.v1.constraints": "[{\"name\": "})
write("missing_member", {**contract, "qdistill.v1.constraints": "[{\"name\": \"speed\"}]"})
write("bad_schema", {**contract, "qdistill.v1.schema_id": "not a hash"})
write("twins", {**contract, "qdistill.v1.feature_names": json.dumps([names[0]] * 4)})
write("other_width", d=5)
write("other_input", input_name="values")
write("double_input", kind=TensorProto.DOUBLE)
write("no_uncertainty", outputs=[info("collision_probability", TensorProto.FLOAT, ["batch"]), info("violation_probability", TensorProto.FLOAT, ["batch", c])])
write("one_violation", violation=1, last=2)
write("unknown_operator", extra=[helper.make_node("Teleport", ["p"], ["elsewhere"], domain="com.example")], domains=["com.example"])
write("unknown_standard_operator", extra=[helper.make_node("Gelu", ["p"], ["elsewhere"])])
write("future_opset", opset=99)
write("not_a_probability", scale=3.0)
write("not_a_number", scale=float("nan"))

x = rng.normal(size=(6, d)).astype(np.float32)
p = 1 / (1 + np.exp(-(x.astype(np.float64) @ w.T)))
json.dump({"x": x.reshape(-1).tolist(), "p": p.reshape(-1).tolist()}, open(f"{folder}/good.json", "w"))
