"""Laws of the rule language that hold for every rule, and for every text."""

from dataclasses import dataclass
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from catalyst_dns_sync.core.names import parse_name
from catalyst_dns_sync.core.rules import (
    Protocol,
    RuleError,
    RuleErrorClass,
    RuleNames,
    Syntax,
    mentioned_names,
    names_of,
)


@dataclass(frozen=True)
class Leaf:
    """A call, as its tokens, and the name that it would give."""

    tokens: tuple[str, ...]
    host: str | None = None


@dataclass(frozen=True)
class Not:
    operand: "Tree"


@dataclass(frozen=True)
class Join:
    operator: str
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True)
class Group:
    inner: "Tree"


Tree: TypeAlias = Leaf | Not | Join | Group

HOSTS = st.sampled_from(["a.example", "b.example", "c.example", "*.d.example", "e"])


def _host(name: str, spelling: str, quote: str) -> Leaf:
    return Leaf((spelling, "(", f"{quote}{name}{quote}", ")"), name)


LEAVES = st.one_of(
    st.builds(_host, HOSTS, st.sampled_from(["Host", "host", "HOST"]), st.sampled_from(["`", '"'])),
    st.sampled_from(
        [
            Leaf(("PathPrefix", "(", "`/Host(x)`", ")")),
            Leaf(("Header", "(", "`X`", ",", '"`f.example`"', ",", ")")),
            Leaf(("HostRegexp", "(", "`^g$`", ")")),
        ]
    ),
)
TREES: st.SearchStrategy[Tree] = st.recursive(
    LEAVES,
    lambda trees: st.one_of(
        st.builds(Not, trees),
        st.builds(Group, trees),
        st.builds(Join, st.sampled_from(["&&", "||"]), trees, trees),
    ),
    max_leaves=12,
)


def tokens_of(tree: Tree) -> list[str]:
    match tree:
        case Leaf(tokens):
            return list(tokens)
        case Not(Join() as operand):
            return ["!", "(", *tokens_of(operand), ")"]
        case Not(operand):
            return ["!", *tokens_of(operand)]
        case Group(inner):
            return ["(", *tokens_of(inner), ")"]
        case Join(operator, left, right):
            return [*_side(left, operator), operator, *_side(right, operator)]


def _side(tree: Tree, operator: str) -> list[str]:
    loose = isinstance(tree, Join) and (tree.operator, operator) == ("||", "&&")
    return ["(", *tokens_of(tree), ")"] if loose else tokens_of(tree)


def hosts_of(tree: Tree, *, negated: bool = False) -> list[str]:
    match tree:
        case Leaf(host=host):
            return [] if negated or host is None else [host]
        case Not(operand):
            return hosts_of(operand, negated=not negated)
        case Group(inner):
            return hosts_of(inner, negated=negated)
        case Join(left=left, right=right):
            return hosts_of(left, negated=negated) + hosts_of(right, negated=negated)


def read(rule: str) -> RuleNames:
    return names_of(rule, Syntax.V3, Protocol.HTTP)


# Go ends an expression at a line's end, except after these.
OPEN = {"&&", "||", "!", "(", ","}
BLANKS = st.sampled_from(["", " ", "\t", "\r", "  ", "/**/", "/* || Host(`z.example`) */"])
LINES = st.sampled_from(["\n", "\r\n", "// && Host(`z.example`)\n", "/*\n*/"])


@st.composite
def spread(draw: st.DrawFn, tree: Tree) -> str:
    """Write a tree down with blanks, line breaks and comments wherever they mean nothing."""
    text = draw(st.one_of(BLANKS, LINES))
    for token in tokens_of(tree):
        text += token + draw(st.one_of(BLANKS, LINES) if token in OPEN else BLANKS)
    return text + draw(st.sampled_from(["", "\n", " // the end", "\n\n"]))


@given(TREES)
def test_the_hosts_are_those_under_an_even_number_of_negations(tree: Tree) -> None:
    assert read(" ".join(tokens_of(tree))).hosts == tuple(dict.fromkeys(hosts_of(tree)))


@given(TREES)
def test_the_hosts_of_the_opposite_rule_are_the_negated_ones(tree: Tree) -> None:
    rule = "!(" + "".join(tokens_of(tree)) + ")"

    assert read(rule).hosts == tuple(dict.fromkeys(hosts_of(tree, negated=True)))


@given(TREES)
def test_a_host_is_either_published_or_left_out(tree: Tree) -> None:
    names = read("".join(tokens_of(tree)))

    left_out = {left.value for left in names.skipped if left.value != "^g$"}
    assert set(names.hosts).isdisjoint(left_out)
    assert set(names.hosts) | left_out == {
        *hosts_of(tree),
        *hosts_of(tree, negated=True),
    }


@given(TREES.flatmap(lambda tree: st.tuples(st.just(tree), spread(tree))))
def test_blanks_lines_and_comments_mean_nothing_between_tokens(case: tuple[Tree, str]) -> None:
    tree, text = case

    assert read(text) == read("".join(tokens_of(tree)))


@given(TREES)
def test_whatever_was_published_is_mentioned(tree: Tree) -> None:
    rule = "".join(tokens_of(tree))

    assert set(read(rule).hosts) <= mentioned_names(rule)


@given(TREES, st.integers(min_value=0))
def test_a_rule_that_lost_one_token_still_mentions_its_names(tree: Tree, at: int) -> None:
    tokens = tokens_of(tree)
    del tokens[at % len(tokens)]
    rule = "".join(tokens)

    quoted = {token[1:-1] for token in tokens if token[0] in '`"' and "x" in token}
    names = {name for name in hosts_of(tree) if name in quoted}
    assert names <= mentioned_names(rule)


def _outcome(rule: str, syntax: Syntax, protocol: Protocol) -> RuleNames | RuleError:
    try:
        return names_of(rule, syntax, protocol)
    except RuleError as error:
        return error


PIECES = st.sampled_from(
    [
        *("Host", "HostSNI", "HostRegexp", "Query", "Path", "Foo", "func", "(", ")", "(`a.b`)"),
        *("`a`", '"b"', "'c'", "`*.a.example`", "`{x:[a-z]+}`", "`/`", ",", "&&", "||", "!"),
        *("\n", " ", "...", ".", "1", "0x", "1e5", "//", "/*", "*/", "/*line a:0*/", "\\", "`"),
        *('"', "'", "\ufeff", "\0", "&", "|", "==", "<-", "[", "]", "{", "}", ";", "é", "\ud800"),
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))


@given(TEXTS, st.sampled_from(Syntax), st.sampled_from(Protocol))
def test_any_text_gives_valid_names_or_a_rule_error(
    text: str, syntax: Syntax, protocol: Protocol
) -> None:
    match _outcome(text, syntax, protocol):
        case RuleError(position=position, message=message):
            assert 0 <= position <= len(text)
            assert message.isprintable()
        case RuleNames(hosts=hosts):
            assert hosts == tuple(parse_name(host) for host in hosts)


@given(st.text(), st.sampled_from(Syntax), st.sampled_from(Protocol))
def test_any_value_is_a_valid_name_or_left_out(
    value: str, syntax: Syntax, protocol: Protocol
) -> None:
    matcher = {Protocol.HTTP: "Host", Protocol.TCP: "HostSNI"}[protocol]
    rule = f"{matcher}(`{value.replace('`', '')}`)"
    match _outcome(rule, syntax, protocol):
        case RuleNames(hosts=hosts, skipped=skipped):
            assert len(hosts) + len(skipped) == 1
            assert hosts == tuple(parse_name(host) for host in hosts)
        case RuleError(error_class=error_class):
            assert error_class is not RuleErrorClass.MATCHER


@given(st.text())
def test_any_text_mentions_only_valid_names(text: str) -> None:
    assert all(parse_name(name) == name for name in mentioned_names(text))
