"""Checks and runs every <name>.onnx of a folder: <name>.inputs.safetensors in, <name>.outputs.safetensors out.

A model that fails leaves <name>.error. Prints the versions that judged.
"""
import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file, save_file

onnxruntime.set_default_logger_severity(3)
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    try:
        onnx.checker.check_model(str(path), full_check=True)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        inputs = load_file(path.with_suffix(".inputs.safetensors"))
        wanted = {item.name for item in session.get_inputs()}
        feeds = {name: value for name, value in inputs.items() if name in wanted}
        names = [item.name for item in session.get_outputs()]
        outputs = dict(zip(names, session.run(names, feeds)))
        save_file(
            {name: numpy.asarray(value, order="C") for name, value in outputs.items()},
            path.with_suffix(".outputs.safetensors"),
        )
    except Exception as error:
        path.with_suffix(".error").write_text(f"{type(error).__name__}: {error}")
print(json.dumps({"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}))
