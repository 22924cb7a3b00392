"""COMPOSE: cards -> Issue -> Rendered.

An issue is rendered once as one page, then cut into a frame and one block for each card in its role; the
message of a reader is the frame around their blocks, with its slots filled (see :mod:`.slots`).
"""
