"""Official and own builds of the benchmark programs: where they live, what they are pinned to, and the files."""
