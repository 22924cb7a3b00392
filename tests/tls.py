"""An authority for certificates that a test can make its clients trust."""

import ssl
from datetime import datetime
from pathlib import Path

import trustme


class Authority:
    """One that nobody knows but who is given its `ca_file`."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(str(self.ca_file))

    def context(self, *names: str, ends: datetime | None = None) -> ssl.SSLContext:
        """That of a server with a certificate for these names; `ends`: when it is no longer valid."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names, not_after=ends).configure_cert(made)
        return made
