"""A real mail server on loopback that does what its addresses ask for, and messages to send to it."""

from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from assent.dispatch.contracts import Cleared, Rendered
from assent.foundation.clock import millis, now

ANSWERS = {
    "full": "452 4.2.2 mailbox full",
    "gone": "550 5.1.1 no such user gone@example.example",
    "bare": "550 no such user here",
    "spam": "550 5.7.1 we do not like you",
}


class Post:
    """Keeps what it accepts; ``answers`` per local part, ``hangs_up`` after the data of those addresses."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, bytes]] = []
        self.hangs_up: set[str] = set()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802 - aiosmtpd's name
        answer = ANSWERS.get(address.split("@")[0])
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session, envelope):  # noqa: N802
        address = envelope.rcpt_tos[0]
        self.kept.append((address, envelope.content))
        if address.split("@")[0] in self.hangs_up:
            server.transport.abort()
            return "421 gone"
        if address.startswith("later"):
            return "451 4.3.0 try again"
        return "250 2.0.0 Ok: queued as ABC123"

    def mail(self, place: int = 0) -> EmailMessage:
        return message_from_bytes(self.kept[place][1], policy=policy.default)


class Server(Controller):
    """Listens on a free port."""

    def __init__(self, post: Post, **settings) -> None:
        super().__init__(post, hostname="127.0.0.1", port=0, **settings)

    def _trigger_server(self) -> None:
        """Learn which port it is, then let it greet itself."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=none&connections=4"


def cleared(number: int = 1, address: str = "ada@people.example", *, seconds: float = 9, **words) -> Cleared:
    rendered = {
        "subject": "Hello", "html": "<p>Hello Ada</p>", "text": "Hello Ada", "from_name": "Bloom",
        "from_address": "news@bloom.example", **words,
    }  # fmt: skip
    headers = rendered.pop("headers", {"List-Unsubscribe": "<https://a.example/u/x>, <mailto:a@bloom.example>"})
    return Cleared(
        id=number,
        controller=1,
        subject=7,
        purpose="direct_marketing",
        channel="email",
        language="en",
        address=address,
        reference=f"{number:032x}",
        rendered=Rendered(**rendered),
        headers=headers,
        deadline_ms=millis(now()) + int(seconds * 1000),
    )
