"""Android's fixed performance mode. Pure."""

from __future__ import annotations

from harness.phones.state.knob import Knob, Step, Where

#: The limits of every cluster, first as they were before, then as the mode has them, each noted when first seen: no
#: service of Android says whether the mode is on, so it is on where the limits are those that came with it.
_GET = """
  limits=''
  for policy in "${PHONE_ROOT}"/sys/devices/system/cpu/cpufreq/policy*; do
    low='' high=''
    read -r low 2>/dev/null <"$policy/scaling_min_freq"
    read -r high 2>/dev/null <"$policy/scaling_max_freq"
    limits="$limits$low:$high,"
  done
  if [ ! -f state/limits ]; then
    echo "$limits" >state/limits
    echo false
  elif [ -f state/limits.on ]; then
    read -r there <state/limits.on
    if [ "$limits" = "$there" ]; then echo true; else echo false; fi
  else
    read -r there <state/limits
    if [ "$limits" = "$there" ]; then echo false; else echo "$limits" >state/limits.on; echo true; fi
  fi
"""


class FixedPerformance(Knob):
    """Clocks at a point that the phone can hold, where its maker has wired it."""

    name = "fixed_performance"
    values = ("on",)
    help = "clocks stay at a point that the phone can hold for long, below its peak (Android 11 and later)"
    disturbs = "every clock is lower: such figures say nothing of a phone in normal use"
    first_sdk = 30

    def steps(self, value: str, where: Where) -> tuple[Step, ...]:
        """One command, believed only where a clock's limit moves."""
        return (
            Step(
                "fixed_performance_mode",
                "true",
                _GET.strip(),
                "echo cmd power set-fixed-performance-mode-enabled $1",
                steady=False,  # heat lowers limits further
                unmoved="no clock limit moved: the maker has not wired it, or it was on before",
            ),
        )
