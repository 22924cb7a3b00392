"""Newsletter -> a form for another site: plain HTML that posts to the reader pages."""

from __future__ import annotations

from html import escape

from newsletter.config import unpack
from newsletter.config.schema import Config
from newsletter.web.reader.signing_up import TRAP


def form_for(config: Config, name: str) -> str:
    """The form for one newsletter, in the site's language; `[web] public_url` must be set.

    It has no token, for nobody knows when it is shown: limits and the letter that asks to confirm protect it.
    """
    words = unpack.words(config)
    url, title = config.web.public_url.rstrip("/"), unpack.title(config, name)
    said = {
        "label": words.say("Your email address"),
        "button": words.say("Sign up"),
        "small": words.say(
            "You get one mail first, to confirm. We keep your address to send you what you chose, and for "
            "nothing else. Every mail has a link to stop."
        ),
        "title": words.say("{title} by email", title=title),
        "trap": words.say("Leave this empty"),
        "url": f"{url}/subscribe",
        "name": name,
        "language": words.language,
    }
    return _FORM.format_map({key: escape(text) for key, text in said.items()} | {"field": TRAP})


_FORM = """\
<form action="{url}" method="post" lang="{language}">
  <p><strong>{title}</strong></p>
  <input type="hidden" name="newsletter" value="{name}">
  <input type="hidden" name="language" value="{language}">
  <p hidden><label>{trap} <input name="{field}" tabindex="-1" autocomplete="off"></label></p>
  <p><label>{label} <input type="email" name="email" autocomplete="email" required></label>
  <button>{button}</button></p>
  <p><small>{small}</small></p>
</form>
"""
