"""What a suite holds its phones at: `state: {fixed_performance: on, screen: dim}`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model

from harness.benchmark.suite.part import Strict
from harness.phones.state import KNOBS, Knob


def plain_switch(value: Any) -> Any:
    """YAML reads `on` and `off` as true and false."""
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else value


def _field(knob: Knob) -> Any:
    values: Any = Literal.__getitem__(knob.values)
    allowed = Annotated[values | None, BeforeValidator(plain_switch)]
    help_ = f"{knob.help}." + (f" Note that {knob.disturbs}." if knob.disturbs else "")
    return (allowed, Field(default=None, description=help_[0].upper() + help_[1:]))


#: One key a knob; what is left out is left as it is on the phone.
SuiteState: type[Strict] = create_model("SuiteState", __base__=Strict, **{k.name: _field(k) for k in KNOBS.values()})
SuiteState.__doc__ = "What phones are held at while a block runs; what a phone refuses is told beside its figures."


def wanted_state(state: Strict) -> tuple[tuple[str, str], ...]:
    """Knob and value of what is asked for, sorted."""
    return tuple(sorted((name, value) for name, value in state.model_dump().items() if value is not None))
