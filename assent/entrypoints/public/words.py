"""What the person's pages say, in each language. Short: nobody came here to read."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["LANGUAGES", "spoken", "words"]

LANGUAGES = MappingProxyType({"en": "English", "ro": "Română"})

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "stop_title": "Stop these messages?",
        "stop_lead": "You get “{purpose}” from {controller}, {channel}. One press ends it; nothing else changes.",
        "stop": "Stop the messages",
        "stopped_title": "Done. The messages have stopped.",
        "stopped_lead": "{controller} no longer sends you “{purpose}” {channel}. Nothing is on its way to you any more.",
        "late_lead": "{controller} no longer sends you “{purpose}” {channel}. A message that had already left may arrive.",
        "see_choices": "See your choices",
        "choices_title": "Your choices",
        "choices_lead": "How {controller} may reach you with “{purpose}”. You can change this whenever you like.",
        "save": "Save",
        "saved": "Saved. What you see is what holds from now on.",
        "back_on": "To get them again, write to {contact}.",
        "lost_title": "This link does not work any more",
        "lost_lead": "It may be incomplete, or the data it stood for have been erased. No messages come from it.",
        "questions": "Questions about your data: {contact}",
        "law": "GDPR, articles 7(3) and 21(2)",
        "on": "On",
        "off": "Off",
        "in_email": "by e-mail",
        "in_sms": "by text message",
        "in_push": "on your device",
        "in_onsite": "on the site",
        "in_phone": "by phone",
        "in_post": "by post",
        "email": "E-mail",
        "sms": "Text messages",
        "push": "Notifications on your device",
        "onsite": "On the site",
        "phone": "Phone calls",
        "post": "Letters",
    },
    "ro": {
        "stop_title": "Opriți aceste mesaje?",
        "stop_lead": "Primiți „{purpose}” de la {controller}, {channel}. O apăsare le oprește; nimic altceva nu se schimbă.",
        "stop": "Opresc mesajele",
        "stopped_title": "Gata. Mesajele s-au oprit.",
        "stopped_lead": "{controller} nu vă mai trimite „{purpose}” {channel}. Nimic nu mai este pe drum către dumneavoastră.",
        "late_lead": "{controller} nu vă mai trimite „{purpose}” {channel}. Un mesaj deja plecat poate să mai ajungă.",
        "see_choices": "Vedeți alegerile dumneavoastră",
        "choices_title": "Alegerile dumneavoastră",
        "choices_lead": "Cum vă poate contacta {controller} cu „{purpose}”. Puteți schimba oricând.",
        "save": "Salvez",
        "saved": "Salvat. Ce vedeți este valabil de acum înainte.",
        "back_on": "Ca să le primiți din nou, scrieți la {contact}.",
        "lost_title": "Acest link nu mai funcționează",
        "lost_lead": "Poate este incomplet, sau datele pe care le reprezenta au fost șterse. Din el nu mai pleacă mesaje.",
        "questions": "Întrebări despre datele dumneavoastră: {contact}",
        "law": "RGPD, articolele 7 alineatul (3) și 21 alineatul (2)",
        "on": "Da",
        "off": "Nu",
        "in_email": "pe e-mail",
        "in_sms": "prin SMS",
        "in_push": "pe dispozitiv",
        "in_onsite": "pe site",
        "in_phone": "la telefon",
        "in_post": "prin poștă",
        "email": "E-mail",
        "sms": "SMS",
        "push": "Notificări pe dispozitiv",
        "onsite": "Pe site",
        "phone": "Telefon",
        "post": "Scrisori",
    },
}


def spoken(*wishes: str) -> str:
    """Return the first of these languages that the pages speak, else English."""
    return next((short for wish in wishes if (short := wish.split("-")[0].lower()) in _WORDS), "en")


def words(language: str, **facts: str) -> dict[str, str]:
    """Return all words of a language with facts put in; what a fact is missing for keeps its placeholder and is not shown."""
    return {key: _filled(text, facts) for key, text in _WORDS[language].items()}


def _filled(text: str, facts: Mapping[str, str]) -> str:
    for name, value in facts.items():
        text = text.replace("{" + name + "}", value)
    return text
