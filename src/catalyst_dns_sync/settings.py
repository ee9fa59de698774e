"""Every setting, in one place: its variable, its flag, its default and its help text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalyst_dns_sync.core.errors import CatalystError
from catalyst_dns_sync.core.names import DnsName, InvalidNameError, is_wildcard, parse_name
from catalyst_dns_sync.core.ownership import MAX_OWNER_LENGTH, is_owner_id
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import (
    InvalidTtlError,
    RecordType,
    Targets,
    parse_targets,
    parse_ttl,
)
from catalyst_dns_sync.core.rules import Syntax
from catalyst_dns_sync.core.selectors import LabelSelector, parse_label_selector

SOURCES = (
    "ingress",
    "ingressroute",
    "ingressroutetcp",
    "ingressroute-legacy",
    "ingressroutetcp-legacy",
)


class SettingsError(CatalystError):
    """Settings that can't be used; ``faults`` has all of them, one line each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must not be seen: it has to be asked for by name."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        """Return stars."""
        return "***"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens; no host means every interface."""

    host: str | None
    port: int


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """What users are told of a setting; ``default`` is the text that they would write."""

    name: str
    variable: str
    default: str
    help: str
    group: str
    parse: Callable[[str], Any]
    also: str = ""

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return "--" + self.variable.lower().replace("_", "-")


def _setting(
    variable: str, default: str, parse: Callable[[str], Any], help_: str, group: str, also: str = ""
) -> Any:  # noqa: ANN401 (it stands where dataclasses.field() stands, which returns Any)
    metadata = {"variable": variable, "default": default, "parse": parse}
    metadata |= {"help": help_, "group": group, "also": also}
    return field(default=parse(default) if default else None, metadata=metadata)


def _text(text: str) -> str:
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[\s,]+", text) if word)


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h)?", text.strip(), re.ASCII)
    if match is None:
        raise ValueError("a duration is wanted: seconds, or a form like 500ms, 10s, 5m or 1h")
    return float(match[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[match[2] or "s"]


def _positive_seconds(text: str) -> float:
    seconds = _seconds(text)
    if seconds <= 0:
        raise ValueError("a duration above 0 is wanted")
    return seconds


def _count(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,5}", text.strip(), re.ASCII):
        raise ValueError("a whole number from 1 to 999999 is wanted")
    return int(text)


def _percent(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text.strip(), re.ASCII) or int(text) > 100:
        raise ValueError("a whole number from 0 to 100 is wanted")
    return int(text)


def _choice(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.strip().lower() not in choices:
            raise ValueError(f"one of {', '.join(choices)} is wanted")
        return text.strip().lower()

    return parse


def _sources(text: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(word.lower() for word in _words(text)))
    if unknown := [word for word in words if word not in SOURCES]:
        raise ValueError(f"{unknown[0]!r} is no source; there are {', '.join(SOURCES)}")
    if not words:
        raise ValueError(f"at least one source is wanted, of {', '.join(SOURCES)}")
    return words


def _zones(text: str) -> frozenset[DnsName]:
    try:
        zones = frozenset(parse_name(word) for word in _words(text))
    except InvalidNameError as error:
        raise ValueError(str(error)) from error
    if wild := [zone for zone in zones if is_wildcard(zone)]:
        raise ValueError(f"{wild[0]!r} is a wildcard; a zone is a plain name like home.arpa")
    return zones


def _addresses(text: str) -> Targets:
    targets = parse_targets(text)
    if any(target.type is RecordType.CNAME for target in targets):
        raise ValueError(f"{text.strip()!r} is no IP address; write one or more, with commas")
    return targets


def _url(text: str) -> str:
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text.strip()!r} is no URL; write it like http://192.168.1.10:5380")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a URL without user, password, query and fragment is wanted")
    return text.strip().rstrip("/")


def _owner(text: str) -> str:
    if not is_owner_id(text.strip()):
        raise ValueError(
            f"{text.strip()!r} is no owner id; letters, digits and . _ - are allowed, "
            f"at most {MAX_OWNER_LENGTH}"
        )
    return text.strip()


def _address(text: str) -> Address:
    host, colon, port = text.strip().rpartition(":")
    if not colon or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65535:
        raise ValueError(f"{text.strip()!r} is no address; write it like :8080 or 127.0.0.1:8080")
    return Address(host.strip("[]") or None, int(port))


_CLUSTER, _DNS, _LOOP, _PROCESS = "cluster", "DNS", "loop", "process"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, parsed. Durations are in seconds."""

    kubeconfig: Path | None = _setting(
        "KUBECONFIG", "", _path, "kubeconfig file; in a pod its service account is used", _CLUSTER
    )
    kube_context: str | None = _setting(
        "KUBE_CONTEXT",
        "",
        _text,
        "context of the kubeconfig; empty means its current one",
        _CLUSTER,
    )
    sources: tuple[str, ...] = _setting(
        "SOURCES",
        "ingress,ingressroute,ingressroutetcp",
        _sources,
        "kinds to watch; ingressroute-legacy and ingressroutetcp-legacy are traefik.containo.us",
        _CLUSTER,
    )
    watch_namespaces: tuple[str, ...] | None = _setting(
        "WATCH_NAMESPACE", "", _words, "namespaces to watch, with commas; empty means all", _CLUSTER
    )
    label_selector: LabelSelector | None = _setting(
        "LABEL_SELECTOR", "", parse_label_selector, "only objects with these labels", _CLUSTER
    )
    ingress_classes: tuple[str, ...] | None = _setting(
        "INGRESS_CLASS", "", _words, "only objects of these classes; empty means all", _CLUSTER
    )
    rule_syntax: Syntax = _setting(
        "RULE_SYNTAX",
        "v3",
        lambda text: Syntax(_choice("v2", "v3")(text)),
        "Traefik's core.defaultRuleSyntax: v2 or v3",
        _CLUSTER,
    )
    dns_server_url: str | None = _setting(
        "DNS_SERVER_URL", "", _url, "Technitium's web service, like http://192.168.1.10:5380", _DNS
    )
    dns_api_token: Secret | None = _setting(
        "DNS_API_TOKEN",
        "",
        lambda text: Secret(text.strip()),
        "API token of a Technitium user",
        _DNS,
    )
    dns_api_token_file: Path | None = _setting(
        "DNS_API_TOKEN_FILE", "", _path, "file that holds the token; read again on SIGHUP", _DNS
    )
    dns_zones: frozenset[DnsName] | None = _setting(
        "DNS_ZONES", "", _zones, "zones to manage, with commas", _DNS, also="DNS_ZONE"
    )
    dns_ip_address: Targets | None = _setting(
        "DNS_IP_ADDRESS",
        "",
        _addresses,
        "addresses that names get, IPv4 and IPv6; empty means each object's own status",
        _DNS,
    )
    dns_ttl_default: int = _setting(
        "DNS_TTL_DEFAULT", "300", parse_ttl, "time to live of new records, seconds", _DNS
    )
    dns_ca_file: Path | None = _setting(
        "DNS_CA_FILE", "", _path, "certificates of a private CA, PEM, for https", _DNS
    )
    dns_timeout: float = _setting(
        "DNS_TIMEOUT", "10s", _positive_seconds, "time that one call to the server may take", _DNS
    )
    dns_concurrency: int = _setting(
        "DNS_CONCURRENCY", "8", _count, "names that are changed at the same time", _DNS
    )
    dns_rate_limit: int = _setting(
        "DNS_RATE_LIMIT", "50", _count, "calls a second that changes may make", _DNS
    )
    owner_id: str = _setting(
        "OWNER_ID", "default", _owner, "marks our records; another id for each installation", _DNS
    )
    policy: Policy = _setting(
        "POLICY",
        "sync",
        lambda text: Policy(_choice(*Policy)(text)),
        "sync, upsert-only (no deletes) or create-only (no deletes, no updates)",
        _DNS,
    )
    debounce_quiet: float = _setting(
        "DEBOUNCE_QUIET", "0.2s", _seconds, "quiet time that ends a burst of events", _LOOP
    )
    debounce_max: float = _setting(
        "DEBOUNCE_MAX", "2s", _seconds, "longest time that events may put a pass off", _LOOP
    )
    drift_interval: float = _setting(
        "DRIFT_INTERVAL",
        "15s",
        _positive_seconds,
        "how often the zones' serials are looked at",
        _LOOP,
    )
    resync_interval: float = _setting(
        "RESYNC_INTERVAL", "5m", _positive_seconds, "how often everything is listed again", _LOOP
    )
    delete_grace: float = _setting(
        "DELETE_GRACE", "10s", _seconds, "time that a name must be unclaimed before it goes", _LOOP
    )
    confirm_seconds: float = _setting(
        "CONFIRM_SECONDS", "60s", _seconds, "time until a second list confirms an unseen end", _LOOP
    )
    quiet_seconds: float = _setting(
        "QUIET_SECONDS", "10s", _seconds, "quiet time of a kind whose CRD may not be read", _LOOP
    )
    max_delete_percent: int = _setting(
        "MAX_DELETE_PERCENT", "20", _percent, "share of unseen deletes above which they wait", _LOOP
    )
    grace: float = _setting(
        "GRACE", "10s", _seconds, "time that a change under way may take at the end", _PROCESS
    )
    metrics_bind_address: Address = _setting(
        "METRICS_BIND_ADDRESS", ":8080", _address, "where metrics and pages are served", _PROCESS
    )
    health_probe_address: Address = _setting(
        "HEALTH_PROBE_ADDRESS", ":8081", _address, "where the probes are served", _PROCESS
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        "info",
        _choice("debug", "info", "warning", "error"),
        "debug, info, warning or error",
        _PROCESS,
    )
    log_format: str = _setting(
        "LOG_FORMAT", "json", _choice("json", "text"), "json, or text for people", _PROCESS
    )


def _info(name: str, metadata: Mapping[str, Any]) -> SettingInfo:
    return SettingInfo(name=name, **metadata)


ALL: tuple[SettingInfo, ...] = tuple(_info(one.name, one.metadata) for one in fields(Settings))
"""What users are told of each setting, in the order of the documentation."""


def load(environment: Mapping[str, str], flags: Mapping[str, str | None]) -> Settings:
    """Return the settings of an environment and of flags (by setting name), which win.

    An empty variable counts as not set. Raises `SettingsError` with all faults together.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    for info in ALL:
        where, text = _given(info, environment, flags)
        if not text:
            continue
        try:
            values[info.name] = info.parse(text)
        except (ValueError, InvalidTtlError) as error:
            faults.append(f"{where}: {error}")
    if faults:
        raise SettingsError(faults)
    return Settings(**values)


def _given(
    info: SettingInfo, environment: Mapping[str, str], flags: Mapping[str, str | None]
) -> tuple[str, str]:
    if flag := flags.get(info.name):
        return info.flag, flag
    for variable in (info.variable, info.also):
        if variable and environment.get(variable, "").strip():
            return variable, environment[variable]
    return info.variable, ""


def require_dns(settings: Settings) -> None:
    """Raise `SettingsError` where something is missing without which no zone can be managed."""
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
    if faults:
        raise SettingsError(faults)
