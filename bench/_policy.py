"""A large policy for measuring: a shop's own statement with many more purposes, each with all that can be said of one."""

import json
import re
from pathlib import Path

from assent.privacy.policy.load import LoadedBundle, load

BRAND = Path(__file__).resolve().parent.parent / "policies" / "brand"
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./*-]*")
WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
SPAN = {"duration": "P2Y", "counted_from": "collected", "then": "erase"}


def big_bundle(folder: Path, purposes: int = 60) -> Path:
    """Write a clean bundle in English and Romanian with so many purposes (8 to 62) into ``folder``, and return it."""
    base = load(BRAND)
    policy = json.loads(base.policy.model_dump_json(exclude_defaults=True))
    texts = {(key, language): text for (key, language), text in base.texts.items()}
    policy["controller"]["slug"] = "large"
    for number in range(purposes - len(policy["purposes"])):
        add(policy, texts, number)
    write(folder, policy, texts)
    return folder


def say(en: str, ro: str) -> dict[str, str]:
    return {"en": en, "ro": ro}


def add(policy: dict, texts: dict, number: int) -> None:
    """Add one purpose with data, an event, a recipient and, by turns, each of the bases."""
    key = f"purpose_{number:02}"
    policy["data"][f"item_{number:02}"] = {
        "title": say(f"Answers of kind {number}", f"Răspunsuri de felul {number}"),
        "category": "user.behavior", "dpv": "ServiceConsumptionBehaviour", "kind": "digital", "storage": "plain",
    }  # fmt: skip
    policy["recipients"][f"partner_{number:02}"] = {
        "name": f"Partner {number} SRL", "role": "processor", "country": "RO",
        "services": say(f"Keeps archive {number} for us", f"Ține arhiva {number} pentru noi"),
        "privacy_policy": f"https://partner{number}.example/privacy",
        "instructions": {
            "text": say("Stores what we send and gives it to nobody.", "Păstrează ce îi trimitem și nu dă nimănui."),
            "excluded_features": ["resale"],
        },
    }  # fmt: skip
    policy["events"][f"event_{number:02}"] = {
        "type": "track", "name": f"Step {number} Done",
        "title": say(f"Step {number} was done", f"S-a făcut pasul {number}"),
        "purposes": {key: ["answer", "score"]},
        "properties": {
            "answer": {"type": "string", "data": f"item_{number:02}", "max_length": 80},
            "score": {"type": "integer", "data": f"item_{number:02}"},
        },
        "folds": [{"attribute": f"steps_{number:02}", "kind": "count", "purpose": key}],
    }  # fmt: skip
    purpose = {
        "title": say(f"Service number {number}", f"Serviciul numărul {number}"),
        "description": say(
            f"We do what you ask of service {number}: we note your answers and look at them when you come back.",
            f"Facem ce cereți de la serviciul {number}: notăm răspunsurile și le privim când reveniți.",
        ),
        "subjects": ["customers", "visitors"],
        "data": ["email", "full_name", "account", "purchases", f"item_{number:02}"],
        "sources": ["you", "device"],
        "operations": ["store", "use", "disclose"],
        "recipients": ["platform", f"partner_{number:02}"],
        "retention": SPAN | {"overrides": {"dispute": {"when": say("A dispute is open", "Există o dispută"), **SPAN}}},
        "dpv": ["ServiceProvision"],
        "fideslang": ["essential.service"],
    }
    purpose |= GROUNDS[number % len(GROUNDS)](policy, texts, key, number)
    policy["purposes"][key] = purpose
    policy["solutions"]["crm"]["purposes"].append(key)


def on_consent(policy: dict, texts: dict, key: str, number: int) -> dict:
    """Return what a purpose needs that is asked for; its category and cookie are added."""
    text, category = f"choice_{number:02}", f"category_{number:02}"
    texts[text, "en"] = f"Brand SRL may note my answers to service {number} for two years."
    texts[text, "ro"] = f"Brand SRL poate nota doi ani răspunsurile mele la serviciul {number}."
    policy["texts"][text] = {"use": "consent", "title": say(f"Consent {number}", f"Acordul {number}")}
    policy["consent_categories"][category] = {
        "title": say(f"Service {number}", f"Serviciul {number}"),
        "description": say(f"Lets service {number} know you again.", f"Lasă serviciul {number} să vă recunoască."),
    }
    policy["cookies"][f"cookie_{number:02}"] = {
        "name": f"brand_step_{number:02}_*", "supplier": "controller", "category": category, "purpose": key,
        "description": say("A random number for this service.", "Un număr aleatoriu pentru acest serviciu."),
        "lifetime": "P6M",
    }  # fmt: skip
    return {
        "basis": "consent", "channels": ["onsite"], "consent_category": category, "consent_expires": "P1Y",
        "wording": {"onsite": text},
    }  # fmt: skip


def on_contract(policy: dict, texts: dict, key: str, number: int) -> dict:
    """Return what a purpose needs that carries out a contract."""
    return {
        "basis": "contract",
        "channels": ["email"],
        "obligatory": say("Without your answers there is no such service.", "Fără răspunsuri nu există acest serviciu."),
    }


def on_interests(policy: dict, texts: dict, key: str, number: int) -> dict:
    """Return what a purpose needs that rests on an interest."""
    return {
        "basis": "legitimate_interests",
        "interest": say(f"Keeping service {number} safe from abuse.", f"Să ferim serviciul {number} de abuzuri."),
        "balancing": say(
            "The note is short, few see it, and you may object to it at any time.",
            "Nota este scurtă, o văd puțini și vă puteți opune oricând.",
        ),
    }


def on_law(policy: dict, texts: dict, key: str, number: int) -> dict:
    """Return what a purpose needs that a law commands."""
    return {"basis": "legal_obligation", "law": say(f"Example Act no. {number + 1}", f"Legea-exemplu nr. {number + 1}")}


GROUNDS = (on_consent, on_contract, on_interests, on_law)


def write(folder: Path, policy: dict, texts: dict) -> None:
    """Write the bundle as a person would: one key to a line, quotes where they are needed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text("\n".join(lines(policy, 0)) + "\n", encoding="utf-8")
    for (key, language), text in texts.items():
        path = folder / "texts" / language / f"{key}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")


def lines(node: dict, depth: int) -> list[str]:
    """Return a mapping in block style; lists and small leaves stand in flow style on their key's line."""
    found = []
    for key, value in node.items():
        name = " " * depth + written(key)
        if isinstance(value, dict) and (any(isinstance(each, dict) for each in value.values()) or len(flow(value)) > 100):
            found += [f"{name}:", *lines(value, depth + 2)]
        else:
            found.append(f"{name}: {flow(value)}")
    return found


def flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return written(value)


def written(value: object) -> str:
    """Return a scalar, plain if YAML reads it back as the same text."""
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def loaded(folder: Path, purposes: int = 60) -> LoadedBundle:
    """Write the bundle and read it back."""
    return load(big_bundle(folder, purposes))
