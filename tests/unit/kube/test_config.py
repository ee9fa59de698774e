import base64
import json
import ssl
from pathlib import Path
from typing import Any

import pytest

from catalyst_dns_sync.kube.config import Access, login_for, proxy_of, tls_of
from catalyst_dns_sync.kube.errors import KubeConfigError

TOKEN = "very-secret-token"


def kubeconfig(user: dict[str, Any], cluster: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [
            {"name": "here", "context": {"cluster": "here", "user": "me"}},
            {"name": "there", "context": {"cluster": "there", "user": "me"}},
        ],
        "clusters": [
            {"name": "here", "cluster": cluster or {"server": "http://here:8080/"}},
            {"name": "there", "cluster": {"server": "http://there:8080"}},
        ],
        "users": [{"name": "me", "user": user}],
    }


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "http_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def written(path: Path, config: object) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
    return str(path)


async def loaded(kubeconfig: str | None = None, context: str | None = None) -> Access:
    access = Access()
    await login_for(kubeconfig, context).load(access)
    return access


async def test_a_kubeconfig_says_where_and_who(tmp_path: Path) -> None:
    path = written(tmp_path / "c", kubeconfig({"token": TOKEN}))

    access = await loaded(path)

    assert (access.url, access.authorization) == ("http://here:8080", f"Bearer {TOKEN}")


async def test_another_context_can_be_chosen(tmp_path: Path) -> None:
    path = written(tmp_path / "c", kubeconfig({"token": TOKEN}))

    assert (await loaded(path, "there")).url == "http://there:8080"


async def test_the_given_file_wins_over_kubeconfig_and_that_over_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(host: str) -> dict[str, Any]:
        return kubeconfig({}, {"server": f"http://{host}"})

    written(tmp_path / ".kube/config", at("home"))
    home = (await loaded()).url
    missing = tmp_path / "missing"
    variable = f"{missing}:{written(tmp_path / 'variable', at('variable'))}"
    monkeypatch.setenv("KUBECONFIG", variable)
    by_variable = (await loaded()).url
    given = (await loaded(written(tmp_path / "given", at("given")))).url

    assert (home, by_variable, given) == ("http://home", "http://variable", "http://given")


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ({}, None),
        ({"token": f" {TOKEN}\n"}, f"Bearer {TOKEN}"),
        (
            {"username": "u", "password": "p"},
            f"Basic {base64.b64encode(b'u:p').decode()}",
        ),
    ],
    ids=["nobody", "a token", "a password"],
)
async def test_each_kind_of_login_gives_its_header(
    tmp_path: Path, user: dict[str, Any], expected: str | None
) -> None:
    assert (await loaded(written(tmp_path / "c", kubeconfig(user)))).authorization == expected


async def test_credentials_in_the_server_address_are_used_and_never_shown(tmp_path: Path) -> None:
    cluster = {"server": "http://sandbox:s%20t@127.0.0.1:7"}

    access = await loaded(written(tmp_path / "c", kubeconfig({}, cluster)))

    expected = f"Basic {base64.b64encode(b'sandbox:s t').decode()}"
    assert (access.url, access.authorization) == ("http://127.0.0.1:7", expected)


async def test_a_token_file_is_read_again(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("one\n", encoding="utf-8")
    path = written(tmp_path / "c", kubeconfig({"tokenFile": str(token)}))
    access = Access()

    renew = await login_for(path, None).load(access)
    first = access.authorization
    token.write_text("two\n", encoding="utf-8")
    await renew()

    assert (first, access.authorization) == ("Bearer one", "Bearer two")


async def test_an_exec_plugin_is_run_and_run_again_when_its_answer_has_run_out(
    tmp_path: Path,
) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(
        "#!/bin/sh\n"
        f"echo run >> {tmp_path}/runs\n"
        'echo \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":'
        '{"token":"from-plugin","expirationTimestamp":"2020-01-01T00:00:00Z"}}\'\n',
        encoding="utf-8",
    )
    plugin.chmod(0o755)
    user = {"exec": {"command": str(plugin), "apiVersion": "client.authentication.k8s.io/v1"}}
    access = Access()

    renew = await login_for(written(tmp_path / "c", kubeconfig(user)), None).load(access)
    await renew()

    assert access.authorization == "Bearer from-plugin"
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "run\nrun\n"


@pytest.mark.parametrize(
    "config",
    [
        "",
        "]",
        "[1, 2]",
        "just text",
        "a: [",
        '{"clusters": 7}',
        kubeconfig({}) | {"current-context": "nowhere"},
        kubeconfig({}) | {"clusters": []},
        kubeconfig({}) | {"contexts": [{"name": "here"}]},
        kubeconfig({}) | {"users": [{"user": {"token": TOKEN}}]},
        kubeconfig({}) | {"users": [{"name": "me", "token": TOKEN}]},
        kubeconfig({"exec": {"command": "/no/such", "secret": TOKEN}}),
        kubeconfig({"exec": {"command": "/no/such", "apiVersion": "v1", "env": [TOKEN]}}),
        kubeconfig({"auth-provider": {"name": "oidc", "config": {"id-token": TOKEN}}}),
        kubeconfig({"auth-provider": {"name": "oidc", "secret": TOKEN}}),
        kubeconfig({"token": TOKEN}, {"server": "localhost"}),
        kubeconfig({"token": TOKEN}, {"server": "unix:///x"}),
        kubeconfig({"token": TOKEN}, {"noserver": "x"}),
        kubeconfig({"tokenFile": "/no/such/file"}),
        kubeconfig({"client-certificate": "/no/such"}, {"server": "https://here"}),
    ],
)
async def test_a_broken_kubeconfig_is_one_line_without_a_secret(
    tmp_path: Path, config: object
) -> None:
    path = written(tmp_path / "c", config)

    with pytest.raises(KubeConfigError) as caught:
        await loaded(path)

    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_missing_kubeconfig_is_named() -> None:
    with pytest.raises(KubeConfigError, match="/no/such/file does not exist"):
        login_for("/no/such/file", None)


def test_where_nothing_is_configured_it_says_what_to_do() -> None:
    with pytest.raises(KubeConfigError, match="set KUBECONFIG"):
        login_for(None, None)


async def test_a_pod_without_a_service_account_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")

    with pytest.raises(KubeConfigError, match="automountServiceAccountToken"):
        await loaded()


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        (Access("https://k8s.lab"), "http://proxy:1"),
        (Access("https://here"), None),
        (Access("http://k8s.lab"), None),
        (Access("https://k8s.lab", proxy="http://own:2"), "http://own:2"),
    ],
    ids=["environment", "no_proxy", "another scheme", "kubeconfig"],
)
def test_the_proxy_is_the_kubeconfigs_or_the_environments(
    monkeypatch: pytest.MonkeyPatch, access: Access, expected: str | None
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy:1")
    monkeypatch.setenv("no_proxy", "here")

    assert proxy_of(access) == expected


def test_a_proxy_that_we_cannot_speak_to_is_refused() -> None:
    with pytest.raises(KubeConfigError, match="http:// or https://"):
        proxy_of(Access("https://here", proxy="socks5://user:pw@proxy:1"))


def test_tls_is_checked_unless_the_configuration_says_otherwise() -> None:
    strict = tls_of(Access("https://here"))
    lax = tls_of(Access("https://here", verify_ssl=False))

    assert (strict.verify_mode, strict.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (lax.verify_mode, lax.check_hostname) == (ssl.CERT_NONE, False)


def test_a_certificate_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    bad = written(tmp_path / "ca.pem", "no certificate")

    with pytest.raises(KubeConfigError, match="cannot be used"):
        tls_of(Access("https://here", ssl_ca_cert=bad))
