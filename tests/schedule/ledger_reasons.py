"""What is explained -> exactly one reason for each issue and each article, that fits what happened."""

from __future__ import annotations

from datetime import datetime

from newsletter.service.explained import Code, Explanation
from tests.schedule.ledger_oracle import UNQUEUED, Oracle

#: What may be said of a row in a state.
OF_STATE = {
    "queued": {Code.QUEUED, Code.WAITING_FOR_TIME, Code.HELD},
    "sending": {Code.QUEUED, Code.HELD},
    "deferred": {Code.DEFERRED},
    "sent": {Code.SENT},
    "in_doubt": {Code.IN_DOUBT},
    "failed": {Code.FAILED, Code.EXPIRED},
    "cancelled": {Code.CANCELLED},
    "suppressed": {Code.SUPPRESSED, Code.PAUSED, Code.NOT_SUBSCRIBED_THEN},
    "passed": {Code.LEFT_OUT, Code.TOPIC_NOT_CHOSEN, Code.ALREADY_HAD},
}
#: What must not be said of an article that is still to come.
NEVER_OWED = {Code.ALREADY_HAD, Code.TOPIC_NOT_CHOSEN, Code.NOT_SUBSCRIBED_THEN, Code.SENT}
#: Of a slot that came to nothing.
OF_SLOT = {Code.ISSUE_SKIPPED, Code.PAUSED, Code.NOT_SUBSCRIBED_THEN, Code.NOT_DUE}


def of_issues(oracle: Oracle, id: int, told: Explanation, now: datetime) -> None:
    """Exactly one reason for each issue of the newsletters that they ever had, and the right one."""
    theirs = [issue for issue, name in oracle.names.items() if (id, name) in oracle.readers]
    assert sorted(one.issue_id for one in told.issues if one.issue_id) == sorted(theirs)
    for one in told.issues:
        right = of_issue(oracle, id, one.issue_id, now) if one.issue_id else OF_SLOT
        assert one.code in right, (one, right)


def of_issue(oracle: Oracle, id: int, issue: str, now: datetime) -> set[Code]:
    """What may be said of it."""
    if (id, issue) in oracle.mine:
        return OF_STATE[oracle.rows[oracle.mine[id, issue]].state]
    if oracle.states[issue] in UNQUEUED:
        reader = oracle.readers[id, oracle.names[issue]]
        why = oracle.why_not(reader, oracle.names[issue], "", now)
        return {why} if why else {Code.UNAPPROVED, Code.HELD, Code.QUEUED, Code.NOT_DUE}
    return oracle.none.get((id, issue), {Code.NOT_SUBSCRIBED_THEN})


def of_article(oracle: Oracle, id: int, article: int, told: Explanation) -> dict[str, tuple[str, Code]]:
    """Exactly one reason in each newsletter that they ever had, and the right one. By newsletter: what became
    of it, and what is told."""
    names = [name for reader, name in oracle.readers if reader == id]
    assert sorted(one.newsletter for one in told.articles) == sorted(names), (article, told.articles)
    found = {}
    for one in told.articles:
        became, right = became_of(oracle, id, one.newsletter, article)
        assert one.code in right, (one, became)
        found[one.newsletter] = became, one.code
    return found


def became_of(oracle: Oracle, id: int, name: str, article: int) -> tuple[str, set[Code]]:
    """What became of an article for somebody, and what may be said of it."""
    reader = oracle.readers[id, name]
    brought = [row for row in oracle.of(id, name) if article in row.articles]
    got = [row for row in brought if row.counts]
    assert len(got) <= 1, f"{id} has got {article} of {name} more than once: {got}"
    if got:
        return got[0].state, OF_STATE[got[0].state]
    rest = set(Code) - {Code.SENT}
    if reader.since is None:
        return "left", rest - {Code.QUEUED, Code.WAITING_FOR_TIME}
    if article in reader.owed:
        return "waits", rest - NEVER_OWED
    if brought:
        return "failed", {Code.LEFT_OUT}.union(*(OF_STATE[row.state] for row in brought))
    if article in oracle.gone[name]:
        return "left out", rest
    if (id, name, article) in oracle.decided:
        why = oracle.decided[id, name, article][1]
        return why, {Code.TOPIC_NOT_CHOSEN} if why == "topic" else {Code.LEFT_OUT}
    if oracle.first_seen[article] < reader.since:
        return "before", rest
    return "dropped", {Code.LEFT_OUT, Code.TOPIC_NOT_CHOSEN, Code.PAUSED}
