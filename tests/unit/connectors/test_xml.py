"""XML of a stranger: what is read, what is refused, and that refusing is cheap."""

import time

import msgspec
import pytest

from connectors import xml
from connectors.xml import TruncatedXml, count_unknown_xml, parse_xml
from domain.errors import ContractViolation, UndecodableInput

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><alive x="&b;"/>'
)


def test_attributes_stand_under_their_names_and_children_in_lists_under_their_tags() -> None:
    tag, content = parse_xml(b'<a x="1"><b y="2"/><c/><b y="3">text</b></a>')

    assert tag == "a"
    assert content == {"x": "1", "<b>": [{"y": "2"}, {"y": "3", "#text": "text"}], "<c>": [{}]}


def test_an_attribute_and_an_element_of_one_name_do_not_meet() -> None:
    assert parse_xml(b'<a b="1"><b/></a>')[1] == {"b": "1", "<b>": [{}]}


@pytest.mark.parametrize("payload", [
    b"\xef\xbb\xbf<a x='1'/>", b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n<a x='1' e=''/>",
    b"<n:a xmlns:n='urn:x' n:y='2' x='1'/>", b"<a xmlns='urn:x' x='1'><!-- note --></a>",
])  # fmt: skip
def test_marks_namespaces_comments_and_empty_attributes_say_nothing(payload: bytes) -> None:
    assert parse_xml(payload) == ("a", {"x": "1"})


@pytest.mark.parametrize("payload", [
    LAUGHS, b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", b"", b"{}", b"<a>", b"<a/><b/>", b"<a x='1' x='2'/>",
    b"<a>&undefined;</a>", b"\xff\xfe<\x00a\x00/\x00>\x00", b"<a x='\xff'/>", b"<a>\x00</a>",
    LAUGHS.decode().encode("utf-16"), LAUGHS.decode().encode("utf-16-be"), LAUGHS.decode().encode("utf-32"),
    b"<?xml version='1.0' encoding='cp037'?>" + "<!DOCTYPE a><a/>".encode("cp037"),
])  # fmt: skip
def test_what_is_no_plain_xml_is_undecodable(payload: bytes) -> None:
    with pytest.raises(UndecodableInput):
        parse_xml(payload)


@pytest.mark.parametrize("payload", [b"<a><b x='1'/>", b"<a", b"<a x='1", b"<a><![CDATA[x", b"<?xml version='1.0'?>"])
def test_a_document_that_was_cut_is_told_as_such(payload: bytes) -> None:
    with pytest.raises(TruncatedXml):
        parse_xml(payload)


@pytest.mark.parametrize("payload", [
    b"<a>" * 33 + b"</a>" * 33,
    b"<a>" * 400_000 + b"</a>" * 400_000,
    b"<r>" + b"<a/>" * 1_000_001 + b"</r>",
    b"<a " + b" ".join(b"x%d='1'" % n for n in range(65)) + b"/>",
    b"<a x='" + b"1" * xml.MAX_BYTES + b"'/>",
], ids=["deep", "very deep", "many elements", "many attributes", "large"])  # fmt: skip
def test_what_is_larger_than_any_message_is_refused_in_bounded_time(payload: bytes) -> None:
    begun = time.process_time()

    with pytest.raises(ContractViolation):
        parse_xml(payload)

    assert time.process_time() - begun < 5


def test_undeclared_attributes_and_elements_are_counted_by_their_path() -> None:
    class Inner(msgspec.Struct):
        y: int = 0

    class Outer(msgspec.Struct):
        x: int = 0
        inner: list[Inner] = msgspec.field(default_factory=list, name="<b>")

    counted = count_unknown_xml(Outer, b"<a x='1' z='2'><b y='1' q='1'/><b q='2'/><c><d/></c></a>")

    assert counted == {"z": 1, "<b>.q": 2, "<c>": 1}
