"""Invented people for the customer numbers of the excerpt. The same number is always the same person."""

import hashlib
import unicodedata
from dataclasses import dataclass

__all__ = ["Choices", "Invented", "invent"]

FIRST = [
    "Ana",
    "Maria",
    "Ioana",
    "Elena",
    "Andreea",
    "Cristina",
    "Mihaela",
    "Alina",
    "Raluca",
    "Ilinca",
    "Ștefania",
    "Ruxandra",
    "Simona",
    "Gabriela",
    "Bianca",
    "Denisa",
    "Oana",
    "Corina",
    "Larisa",
    "Sorina",
    "Andrei",
    "Mihai",
    "Alexandru",
    "Ștefan",
    "Ion",
    "Vlad",
    "Radu",
    "Cristian",
    "Bogdan",
    "Dănuț",
    "Ionuț",
    "Marius",
    "Florin",
    "Lucian",
    "Octavian",
    "Răzvan",
    "Tudor",
    "Matei",
    "Horia",
    "Sabin",
]
LAST = [
    "Popescu",
    "Ionescu",
    "Popa",
    "Radu",
    "Dumitru",
    "Stan",
    "Stoica",
    "Gheorghe",
    "Matei",
    "Ciobanu",
    "Rusu",
    "Moldovan",
    "Țepeș",
    "Șerban",
    "Munteanu",
    "Lazăr",
    "Toma",
    "Ungureanu",
    "Văduva",
    "Bălan",
    "Crăciun",
    "Dobre",
    "Enache",
    "Filip",
    "Grigore",
    "Iliescu",
    "Jianu",
    "Lupu",
    "Manea",
    "Neagu",
    "Oprea",
    "Păun",
    "Roșca",
    "Sandu",
    "Tănase",
    "Ursu",
    "Vasile",
    "Zamfir",
    "Cojocaru",
    "Drăgan",
]
# Town, county and the first digits of its postal codes.
TOWNS = (
    ("București", "Calea Victoriei", "0101"),
    ("Cluj-Napoca", "Strada Memorandumului", "4001"),
    ("Iași", "Strada Lăpușneanu", "7000"),
    ("Timișoara", "Strada Alba Iulia", "3000"),
    ("Brașov", "Strada Republicii", "5000"),
    ("Constanța", "Bulevardul Tomis", "9000"),
    ("Ploiești", "Strada Ștefan cel Mare", "1000"),
    ("Târgu Mureș", "Strada Bolyai", "5400"),
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose about direct marketing: ``none``, ``given``, ``withdrawn`` or ``objected``; and cookies."""

    marketing: str
    sms: bool
    performance: bool


@dataclass(frozen=True, slots=True)
class Invented:
    """A person of the demonstration, as a shop's own system would know them."""

    user_id: str
    brand: int
    traits: dict[str, str]
    choices: Choices


def invent(customer: str) -> Invented:
    """Return the person behind a customer number: drawn from its hash, so that every run tells the same story."""
    draw = hashlib.sha256(f"galeria nord {customer}".encode()).digest()
    first, last = FIRST[draw[0] % len(FIRST)], LAST[draw[1] % len(LAST)]
    town, street, code = TOWNS[draw[2] % len(TOWNS)]
    traits = {
        "email": f"{_plain(first)}.{_plain(last)}{draw[3]}@mail.example",
        # 0700 to 0719 are mobile numbers; the rest of the number is drawn.
        "phone": f"+407{draw[4] % 20:02d}{int.from_bytes(draw[5:8], 'big') % 1_000_000:06d}",
        "firstName": first,
        "lastName": last,
        "street": f"{street} {draw[8] % 90 + 1}",
        "postalCode": f"{code}{draw[9] % 90 + 10}",
        "city": town,
        "birthday": f"{1950 + draw[10] % 55}-{draw[11] % 12 + 1:02d}-{draw[12] % 28 + 1:02d}",
        "language": "ro" if draw[13] % 5 else "en",
    }
    share = draw[14] * 100 // 256
    # Of a hundred: 56 said yes, 8 took it back, 6 objected, 30 never chose.
    marketing = "given" if share < 56 else "withdrawn" if share < 64 else "objected" if share < 70 else "none"
    chose = Choices(marketing, sms=draw[15] % 4 == 0 and marketing == "given", performance=draw[16] % 5 < 3)
    return Invented(f"customer-{customer}", draw[17] % 3, traits, chose)


def _plain(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if c.isascii() and c.isalpha())
