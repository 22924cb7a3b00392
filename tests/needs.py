"""Real programs that tests need: a skip that says what to install, a failure in CI."""

import os
import shutil
from typing import NoReturn

import pytest

#: Examples of a property of which each needs a database of its own.
EXAMPLES = 60 if os.environ.get("CI") else 25


def program(name: str, package: str) -> str:
    """The path of a program from a Debian package."""
    return shutil.which(name) or absent(f"{name} is not installed: `apt-get install {package}`")


def absent(reason: str) -> NoReturn:
    """Something that the test needs is not here: a skip on a newcomer's machine, a failure in CI."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
