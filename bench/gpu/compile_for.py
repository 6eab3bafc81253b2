"""Compiles a StableHLO module for an NVIDIA GPU that is not there and prints what memory it takes.

  python bench/gpu/compile_for.py FOLDER/train-step.mlir OUT [h200 | h100]

Needs jax with jax-cuda13-plugin, jax-cuda13-pjrt and NVIDIA's nvcc and nvvm packages, of any place that
LD_LIBRARY_PATH finds. OUT gets XLA's dump: the optimised program, its buffers, its kernels. Products are not
autotuned, which takes the GPU itself.
"""

import collections
import os
import pathlib
import re
import sys

GPUS = {
    "h100": {"memory": 85_000_000_000, "bandwidth": 3_350_000_000_000, "l2": 52_428_800},
    "h200": {"memory": 151_000_000_000, "bandwidth": 4_800_000_000_000, "l2": 52_428_800},
}

#: Fields of XLA's GpuTargetConfigProto, Hopper's values by NVIDIA's CUDA programming guide.
TARGET = """
gpu_device_info {{
  threads_per_block_limit: 1024 threads_per_warp: 32 threads_per_core_limit: 2048
  shared_memory_per_block: 49152 shared_memory_per_core: 233472
  shared_memory_per_block_optin: 232448
  core_count: 132 fpus_per_core: 128 clock_rate_ghz: 1.98
  block_dim_limit_x: 2147483647 block_dim_limit_y: 65535 block_dim_limit_z: 65535
  thread_dim_limit_x: 1024 thread_dim_limit_y: 1024 thread_dim_limit_z: 64
  registers_per_core_limit: 65536 registers_per_block_limit: 65536
  memory_bandwidth: {bandwidth} l2_cache_size: {l2} device_memory_size: {memory}
  cuda_compute_capability {{ major: 9 feature_extension: ACCELERATED_FEATURES }}
  device_vendor: "NVIDIA Corporation" platform_version: "Compute Capability 9.0a"
  device_address_bits: 64 name: "{name}"
  driver_version: "13.0.0" runtime_version: "13.0.0" compile_time_toolkit_version: "13.0.0"
  dnn_version: "9.10.0"
}}
platform_name: "CUDA"
dnn_version_info {{ major: 9 minor: 10 patch: 0 }}
device_description_str: "{name}"
"""


def main(module_path, out, gpu="h200"):
    import jax_plugins.xla_cuda13 as plugin

    toolkit = pathlib.Path(plugin.__file__).parents[2] / "nvidia" / "cu13"
    os.environ["XLA_FLAGS"] = " ".join(
        [
            "--xla_allow_excess_precision=false",
            f"--xla_gpu_cuda_data_dir={toolkit}",
            f"--xla_dump_to={out} --xla_dump_hlo_as_text",
            os.environ.get("XLA_FLAGS", ""),
        ]
    )
    os.environ["JAX_PLATFORMS"] = "cpu"
    from jax._src import compiler
    from jax._src.interpreters import mlir
    from jax._src.lib import xla_client
    from jax._src.lib.mlir import ir
    from jax.experimental import topologies

    target = TARGET.format(name=f"NVIDIA {gpu.upper()}", **GPUS[gpu])
    topology = topologies.get_topology_desc(
        gpu, platform="cuda", target_config=target, topology="1x1x1"
    )
    device = topology.devices[0]
    with mlir.make_ir_context():
        module = ir.Module.parse(pathlib.Path(module_path).read_text())
        options = compiler.get_compile_options(1, 1)
        compiled = device.client.compile(module, xla_client.DeviceList((device,)), options)
    stats = compiled.get_compiled_memory_stats()
    taken = stats.argument_size_in_bytes + stats.temp_size_in_bytes
    print(f"{taken / 1e9:.1f} GB: arguments {stats.argument_size_in_bytes / 1e9:.1f}, "
          f"temporaries {stats.temp_size_in_bytes / 1e9:.1f}")  # fmt: skip
    for kind, count in kinds(compiled.hlo_modules()[0].to_string()).most_common():
        print(f"{count:6} {kind}")


def kinds(text):
    """How often the entry computation uses each kind of operation."""
    counts = collections.Counter()
    for line in text[text.index("\nENTRY") :].splitlines():
        match = re.match(r"\s+(?:ROOT )?%?[\w.\-]+ = .*? ([a-z\-]+)\(", line)
        if match is None or match[1] in ("bitcast", "constant", "get-tuple-element", "parameter"):
            continue
        detail = re.search(r'custom_call_target="([^"]+)"|"kind":"(\w+)"|kind=(\w+)', line)
        counts[match[1] if detail is None else f"{match[1]} {detail[1] or detail[2] or detail[3]}"] += 1
    return counts


if __name__ == "__main__":
    main(*sys.argv[1:])
