"""What the program did, and what came back of it. Pure."""

from __future__ import annotations

from harness.measure.rules.rule import Evidence, Rule


class Fallback(Rule):
    """A delegate's figure without a node on the delegate is the CPU's."""

    name = "fallback"
    meaning = "nothing shows that the delegate took a node"
    threshold = "no node on the delegate in the runtime info file or the log"
    why = "the figures are those of the CPU"

    def broken(self, e: Evidence) -> str | None:
        """As the outcome has it."""
        return f"no node is known to have run on {e.delegate}" if e.outcome == "fallback" else None


class PartialDelegation(Rule):
    """Part of the model stayed on the CPU."""

    name = "partial_delegation"
    meaning = "part of the model stayed on the CPU"
    threshold = "fewer nodes on the delegate than the model has"
    why = "the figure is of two units and the way between them"

    def broken(self, e: Evidence) -> str | None:
        """Of delegates other than the CPU."""
        return "the delegate took part of the nodes" if e.delegate != "cpu" and e.extent == "partially" else None


class CutShort(Rule):
    """Too few runs for the figure that was asked for."""

    name = "cut_short"
    voids = True
    meaning = "the time was over before the least number of runs; such a session does not count"
    threshold = "fewer timed runs than the protocol's num_runs"
    why = "the first runs of a process are slower than the rest"

    def broken(self, e: Evidence) -> str | None:
        """Where the timed phase came to its end."""
        return f"{e.runs} of {e.wanted_runs} runs" if e.runs is not None and e.runs < e.wanted_runs else None


class Garbled(Rule):
    """Bytes on the way were lost, changed or added."""

    name = "garbled"
    voids = True
    meaning = "what the program printed is damaged; such a session does not count"
    threshold = "output that is no text, or that the program's own result file contradicts"
    why = "a digit that is lost is a figure that nobody measured"

    def broken(self, e: Evidence) -> str | None:
        """See harness/benchmark/garbled.py."""
        return "the output is no text, or its result file says otherwise" if e.garbled else None


class WrongOutput(Rule):
    """Fast and wrong is no result."""

    name = "wrong_output"
    voids = True
    meaning = "the outputs are wrong; such a session does not count"
    threshold = "outputs further from the host's than the delegate's tolerance"
    why = "a speed without a result is no speed"

    def broken(self, e: Evidence) -> str | None:
        """Where outputs were checked."""
        return e.wrong_output
