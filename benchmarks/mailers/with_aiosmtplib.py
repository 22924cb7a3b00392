"""Sends a personal copy to each with aiosmtplib, over eight connections that stay open.

python with_aiosmtplib.py CONTENT.json PORT MESSAGES    prints {"seconds": …, "sent": …}
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib


def personal(text: str, n: int) -> str:
    return text.replace("%%NAME%%", f"Reader {n}").replace(
        "%%UNSUBSCRIBE_URL%%", f"https://news.example/u/token{n}"
    )


def written(content: dict[str, str], n: int) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ida Vang <ida@news.example>", f"Reader {n} <reader{n}@example.org>"
    mail["Subject"] = content["subject"]
    mail["List-Unsubscribe"] = f"<https://news.example/u/token{n}>"
    mail.set_content(personal(content["text"], n))
    mail.add_alternative(personal(content["html"], n), subtype="html")
    return mail


async def send(content: dict[str, str], port: int, numbers: Iterator[int]) -> int:
    sent = 0
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) as connection:
        for n in numbers:
            await connection.send_message(written(content, n))
            sent += 1
    return sent


async def main(file: str, port: str, messages: str) -> None:
    content, numbers = json.loads(Path(file).read_text("utf-8")), iter(range(int(messages)))
    began = time.perf_counter()
    sent = await asyncio.gather(*(send(content, int(port), numbers) for _ in range(8)))
    print(json.dumps({"seconds": time.perf_counter() - began, "sent": sum(sent)}))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
