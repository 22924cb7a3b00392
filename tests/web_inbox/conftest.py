"""The inbox of a Maildir behind a real server on loopback, spoken to by a plain HTTP client."""

import http.client
import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from newsletter.web.inbox import routes


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> str:
        return self.content.decode()


@dataclass(frozen=True, slots=True)
class Pages:
    """A running inbox."""

    port: int
    maildir: Path

    def file(self, id: str, mail: bytes, age: int = 0) -> None:
        """Put a mail into the Maildir that arrived `age` seconds before the others."""
        path = self.maildir / "new" / id
        path.write_bytes(mail)
        os.utime(path, (1_795_000_000 - age, 1_795_000_000 - age))

    def get(self, path: str, host: str | None = None, method: str = "GET") -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.putrequest(method, path, skip_host=host is not None)
            if host:
                connection.putheader("Host", host)
            connection.endheaders()
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, headers, answer.read())
        finally:
            connection.close()

    def json(self, path: str) -> Any:
        return json.loads(self.get(path).body)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    maildir = tmp_path / "inbox"
    for folder in ("tmp", "new", "cur"):
        (maildir / folder).mkdir(parents=True)
    (tmp_path / "secret").write_text("not a mail")
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        Starlette(routes=routes(maildir)), log_level="critical", lifespan="off", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield Pages(int(listening.getsockname()[1]), maildir)
    server.should_exit = True
    thread.join()
