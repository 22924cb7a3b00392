"""PRESS: templates run here, in a child process that can neither loop for ever nor take the program down."""

from newsletter.press.house import Press, press, warm

__all__ = ["Press", "press", "warm"]
