"""What `check` finds, and how the daemon lives with it: the shipped roles, rule by rule."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from catalyst_dns_sync.app.checkup import examine, say_findings
from catalyst_dns_sync.core.checkup import Finding, Level
from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.sandbox.kube_api import kubeconfig
from catalyst_dns_sync.sandbox.technitium.model.zone import ZoneType
from catalyst_dns_sync.settings.model import DnsProvider, Settings
from catalyst_dns_sync.settings.parsers import Secret
from fakes.world import World, running, settle, world

pytestmark = pytest.mark.looptime

MANIFESTS = Path(__file__).parent.parent.parent / "manifests"
NAMESPACE, ACCOUNT = "infrastructure", "catalyst-dns-sync"
CLUSTER_ROLE = yaml.safe_load((MANIFESTS / "base" / "clusterrole.yaml").read_text())
LEADER_ROLE = yaml.safe_load(
    (MANIFESTS / "components" / "leader-election" / "leader-role.yaml").read_text()
)
RBAC = "rbac.authorization.k8s.io/v1"


def bind(here: World, role: dict[str, Any], *, without: int | None = None) -> None:
    """Give the service account a role, perhaps without one of its rules."""
    rules = [rule for number, rule in enumerate(role["rules"]) if number != without]
    name = role["metadata"]["name"]
    place = {"namespace": NAMESPACE} if role["kind"] == "Role" else {}
    here.apply({**role, "metadata": {"name": name, **place}, "rules": rules})
    here.apply(
        {
            "apiVersion": RBAC,
            "kind": f"{role['kind']}Binding",
            "metadata": {"name": name, **place},
            "roleRef": {"apiGroup": RBAC.partition("/")[0], "kind": role["kind"], "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": NAMESPACE}],
        }
    )


def as_account(here: World) -> dict[str, Any]:
    """Return the settings of a daemon that runs as the service account."""
    token = here.api.access.account_token(NAMESPACE, ACCOUNT)
    url = yaml.safe_load((here.folder / "kubeconfig").read_text())["clusters"][0]["cluster"]
    file = here.folder / "account"
    file.write_text(kubeconfig(f"http://{url['server'].rpartition('@')[2]}", token))
    return {"kubeconfig": file}


async def troubles(settings: Settings) -> list[Finding]:
    return [one for one in await examine(settings) if one.is_trouble]


def allowed(rule: dict[str, Any]) -> Iterator[str]:
    """Yield what the rule allows, as a finding would name it."""
    for group in rule["apiGroups"]:
        for resource in rule["resources"]:
            kind = f"{resource}.{group}" if group else resource
            for name in rule.get("resourceNames", [""]):
                named = f' "{name}"' if name else ""
                yield f"may not {' and '.join(rule['verbs'])} {kind}{named}"


async def test_the_shipped_roles_are_all_that_is_needed() -> None:
    async with world() as here:
        bind(here, CLUSTER_ROLE)
        bind(here, LEADER_ROLE)
        elected = {"leader_election": True, "lease_namespace": NAMESPACE}
        settings = as_account(here) | elected
        here.route("a", "Host(`a.lab.test`)")
        here.route("b", "Host(`b.lab.test`)")
        here.ingress("c", "c.lab.test")
        found = await troubles(here.settings(**settings))
        async with running(here, **settings):
            made = here.names()
            here.delete_route("a")
            await settle(30)

        assert found == []
        assert made == {"a.lab.test", "b.lab.test", "c.lab.test"}
        assert here.names() == {"b.lab.test", "c.lab.test"}
        assert "cluster=" in here.shown()["b.lab.test"][0].comment


@pytest.mark.parametrize("number", range(len(CLUSTER_ROLE["rules"])))
async def test_check_names_a_rule_that_is_missing_and_the_daemon_lives_without_it(
    number: int,
) -> None:
    rule = CLUSTER_ROLE["rules"][number]
    async with world() as here:
        here.route("a", "Host(`a.lab.test`)")
        here.route("b", "Host(`b.lab.test`)")
        here.ingress("c", "c.lab.test")
        here.ingress("d", "d.lab.test")
        async with running(here):
            pass
        names = here.names()
        bind(here, CLUSTER_ROLE, without=number)
        settings = as_account(here)
        here.delete_route("a")
        here.delete_ingress("c")
        found = await troubles(here.settings(**settings))
        async with running(here, wait=False, **settings) as daemon:
            await settle(150)
            _, ready = await daemon.get("/readyz")
            alive, _ = await daemon.get("/healthz")

        assert [text.split(":")[0].rpartition(" in ")[0] for text in map(_text, found)] == list(
            allowed(rule)
        )
        for one in found:
            (given,) = yaml.safe_load("\n".join(one.mend.splitlines()[1:]))
            assert given["verbs"] == rule["verbs"]
        assert alive == 200
        if "customresourcedefinitions" in rule["resources"]:
            # Both lists agreed, a minute apart, that the objects are gone.
            assert here.names() == names - {"a.lab.test", "c.lab.test"}
        else:
            assert here.names() == names
            assert "forbidden" in ready or rule["resources"] == ["namespaces"]


@pytest.mark.parametrize("number", range(len(LEADER_ROLE["rules"])))
async def test_check_names_a_missing_rule_of_the_leaders_role_and_no_instance_writes(
    number: int,
) -> None:
    rule = LEADER_ROLE["rules"][number]
    async with world() as here:
        here.route("a", "Host(`a.lab.test`)")
        bind(here, CLUSTER_ROLE)
        bind(here, LEADER_ROLE, without=number)
        settings = as_account(here) | {"leader_election": True, "lease_namespace": NAMESPACE}
        found = await troubles(here.settings(**settings))
        async with running(here, wait=False, **settings):
            await settle(30)

        assert [text.split(":")[0] for text in map(_text, found)] == [
            f"{what} in namespace {NAMESPACE}" for what in allowed(rule)
        ]
        assert here.names() == set()


async def test_check_tells_all_faults_of_the_dns_server_at_once() -> None:
    async with world("lab.test", "off.test") as here:
        here.dns.create_zone("copy.test", ZoneType.SECONDARY)
        await here.console("admin/users/create", user="limited", displayName="l", **{"pass": "x"})
        await _permit(here, "lab.test", "true|true|false")
        await _permit(here, "off.test", "true|false|false")
        await _permit(here, "copy.test", "true|true|true")
        await here.console("zones/disable", zone="off.test")
        await here.by_hand("*.lab.test", "192.0.2.9")
        before = here.shown()
        answer = await here.console(
            "admin/sessions/createToken", user="limited", tokenName="daemon"
        )
        token = Secret(answer["response"]["token"])
        zones = frozenset(map(parse_name, ("lab.test", "off.test", "copy.test", "none.test")))
        url = here.ports.url.replace("127.0.0.1", "localhost")
        settings = here.settings(dns_api_token=token, dns_zones=zones, dns_server_url=url)
        found = await examine(settings)

        assert here.shown() == before
    about_dns = [one for one in found if one.check.startswith(("zone", "DNS"))]
    assert [(one.level.value, one.check, one.text.split(":")[0]) for one in about_dns[2:]] == [
        ("error", "zone copy.test", "it is a Secondary zone here, which takes no changes"),
        ("error", "zone none.test", "the server does not show it"),
        ("warning", "zone off.test", "it is disabled"),
        ("error", "zone lab.test", "the token's user lacks Delete on it"),
        ("error", "zone off.test", "the token's user lacks Modify and Delete on it"),
        ("hint", "DNS server", "the token may not import"),
        ("hint", "zone lab.test", "the SOA's minimum is 900 s"),
        ("hint", "zone off.test", "the SOA's minimum is 900 s"),
        (
            "hint",
            "zone lab.test",
            "*.lab.test answers for every name below it that does not exist, deleted ones too",
        ),
    ]


async def _permit(here: World, zone: str, rights: str) -> None:
    await here.console("zones/permissions/set", zone=zone, userPermissions=f"limited|{rights}")


async def test_in_dev_mode_the_hosts_file_is_looked_at() -> None:
    async with world() as here:
        settings = {"dns_provider": DnsProvider.HOSTS, "dns_zones": None}
        fine = await examine(here.settings(**settings, hosts_file=here.folder / "hosts"))
        none = await examine(here.settings(**settings, hosts_file=here.folder / "none" / "hosts"))

    assert [fine[-1].level, none[-1].level] == [Level.OK, Level.ERROR]


async def test_what_is_wrong_is_logged_at_the_start_and_is_not_fatal(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with world() as here:
        here.api.forbid("list", "ingresses")
        await say_findings(here.settings(dns_api_token=Secret("wrong")))

    said = [
        (line.levelname, vars(line)["check"])
        for line in caplog.records
        if line.msg == "something is wrong around the daemon"
    ]
    assert said == [("WARNING", "rights"), ("WARNING", "DNS server")]


def _text(finding: Finding) -> str:
    assert finding.level in (Level.ERROR, Level.WARNING)
    return finding.text
