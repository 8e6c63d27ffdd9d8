"""On how many phones of each kind a suite runs, where it does not run on every one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.benchmark.selectors import Term
from harness.records import PhoneRecord

#: What phones are grouped by; `all` makes one group of them.
PER = ("model", "soc", "tier", "all")


@dataclass(frozen=True)
class Spread:
    """`count` phones of each group, whichever are free first. per: one of PER."""

    per: str
    count: int = 1


@dataclass(frozen=True)
class Group:
    """Phones that may stand in for each other. term: what they have in common, None of all phones."""

    name: str
    term: Term | None
    phones: tuple[PhoneRecord, ...]

    def wanted(self, selectors: Sequence[Sequence[Term]]) -> tuple[tuple[Term, ...], ...]:
        """What a phone of the group meets that was chosen by `selectors`."""
        own = () if self.term is None else (self.term,)
        found = [(*terms, *own) for terms in selectors or [()]]
        return tuple(found) if any(found) else ()


def group_phones(phones: Iterable[PhoneRecord], per: str) -> tuple[list[Group], list[PhoneRecord]]:
    """The groups by name, and the phones that are in none since what they are grouped by is unknown of them."""
    chosen = sorted(phones, key=lambda p: p.phone_id)
    if per == "all":
        return ([Group("any phone", None, tuple(chosen))] if chosen else []), []
    found: dict[str, list[PhoneRecord]] = {}
    unknown = []
    for phone in chosen:
        value = getattr(phone, per)
        if value:
            found.setdefault(value.lower(), []).append(phone)  # terms compare without regard to case
        else:
            unknown.append(phone)
    groups = []
    for _, members in sorted(found.items()):
        term = Term(per, "=", min(getattr(p, per) for p in members))
        groups.append(Group(str(term), term, tuple(members)))
    return groups, unknown
