"""A contract of our own for import-linter: another room may be imported only through its public face."""

from importlinter import Contract, ContractCheck, fields, output


class FacesContract(Contract):
    """
    Names the rooms and the modules by which they may be entered.

    ``rooms`` may end in ``.*`` for all children of a package; the package itself counts as inside.
    """

    rooms = fields.ListField(subfield=fields.StringField())
    faces = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField(), required=False, default=[])

    def check(self, graph, verbose):
        """Find every import that reaches past a face."""
        trespasses = []
        for room in sorted({room for pattern in self.rooms for room in _rooms(graph, pattern)}):
            open_to_all = {f"{room}.{face}" for face in self.faces}
            inside = {room} | graph.find_descendants(room)
            for module in sorted(inside - open_to_all):
                importers = graph.find_modules_that_directly_import(module) - inside - set(self.allowed)
                trespasses += [(importer, module) for importer in sorted(importers)]
        return ContractCheck(kept=not trespasses, metadata={"trespasses": trespasses})

    def render_broken_contract(self, check):
        """Say who reached where."""
        for importer, module in check.metadata["trespasses"]:
            output.print_error(f"{importer} reaches into {module}: use the room's api, contracts, ports or tasks")


def _rooms(graph, pattern):
    parent, _, last = pattern.rpartition(".")
    return graph.find_children(parent) if last == "*" else {pattern}
