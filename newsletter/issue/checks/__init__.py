"""CHECK: one reader's copy of an issue -> what is wrong with it. Pure: files and the network are not asked.

`mail` says what is looked at and found, `table` names every check with its level, the other modules hold the
checks by subject. Each check is a function of a Mail that yields Faults; its docstring is its promise.
"""

from newsletter.issue.checks.mail import Beside, Check, Fault, Field, Line, Mail, Said, Setting, Spot, Written
from newsletter.issue.checks.table import CHECKS

__all__ = [
    "CHECKS",
    "Beside",
    "Check",
    "Fault",
    "Field",
    "Line",
    "Mail",
    "Said",
    "Setting",
    "Spot",
    "Written",
]
