"""What the settings say, as the parts of the daemon take it."""

from collections.abc import Iterable

from catalyst_dns_sync.control.intent import Intent
from catalyst_dns_sync.core.admission import Admission, Scope
from catalyst_dns_sync.core.endpoints import ObjectOptions
from catalyst_dns_sync.core.guard import Limits
from catalyst_dns_sync.core.merge import Defaults
from catalyst_dns_sync.core.names import ROOT, DnsName, is_reverse
from catalyst_dns_sync.core.terms import Coverage
from catalyst_dns_sync.kube.resources import RESOURCES
from catalyst_dns_sync.settings.model import DnsProvider, Settings
from catalyst_dns_sync.settings.servers import views_of


def zones_of(settings: Settings) -> frozenset[DnsName]:
    """Return the zones to work on; in dev mode all names can be one."""
    if settings.dns_provider is DnsProvider.HOSTS and not settings.dns_zones:
        return frozenset({ROOT})
    if settings.dns_servers is not None:
        return frozenset(zone for server in settings.dns_servers for zone in server.zones)
    return settings.dns_zones or frozenset()


def zone_labels(settings: Settings) -> list[str]:
    """Return what all zones of all servers are called."""
    labels = labels_of([(view.name, view.settings) for view in views_of(settings)])
    return sorted(label for some in labels.values() for label in some.values())


def labels_of(
    servers: Iterable[tuple[str, Settings]],
) -> dict[str, dict[DnsName, str]]:
    """Return for each server what its zones are called where those of all servers are told.

    A zone is called by its name, or ``zone@server`` where it lies on several.
    """
    zones = {name: sorted(zones_of(settings)) for name, settings in servers}
    every = [zone for some in zones.values() for zone in some]
    return {
        name: {zone: f"{zone}@{name}" if every.count(zone) > 1 else zone for zone in some}
        for name, some in zones.items()
    }


def admission_of(settings: Settings) -> Admission:
    """Return what the settings say about who may claim what."""
    scope = Scope(
        settings.exclude_namespaces or (),
        settings.include_hosts or (),
        settings.exclude_hosts or (),
    )
    return Admission(scope, settings.dns_claims)


def intent_of(settings: Settings) -> Intent:
    """Return what the settings say about the passes."""
    zones = zones_of(settings)
    return Intent(
        zones=zones,
        zone_terms=settings.dns_zone_options or {},
        keeps_markers=settings.dns_provider is not DnsProvider.HOSTS,
        coverage=Coverage(
            frozenset(RESOURCES[source].kind for source in settings.sources),
            frozenset(settings.watch_namespaces or ()),
            admission_of(settings).scope,
            pointed=zones if settings.dns_ptr else None,
        ),
        points_back=settings.dns_ptr and any(map(is_reverse, zones)),
        defaults=Defaults(
            settings.dns_ip_address or (),
            settings.dns_ttl_default,
            settings.dns_targets or (),
            preview_ttl=settings.preview_ttl,
        ),
        policy=settings.policy,
        drift_policy=settings.drift_policy,
        limits=Limits(
            grace=settings.delete_grace,
            confirm=settings.confirm_seconds,
            quiet=settings.quiet_seconds,
            max_percent=settings.max_delete_percent,
        ),
    )


def object_options(settings: Settings) -> ObjectOptions:
    """Return what the settings say of reading objects."""
    return ObjectOptions(
        settings.rule_syntax,
        frozenset(settings.ingress_classes or ()),
        settings.label_selector,
        ways=frozenset(row.way for row in settings.dns_targets or ()),
        compat=settings.compat_annotations is not None,
        require_accepted=settings.gateway_require_accepted,
        notes=settings.dns_provider is not DnsProvider.HOSTS,
    )
