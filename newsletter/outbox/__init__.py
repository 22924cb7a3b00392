"""The durable queue: one row for each message that is to be sent, and what became of it."""
