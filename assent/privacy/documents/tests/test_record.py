"""The records as documents and workbooks."""

import io
import zipfile

import openpyxl
import pytest

from assent.privacy.documents import api
from assent.privacy.documents.contracts import Document, Facts, Kind, Run, Section, Stamp, Table
from assent.privacy.documents.tests.bundles import NOON, both, edition, section, table, texts, written

EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("https://evil.example")', "{=1}", "https://evil.example", "007", "1e5"]


def record(name="bloom", language="en", kind=Kind.RECORD_CONTROLLER, change=None):
    return api.build(edition=edition(name, change), kind=kind, language=language)


def opened(document):
    return openpyxl.load_workbook(io.BytesIO(api.to_xlsx(document)))


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


@pytest.mark.parametrize("language", ["en", "ro"])
@pytest.mark.parametrize("name", ["bloom", "harbour", "orbit", "processlab"])
def test_the_record_says_what_each_purpose_is(name, language):
    policy = edition(name).policy.policy
    document = record(name, language)
    for key, purpose in policy.purposes.items():
        told = dict(section(document, f"purpose-{key}").blocks[0].pairs)
        found = "\n".join(written(runs) for runs in told.values())
        assert purpose.description[language] in found
        for item in purpose.data:
            assert policy.data[item].title[language] in found
        for recipient in purpose.recipients:
            assert policy.recipients[recipient].name in found
        for term in (*purpose.dpv, *purpose.fideslang):
            assert term in found


def test_the_workbook_has_a_row_for_each_purpose_and_a_column_for_each_question():
    policy = edition("bloom").policy.policy
    found = rows(opened(record())["Purposes"])
    assert [row[0] for row in found[1:]] == [purpose.title["en"] for purpose in policy.purposes.values()]
    wanted = {"Basis", "People", "Data", "Recipients", "Outside the European Economic Area", "Time limit", "fideslang"}
    assert wanted <= set(found[0])
    advertising = dict(zip(found[0], found[7], strict=True))
    assert advertising["Outside the European Economic Area"].startswith("Meta Platforms, Inc., ")
    assert advertising["Law"] is None, "what a purpose has nothing to say about stays empty"


def test_every_table_of_the_record_is_a_sheet():
    document = record()
    book = opened(document)
    assert book.sheetnames[:4] == ["About", "Controller", "Joint controllers", "Purposes"]
    measures = [[cell or "" for cell in row] for row in rows(book["Security"])[1:]]
    assert measures == table(document, "security")
    about = {row[0]: row[1] for row in rows(book["About"])}
    assert "30 days" in about["Security"], "what is said beside a table is not lost"


def test_sheets_can_be_read_the_head_stays_and_long_words_wrap():
    sheet = opened(record())["Purposes"]
    assert sheet.freeze_panes == "B2"
    assert sheet["B2"].alignment.wrap_text
    assert sheet["A1"].font.bold
    assert all(14 <= found.width <= 58 for found in sheet.column_dimensions.values())


def test_nothing_a_policy_says_becomes_a_formula_a_link_or_a_number():
    def poison(data):
        for evil, key in zip(EVIL, data["purposes"], strict=False):
            data["purposes"][key]["title"] = both(evil)
            data["purposes"][key]["description"] = both(evil)

    book = opened(record(change=poison))
    titles = [row[0] for row in rows(book["Purposes"])[1:]]
    assert titles[: len(EVIL)] == EVIL
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n"}
                assert cell.data_type == "s" or cell.value is None
                assert cell.hyperlink is None


def test_the_same_edition_gives_the_same_workbook():
    one, two = api.to_xlsx(record()), api.to_xlsx(record())
    assert one == two
    core = zipfile.ZipFile(io.BytesIO(one)).read("docProps/core.xml").decode()
    assert "2026-11-23T12:00:00Z" in core


def test_a_sheet_gets_a_name_that_spreadsheets_take():
    runs = (Run("x"),)
    names = [
        "a/b:c?*[d]",
        "history",
        "A very long name of a section that goes on and on",
        "A very long name of a section that goes on and off",
    ]
    parts = tuple(Section(str(at), name, (Facts((("term", runs),)),)) for at, name in enumerate(names))
    document = Document(Kind.RECORD_CONTROLLER, "bloom", "en", "T", runs, Stamp(1, "d", NOON), parts)
    found = opened(document).sheetnames
    assert found == ["About", "a b c   d", "history 2", "A very long name of a section t", "A very long name of a section 2"]


def test_a_cell_too_long_for_a_spreadsheet_is_cut_there_and_whole_elsewhere():
    runs = (Run("y" * 40_000),)
    part = Section("t", "Table", (Table("Table", ("head",), ((runs,),)),))
    document = Document(Kind.RECORD_CONTROLLER, "bloom", "en", "T", runs, Stamp(1, "d", NOON), (part,))
    assert len(opened(document)["Table"]["A2"].value) == 32_767
    assert "y" * 40_000 in api.to_html(document)


def test_the_platforms_record_names_its_controller_and_its_solutions():
    document = record(kind=Kind.RECORD_PROCESSOR)
    assert document.title == "Record of processing of Process Lab SRL on behalf of Bloom Fashion SRL"
    assert [one.title for one in section(document, "services").sections] == [
        "Omnichannel CRM", "Website consent and measurement", "Loyalty App", "Location Based Marketing",
    ]  # fmt: skip
    website = "\n".join(texts(document))
    assert "Meta Platforms, Inc., " in website
    assert "2023/1795" in website


def test_a_controller_that_works_alone_has_no_processors_record():
    with pytest.raises(LookupError):
        record("processlab", kind=Kind.RECORD_PROCESSOR)
    files = api.artefacts(edition=edition("processlab"))
    assert "en/record-of-processing.xlsx" in files
    assert not [path for path in files if "as-processor" in path or "agreement" in path]


def test_a_platform_without_a_solution_of_ours_says_so():
    def leave(data):
        data["solutions"] = {}

    document = record(kind=Kind.RECORD_PROCESSOR, change=leave)
    assert "In no solution does the operator work as processor." in texts(document)


def test_records_and_assessment_are_among_the_artefacts_in_every_language():
    files = api.artefacts(edition=edition("bloom"))
    for language in ("en", "ro"):
        for name in ("record-of-processing", "record-of-processing-as-processor"):
            assert {f"{language}/{name}.{form}" for form in ("html", "md", "pdf", "json", "xlsx")} <= set(files)
        assert {f"{language}/impact-assessment.{form}" for form in ("html", "md", "pdf", "json")} <= set(files)
        assert f"{language}/processing-agreement-crm.pdf" in files
        assert f"{language}/joint-arrangement-essence-ecosystem.html" in files
