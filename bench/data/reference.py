"""Runs one dataset builder of the Python reference, unchanged, on local files in place of downloads.

  reference.py REPOSITORY SCRIPT FOLDER [arguments of the script]

FOLDER holds the CSV files that the script would fetch from the hub. The last line of the output is the
milliseconds that the script took, without the import of what it needs.
"""

import os
import runpy
import sys
import time

import argdantic  # noqa: F401  imported before the clock starts, as the next ones
import huggingface_hub
import numpy  # noqa: F401
import pydantic  # noqa: F401
import tqdm  # noqa: F401

repository, script, folder, *arguments = sys.argv[1:]
huggingface_hub.hf_hub_download = lambda _repository, name, **_: os.path.join(folder, name)
sys.path[:0] = [repository, os.path.join(repository, "dataset")]
sys.argv = [script, *arguments]
started = time.perf_counter()
try:
    runpy.run_path(os.path.join(repository, "dataset", script), run_name="__main__")
finally:
    print(f"\n{1000 * (time.perf_counter() - started):.1f}")
