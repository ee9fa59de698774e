"""What settings need of one another; each fault says what to set."""

from catalyst_dns_sync.settings.model import DnsProvider, Settings, SettingsError


def require_dns(settings: Settings) -> None:
    """Raise `SettingsError` where something is missing without which no zone can be managed."""
    _require_issuer(settings)
    if settings.dns_ptr and settings.dns_provider is DnsProvider.HOSTS:
        raise SettingsError(["DNS_PTR and dev mode don't go together: a hosts file has no PTR"])
    if settings.dns_servers is not None:
        _require_servers_alone(settings)
        return
    if settings.dns_provider is DnsProvider.HOSTS:
        return
    faults: list[str] = []
    if settings.dns_server_url is None:
        faults.append("DNS_SERVER_URL: name Technitium's web service, http://192.168.1.10:5380")
    if settings.dns_api_token is None and settings.dns_api_token_file is None:
        faults.append(
            "DNS_API_TOKEN or DNS_API_TOKEN_FILE: make a token in Technitium's console, "
            "Administration > Sessions > Create Token"
        )
    if settings.dns_api_token is not None and settings.dns_api_token_file is not None:
        faults.append("DNS_API_TOKEN and DNS_API_TOKEN_FILE are both set: keep one of them")
    if not settings.dns_zones:
        faults.append("DNS_ZONES: name the zones to manage, like home.arpa")
    strange = set(settings.dns_zone_options or ()) - (settings.dns_zones or set())
    faults += [f"DNS_ZONE_OPTIONS: {zone} is not one of DNS_ZONES" for zone in sorted(strange)]
    if faults:
        raise SettingsError(faults)


def require_ui(settings: Settings) -> None:
    """Raise `SettingsError` where it is not clear who may change things."""
    faults: list[str] = []
    if settings.ui_token is not None and settings.ui_token_file is not None:
        faults.append("UI_TOKEN and UI_TOKEN_FILE are both set: keep one of them")
    if settings.ui_proxy_header is not None and settings.ui_proxy_ranges is None:
        faults.append("UI_PROXY_HEADER: name the proxy's addresses in UI_PROXY_RANGES")
    if faults:
        raise SettingsError(faults)


def _require_issuer(settings: Settings) -> None:
    if not settings.wildcard_certificate:
        return
    missing = {
        "CERTIFICATES: WILDCARD_CERTIFICATE needs it to be true": settings.certificates,
        "CERTIFICATE_ISSUER: name who signs, like ClusterIssuer/letsencrypt": (
            settings.certificate_issuer
        ),
        "CERTIFICATE_NAMESPACE: name where the Certificates are kept, like traefik": (
            settings.certificate_namespace
        ),
    }
    if faults := [fault for fault, value in missing.items() if not value]:
        raise SettingsError(faults)


def _require_servers_alone(settings: Settings) -> None:
    if settings.dns_provider is DnsProvider.HOSTS:
        raise SettingsError(["DNS_SERVERS and dev mode don't go together: keep one of them"])
    single = {
        "DNS_SERVER_URL": settings.dns_server_url,
        "DNS_API_TOKEN": settings.dns_api_token,
        "DNS_API_TOKEN_FILE": settings.dns_api_token_file,
        "DNS_ZONES": settings.dns_zones,
        "DNS_ZONE_OPTIONS": settings.dns_zone_options,
    }
    if given := [variable for variable, value in single.items() if value is not None]:
        raise SettingsError(
            [
                f"{variable} and DNS_SERVERS are both set: what a server has is said in the file"
                for variable in given
            ]
        )
