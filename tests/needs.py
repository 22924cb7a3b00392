"""Real programs that tests need: a skip that says what to install, a failure in CI."""

import os
import shutil

import pytest


def program(name: str, package: str) -> str:
    """The path of a program from a Debian package."""
    found = shutil.which(name)
    if found is None:
        reason = f"{name} is not installed: `apt-get install {package}`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found
