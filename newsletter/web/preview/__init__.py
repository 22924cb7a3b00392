"""The preview: what a reader will get, when, what is left out and why. For one person on this computer.

`desk` holds what is built, `watching` and `events` say when that is old, `shown` and `page` are what a page
says, `app` serves.
"""
