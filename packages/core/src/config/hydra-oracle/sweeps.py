"""Verdicts of hydra-core 1.3.8 on sweeps, for sweep-grammar.test.ts.

pip install hydra-core==1.3.8; python sweeps.py 3000 sweeps.json
"""
import json
import random
import sys

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep, QuotedString

P = OverridesParser.create()


def plain(v):
    if isinstance(v, QuotedString): return v.text
    if isinstance(v, list): return [plain(x) for x in v]
    if isinstance(v, dict): return {plain_key(k): plain(x) for k, x in v.items()}
    if v is None or isinstance(v, (bool, int, float, str)): return v
    raise TypeError('a sweep inside a value')


def plain_key(k):
    if k is None: return 'null'
    return str(k).lower() if isinstance(k, bool) else str(k)


def verdict(t):
    try:
        o = P.parse_override(t)
        if not o.is_sweep_override(): return {'text': t, 'single': True}
        s = o._value
        if isinstance(s, IntervalSweep):
            return {'text': t, 'interval': [s.start, s.end], 'log': 'log' in s.tags, 'int': isinstance(s.start, int)}
        return {'text': t, 'values': [plain(v) for v in o.sweep_iterator()]}
    except Exception as e:
        return {'text': t, 'error': True}


fixed = r'''a=1,2
a=1, 2 , 3
a=b
a=
a=1,
a=,1
a=1,,2
a=[1,2],[3]
a={x:1},{x:2}
a="x,y",z
a=x\,y,z
a=null,true,1e-3
a=x y , z
+a=1,2
++a.b=1,2
~a=1,2
x/y=a,b
x/y@p=a,b
a=choice(1,2)
a=choice(1)
a=choice()
a=choice( a , b )
a=choice (a,b)
a=choice([1,2])
a=choice([1,2],[3])
a=choice({a:1},{a:2})
a=choice('a','b,c')
a=choice(1,2
a=choice(1,2) 
a=choice(1,2)x
a=choice(a,b),c
a=choice(choice(a,b))
a=range(3)
a=range(0,3)
a=range(3,0)
a=range(3,0,-1)
a=range(0,10,2)
a=range(0,1,0.25)
a=range(0,1,0.1)
a=range(1,2.5)
a=range(-1,1,0.5)
a=range(start=1,stop=4)
a=range(1,stop=4)
a=range(1,4,step=2)
a=range(stop=4)
a=range(start=4)
a=range(1,4,start=2)
a=range(start=1,4)
a=range(1,2,3,4)
a=range()
a=range(a,b)
a=range('1','2')
a=range(0,3,0)
a=range(0,3, 1 )
a=interval(0,1)
a=interval(0.1,0.9)
a=interval(start=0,end=1)
a=interval(end=1,start=0)
a=interval(1)
a=interval(0,1,2)
a=interval(a,b)
a=tag(log,interval(0.001,0.1))
a=tag(log, interval(1,10))
a=int(interval(1,10))
a=int(interval(1.0,10.0))
a=tag(log,int(interval(1,100)))
a=int(tag(log,interval(1,100)))
a=bogus(1)
a=choice
a=range
a=(1,2)
a=choice(1,2),
a=[choice(1,2)]
a={b:choice(1,2)}
a=[1,2]
a=1;2'''.split('\n')
n = int(sys.argv[1])
rng = random.Random(6)
frag = ['a', 'b', '1', '2', '0.5', '1e3', '-3', 'null', 'true', ' ', ',', ',', ', ', '[1,2]', '{a:1}', '"x,y"', '\\,', '/', '${a}', ':', '-', '.']
calls = ['choice(', 'range(', 'interval(', 'tag(log,interval(', 'int(interval(']
out = [verdict(t) for t in fixed]
for _ in range(n):
    start, end = rng.choice([('', ''), ('', '')] + [(c, ')' * c.count('(')) for c in calls])
    t = rng.choice(['a=', '+a.b=', 'g/h=']) + start
    if start in ('', 'choice('):
        t += ''.join(rng.choice(frag) for _ in range(rng.randint(1, 6)))
    else:
        t += ','.join(rng.choice(['0', '1', '3', '-2', '0.1', '0.25', '2.5', '10', 'stop=5', 'start=1', 'step=2', 'x']) for _ in range(rng.randint(1, 3)))
    out.append(verdict(t + end))
seen = set()
kept = []
for i, o in enumerate(out):
    if o['text'] in seen or len(o.get('values', [])) > 200: continue
    if i >= len(fixed) and ('error' in o or 'single' in o) and i % 8: continue
    seen.add(o['text'])
    kept.append(o)
with open(sys.argv[2], 'w') as file:
    file.write('[\n' + ',\n'.join(json.dumps(o, ensure_ascii=False) for o in kept) + '\n]\n')
print(len(kept), sum('error' in o for o in kept), sum('values' in o for o in kept), sum('interval' in o for o in kept))
