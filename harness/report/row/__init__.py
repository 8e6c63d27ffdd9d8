"""The parts of a row of the report, one module a part. Pure."""
