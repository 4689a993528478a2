"""Whether identifiers really lie sealed: looked up in the rows, not believed."""

from assent.foundation import scope
from assent.privacy.subjects import models, people as folk
from assent.privacy.subjects.contracts import Sealing
from assent.privacy.subjects.keys import ring
from assent.privacy.subjects.models import State

__all__ = ["sealing"]


def sealing(*, controller: int, sample: int = 500) -> Sealing:
    """
    Open what a sample of people have sealed and look for it in the stored bytes; ids are random, so any stretch is a sample.

    Nothing that was opened leaves this function.
    """
    with scope.controller(controller):
        active = models.Subject.objects.filter(state=State.ACTIVE).order_by("id")
        ids = list(active.values_list("id", flat=True)[:sample])
        opened = folk.load(ring(controller), ids)
        stored = dict(models.Identity.objects.filter(subject_id__in=ids).values_list("subject_id", "sealed"))
        values = clear = 0
        for subject, sealed in stored.items():
            raw = bytes(sealed)
            for texts in opened[subject].values.values() if subject in opened else ():
                values += len(texts)
                # Three letters may stand in any ciphertext by chance.
                clear += sum(len(text) > 3 and text.encode() in raw for text in texts)
        unopened = sum(1 for subject in stored if subject not in opened or not opened[subject].values)
    return Sealing(len(stored), values, clear, unopened)
