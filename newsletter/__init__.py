"""A newsletter is a straight line from a content folder to an inbox.

    content folder --content--> Article --excerpt--> Card --issue--> Issue, Rendered
        --outbox--> Delivery --message--> Message --senders--> Outcome

    audience/ says who, schedule/ says when, delivery/ drains the outbox.

Everything left of ``outbox`` may be run again at will; everything right of it
happens once for each recipient, and is written down before it is done.
"""

__version__ = "0.1.0"
