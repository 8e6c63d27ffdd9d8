"""Who had the cores while the program ran, and whether the phone was held as it should be. Pure."""

from __future__ import annotations

from harness.dumps.cpufreq import cpu_list
from harness.measure.rules.rule import Evidence, Rule

#: Share of all cores that others may have. An idle phone with its screen on spends two to five; a tenth of eight cores
#: is nearly one core, and a benchmark's thread that shares its core with that much is up to half as fast.
OTHERS_PCT = 10.0


class Others(Rule):
    """Other programs had the cores meanwhile."""

    name = "others"
    meaning = "other programs worked while it ran"
    threshold = f"more than {OTHERS_PCT:g} % of all cores busy with something else during the session"
    why = "a thread that shares its core is up to half as fast, and a phone at rest takes only a few percent"

    def broken(self, e: Evidence) -> str | None:
        """From /proc/stat without the program's own time."""
        share = e.others_busy_pct
        return f"others had {share:.0f} % of all cores" if share is not None and share > OTHERS_PCT else None


class WrongCores(Rule):
    """Its figures stand under an affinity that it did not have."""

    name = "wrong_cores"
    voids = True
    meaning = "it was not kept to the cores that were asked for; such a session does not count"
    threshold = "Cpus_allowed_list of the running program names a core that was not asked for"
    why = "its figures are those of other cores"

    def broken(self, e: Evidence) -> str | None:
        """Only where the kernel said which cores it may run on."""
        allowed = cpu_list(e.allowed_cpus)
        if e.wanted_cpus is None or allowed is None or set(allowed) <= e.wanted_cpus:
            return None
        wanted = ",".join(map(str, sorted(e.wanted_cpus)))
        return f"it could run on {e.allowed_cpus}, and was asked to on {wanted}"


class StateLost(Rule):
    """What was held did not stay."""

    name = "state_lost"
    meaning = "something that the phone was held at was changed meanwhile"
    threshold = "a setting read after the session is not the one that was put in place"
    why = "nobody knows from when on it was another phone"

    def broken(self, e: Evidence) -> str | None:
        """As run.sh read it after the session."""
        lost = e.state.lost
        return "; ".join(f"{knob}: {said}" for knob, said in lost.items()) if lost else None
