"""PRESS: templates run here, in a child process that can neither loop for ever nor take the program down."""

from newsletter.press.house import Press, Printed, press, warm
from newsletter.press.source import Source

__all__ = ["Press", "Printed", "Source", "press", "warm"]
