"""`newsletter run` while its configuration is edited, with rounds that come sooner than half a minute."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.journeys.project import sample_project

_RUN = """
import asyncio, os, socket, sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from newsletter.cli.copies import instance
from newsletter.cli.run import _log_to_stderr
from newsletter.config import load
from newsletter.schedule.alarm import Alarm
from newsletter.service.running import Service
from newsletter.store.database import open_database
_log_to_stderr()
config = load(Path(sys.argv[1]), os.environ)
with open_database(config.store_path) as database, socket.create_server(("127.0.0.1", 0)) as listening:
    rings = partial(Alarm, every=0.2)
    service = Service(config, database, lambda: datetime.now(UTC), instance(database), str, rings=rings)
    print("running", file=sys.stderr, flush=True)
    asyncio.run(service.run(listening))
"""


def test_it_says_once_that_an_edit_holds_from_its_next_start(tmp_path: Path) -> None:
    config = sample_project(tmp_path / "project", 1).config
    words = [sys.executable, "-c", _RUN, str(config)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        while "running" not in running.stderr.readline():
            assert running.poll() is None
        for title in ("Another Post", "A Third Post"):
            changed = config.with_suffix(".new")
            changed.write_text(config.read_text().replace("[site]", f"# {title}\n[site]", 1))
            shutil.move(changed, config)
            told = next(line for line in running.stderr if "was changed" in line)
            assert told.rstrip().endswith(
                f"{config} was changed: it holds once `newsletter run` is started again"
            )
        running.terminate()
        assert "was changed" not in running.stderr.read()
    assert running.returncode == 0
