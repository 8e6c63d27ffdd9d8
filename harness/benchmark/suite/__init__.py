"""What is to be measured: a suite from a YAML file or from the command line; both give the same `Suite`.

A file is checked by pydantic and then as a whole; every fault is told with file, line, key and what to do.
`suite.schema.json` in this folder is for editors (`harness schema suite` prints it). A part of it is one file.
"""

from harness.benchmark.suite.phones import SuiteCare, SuiteGates, SuitePhones
from harness.benchmark.suite.suite import SUITE, Suite, load_suite, suite_from_flags, suite_schema

__all__ = ["SUITE", "Suite", "SuiteCare", "SuiteGates", "SuitePhones", "load_suite", "suite_from_flags", "suite_schema"]
