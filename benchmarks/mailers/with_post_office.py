"""Sends a personal copy to each with django-post_office: a row of its queue each, eight threads send.

The queueing, in which it renders, is counted.

python with_post_office.py CONTENT.json PORT MESSAGES
prints {"seconds": …, "sent": …}
"""

import json
import logging
import sys
import tempfile
import time
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command


def configure(folder: str, port: str) -> None:
    settings.configure(
        SECRET_KEY="of a benchmark",
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": f"{folder}/queue.db",
                "OPTIONS": {"timeout": 60, "init_command": "PRAGMA journal_mode = WAL"},
            }
        },
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=int(port),
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
            "BATCH_SIZE": 10_000,
            "THREADS_PER_PROCESS": 8,
            "LOG_LEVEL": 0,
            "MESSAGE_ID_ENABLED": False,
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        USE_TZ=True,
    )
    django.setup()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)


def personal(text: str, n: int) -> str:
    return text.replace("%%NAME%%", f"Reader {n}").replace(
        "%%UNSUBSCRIBE_URL%%", f"https://news.example/u/token{n}"
    )


def main(file: str, port: str, messages: str) -> None:
    content = json.loads(Path(file).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        configure(folder, port)
        from post_office import mail
        from post_office.models import STATUS, Email

        began = time.perf_counter()
        mail.send_many(
            {
                "sender": "ida@news.example",
                "recipients": [f"reader{n}@example.org"],
                "subject": content["subject"],
                "message": personal(content["text"], n),
                "html_message": personal(content["html"], n),
                "headers": {"List-Unsubscribe": f"<https://news.example/u/token{n}>"},
            }
            for n in range(int(messages))
        )
        mail.send_queued(processes=1, log_level=0)
        seconds = time.perf_counter() - began
        sent = Email.objects.filter(status=STATUS.sent).count()
    print(json.dumps({"seconds": seconds, "sent": sent}))


if __name__ == "__main__":
    main(*sys.argv[1:])
