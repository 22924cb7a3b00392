"""SIGN UP: what a stranger types into a form -> a person who confirmed, and was welcomed.

    ask -> Wish -> answer -> letter -> outbox -> the mail -> confirmed -> letter -> outbox

A request is committed before its answer (:func:`wishes.ask`), by the same work for every address. What it
leads to happens afterwards (:func:`answering.answer`). Only the mailbox itself can confirm
(:func:`confirming.confirmed`).
"""
