"""Checks ONNX files with python3-onnx: full check, versions, metadata. Prints one JSON object for each."""
import json
import sys

import onnx

for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    print(json.dumps({
        "ir": model.ir_version,
        "opset": {o.domain: o.version for o in model.opset_import},
        "metadata": {p.key: p.value for p in model.metadata_props},
        "inputs": [i.name for i in model.graph.input],
        "outputs": [o.name for o in model.graph.output],
        "operators": sorted({n.op_type for n in model.graph.node}),
    }))
