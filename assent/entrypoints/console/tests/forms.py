"""A form as a browser reads it: every field with its values."""

from html.parser import HTMLParser

__all__ = ["fields"]


class Reader(HTMLParser):
    """Collects what the form with an id would send."""

    def __init__(self, form):
        super().__init__()
        self.wanted, self.inside, self.found = form, False, {}
        self.area = self.choice = None

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        if tag == "form":
            self.inside = at.get("id") == self.wanted
        if self.inside and hasattr(self, f"at_{tag}"):
            getattr(self, f"at_{tag}")(at)

    def at_textarea(self, at):
        self.area = at["name"]
        self.found.setdefault(self.area, []).append("")

    def at_select(self, at):
        self.choice = at["name"]
        self.found.setdefault(self.choice, [])

    def at_option(self, at):
        if "selected" in at or not self.found[self.choice]:
            self.found[self.choice] = [at["value"]]

    def at_input(self, at):
        if at.get("name") and (at.get("type") != "checkbox" or "checked" in at):
            self.found.setdefault(at["name"], []).append(at.get("value", ""))

    def handle_endtag(self, tag):
        self.area = None if tag == "textarea" else self.area
        self.inside = self.inside and tag != "form"

    def handle_data(self, data):
        if self.area:
            said = self.found[self.area]
            said[-1] += data if said[-1] else data.removeprefix("\n")


def fields(answer, form="form"):
    """Return name → values of a form on a page."""
    reader = Reader(form)
    reader.feed(answer.content.decode())
    return reader.found
