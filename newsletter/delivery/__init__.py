"""Drains the outbox: intent, send, record."""
