"""Deliveries that ended long ago: packed, a few octets each, and still answered for one by one."""
