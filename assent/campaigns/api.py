"""Campaigns: words, whom they go to, and when. What may leave is dispatch's question, asked again for each message."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from assent.audit import api as audit
from assent.audit.contracts import Actor, Did
from assent.campaigns import filling, models, rules
from assent.campaigns.contracts import (
    BadTemplate,
    CampaignInfo,
    CampaignProgress,
    CampaignState,
    NotNow,
    Problem,
    TemplateInfo,
    UnknownTemplate,
)
from assent.campaigns.foresight import unfit
from assent.campaigns.rendering import EditionRenderer, Words, compile_body, put
from assent.dispatch import api as dispatch
from assent.dispatch.contracts import Rendered
from assent.foundation import scope
from assent.privacy.lawfulness import api as lawfulness
from assent.privacy.policy import api as policy
from assent.segments import api as segments

__all__ = [
    "EditionRenderer", "available", "campaign", "campaigns", "cancel", "create", "create_template", "edition", "pause",
    "preview", "progress", "resume", "send", "sweep", "template", "templates", "unfit",
]  # fmt: skip

ADDRESS = rules.SENDER_ADDRESS


def create_template(
    *, controller: int, name: str, subject: Mapping[str, str], body: Mapping[str, str], by: Actor, at: datetime
) -> TemplateInfo:
    """
    Keep a template's words as a new version and return it; the same words again return the version that has them.

    :param subject: language → subject line
    :param body: language → an MJML document, or plain words (blank lines part paragraphs, ``[words](address)`` alone in
        one is a button); what every marketing message owes is added below unless the words carry it
    :raises BadTemplate: with everything that is wrong, each with its place and cure
    """
    problems = [] if name.strip() else [Problem("name", "is empty", "give the template a name")]
    if not body or set(subject) != set(body):
        problems.append(Problem("languages", "subject and body are not in the same languages", "write both in each"))
    compiled = {}
    for language in sorted(set(subject) & set(body)):
        problems += rules.check_words(f"subject {language}", subject[language], longest=rules.LONGEST_SUBJECT)
        compiled[language], found = compile_body(f"body {language}", body[language], language=language)
        problems += found
    if problems:
        raise BadTemplate(problems)
    variables = rules.names_in(*subject.values(), *body.values()) - rules.GIVEN
    with transaction.atomic(), scope.controller(controller):
        last = models.TemplateVersion.objects.filter(name=name.strip()).order_by("-number").first()
        if last is not None and (last.subjects, last.bodies, last.compiled) == (dict(subject), dict(body), compiled):
            return _template(last)
        row = models.TemplateVersion.objects.create(
            controller_id=controller,
            name=name.strip(),
            number=last.number + 1 if last else 1,
            subjects=dict(subject),
            bodies=dict(body),
            compiled=compiled,
            variables=sorted(variables),
            made_at=at,
        )
        audit.write(Did.TEMPLATE_MADE, controller=controller, by=by, at=at, on=f"template:{row.pk}")
    return _template(row)


def templates(*, controller: int) -> list[TemplateInfo]:
    """Return the newest version of each template, by name."""
    with scope.controller(controller):
        newest = models.TemplateVersion.objects.values("name").annotate(newest=Max("pk")).values_list("newest", flat=True)
        return [_template(row) for row in models.TemplateVersion.objects.filter(pk__in=list(newest)).order_by("name")]


def template(*, controller: int, template: int) -> TemplateInfo:
    """
    Return one version of a template.

    :raises UnknownTemplate: if the controller has none with this number
    """
    return _template(_version(controller, template))


def _version(controller: int, template: int) -> models.TemplateVersion:
    with scope.controller(controller):
        row: models.TemplateVersion | None = models.TemplateVersion.objects.filter(pk=template).first()
    if row is None:
        message = f"this controller has no template {template}"
        raise UnknownTemplate(message)
    return row


def _template(row: models.TemplateVersion) -> TemplateInfo:
    return TemplateInfo(
        row.pk, row.name, row.number, tuple(row.compiled), row.subjects, row.bodies, frozenset(row.variables), row.made_at
    )


def edition(*, controller: int, template: int, sender_name: str, sender_address: str, reply_to: str = "") -> int:
    """
    Return the number under which dispatch knows a template's version with this sender.

    :raises UnknownTemplate: if there is no such version
    :raises BadTemplate: if a sender address is none
    """
    version = _version(controller, template)
    wrong = [
        place for place, value in (("sender", sender_address), ("reply to", reply_to or sender_address)) if not ADDRESS(value)
    ]
    if wrong:
        raise BadTemplate([Problem(place, "is no mail address", "write one like news@brand.example") for place in wrong])
    with transaction.atomic(), scope.controller(controller):
        row, _ = models.Edition.objects.get_or_create(
            controller_id=controller,
            version=version,
            sender_name=" ".join(sender_name.split())[:120],
            sender_address=sender_address,
            reply_to=reply_to,
        )
    return int(row.pk)


def available(*, controller: int, purpose: str) -> frozenset[str]:
    """Return the variables a campaign for a purpose may use: names the policy allows for it, and what every message has."""
    return filling.available(controller=controller, purpose=purpose) | rules.GIVEN


def create(
    *,
    controller: int,
    name: str,
    segment: int,
    purpose: str,
    channel: str,
    template: int,
    sender_name: str,
    sender_address: str,
    scheduled_at: datetime | None,
    by: Actor,
    at: datetime,
    reply_to: str = "",
    variants: Sequence[tuple[int, int]] = (),
) -> CampaignInfo:
    """
    Set up a campaign; nothing is sent before :func:`send`.

    :param variants: template versions with their shares, to try them against each other; else everybody gets ``template``
    :raises BadTemplate: if the purpose does not use the channel, the segment is for another purpose, the words ask for
        variables the purpose may not use, or the sender is no address
    :raises UnknownTemplate: if there is no such version
    """
    shares = list(variants) or [(template, 1)]
    problems = [] if name.strip() else [Problem("name", "is empty", "give the campaign a name")]
    declared = policy.current(controller=controller).policy.purposes.get(purpose)
    if declared is None or channel not in {str(one) for one in declared.channels}:
        problems.append(
            Problem("purpose", f"{purpose!r} does not use {channel!r}", "choose a channel the policy declares for it")
        )
    else:
        if segments.get(controller=controller, segment=segment).purpose != purpose:
            problems.append(Problem("segment", f"is not for {purpose!r}", "choose a segment made for the same purpose"))
        may = available(controller=controller, purpose=purpose)
        asked = {found for version, _ in shares for found in _version(controller, version).variables}
        problems += [
            Problem("template", f"{found!r} may not be used for {purpose!r}", f"use {', '.join(sorted(may))}")
            for found in sorted(asked - may)
        ]
    if any(share < 1 for _, share in shares):
        problems.append(Problem("variants", "a share below 1", "give each variant a whole number from 1"))
    if problems:
        raise BadTemplate(problems)
    editions = [
        (
            edition(
                controller=controller,
                template=version,
                sender_name=sender_name,
                sender_address=sender_address,
                reply_to=reply_to,
            ),
            share,
        )
        for version, share in shares
    ]
    with transaction.atomic(), scope.controller(controller):
        row = models.Campaign.objects.create(
            controller_id=controller,
            name=name.strip(),
            segment=segment,
            purpose=purpose,
            channel=channel,
            editions=editions,
            scheduled_at=scheduled_at,
            made_at=at,
        )
        audit.write(Did.CAMPAIGN_MADE, controller=controller, by=by, at=at, on=f"campaign:{row.pk}", purpose=purpose)
        return _campaign(row)


def campaign(*, controller: int, campaign: int) -> CampaignInfo:
    """
    Return a campaign.

    :raises UnknownCampaign: if the controller has none with this number
    """
    with scope.controller(controller):
        return _campaign(filling.found(campaign))


def campaigns(*, controller: int, limit: int = 50, before: datetime | None = None) -> list[CampaignInfo]:
    """Return campaigns, newest first."""
    with scope.controller(controller):
        rows = models.Campaign.objects.order_by("-made_at", "-pk")
        if before is not None:
            rows = rows.filter(made_at__lt=before)
        return [_campaign(row) for row in rows[:limit]]


def _campaign(row: models.Campaign) -> CampaignInfo:
    editions = models.Edition.objects.in_bulk([number for number, _ in row.editions])
    first = editions[row.editions[0][0]]
    return CampaignInfo(
        id=row.pk,
        name=row.name,
        segment=row.segment,
        purpose=row.purpose,
        channel=row.channel,
        variants=tuple((editions[number].version_id, share) for number, share in row.editions),
        sender_name=first.sender_name,
        sender_address=first.sender_address,
        reply_to=first.reply_to,
        state=CampaignState(row.state),
        scheduled_at=row.scheduled_at,
        made_at=row.made_at,
    )


def send(*, controller: int, campaign: int, by: Actor, at: datetime) -> None:
    """
    Let a campaign go out at the time it is scheduled for, or now.

    :raises NotNow: unless it is a draft
    :raises NotAgreed: if no agreement lets the platform work for its purpose
    :raises UnknownCampaign: if there is no such campaign
    """
    with transaction.atomic(), scope.controller(controller):
        row = _move(campaign, {CampaignState.DRAFT}, CampaignState.SCHEDULED)
        lawfulness.require_agreement(controller=controller, purpose=row.purpose, at=at)
        row.scheduled_at = row.scheduled_at or at
        row.save(update_fields=["scheduled_at"])
        audit.write(Did.CAMPAIGN_SENT, controller=controller, by=by, at=at, on=f"campaign:{campaign}", purpose=row.purpose)


def pause(*, controller: int, campaign: int, by: Actor, at: datetime) -> None:
    """
    Stop a campaign where it is; messages in the outbox stay there, held.

    :raises NotNow: unless it is scheduled or sending
    :raises UnknownCampaign: if there is no such campaign
    """
    _turn(
        controller,
        campaign,
        {CampaignState.SCHEDULED, CampaignState.SENDING},
        CampaignState.PAUSED,
        Did.CAMPAIGN_PAUSED,
        by=by,
        at=at,
    )
    for occasion in filling.occasions(controller, campaign):
        dispatch.hold(controller=controller, occasion=occasion, by=by, at=at)


def resume(*, controller: int, campaign: int, by: Actor, at: datetime) -> None:
    """
    Go on with a paused campaign where it stopped; who was written to is not written to again.

    :raises NotNow: unless it is paused
    :raises NotAgreed: if no agreement lets the platform work for its purpose
    :raises UnknownCampaign: if there is no such campaign
    """
    with scope.controller(controller):
        purpose = filling.found(campaign).purpose
    lawfulness.require_agreement(controller=controller, purpose=purpose, at=at)
    occasions = filling.occasions(controller, campaign)
    goes_on = CampaignState.SENDING if occasions else CampaignState.SCHEDULED
    _turn(controller, campaign, {CampaignState.PAUSED}, goes_on, Did.CAMPAIGN_RESUMED, by=by, at=at)
    for occasion in occasions:
        dispatch.release(controller=controller, occasion=occasion, by=by, at=at)


def cancel(*, controller: int, campaign: int, by: Actor, at: datetime) -> int:
    """
    End a campaign and return how many messages that were still to go are cancelled.

    :raises NotNow: if it is sent or cancelled already
    :raises UnknownCampaign: if there is no such campaign
    """
    ended = {CampaignState.SENT, CampaignState.CANCELLED}
    _turn(controller, campaign, set(CampaignState) - ended, CampaignState.CANCELLED, Did.CAMPAIGN_CANCELLED, by=by, at=at)
    occasions = filling.occasions(controller, campaign)
    return sum(dispatch.cancel(controller=controller, occasion=occasion, by=by, at=at) for occasion in occasions)


def _turn(
    controller: int, campaign: int, before: set[CampaignState], after: CampaignState, did: Did, *, by: Actor, at: datetime
) -> None:
    with transaction.atomic(), scope.controller(controller):
        row = _move(campaign, before, after)
        audit.write(did, controller=controller, by=by, at=at, on=f"campaign:{campaign}", purpose=row.purpose)


def _move(campaign: int, before: set[CampaignState], after: CampaignState) -> models.Campaign:
    row = filling.found(campaign)
    if not models.Campaign.objects.filter(pk=campaign, state__in=before).update(state=after):
        message = f"the campaign is {row.state}; this is for one that is {' or '.join(sorted(before))}"
        raise NotNow(message)
    row.state = after
    return row


def progress(*, controller: int, campaign: int) -> CampaignProgress:
    """
    Return how far a campaign is.

    :raises UnknownCampaign: if the controller has none with this number
    """
    with scope.controller(controller):
        row = filling.found(campaign)
        run = models.Occurrence.objects.filter(campaign=row).order_by("-number").first()
    if run is None:
        return CampaignProgress(CampaignState(row.state), 0, {}, filled=False, messages={})
    counted = {str(state): count for state, count in dispatch.progress(controller=controller, occasion=run.occasion).items()}
    return CampaignProgress(CampaignState(row.state), run.matched, run.lost, filled=run.filled_at is not None, messages=counted)


def preview(
    *, controller: int, template: int, language: str, purpose: str, by: Actor, at: datetime, subject: int | None = None
) -> Rendered:
    """
    Return a template in the words of an invented person, or of a real one (whose names are then read, and it is written down).

    :raises UnknownTemplate: if there is no such version
    :raises NotRendered: if it fails on the variables
    """
    version = _version(controller, template)
    variables: Mapping[str, object] = rules.sample(language)
    if subject is not None:
        asked = frozenset(version.variables)
        variables = filling.variables([subject], asked, controller=controller, purpose=purpose, by=by, at=at, why="preview")[
            subject
        ]
    links = dispatch.sample_links(controller=controller, purpose=purpose, language=language)
    return put(Words.of(version, language), variables={**variables, "language": language}, links=links, sender=None)


def sweep(*, at: datetime) -> bool:
    """Start what is due, fill outboxes for a few seconds, close what is done; return whether there is more to fill now."""
    return filling.sweep(at=at)
