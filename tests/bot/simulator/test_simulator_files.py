"""Files and pictures."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulator.errors import ApiError
from bot.simulator.files import UPLOAD_LIMIT, Files
from bot.simulator.images import picture_size
from bot.simulator.parameters import Upload


def png(width: int, height: int) -> bytes:
    """A PNG picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + b"\x7f" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


GIF = b"GIF89a" + struct.pack("<HH", 30, 20) + b"\0" * 8
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x06ABCD" + b"\xff\xc0\x00\x0b\x08" + struct.pack(">HH", 20, 30) + b"\x01\x01\x11\x00\xff\xda"
)
WEBP = b"RIFF\0\0\0\0WEBP"
LOSSY = WEBP + b"VP8 " + b"\0" * 10 + struct.pack("<HH", 30, 20)
LOSSLESS = WEBP + b"VP8L" + b"\0\0\0\0\x2f" + struct.pack("<I", 29 | 19 << 14)
EXTENDED = WEBP + b"VP8X" + b"\0" * 8 + (29).to_bytes(3, "little") + (19).to_bytes(3, "little")


@pytest.mark.parametrize("data", [png(30, 20), GIF, JPEG, LOSSY, LOSSLESS, EXTENDED])
def test_the_size_of_pictures(data: bytes) -> None:
    assert picture_size(data) == (30, 20)


@pytest.mark.parametrize(
    "data", [b"", b"text", png(30, 20)[:20], GIF[:7], JPEG[:12], b"\xff\xd8", png(0, 0), WEBP + b"????"]
)
def test_what_is_no_picture_has_no_size(data: bytes) -> None:
    assert picture_size(data) is None


@given(st.binary(max_size=60), st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", WEBP]))
def test_no_bytes_break_the_reader(data: bytes, start: bytes) -> None:
    size = picture_size(start + data)
    assert size is None or min(size) > 0


@pytest.mark.parametrize(
    ("given_name", "name", "suffix"),
    [
        ("a.pdf", "a.pdf", ".pdf"),
        ("员工手册.docx", "员工手册.docx", ".docx"),
        ("../../etc/passwd", "passwd", ""),
        ("C:\\temp\\x.txt", "x.txt", ".txt"),
        ("", "file", ""),
        ("..", "..", ""),
        ("a.b/c d", "c d", ""),
        ("x.very-odd", "x.very-odd", ""),
    ],
)
def test_names_never_lead_out_of_the_folder(given_name: str, name: str, suffix: str) -> None:
    file = Files(None).add(Upload(given_name, b"x"))
    assert file.name == name
    assert file.path.startswith("documents/")
    assert file.path.count("/") == 1
    assert file.path.endswith(suffix)


@pytest.mark.parametrize(
    ("name", "given_type", "media_type"),
    [
        ("a.pdf", "", "application/pdf"),
        ("a.pdf", "application/octet-stream", "application/pdf"),
        ("a.bin", "text/x-special", "text/x-special"),
        ("a.unknownkind", "", "application/octet-stream"),
    ],
)
def test_media_types(name: str, given_type: str, media_type: str) -> None:
    assert Files(None).add(Upload(name, b"x", given_type)).media_type == media_type


def test_ids_are_never_the_same() -> None:
    files = Files(None)
    ids = {files.add(Upload("a.txt", b"x")).file_id for _ in range(50)}
    assert len(ids) == 50


def test_photos_have_a_size_in_pixels() -> None:
    photo = Files(None).add(Upload("a.png", png(3, 2)), as_photo=True)
    assert (photo.width, photo.height, photo.is_photo) == (3, 2, True)
    assert photo.path.startswith("photos/")


@pytest.mark.parametrize(
    ("data", "as_photo", "code", "complaint"),
    [
        (b"", False, 400, "file must be non-empty"),
        (b"no picture", True, 400, "IMAGE_PROCESS_FAILED"),
        (bytes(UPLOAD_LIMIT + 1), False, 413, "Request Entity Too Large"),
    ],
    ids=["empty", "no picture", "too large"],
)
def test_refused_uploads(data: bytes, as_photo: bool, code: int, complaint: str) -> None:
    with pytest.raises(ApiError, match=complaint) as refused:
        Files(None).add(Upload("a", data), as_photo=as_photo)
    assert refused.value.code == code
