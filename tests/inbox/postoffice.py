"""A post office of its own: Postfix and Dovecot in a private folder, on free ports of the loopback.

Nothing can leave: what is for another domain than the two that live here goes to a server of the test.
Needs root, for Postfix starts its parts under several users.
"""

from __future__ import annotations

import imaplib
import os
import pwd
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

import trustme

from tests.needs import absent, program

SECONDS = 30
PACKAGES = "postfix dovecot-imapd dovecot-lmtpd"
HOME = "reader.test"  #: where readers have their mailboxes
BOUNCES = "bounces.news.test"  #: where ours is

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.reader.test
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = {home}, {bounces}
virtual_mailbox_maps = regexp:{folder}/postfix/mailboxes
virtual_transport = lmtp:unix:{folder}/run/lmtp
recipient_delimiter = +
default_transport = smtp:[127.0.0.1]:{elsewhere}
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {folder}/tls/chain.pem
smtpd_peername_lookup = no
maillog_file = {folder}/log/postfix
maillog_file_prefixes = {folder}
alias_maps =
alias_database =
import_environment = MAIL_CONFIG
"""
MASTER = """
127.0.0.1:{smtp} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
"""
MAILBOXES = """
/^(bob|zoe)@reader\\.test$/ ok
/^bounce(\\+.*)?@bounces\\.news\\.test$/ ok
"""
DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log/dovecot
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/tls/chain.pem
ssl_key = <{folder}/tls/chain.pem
disable_plaintext_auth = no
first_valid_uid = {uid}
mail_location = maildir:{folder}/mail/%n
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
default_internal_user = dovecot
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
"""


@dataclass(frozen=True)
class PostOffice:
    """Where it is, and what has come."""

    folder: Path
    smtp: int  #: the port of submission, which insists on STARTTLS
    imap: int
    imaps: int  #: the same, with TLS from the first byte

    @property
    def ca_file(self) -> Path:
        """Whom to trust."""
        return self.folder / "ca.pem"

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user

    def received(self, user: str, message_id: str = "") -> EmailMessage:
        """The newest mail of a mailbox, over IMAP, once it is there; with that Message-ID, if any."""
        with imaplib.IMAP4("127.0.0.1", self.imap, timeout=SECONDS) as imap:
            imap.login(user, "any")
            imap.select()
            criteria = ("HEADER", "Message-ID", message_id) if message_id else ("ALL",)
            while not (found := imap.search(None, *criteria)[1][0].split()):
                _wait_for_news(imap)
            _, parts = imap.fetch(found[-1], "(BODY.PEEK[])")
        octets = cast(tuple[bytes, bytes], parts[0])[1]
        return cast(EmailMessage, message_from_bytes(octets, policy=policy.default))

    def log(self) -> str:
        """What both programs wrote, for a person who looks why a test failed."""
        return "\n".join(
            path.read_text("utf-8", "replace") for path in sorted((self.folder / "log").iterdir())
        )


def _wait_for_news(imap: imaplib.IMAP4) -> None:
    """IDLE (RFC 2177) until the mailbox has grown; the socket's time-out ends a wait in vain."""
    imap.send(b"WAIT IDLE\r\n")
    line = imap.readline()
    assert line.startswith(b"+"), line
    while not re.match(rb"\* [1-9][0-9]* EXISTS", line := imap.readline()):
        assert line, "the IMAP server has gone"
    imap.send(b"DONE\r\n")
    while not imap.readline().startswith(b"WAIT "):
        pass
    imap.noop()


@contextmanager
def post_office(elsewhere: int) -> Iterator[PostOffice]:
    """Open for as long as the block runs; mail for other domains goes to port `elsewhere` of the loopback."""
    postfix, dovecot = _programs()
    with tempfile.TemporaryDirectory(prefix="postoffice-", ignore_cleanup_errors=True) as name:
        office = PostOffice(Path(name), *_free_ports(3))
        config = _lay_out(office, elsewhere)
        with _running_dovecot(dovecot, office), _running_postfix(postfix, config):
            yield office


def _programs() -> tuple[str, str]:
    found = program("postfix", PACKAGES), program("dovecot", PACKAGES)
    if os.geteuid():
        absent("Postfix starts as root only: run the tests as root for this one")
    if not Path("/usr/lib/dovecot/lmtp").exists():
        program("dovecot-lmtp", PACKAGES)
    return found


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _lay_out(office: PostOffice, elsewhere: int) -> Path:
    """Write every file that the two programs want; the folder of Postfix's configuration."""
    folder, nobody, theirs = office.folder, pwd.getpwnam("nobody"), pwd.getpwnam("postfix")
    folder.chmod(0o755)
    for name in ("postfix", "queue", "data", "log", "run", "state", "mail", "tls"):
        (folder / name).mkdir()
    os.chown(folder / "mail", nobody.pw_uid, nobody.pw_gid)
    os.chown(folder / "data", theirs.pw_uid, -1)  # else: master.lock: Permission denied
    _certify(folder)
    places = {
        "folder": folder, "smtp": office.smtp, "imap": office.imap, "imaps": office.imaps,
        "elsewhere": elsewhere,
        "uid": nobody.pw_uid, "gid": nobody.pw_gid, "home": HOME, "bounces": BOUNCES,
        "commands": _asked("command_directory"), "daemons": _asked("daemon_directory"),
    }  # fmt: skip
    (folder / "postfix" / "main.cf").write_text(MAIN.format(**places))
    (folder / "postfix" / "master.cf").write_text(MASTER.format(**places).lstrip())
    (folder / "postfix" / "mailboxes").write_text(MAILBOXES.lstrip())
    (folder / "dovecot.conf").write_text(DOVECOT.format(**places))
    for name in ("postfix-files", "postfix-files.d", "dynamicmaps.cf", "dynamicmaps.cf.d"):
        source, target = Path("/etc/postfix") / name, folder / "postfix" / name
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy(source, target)
    return folder / "postfix"


def _asked(setting: str) -> str:
    """Where this system's Postfix has its parts."""
    return subprocess.run(
        ["postconf", "-dh", setting], check=True, capture_output=True, text=True
    ).stdout.strip()


def _certify(folder: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    chain = folder / "tls" / "chain.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(chain))
    chain.chmod(0o600)


@contextmanager
def _running_postfix(postfix: str, config: Path) -> Iterator[None]:
    started = subprocess.run([postfix, "-c", str(config), "start"], capture_output=True, text=True)
    assert started.returncode == 0, started.stdout + started.stderr
    try:
        yield
    finally:
        subprocess.run([postfix, "-c", str(config), "stop"], capture_output=True)


@contextmanager
def _running_dovecot(dovecot: str, office: PostOffice) -> Iterator[None]:
    """It goes into the background once it listens."""
    config = str(office.folder / "dovecot.conf")
    with (office.folder / "log" / "dovecot-start").open(
        "w"
    ) as said:  # a pipe would stay open as long as it runs
        started = subprocess.run([dovecot, "-c", config], stdout=said, stderr=said)
    assert started.returncode == 0, office.log()
    try:
        yield
    finally:
        _stop(int((office.folder / "run" / "master.pid").read_text()))


def _stop(pid: int) -> None:
    """End a program of ours that is no child of ours, and wait until it has."""
    ended = os.pidfd_open(pid)
    signal.pidfd_send_signal(ended, signal.SIGTERM)
    select.select([ended], [], [], SECONDS)
    os.close(ended)
