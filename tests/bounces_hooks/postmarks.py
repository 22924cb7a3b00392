"""Calls as Postmark makes them."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from tests.outbox.publishing import NOW

USERNAME, PASSWORD = "postmark", "a-long-password-of-ours"
AT = (NOW + timedelta(seconds=5)).isoformat().replace("+00:00", "Z")


def headers(
    password: str = PASSWORD, kind: str = "application/json", scheme: str = "Basic"
) -> dict[str, str]:
    mark = base64.b64encode(f"{USERNAME}:{password}".encode()).decode()
    return {"Content-Type": kind, "Authorization": f"{scheme} {mark}"}


def record(record_type: str = "Bounce", **more: Any) -> bytes:
    made = {
        "RecordType": record_type,
        "MessageStream": "broadcast",
        "ID": 4323372036854775807,
        "Type": "HardBounce",
        "TypeCode": 1,
        "Name": "Hard bounce",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {},
        "ServerID": 23,
        "Description": "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
        "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist",
        "Email": "r1@example.org",
        "From": "ida@slowpost.example",
        "BouncedAt": AT,
    }
    return json.dumps(made | more).encode()


def change(**more: Any) -> bytes:
    made = {
        "RecordType": "SubscriptionChange",
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "ServerID": 23,
        "MessageStream": "broadcast",
        "ChangedAt": AT,
        "Recipient": "r1@example.org",
        "Origin": "Recipient",
        "SuppressSending": True,
        "SuppressionReason": "ManualSuppression",
        "Metadata": {},
    }
    return json.dumps(made | more).encode()
