"""`newsletter subscribers form`: the sign-up form for another site."""

from __future__ import annotations

import click

from newsletter.cli.session import Session, session
from newsletter.errors import ConfigError


@click.command("form")
@click.argument("name")
@session()
def command(s: Session, name: str) -> None:
    """Print a form for your own site, to be copied: what it sends comes to the reader pages.

    Name your site in `[web] allow_origins`, and its readers need not press a second time.
    """
    from newsletter.web.reader.copied import form_for

    name = s.newsletter(name)
    if not s.config.web.public_url:
        where = s.config.origin("web", "public_url")
        raise ConfigError(f"{where}: web.public_url: empty, so a form would lead nowhere")
    if not s.config.newsletters[name].sign_up:
        where = s.config.origin("newsletters", name, "sign_up")
        raise ConfigError(f"{where}: newsletters.{name}.sign_up: false, so nobody may sign up for it")
    s.say(form_for(s.config, name).rstrip())
