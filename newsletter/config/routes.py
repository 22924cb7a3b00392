"""``[sender]`` and ``[senders.NAME]`` -> the routes of a drain, and how fast it may go."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from newsletter.config.schema import Config
from newsletter.config.tables import PlugIn
from newsletter.delivery.line import Limits, Route
from newsletter.delivery.rate import per_second
from newsletter.errors import PluginError
from newsletter.senders import open_sender


def senders(config: Config) -> Mapping[str, PlugIn]:
    """Every sender that is used, by what its table is called in the file."""
    several = {f"senders.{name}": one for name, one in config.senders.items()}
    return several or {"sender": config.sender}


def routes(config: Config) -> tuple[Route, ...]:
    """One route a sender. PluginError for one that cannot be made: better now than with messages in hand."""
    made = []
    for (table, sender), connections in zip(senders(config).items(), _connections(config), strict=True):
        opened = partial(open_sender, sender.name, sender.revealed())
        try:
            opened().close()
        except PluginError as error:
            raise PluginError(str(error).replace("[sender]", f"[{table}]")) from None
        made.append(Route(opened, connections))
    return tuple(made)


def limits(config: Config) -> Limits:
    """The rates, over all connections of all senders."""
    rate = config.sender.rate
    domains = {domain: per_second(text) for domain, text in config.sender.domain_rates.items()}
    return Limits(per_second(rate) if rate else 0.0, domains)


def shares(total: int, weights: tuple[int, ...]) -> tuple[int, ...]:
    """`total` shared out by weight, one at least to each, so that their sum may be more than `total`."""
    everything = sum(weights)
    whole = [total * weight // everything for weight in weights]
    rests = sorted(range(len(weights)), key=lambda n: -(total * weights[n] % everything))
    for place in rests[: total - sum(whole)]:
        whole[place] += 1
    return tuple(max(1, each) for each in whole)


def _connections(config: Config) -> tuple[int, ...]:
    if not config.senders:
        return (config.sender.connections,)
    those = tuple(config.senders.values())
    by_weight = shares(config.sender.connections, tuple(one.weight for one in those))
    return tuple(one.connections or share for one, share in zip(those, by_weight, strict=True))
