"""The file of several servers, and what is said of one zone alone."""

from pathlib import Path

import pytest

from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.policy import Policy
from catalyst_dns_sync.core.records import parse_targets
from catalyst_dns_sync.core.zoneterms import ZoneTerms
from catalyst_dns_sync.settings.faults import FaultsError
from catalyst_dns_sync.settings.loading import load
from catalyst_dns_sync.settings.model import Settings, SettingsError
from catalyst_dns_sync.settings.requirements import require_dns
from catalyst_dns_sync.settings.servers import View, of_server, only_server, views_of
from catalyst_dns_sync.settings.serversfile import (
    DnsServer,
    parse_servers,
    zone_options,
)

FILE = Path("/etc/cds/servers.yaml")
LAB, OTHER = parse_name("lab.home"), parse_name("other.home")
KEYS = "name, url, zones, token_file, ca_file, targets, ttl, query_port"
TTL = "seconds from 0 to 604800, or a form like 5m or 1h30m"
WHOLE = """
servers:
  - name: lan
    url: http://192.168.1.10:5380/
    token_file: tokens/lan
    targets: [192.168.1.54]
    zones:
      - lab.home
      - name: other.home
        ttl: 60
        targets: 192.168.1.60, 192.168.1.61
        policy: upsert-only
  - url: https://100.64.0.10:53443
    token_file: /run/tailnet
    ca_file: ca.pem
    ttl: 5m
    query_port: 5353
    zones: [LAB.home.]
"""


def test_a_file_names_servers_and_what_holds_for_each() -> None:
    assert parse_servers(WHOLE, FILE) == (
        DnsServer(
            "lan",
            "http://192.168.1.10:5380",
            Path("/etc/cds/tokens/lan"),
            {
                LAB: ZoneTerms(),
                OTHER: ZoneTerms(
                    parse_targets("192.168.1.60,192.168.1.61"), 60, Policy.UPSERT_ONLY
                ),
            },
            targets=parse_targets("192.168.1.54"),
        ),
        DnsServer(
            "100.64.0.10",
            "https://100.64.0.10:53443",
            Path("/run/tailnet"),
            {LAB: ZoneTerms()},
            ca_file=Path("/etc/cds/ca.pem"),
            ttl=300,
            query_port=5353,
        ),
    )


def test_all_faults_of_a_file_are_told_together_each_with_its_line() -> None:
    text = """
- name: lan
  url: 192.168.1.10
  token: abc
  zones:
    - lab.home
    - {name: lab.home, ttl: never, policy: delete}
- 7
- name: lan
  url: http://192.168.1.10:5380
  token_file: [a, {b: c}]
  zones: []
"""
    with pytest.raises(FaultsError) as told:
        parse_servers(text, FILE)
    assert [fault.removeprefix(f"{FILE}") for fault in told.value.faults] == [
        f":4: servers[0]: 'token' is no key here; {KEYS} are",
        ":2: servers[0]: `token_file` is missing; write it like /etc/catalyst-dns-sync/token",
        ":3: servers[0].url: '192.168.1.10' is no URL; write it like http://192.168.1.10:5380",
        f":7: servers[0].zones[1].ttl: 'never' is no TTL: {TTL}",
        ":7: servers[0].zones[1].policy: one of sync, upsert-only, create-only is wanted",
        ":7: servers[0].zones[1]: lab.home is there twice: keep one of them",
        ":8: servers[1]: a server is wanted: url, token_file and zones",
        ":12: servers[2].zones: a list with at least one entry is wanted",
        ":11: servers[2].token_file: a text is wanted here",
    ]


@pytest.mark.parametrize(
    "text", ["", "7", "servers:", "{a: b}", "[", "&a [*a]", "- &b {url: *b}", "\t", "? [a]\n: b"]
)
def test_a_file_of_any_other_sort_is_a_fault(text: str) -> None:
    with pytest.raises(FaultsError):
        parse_servers(text, FILE)


def test_two_servers_of_one_name_are_a_fault() -> None:
    one = "- {url: 'http://a:1', token_file: t, zones: [lab.home]}\n"
    with pytest.raises(FaultsError, match="two servers are called 'a'"):
        parse_servers(one + one, FILE)


def test_a_file_that_is_not_there_is_told_of_like_any_fault_of_the_settings(tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    with pytest.raises(SettingsError) as told:
        load({"DNS_SERVERS": str(missing), "DNS_TTL_DEFAULT": "x"}, {})
    assert len(told.value.faults) == 2
    assert f"DNS_SERVERS: {missing} can't be read: No such file or directory" in told.value.faults


def test_each_server_sees_the_settings_with_its_own_in_place() -> None:
    settings = Settings(dns_servers=parse_servers(WHOLE, FILE), dns_ttl_default=120)
    lan, tailnet = views_of(settings)
    assert (lan.name, tailnet.name) == ("lan", "100.64.0.10")
    assert lan.settings.dns_zones == frozenset({LAB, OTHER})
    assert (lan.settings.dns_ttl_default, tailnet.settings.dns_ttl_default) == (120, 300)
    assert lan.settings.dns_ip_address == parse_targets("192.168.1.54")
    assert tailnet.settings.dns_query_port == 5353
    assert views_of(lan.settings) == (View("", lan.settings),)


def test_a_command_for_one_server_must_be_told_which() -> None:
    settings = Settings(dns_servers=parse_servers(WHOLE, FILE))
    with pytest.raises(SettingsError, match=r"name one of lan, 100\.64\.0\.10"):
        only_server(settings, None)
    with pytest.raises(SettingsError, match="no server is called 'wan'"):
        of_server(settings, "wan")
    with pytest.raises(SettingsError, match="DNS_SERVERS is not set"):
        of_server(Settings(), "lan")
    assert only_server(settings, "lan") == views_of(settings)[0].settings
    assert of_server(settings, None) == settings
    assert only_server(Settings(), None) == Settings()


def test_one_server_and_several_at_once_are_refused() -> None:
    settings = Settings(
        dns_servers=parse_servers(WHOLE, FILE),
        dns_server_url="http://a:1",
        dns_zones=frozenset({LAB}),
    )
    with pytest.raises(SettingsError) as told:
        require_dns(settings)
    assert told.value.faults == [
        "DNS_SERVER_URL and DNS_SERVERS are both set: what a server has is said in the file",
        "DNS_ZONES and DNS_SERVERS are both set: what a server has is said in the file",
    ]


def test_a_hosts_file_has_no_pointers() -> None:
    settings = load({"DNS_PROVIDER": "hosts", "DNS_PTR": "true"}, {})

    with pytest.raises(SettingsError, match="DNS_PTR and dev mode don't go together"):
        require_dns(settings)


def test_what_holds_in_one_zone_only_can_be_said_for_a_single_server() -> None:
    assert zone_options("lab.home ttl=60 policy=upsert-only; other.home targets=10.0.0.1+::1") == {
        LAB: ZoneTerms((), 60, Policy.UPSERT_ONLY),
        OTHER: ZoneTerms(parse_targets("10.0.0.1,::1")),
    }


@pytest.mark.parametrize(
    "text",
    [
        "lab.home",
        "lab.home ttl",
        "lab.home size=3",
        "lab.home ttl=60; lab.home ttl=30",
        "*.a ttl=6",
    ],
)
def test_options_of_zones_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        zone_options(text)
