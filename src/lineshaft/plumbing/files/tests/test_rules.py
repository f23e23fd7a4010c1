"""What a file is, by its bytes; and what its name may be."""

import io
import zipfile

import pytest

from lineshaft.plumbing.files.rules import (
    DOCUMENTS,
    MediaType,
    media_type_of,
    refuse_file_size,
    refuse_media_type,
    safe_name,
)


def office(*parts: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"%PDF-1.7\n", "a.txt", MediaType.PDF),
        (b"\x89PNG\r\n\x1a\n", "a", MediaType.PNG),
        (b"\xff\xd8\xff\xe0", "a.jpg", MediaType.JPEG),
        (b"\x1f\x8b\x08", "a.csv.gz", MediaType.GZIP),
        (office("xl/workbook.xml"), "a.zip", MediaType.XLSX),
        (office("word/document.xml"), "a.docx", MediaType.DOCX),
        (office("xl/workbook.xml", "xl/vbaProject.bin"), "a.xlsm", None),
        (office("readme"), "a.zip", None),
        (b"PK\x03\x04 broken", "a.xlsx", None),
        (b"id,name\n1,x\n", "a.csv", MediaType.CSV),
        ("id,name\n1,Zürich\n".encode("cp1252"), "a.CSV", MediaType.CSV),
        ("id,name\n".encode("utf-16"), "a.csv", MediaType.CSV),
        (b"id,name\n", "a.txt", MediaType.TEXT),
        (b'{"a": 1}', "a", MediaType.JSON),
        (b"x", "a.json", MediaType.JSON),
        (b'[{"a": "' + b"x" * 9000 + b'"}]', "a", MediaType.JSON),
        (b"{not json", "a", MediaType.TEXT),
        (b"<!DOCTYPE html><script>1</script>", "a.csv", None),
        (b" \n<svg onload=alert(1)>", "a.txt", None),
        (b"\xef\xbb\xbf<html>", "a.txt", None),
        (b"MZ\x90\x00\x03", "a.txt", None),
        (b"\x7fELF", "a.csv", None),
    ],
)
def test_media_type_is_what_the_bytes_say(
    content: bytes, name: str, media_type: MediaType | None
) -> None:
    source = io.BytesIO(content)
    assert media_type_of(source, name) == media_type
    assert source.tell() == 0


@pytest.mark.parametrize(
    ("size", "code"), [(0, "file_empty"), (1, None), (10, None), (11, "file_too_large")]
)
def test_refuse_file_size_holds_both_ends(size: int, code: str | None) -> None:
    refusal = refuse_file_size(size, 10)
    assert (refusal.code if refusal else None) == code


def test_refuse_media_type_names_what_is_accepted() -> None:
    refusal = refuse_media_type(None, frozenset({MediaType.PDF, MediaType.PNG}))
    assert refusal is not None
    assert refusal.params == {"accepted": "PDF, PNG"}
    assert refuse_media_type(MediaType.PDF, DOCUMENTS) is None
    assert refuse_media_type(MediaType.GZIP, DOCUMENTS) is not None


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.csv", "a.csv"),
        ("a\r\nSet-Cookie: x.pdf", "a_Set-Cookie_ x.pdf"),
        ("invoice\u202efdp.exe", "invoice_fdp.exe"),
        ("年度报告.pdf", "年度报告.pdf"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_safe_name_keeps_only_what_a_name_is(name: str, safe: str) -> None:
    assert safe_name(name) == safe
