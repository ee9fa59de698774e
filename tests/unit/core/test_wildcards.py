import pytest

from catalyst_dns_sync.core.changes import Create, Delete
from catalyst_dns_sync.core.wildcards import notes_on_wildcards
from fakes.values import a, endpoint, host, zone


@pytest.mark.parametrize(
    ("held", "created", "noted"),
    [
        pytest.param(["*"], "a.b", ["b"], id="the name between stops being answered"),
        pytest.param(["*"], "a.b.c", ["b.c", "c"], id="so do all names between"),
        pytest.param(["*"], "b", [], id="a name beside the wildcard is answered itself"),
        pytest.param(["*", "b"], "a.b", [], id="a name that exists had no answer of the wildcard"),
        pytest.param(["*", "x.b"], "a.b", [], id="an empty name that exists had none either"),
        pytest.param(["*.apps"], "a.b.apps", ["b.apps"], id="a wildcard further down"),
        pytest.param(["*.apps"], "a.b", [], id="a wildcard elsewhere"),
        pytest.param(["other"], "a.b", [], id="no wildcard"),
    ],
)
def test_a_new_name_that_empties_one_under_a_wildcard_is_noted(
    held: list[str], created: str, noted: list[str]
) -> None:
    contents = zone({label: [a()] for label in held})

    notes = notes_on_wildcards([Create(endpoint(created), (a(),))], contents)

    assert [note.split(" ")[0] for note in notes] == [host(label) for label in sorted(noted)]


def test_a_name_that_goes_needs_no_note() -> None:
    contents = zone({"*": [a()], "a.b": [a()]})

    assert notes_on_wildcards([Delete(host("a.b"), (a(),), frozenset())], contents) == ()
