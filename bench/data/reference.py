"""Runs one dataset builder of the Python reference, unchanged, on local files in place of downloads.

  reference.py REPOSITORY SCRIPT FOLDER [arguments of the script]

FOLDER holds the CSV files that the script would fetch from the hub.
"""

import os
import runpy
import sys

import huggingface_hub

repository, script, folder, *arguments = sys.argv[1:]
huggingface_hub.hf_hub_download = lambda _repository, name, **_: os.path.join(folder, name)
sys.path[:0] = [repository, os.path.join(repository, "dataset")]
sys.argv = [script, *arguments]
runpy.run_path(os.path.join(repository, "dataset", script), run_name="__main__")
