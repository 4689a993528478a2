"""
Tells recipients of changes by e-mail to the company's own address, signed, with a link by which it confirms.

The identifiers lie in an attached JSON file with the book's signature (Ed25519, the one that ``verifier_key`` checks); the
mail itself names nobody. Without a mail server notices wait, and staff see that they do.
"""

import hashlib
import smtplib
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from types import MappingProxyType

from assent.connectors.smtp.mime import BadAddress, envelope
from assent.connectors.smtp.session import Address, CannotConnect, Late, Session
from assent.dispatch.contracts import Outcome
from assent.foundation import canonical
from assent.foundation.clock import millis, now
from assent.privacy.disclosures.ports import BadWay, Notice, Told, ToldHow

__all__ = ["EmailNotifier"]

WITHIN = 30.0  # seconds for one mail; nobody waits for it but a worker

_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "en": {
        "rectification": "correct", "erasure": "erase", "restriction": "keep but no longer use",
        "restriction_lifted": "use again as before", "objection": "no longer use for the purpose named",
        "withdrawal": "no longer use for the purpose named",
        "subject": "{controller}: personal data to {what}", "reminder": "Reminder: ",
        "lead": "You received personal data from {controller}. We ask you to {what} the data of the people listed in the"
        " attached file.",
        "count": "People: {people}. Purpose: {purpose}.", "all": "all",
        "confirm": "When it is done, please confirm it here:",
        "law": "The law asks us to tell every recipient (GDPR, article 19). The file is signed; the key stands in it.",
    },
    "ro": {
        "rectification": "rectificați", "erasure": "ștergeți", "restriction": "păstrați, fără a le mai folosi,",
        "restriction_lifted": "folosiți din nou, ca înainte,", "objection": "nu mai folosiți, în scopul menționat,",
        "withdrawal": "nu mai folosiți, în scopul menționat,",
        "subject": "{controller}: vă rugăm să {what} date cu caracter personal", "reminder": "Reamintire: ",
        "lead": "Ați primit date cu caracter personal de la {controller}. Vă rugăm să {what} datele persoanelor din fișierul"
        " alăturat.",
        "count": "Persoane: {people}. Scop: {purpose}.", "all": "toate",
        "confirm": "După ce ați făcut acest lucru, vă rugăm să confirmați aici:",
        "law": "Legea ne cere să înștiințăm fiecare destinatar (RGPD, articolul 19). Fișierul e semnat; cheia se află în el.",
    },
})  # fmt: skip


class EmailNotifier:
    """
    The way ``email``.

    :param url: the mail server, empty if there is none
    :param link: the address at which a token confirms
    :param sign: signs canonical JSON; ``verifier_key`` tells whose signature it is
    """

    way = "email"
    most = 200
    first_question = timedelta(days=3)

    def __init__(
        self, url: str, *, link: Callable[[str], str], sign: Callable[[bytes], bytes], verifier_key: Callable[[], str]
    ) -> None:
        self._address = Address.read(url) if url else None
        self._link, self._sign, self._verifier_key = link, sign, verifier_key

    def check(self, address: str) -> str:
        """
        Return the address.

        :raises BadWay: if it is no mail address
        """
        try:
            envelope(address)
        except BadAddress:
            raise BadWay("write the recipient's mail address for such notices, as privacy@agency.example") from None
        return address

    def tell(self, notice: Notice) -> Told:
        """Send the mail; that it arrived is no proof that it was done, so the notice stays open until it is confirmed."""
        return self._send(notice)

    def ask(self, notice: Notice) -> Told:
        """Remind the recipient, with all that it needs."""
        return self._send(notice, reminder=True)

    def _send(self, notice: Notice, *, reminder: bool = False) -> Told:
        if self._address is None:
            return Told(ToldHow.LATER, code="no mail server")
        try:
            sender, to = envelope(notice.controller_contact), envelope(notice.address)
        except BadAddress:
            return Told(ToldHow.REFUSED, code="address")
        data = self._mail(notice, sender=sender, to=to, reminder=reminder)
        try:
            session = Session(self._address, timeout=WITHIN)
        except CannotConnect as error:
            return Told(ToldHow.LATER, code=str(error))
        try:
            deadline = millis(now()) + int(WITHIN * 1000)
            done = session.deliver(notice.id, sender=sender, to=to, data=data, deadline_ms=deadline)
        except (Late, smtplib.SMTPException, OSError):
            return Told(ToldHow.LATER, code="disconnected")
        finally:
            session.close()
        if done.outcome is Outcome.PERMANENT:
            return Told(ToldHow.REFUSED, code=done.code)
        # A mail whose fate is unknown may not have come; a second one harms nobody.
        sent = done.outcome is Outcome.SENT
        return Told(ToldHow.SENT if sent else ToldHow.LATER, reference=done.reference, code=done.code)

    def _mail(self, notice: Notice, *, sender: str, to: str, reminder: bool) -> bytes:
        said = _WORDS["ro" if notice.language == "ro" else "en"]
        facts = {
            "controller": notice.controller_name,
            "what": said[notice.what.value],
            "people": str(len(notice.people)),
            "purpose": notice.purpose or said["all"],
        }
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Mailbox(display_name=_line(notice.controller_name), addr_spec=sender)
        mail["To"] = Mailbox(addr_spec=to)
        mail["Date"] = format_datetime(now())
        mail["Message-ID"] = (
            f"<{hashlib.sha256(f'{notice.token}:{notice.attempt}'.encode()).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"
        )
        mail["Auto-Submitted"] = "auto-generated"
        mail["Subject"] = _line((said["reminder"] if reminder else "") + said["subject"].format_map(facts))
        lines = [
            said["lead"].format_map(facts),
            said["count"].format_map(facts),
            said["confirm"],
            self._link(notice.token),
            said["law"],
        ]
        mail.set_content("\n\n".join(lines) + "\n", cte="quoted-printable")
        mail.add_attachment(self._file(notice), maintype="application", subtype="json", filename="notice.json")
        return mail.as_bytes().replace(b"\r\n.", b"\r\n..")

    def _file(self, notice: Notice) -> bytes:
        said = {
            "notice": str(notice.id),
            "controller": notice.controller_name,
            "what": notice.what.value,
            "purpose": notice.purpose,
            "made_at": notice.made_at.isoformat(),
            "identifiers": notice.form.value,
            "people": [dict(one) for one in notice.people],
            "key": self._verifier_key(),
        }
        return canonical.dumps({**said, "signature": self._sign(canonical.dumps(said)).hex()})


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
