from dataclasses import dataclass, field
@dataclass(frozen=True)
class Cleaned:
    kept: tuple = ()
    headings: frozenset = frozenset()
    fields: dict = field(default_factory=dict)
    warnings: tuple = ()
    trace: tuple = ()
@dataclass
class T:
    line:int
    text:str
def clean(body,line,repeated):
    return Cleaned(tuple(T(n,t) for n,t in enumerate(body.split("\n"),line)))
