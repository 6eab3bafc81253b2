"""Prints what PyPI's safetensors says of each packed file: its tensors, or null where it refuses.

A tensor is [name, dtype, shape, sha256 of its bytes].
"""
import hashlib
import json
import sys

import safetensors

from packed import files


def verdict(content):
    try:
        tensors = safetensors.deserialize(content)
    except Exception:
        return None
    return sorted(
        [name, t['dtype'], list(t['shape']), hashlib.sha256(bytes(t['data'])).hexdigest()[:16]]
        for name, t in tensors
    )


print(json.dumps([verdict(content) for content in files(sys.argv[1])]))
