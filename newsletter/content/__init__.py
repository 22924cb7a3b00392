"""PICK UP: a content folder -> Articles.

Files are found (`walk`), decoded (`decode`), parted from their front matter
(`front_matter`, `yaml_values`), read by ending (`reader` says how to write a reader), and
made into articles by the rules of `article`, `verdict` and `identity`.
"""

from newsletter.content.folder import pick_up, trace
from newsletter.content.picked import PickUp
from newsletter.content.pictures import load_picture
from newsletter.content.reader import Draft, Reader, Source, Traced, Value, reads
from newsletter.content.settings import FolderSettings

__all__ = [
    "Draft",
    "FolderSettings",
    "PickUp",
    "Reader",
    "Source",
    "Traced",
    "Value",
    "load_picture",
    "pick_up",
    "reads",
    "trace",
]
