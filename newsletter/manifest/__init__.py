"""MANIFEST: all that an issue was made of, with its hash, so that it can be made again and compared.

A frozen issue keeps one (``issue.manifest``). To verify an issue is to make it again from what is there now,
to write the manifest of that, and to hold one against the other.
"""

from newsletter.manifest.differences import Change, changes, differing, differing_parts, reread, uses
from newsletter.manifest.writing import VERSION, Manifest, inputs_now, manifest, parts

__all__ = [
    "VERSION",
    "Change",
    "Manifest",
    "changes",
    "differing",
    "differing_parts",
    "inputs_now",
    "manifest",
    "parts",
    "reread",
    "uses",
]
