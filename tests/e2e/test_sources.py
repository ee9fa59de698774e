"""The example of docs/sources.md, with real kubectl and DNS queries."""

import re
import textwrap
from pathlib import Path

import pytest

from fakes.processes import RunningSandbox, program, stage

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
ACCEPTED = (
    '{"status":{"parents":[{"parentRef":{"name":"gw"},"controllerName":"example.com/me",'
    '"conditions":[{"type":"Accepted","status":"True"}]}]}}'
)
BALANCED = '{"status":{"loadBalancer":{"ingress":[{"ip":"192.168.1.61"}]}}}'


async def kubectl(here: RunningSandbox, *args: str, stdin: str = "") -> str:
    config = ("--kubeconfig", here.printed["kubeconfig"])
    ended = await program("kubectl", *config, *args, stdin=stdin)
    assert ended.code == 0, ended.err
    return ended.out


@pytest.mark.tool("kubectl")
async def test_the_example_of_the_page_works_as_it_says() -> None:
    text = PAGE.read_text()
    found = re.search(r"<<'YAML'\n(.*?)\n    YAML\n", text, re.DOTALL)
    assert found is not None
    assert ACCEPTED in text
    assert BALANCED in text
    sources = "ingress,httproute,service,dnsendpoint"
    async with stage(sources=sources, with_daemon=True) as here:
        await kubectl(here, "apply", "-f", "-", stdin=textwrap.dedent(found[1]))
        await here.wait_for("printer.home.arpa", {"192.168.1.60"})
        patch = ("--subresource=status", "--type=merge", "-p")
        await kubectl(here, "patch", "httproute", "wiki", *patch, ACCEPTED)
        await kubectl(here, "patch", "service", "nas", *patch, BALANCED)
        await here.wait_for("wiki.home.arpa", {"192.168.1.54"})
        await here.wait_for("nas.home.arpa", {"192.168.1.61"})
        await here.wait_for("print.home.arpa", {"printer.home.arpa.", "192.168.1.60"})

        listed = await kubectl(here, "get", "httproutes")
        assert "wiki" in listed
        assert '["wiki.home.arpa","wiki.example.com"]' in listed
        await kubectl(here, "delete", "httproute", "wiki")
        await here.wait_for("wiki.home.arpa", set())


@pytest.mark.tool("kubectl")
@pytest.mark.tool("dig")
async def test_dig_x_finds_the_name_that_an_address_points_back_to() -> None:
    back, target = "9.1.168.192.in-addr.arpa", "catalyst-dns-sync.io/target=192.168.1.9"
    async with stage("home.arpa", "1.168.192.in-addr.arpa", with_daemon=True) as here:
        where = (f"@{here.printed['dns_host']}", "-p", str(here.printed["dns_port"]))
        found: list[str] = []
        for name in ("first", "second"):
            rule = f"--rule={name}.home.arpa/=web:80"
            await kubectl(here, "create", "ingress", name, rule, "--annotation", target)
            await here.wait_for(f"{name}.home.arpa", {"192.168.1.9"})
            await here.wait_for(back, {"first.home.arpa."}, "PTR")
        found.append((await program("dig", *where, "-x", "192.168.1.9", "+short")).out)
        await kubectl(here, "delete", "ingress", "first")
        await here.wait_for(back, {"second.home.arpa."}, "PTR")
        found.append((await program("dig", *where, "-x", "192.168.1.9", "+short")).out)
        await kubectl(here, "delete", "ingress", "second")
        await here.wait_for(back, set(), "PTR")

        assert found == ["first.home.arpa.\n", "second.home.arpa.\n"]
