"""Verdicts of hydra-core 1.3.8 on command-line overrides, for override-grammar.test.ts.

pip install hydra-core==1.3.8; python overrides.py 2000 overrides.json
"""
import json
import random
import sys

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import QuotedString, OverrideType
P=OverridesParser.create()
def plain(v):
    if isinstance(v,QuotedString): return v.text
    if isinstance(v,list): return [plain(x) for x in v]
    if isinstance(v,dict): return {str(k) if not isinstance(k,bool) and k is not None else ('null' if k is None else str(k).lower()):plain(x) for k,x in v.items()}
    return v
def verdict(t):
    try:
        o=P.parse_override(t)
    except Exception as e:
        return {'text':t,'error':True}
    if o.is_sweep_override(): return {'text':t,'sweep':True}
    r={'text':t,'action':{OverrideType.CHANGE:'set',OverrideType.ADD:'add',OverrideType.FORCE_ADD:'force',OverrideType.DEL:'delete'}[o.type],'key':o.key_or_group}
    if o.package is not None: r['package']=o.package
    if o.value_type is not None: r['value']=plain(o._value)
    return r
fixed=r'''a.b=4
a=
+x.y=z
++x.y=z
~x.y
~x.y=3
~x.y=
a=1e-4
a=1_000
a=01
a=.5
a=5.
a=-3
a=+3
a=1__0
a=1e5
a=1.5E+3
a=-1_0.5_0
a=null
a=NULL
a=true
a=TrUe
a=False
a=nullx
a=true2
a=[1,2]
a=[]
a={}
a=[1, 2 , x y]
a={a:1}
a={a:1,b:[x,{c: null}]}
a={a: 1 , b : 2}
a={1:x}
a={true:1}
a={a:b:c}
a='hello, world'
a="x y"
a='it\'s'
a='a\\'
a='a\\\'b'
a="a\nb"
a='\"'
a= 3
a=3 
a=hello world
a=hello  world
a=x:y
a=x=y
a=a\,b
a=a\=b
a=a\ 
a=\ a
a=a\\b
a=\(x\)
a=\[
a=a\b
a=${x.y}
a=foo_${x}_bar
a=${env:HOME}
a='${x}'
a=/usr/bin
a=a/b-c+d.e$f%g*h@i?j|k
a=#x
a=a!b
a=ünï
a=http://x.y/z
a=2020-01-01
a=1.2.3
a=1 2
a=--1
a=1-2
a
+a
a.b
=3
a.=3
.a=3
a..b=3
a.0=3
a.01=3
0.a=3
a-b.c=1
_a=1
$a=1
a$b=1
a/b=c
a/b/c=d
a/b@c.d=e
a@b=c
a@=c
a b=1
+++a=1
~~a
~+a
a=,
a=[,]
a=[1,]
a=[1
a=]
a={
a={a}
a={a:}
a={:1}
a={"a":1}
a={'a b':1}
a={a b:1}
a='abc
a="abc
a='a'b
a=a'b'
a=['a','b']
a=["a,b",'c]']
a=[[1],[2,[3]]]
a=[ ]
a={ }
a= [1]
a=[1] 
a= 'x' 
a=' x '
a=x y:z
a=[x:y]
a={a:${b}}
a=[${b},${c.d}]
a=1e
a=e1
a=0x10
a=1_
a=_1
a=00
a=0
a=-0
a=0.0
a=1.e3
a=.e3
a=.
a=..
a=-
a=+
a=~
a=~x
a=?
a=@
a=$
a=%
a=*
a=|
a=\
a=\\
a=\x
a='' 
a=""
a=''x
train.model.lCycles=4
train/model=trm-att
a=123456789012
a=tRuE 
a=  
a={a:'x:y'}
a={a:1,a:2}
a={null:1}
a={1.5:1}
a=a(b
a=a)b
a=(x)
a=\:
a=x\:y
a=[a\,b,c]
a=a	b
a=[a=b]'''.split('\n')
n=int(sys.argv[1]); rng=random.Random(5)
frag=['a','b','x1','_','-','1','0','.5','1e3','_0','null','true','False',' ','  ',',','[',']','{','}',':','=','"',"'","\\",'\\,','\\ ','\\\\','/','$','${a.b}','@','.','+','~','%','*','?','|','#','é','\t']
out=[verdict(t) for t in fixed]
for _ in range(n):
    t=rng.choice(['a=','a.b=','+a=','++a.b=','~a=','a=[','a={k:',"a='",'a="',''])+''.join(rng.choice(frag) for _ in range(rng.randint(0,7)))
    t+=rng.choice(['','','',']','}',"'",'"'])
    if 'inf' in t or 'nan' in t: continue
    out.append(verdict(t))
out = [o for i, o in enumerate(out) if i < len(fixed) or 'error' not in o or i % 20 == 0]
with open(sys.argv[2], 'w') as file:
    file.write('[\n' + ',\n'.join(json.dumps(o, ensure_ascii=False) for o in out) + '\n]\n')
print(len(out),sum('error' in o for o in out),sum('sweep' in o for o in out))
