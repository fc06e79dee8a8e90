"""The best rate at which this machine multiplies fp32 matrices: the fastest of torch and ONNX Runtime.

On one core of an AMD EPYC (AVX-512) torch reaches 103 * 10^9 operations a second and ONNX Runtime 222; a share of the
slower one's rate can exceed 1.
"""

import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

_SIZE = 1024


def matmul_gflops(rounds: int = 15) -> float:
    """The best of `rounds` products of two square matrices in each library, in 10^9 operations a second."""
    return 2 * _SIZE**3 / min(min(_seconds(product) for _ in range(rounds)) for product in _products()) / 1e9


@cache
def _products() -> tuple[Callable[[], Any], ...]:
    import torch

    matrix = np.random.default_rng(0).random((_SIZE, _SIZE), np.float32)
    tensor = torch.from_numpy(matrix)
    session = _session(matrix, torch.get_num_threads())
    return (lambda: tensor.mm(tensor), lambda: session.run(None, {"x": matrix}))


def _session(matrix: Any, threads: int) -> Any:
    """A graph that multiplies its input by a fixed matrix, on as many threads as torch uses."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    shape = list(matrix.shape)
    sides = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
    product = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph([product], "product", sides[:1], sides[1:], [numpy_helper.from_array(matrix, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.force_spinning_stop", "1")  # what is measured next gets the cores
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _seconds(product: Callable[[], Any]) -> float:
    start = time.perf_counter()
    product()
    return time.perf_counter() - start
