"""Android's settings of one phone, which tell of each change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping

#: (namespace, key)
Name = tuple[str, str]
#: Called with the name, the new value and the old one; None where there is none.
Watcher = Callable[[Name, str | None, str | None], None]


class SettingsTable(MutableMapping[Name, str]):
    """Settings by (namespace, key). `watcher` may be set; it hears of every write, of an equal value too."""

    def __init__(self, start: Mapping[Name, str]) -> None:
        self._values = dict(start)
        self.watcher: Watcher | None = None

    def __getitem__(self, name: Name) -> str:
        return self._values[name]

    def __setitem__(self, name: Name, value: str) -> None:
        old = self._values.get(name)
        self._values[name] = value
        if self.watcher:
            self.watcher(name, value, old)

    def __delitem__(self, name: Name) -> None:
        old = self._values.pop(name)
        if self.watcher:
            self.watcher(name, None, old)

    def __iter__(self) -> Iterator[Name]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def changed(first: Mapping[Name, str], now: Mapping[Name, str]) -> dict[str, list[str | None]]:
    """Settings that differ, as "namespace/key" to [first, now]."""
    names = sorted(set(first) | set(now))
    return {"/".join(n): [first.get(n), now.get(n)] for n in names if first.get(n) != now.get(n)}
