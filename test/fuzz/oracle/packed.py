"""Reads files that were packed into one; see python-oracle.ts."""
import struct


def files(path):
    with open(path, 'rb') as file:
        content = file.read()
    at = 0
    while at < len(content):
        (length,) = struct.unpack_from('<I', content, at)
        yield content[at + 4 : at + 4 + length]
        at += 4 + length
