"""Builds what previews need; where the settings say nothing of them, nothing of it is imported."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from catalyst_dns_sync.app.clocks import now_utc
from catalyst_dns_sync.app.intents import zones_of
from catalyst_dns_sync.control.sources import Sources
from catalyst_dns_sync.core.objects import WatchedObject
from catalyst_dns_sync.kube.resources import GATEWAYS, Resource
from catalyst_dns_sync.settings.model import Settings

if TYPE_CHECKING:
    from catalyst_dns_sync.control.previews import Previews
    from catalyst_dns_sync.core.previews import PreviewRules


def make_previews(settings: Settings, sources: Sources) -> "Previews | None":
    """Return what keeps previews in the Stores as they count now, if there can be any."""
    if not settings.has_previews:
        return None
    from catalyst_dns_sync.control.previews import Previews

    return Previews(sources.stores, now_utc, settings.preview_limit)


def with_terms(
    resource: Resource, parse: Callable[[object], WatchedObject | None], settings: Settings
) -> Callable[[object], WatchedObject | None]:
    """Return a parser that says of each object for how long it lasts, too."""
    if not settings.has_previews or resource is GATEWAYS:
        return parse
    from catalyst_dns_sync.core.previews import with_term

    rules = _rules(settings)

    def parse_with_term(raw: object) -> WatchedObject | None:
        obj = parse(raw)
        return obj if obj is None else with_term(obj, raw, rules)

    return parse_with_term


def with_terms_after(
    finish: Callable[[WatchedObject], WatchedObject], settings: Settings
) -> Callable[[WatchedObject], WatchedObject]:
    """Return what finishes a route and finds out which of its names are previews then."""
    if not settings.has_previews:
        return finish
    from catalyst_dns_sync.core.previews import with_term_of

    rules = _rules(settings)
    return lambda obj: with_term_of(obj.term, finish(obj), rules)


def _rules(settings: Settings) -> "PreviewRules":
    from catalyst_dns_sync.core.previews import PreviewRules

    return PreviewRules(zones_of(settings), settings.preview_hosts or (), settings.preview_label)
