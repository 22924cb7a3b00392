"""All checks that need nothing but the mail, in the order in which a person reads their findings."""

from __future__ import annotations

from typing import Final

from newsletter.issue.checks import (
    colours,
    compatibility,
    headers,
    leaving,
    leftovers,
    links,
    markup,
    opening,
    pictures,
    reading,
    wording,
)
from newsletter.issue.checks.mail import Check
from newsletter.model import Level

_ERROR, _WARNING, _INFO = Level.ERROR, Level.WARNING, Level.INFO

CHECKS: Final = (
    Check("subject-missing", _ERROR, opening.subject_missing),
    Check("subject-length", _WARNING, opening.subject_length),
    Check("subject-shouting", _WARNING, opening.subject_shouting),
    Check("preheader-missing", _WARNING, opening.preheader_missing),
    Check("preheader-length", _WARNING, opening.preheader_length),
    Check("preheader-repeats", _WARNING, opening.preheader_repeats),
    Check("leftover", _ERROR, leftovers.marks),
    Check("draft-words", _WARNING, leftovers.drafts),
    Check("link-relative", _ERROR, links.relative),
    Check("link-placeholder", _ERROR, links.placeholder),
    Check("link-malformed", _ERROR, links.malformed),
    Check("link-http", _WARNING, links.plain_http),
    Check("link-private", _WARNING, links.own_computer),
    Check("link-text-empty", _WARNING, links.without_text),
    Check("link-text-generic", _INFO, links.generic),
    Check("link-shortener", _INFO, links.shortened),
    Check("image-source", _ERROR, pictures.source),
    Check("image-data", _WARNING, pictures.embedded_as_text),
    Check("image-alt", _WARNING, pictures.alt_missing),
    Check("image-alt-generated", _WARNING, pictures.alt_generated),
    Check("image-large", _WARNING, pictures.too_large),
    Check("card-image", _INFO, pictures.card_without),
    Check("theme-contrast", _WARNING, colours.theme),
    Check("contrast", _WARNING, colours.contrast),
    Check("dark-fixed", _INFO, colours.unchanging),
    Check("unsubscribe-html", _ERROR, leaving.in_html),
    Check("unsubscribe-text", _ERROR, leaving.in_text),
    Check("list-unsubscribe", _ERROR, leaving.list_unsubscribe),
    Check("one-click", _INFO, leaving.one_click),
    Check("postal-address", _ERROR, leaving.postal_address),
    Check("active-content", _ERROR, markup.active),
    Check("external-styles", _ERROR, markup.external_styles),
    Check("html-clipped", _ERROR, markup.clipped),
    Check("html-heavy", _WARNING, markup.heavy),
    Check("styles-dropped", _ERROR, markup.styles_dropped),
    Check("styles-heavy", _WARNING, markup.styles_heavy),
    Check("text-empty", _ERROR, reading.text_empty),
    Check("text-links", _WARNING, reading.text_links),
    Check("text-more-links", _INFO, reading.text_more_links),
    Check("text-differs", _WARNING, reading.text_differs),
    Check("text-markup", _WARNING, reading.text_markup),
    Check("words", _WARNING, reading.words),
    Check("headers", _ERROR, headers.complete),
    Check("header-length", _ERROR, headers.long_lines),
    Check("from-aligned", _WARNING, headers.aligned),
    Check("no-reply", _INFO, headers.no_reply),
    Check("title-twice", _WARNING, wording.same_titles),
    Check("old-year", _INFO, wording.old_year),
    Check("attached", _INFO, wording.nothing_attached),
    Check("spam-phrases", _INFO, wording.spam_phrases),
    Check("client-support", _WARNING, compatibility.clients),
    Check("client-scores", _INFO, compatibility.overall),
)
