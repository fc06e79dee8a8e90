"""Small files of binary types, made by hand so that no writer library is needed."""

import io
import zipfile
from collections.abc import Sequence

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def docx(heading: str, text: str, title: str = "") -> bytes:
    """A Word file with a heading and a paragraph, below a title in the style of that name where one is given."""
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    styled = [(style, words) for style, words in (("Title", title), ("Heading1", heading), ("Normal", text)) if words]
    paragraphs = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>' for style, words in styled
    )
    document = f'<w:document xmlns:w="{_WORD}"><w:body>{paragraphs}</w:body></w:document>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<?xml version="1.0"?>{types}')
        archive.writestr("_rels/.rels", f'<?xml version="1.0"?>{relations}')
        archive.writestr("word/document.xml", f'<?xml version="1.0"?>{document}')
    return file.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF with one line of Latin text on each page."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET" if text else ""
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    return pdf_file(objects, "<< /Size {size} /Root 1 0 R >>")


def locked_pdf() -> bytes:
    """A PDF that opens with a password only (its key is not the empty one)."""
    lock = f"<< /Filter /Standard /V 1 /R 2 /O <{'11' * 32}> /U <{'22' * 32}> /P -4 >>"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>", lock]
    return pdf_file(objects, f"<< /Size {{size}} /Root 1 0 R /Encrypt 3 0 R /ID [<{'33' * 16}> <{'33' * 16}>] >>")


def pdf_file(objects: Sequence[str | bytes], trailer: str) -> bytes:
    """A PDF of these objects, numbered from 1, with a table of where they are; `{size}` is their number."""
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        data = content if isinstance(content, bytes) else content.encode()
        body += f"{number} 0 obj\n".encode() + data + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    ending = f"trailer\n{trailer.replace('{size}', str(size))}\nstartxref\n{len(body)}\n%%EOF\n"
    return body + f"xref\n0 {size}\n0000000000 65535 f \n{table}{ending}".encode()
