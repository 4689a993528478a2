"""Which part stands behind which port, which stores answer for personal data, what the worker does. The only such list."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.conf import settings

from assent.audit import api as audit
from assent.audit.store import AuditStore
from assent.backups import api as backups
from assent.campaigns import api as campaigns
from assent.config.asking import ask_again
from assent.config.ending import follows, tell_what_stays
from assent.config.holding import held
from assent.config.letters import OwedLetters
from assent.config.origins import tell_sources
from assent.config.safeguards import CHECKS, OF_HOUSE
from assent.config.telling import tell
from assent.connectors.catcher.sender import Catcher
from assent.connectors.opendsr import house as opendsr
from assent.connectors.opendsr.notifier import OpenDsrNotifier
from assent.connectors.smtp.notices import EmailNotifier
from assent.connectors.smtp.sender import SmtpSender
from assent.dispatch import api as dispatch, ports as dispatch_ports, tasks as dispatch_tasks
from assent.dispatch.store import DispatchStore
from assent.entrypoints.api.idempotency import forget_old
from assent.entrypoints.portal import entrance as portal, sessions as portal_sessions
from assent.entrypoints.portal.store import PortalStore
from assent.entrypoints.webhooks.reporting import report
from assent.entrypoints.worker.loop import Job
from assent.foundation import measures, personal
from assent.foundation.holds import NOTHING_PERSONAL, About, Holds, declare
from assent.ingest import tasks as ingest_tasks
from assent.ingest.store import ArrivalStore
from assent.privacy.breaches import api as breaches, ports as breaches_ports
from assent.privacy.breaches.store import BreachStore
from assent.privacy.consent import api as consent
from assent.privacy.consent.store import ConsentStore
from assent.privacy.disclosures import api as disclosures, ports as disclosures_ports
from assent.privacy.disclosures.store import DisclosureStore
from assent.privacy.documents import api as documents
from assent.privacy.policy import ports as policy_ports
from assent.privacy.retention import api as retention, ports as retention_ports
from assent.privacy.retention.store import RetentionStore, on_merge as merge_holds
from assent.privacy.rights import api as rights, ports as rights_ports
from assent.privacy.rights.store import RightsStore
from assent.privacy.sources import api as sources, ports as sources_ports
from assent.privacy.sources.store import SourceStore, on_merge as merge_sources
from assent.privacy.subjects import api as subjects, ports as subjects_ports
from assent.privacy.subjects.store import SubjectStore
from assent.privacy.suppression import api as suppression, ports as suppression_ports
from assent.privacy.suppression.store import SuppressionStore
from assent.records.events import api as events
from assent.records.events.store import EventStore
from assent.records.files import api as files
from assent.records.files.store import FileStore
from assent.records.profiles import api as profiles
from assent.records.profiles.store import ProfileStore
from assent.tenancy import api as tenancy

__all__ = ["JOBS", "wire"]

# Erasure walks this list in its order: what is on its way in first, then what uses the person's key, the person last.
STORES = (
    ArrivalStore,
    PortalStore,
    DispatchStore,
    FileStore,
    EventStore,
    ProfileStore,
    SuppressionStore,
    ConsentStore,
    DisclosureStore,
    RetentionStore,
    SourceStore,
    SubjectStore,
    RightsStore,
    BreachStore,
    AuditStore,
)

# Measures judge what other jobs do; at the start those have their first turn, a copy and its trial included.
FIRST_JUDGED_S = 120.0

STAFF = Holds(About.STAFF, "log-in addresses, second factors, sessions", store="staff", ends="with the account")
THIRD_PARTY: Mapping[str, Holds] = {
    "account.EmailAddress": STAFF,
    "account.EmailConfirmation": STAFF,
    "mfa.Authenticator": STAFF,
    "sessions.Session": STAFF,
    "auth.Permission": NOTHING_PERSONAL,
    "auth.Group": NOTHING_PERSONAL,
    "auth.Group_permissions": NOTHING_PERSONAL,
    "contenttypes.ContentType": NOTHING_PERSONAL,
}


def wire() -> None:
    """Fill the ports. Called once when Django is ready; again in a test that wants it anew."""
    personal.clear()
    for store in STORES:
        personal.register(store.name, store)
    for label, holds in THIRD_PARTY.items():
        declare(label, holds)

    # What forbids moves first: between two steps of a merge nobody may be allowed more than at its end.
    subjects_ports.clear_merge_hooks()
    for name, hook in (
        ("suppression", suppression.on_merge),
        ("sources", merge_sources),
        ("consent", consent.on_merge),
        ("disclosures", disclosures.on_merge),
        ("retention", merge_holds),
        ("dispatch", dispatch.on_merge),
        ("portal", portal_sessions.forget_other),
        ("rights", rights.on_merge),
        ("files", files.on_merge),
        ("events", events.on_merge),
        ("profiles", profiles.on_merge),
        ("breaches", breaches.on_merge),
    ):
        subjects_ports.on_merge(name, hook)

    policy_ports.clear_publication_hooks()
    policy_ports.on_publication("documents", documents.keep)

    rights_ports.wire(tell=tell, holds=held, follows=follows)
    measures.clear()
    measures.register(CHECKS, of_house=OF_HOUSE)
    breaches_ports.wire(letters=OwedLetters())
    disclosures_ports.wire(
        [
            OpenDsrNotifier(opendsr.ours, opendsr.trust, _callbacks),
            EmailNotifier(
                settings.ASSENT_SMTP_URL,
                link=lambda token: f"{settings.ASSENT_PUBLIC_URL}/n/{token}",
                sign=audit.sign,
                verifier_key=audit.verifier_key,
            ),
        ]
    )

    sources_ports.wire(letters=tell_sources)
    retention_ports.wire(happened=events.happened, erase=rights.erase, ask=ask_again, tell=tell_what_stays)
    suppression_ports.wire(open_claims=dispatch.open_claims)
    email = SmtpSender(settings.ASSENT_SMTP_URL) if settings.ASSENT_SMTP_URL else Catcher(lambda: files.put)
    dispatch_ports.wire(renderer=campaigns.EditionRenderer(), senders=[email])


def _callbacks(controller: int) -> str:
    return opendsr.address(tenancy.controller_by_id(id=controller).slug, "callbacks")


def _each_controller(work: Callable[[int], object]) -> Callable[[datetime], object]:
    def over_all(_at: datetime) -> object:
        # A list, not a generator: `any` must not stop at the first controller that has more to do.
        answers = [work(info.id) for info in tenancy.controllers()]
        return any(answers)

    return over_all


def _forget_marks(at: datetime) -> bool:
    for info in tenancy.controllers():
        dispatch.forget_marks(controller=info.id, at=at)
    return False


def _merges(at: datetime) -> bool:
    for info in tenancy.controllers():
        subjects.sweep_merges(controller=info.id, at=at)
    return False


def _agreements(at: datetime) -> bool:
    for info in tenancy.controllers():
        disclosures.record_agreements(controller=info.id, at=at)
    return False


def _ingest_jobs() -> list[Job]:
    return [
        Job("ingest", 0.1, ingest_tasks.ingest, end=ingest_tasks.close),
        Job("mirror profiles", 1.0, _each_controller(lambda controller: profiles.mirror(controller=controller) and False)),
    ]


def _task_jobs() -> list[Job]:
    return [
        Job("seal the book", 0.3, lambda _at: audit.seal_pending()),
        Job("sign the book", 60.0, lambda at: audit.checkpoint(at=at) and False),
        Job("hand over messages", 0.2, dispatch_tasks.hand_over),
        Job("forget marks", 600.0, _forget_marks),
        Job("answer knocks", 0.2, portal.answer),
        Job("forget knocks", 600.0, portal.sweep),
        Job("fill campaigns", 0.5, lambda at: campaigns.sweep(at=at)),
        Job("tell recipients", 1.0, lambda at: disclosures.tell_recipients(at=at)),
        Job("report to other systems", 5.0, lambda at: report(at=at)),
        Job("write agreements' edges", 60.0, _agreements),
        Job("finish erasures", 1.0, lambda at: rights.sweep_erasures(at=at)),
        Job("look at what is held back", 60.0, lambda at: rights.sweep_held(at=at)),
        Job("carry out requests", 1.0, lambda at: rights.sweep_requests(at=at)),
        Job("draw consequences", 2.0, lambda at: retention.draw(at=at)),
        Job("tell sources", 10.0, lambda at: sources.sweep(at=at)),
        Job("close agreements", 10.0, lambda at: retention.close_agreements(at=at)),
        Job("tell what stays", 5.0, lambda at: retention.tell_what_stays(at=at)),
        Job("let data end", 10.0, lambda at: retention.sweep(at=at)),
        Job("finish merges", 5.0, _merges),
        Job("look the book over", 5.0, lambda at: breaches.look_over(at=at)),
        Job("verify the book", 600.0, lambda at: breaches.verify_book(at=at)),
        Job("tell of breaches", 1.0, lambda at: breaches.sweep_letters(at=at)),
        Job("tell of demands", 60.0, lambda at: breaches.sweep_orders(at=at)),
        Job("check measures", 600.0, lambda at: breaches.sweep_measures(at=at), first=FIRST_JUDGED_S),
        Job("tend events", 5.0, _each_controller(lambda controller: events.tend(controller=controller) and False)),
        Job("tend profiles", 5.0, _each_controller(lambda controller: profiles.tend(controller=controller) and False)),
        Job("send the journal out", 5.0, lambda _at: audit.send_journal_out() and False),
        Job("tend backups", 60.0, lambda at: backups.tend(at=at)),
        Job("forget old answers", 600.0, lambda at: forget_old(at=at)),
    ]


JOBS: Mapping[str, Callable[[], list[Job]]] = {"ingest": _ingest_jobs, "tasks": _task_jobs}
