"""The API token, and where it comes from."""

from pathlib import Path

import pytest

from catalyst_dns_sync.control.ports import ProviderRejectedError
from catalyst_dns_sync.providers.technitium.tokens import TokenSource


@pytest.mark.parametrize("text", ["", "with blank", "two\nlines", "ümlaut", "\x7f"])
def test_what_can_be_no_token_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ProviderRejectedError) as caught:
        TokenSource(text)

    assert "DNS_API_TOKEN" in str(caught.value)
    assert not text or text not in str(caught.value)


def test_a_token_that_is_given_never_changes() -> None:
    tokens = TokenSource("abc")

    assert not tokens.may_change
    assert not tokens.reload()
    assert tokens.value == "abc"


def test_a_token_is_read_from_its_file_and_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(" abc\n")
    tokens = TokenSource(file=file)
    assert tokens.value == "abc"
    assert not tokens.reload()

    file.write_text("def\n")

    assert tokens.reload()
    assert tokens.value == "def"


@pytest.mark.parametrize("text", ["", "a b", "ü"])
def test_a_file_in_the_middle_of_a_change_leaves_the_token_as_it_is(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "token"
    file.write_text("abc")
    tokens = TokenSource(file=file)

    file.write_text(text)

    assert not tokens.reload()
    assert tokens.value == "abc"


def test_a_file_that_can_not_be_read_again_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "token"
    file.write_text("abc")
    tokens = TokenSource(file=file)

    for text in ("", "", "abc", ""):
        file.write_text(text)
        tokens.reload()

    empty = f"DNS_API_TOKEN_FILE: {file} is empty: put an API token of the DNS server there"
    assert [(line.message, vars(line)["error"]) for line in caplog.records] == [
        ("token not read again, the old one stays", empty),
        ("token not read again, the old one stays", empty),
    ]


def test_a_file_that_is_gone_leaves_the_token_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc")
    tokens = TokenSource(file=file)

    file.unlink()

    assert not tokens.reload()


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProviderRejectedError, match=r"DNS_API_TOKEN_FILE: .*nowhere can't be read"):
        TokenSource(file=tmp_path / "nowhere")
