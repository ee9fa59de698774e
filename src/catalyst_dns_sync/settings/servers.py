"""The DNS servers that the settings speak of: one, or those of the file DNS_SERVERS."""

from dataclasses import dataclass, replace

from catalyst_dns_sync.settings.model import Settings, SettingsError


@dataclass(frozen=True, slots=True)
class View:
    """The settings as they are for one server; the only one has no ``name``."""

    name: str
    settings: Settings


def views_of(settings: Settings) -> tuple[View, ...]:
    """Return the settings of each server."""
    if not settings.dns_servers:
        return (View("", settings),)
    return tuple(
        View(
            server.name,
            replace(
                settings,
                dns_servers=None,
                dns_server_url=server.url,
                dns_api_token_file=server.token_file,
                dns_zones=frozenset(server.zones),
                dns_zone_options=dict(server.zones),
                dns_ca_file=server.ca_file or settings.dns_ca_file,
                dns_ip_address=server.targets or settings.dns_ip_address,
                dns_ttl_default=settings.dns_ttl_default if server.ttl is None else server.ttl,
                dns_query_port=server.query_port or settings.dns_query_port,
            ),
        )
        for server in settings.dns_servers
    )


def only_server(settings: Settings, name: str | None) -> Settings:
    """Return the settings of the server with this name, or of the only one.

    Raises `SettingsError` where there is no such server, or there are several and none is named.
    """
    views = views_of(settings)
    names = ", ".join(view.name for view in views)
    if name is None and len(views) > 1:
        raise SettingsError([f"--server: there are several servers, name one of {names}"])
    return (views[0] if name is None else views_of(of_server(settings, name))[0]).settings


def of_server(settings: Settings, name: str | None) -> Settings:
    """Return the settings with this server alone, or as they are where none is named."""
    if name is None:
        return settings
    found = [server for server in settings.dns_servers or () if server.name == name]
    if not found:
        names = ", ".join(server.name for server in settings.dns_servers or ())
        known = f"there are {names}" if names else "DNS_SERVERS is not set"
        raise SettingsError([f"--server: no server is called {name!r}; {known}"])
    return replace(settings, dns_servers=tuple(found))
