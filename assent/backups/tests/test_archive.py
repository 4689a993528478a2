"""An archive comes back byte for byte, or says that it does not. Files on disk, real encryption."""

import errno
import io
import random
import tarfile

import pyrage
import pytest

from assent.backups import archive
from assent.backups.archive import Member, identities, pack, unpack
from assent.backups.contracts import Damaged, Refused

KEY = pyrage.x25519.Identity.generate()
DRAW = random.Random(11)  # noqa: S311 - repeatable bytes, no secret


@pytest.fixture(autouse=True)
def _master_key(settings, tmp_path):
    settings.ASSENT_KMS, settings.ASSENT_MASTER_KEY_FILE = "", tmp_path / "master.key"


@pytest.fixture
def made(tmp_path):
    """Return an archive of three files, and their bytes by name."""
    held = {"db/default.sqlite3": DRAW.randbytes(300_000), "lake/1/events/a": b"", "files/1/2/x": b"sealed" * 9_999}
    members = []
    for name, data in held.items():
        path = tmp_path / "live" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        members.append(Member(name, path))
    file = tmp_path / "one.age"
    write(file, members)
    return file, held


def write(file, members, **more):
    with file.open("wb") as out:
        return pack(out, members, {"id": "one", "kind": "data", **more}, recipients=[str(KEY.to_public())])


def test_what_is_packed_comes_back_byte_for_byte(made, tmp_path):
    file, held = made
    manifest = unpack(file, tmp_path / "back", opening=[KEY])
    assert {name: (tmp_path / "back" / name).read_bytes() for name in held} == held
    assert [one["name"] for one in manifest["members"]] == list(held)
    assert b"sealed" not in file.read_bytes()


def test_an_archive_can_be_read_without_us(made, tmp_path):
    opened = io.BytesIO()
    with made[0].open("rb") as file:
        pyrage.decrypt_io(file, opened, [KEY])
    opened.seek(0)
    with tarfile.open(fileobj=opened, mode="r:gz") as tar:
        assert tar.getnames() == [*made[1], "manifest.json"]


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.9999])
def test_a_changed_byte_anywhere_is_found(made, part):
    file = made[0]
    data = bytearray(file.read_bytes())
    data[int(len(data) * part)] ^= 1
    file.write_bytes(data)
    with pytest.raises(Refused):
        unpack(file, None, opening=[KEY])


@pytest.mark.parametrize("left", [0, 10, 0.3, 0.7, -1])
def test_a_truncated_archive_is_damaged(made, left):
    file = made[0]
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * left) if isinstance(left, float) else left])
    with pytest.raises(Damaged, match="damaged"):
        unpack(file, None, opening=[KEY])


def test_another_key_does_not_open_it(made):
    with pytest.raises(Refused, match="another key"):
        unpack(made[0], None, opening=[pyrage.x25519.Identity.generate()])


def test_an_archive_of_another_house_is_refused(made, settings, tmp_path):
    settings.ASSENT_MASTER_KEY_FILE = tmp_path / "another.key"
    with pytest.raises(Refused, match="not made by this house"):
        unpack(made[0], None, opening=[KEY])


def forged(tmp_path, made, change):
    """Write an archive anew with something changed: anybody can, who knows the public key."""
    opened, anew = io.BytesIO(), io.BytesIO()
    with made[0].open("rb") as file:
        pyrage.decrypt_io(file, opened, [KEY])
    opened.seek(0)
    with tarfile.open(fileobj=opened, mode="r:gz") as old, tarfile.open(fileobj=anew, mode="w:gz") as new:
        for info in old:
            change(info, old.extractfile(info).read(), new)
    file = tmp_path / "forged.age"
    file.write_bytes(pyrage.encrypt(anew.getvalue(), [KEY.to_public()]))
    return file


def add(new, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    new.addfile(info, io.BytesIO(data))


def test_a_file_put_in_the_place_of_another_is_found(made, tmp_path):
    file = forged(
        tmp_path, made, lambda info, data, new: add(new, info.name, b"x" + data[1:] if "files" in info.name else data)
    )
    with pytest.raises(Damaged, match="files/1/2/x is not what the manifest says"):
        unpack(file, None, opening=[KEY])


def test_a_changed_manifest_is_found(made, tmp_path):
    file = forged(tmp_path, made, lambda info, data, new: add(new, info.name, data.replace(b'"data"', b'"keys"')))
    with pytest.raises(Refused, match="not made by this house"):
        unpack(file, None, opening=[KEY])


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "db/../../outside"])
def test_a_name_that_leads_outside_is_refused(made, tmp_path, name):
    file = forged(tmp_path, made, lambda info, data, new: add(new, name if "files" in info.name else info.name, data))
    with pytest.raises(Damaged):
        unpack(file, tmp_path / "back", opening=[KEY])
    assert not (tmp_path / "outside").exists()


def test_what_is_no_file_is_refused(made, tmp_path):
    def link(info, data, new):
        if "files" in info.name:
            info = tarfile.TarInfo(info.name)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            new.addfile(info)
        else:
            add(new, info.name, data)

    with pytest.raises(Damaged):
        unpack(forged(tmp_path, made, link), tmp_path / "back", opening=[KEY])


def test_a_later_format_is_left_to_the_version_that_made_it(made, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "FORMAT", 2)
    write(tmp_path / "later.age", [])
    monkeypatch.undo()
    with pytest.raises(Refused, match="has the format 2"):
        unpack(tmp_path / "later.age", None, opening=[KEY])


def test_a_full_disk_is_told_as_that():
    class Full(io.BytesIO):
        def write(self, _data):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space") as told:
        pack(Full(), [], {"id": "one", "kind": "data"}, recipients=[str(KEY.to_public())])
    assert told.value.errno == errno.ENOSPC


def test_a_private_key_may_be_protected_by_a_passphrase(tmp_path):
    file = tmp_path / "key"
    file.write_bytes(pyrage.passphrase.encrypt(f"# ours\n{KEY}\n".encode(), "a long passphrase"))
    assert str(identities(file, "a long passphrase")[0]) == str(KEY)
    with pytest.raises(Refused, match="passphrase does not open"):
        identities(file, "another")


@pytest.mark.parametrize("text", ["", "age1notaprivatekey", "AGE-SECRET-KEY-1BROKEN"])
def test_a_file_without_a_private_key_is_named(tmp_path, text):
    (tmp_path / "key").write_text(text)
    with pytest.raises(Refused, match="holds no private key"):
        identities(tmp_path / "key")
    with pytest.raises(Refused, match="can't be read"):
        identities(tmp_path / "nothing")
