"""A native Linux build given with --binary runs on a virtual phone of that ABI."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.racks import MODELS, harness

#: A native program with the official one's manners: it reads the model's size for real and times itself.
SOURCE = r"""
#include <stdio.h>
#include <string.h>
#include <time.h>
int main(int argc, char **argv) {
  const char *graph = 0;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--help")) {
      fprintf(stderr, "usage: %s <flags>\nFlags:\n\t--graph=\tstring\toptional\tmodel\n\t--num_runs=50\tint32\toptional\truns\n", argv[0]);
      return 1;
    }
    if (!strncmp(argv[i], "--graph=", 8)) graph = argv[i] + 8;
  }
  FILE *f = graph ? fopen(graph, "rb") : 0;
  if (!f) { fprintf(stderr, "ERROR: Could not open '%s'.\nERROR: Failed to load model\n", graph); return 1; }
  fseek(f, 0, SEEK_END);
  printf("INFO: STARTING!\nINFO: The input model file size (MB): %g\nINFO: Initialized session in 1.5ms.\n", ftell(f) / 1e6);
  fprintf(stderr, "VERBOSE: Replacing 9 out of 9 node(s) with delegate (TfLiteXNNPackDelegate) node, yielding 1 partitions.\n");
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  volatile double x = 0; for (long i = 0; i < 30000000; i++) x += i;
  clock_gettime(CLOCK_MONOTONIC, &b);
  long us = (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
  printf("INFO: Running benchmark for at least 1 iterations\nINFO: count=1 curr=%ld\n\n", us);
  printf("INFO: Running benchmark for at least 1 iterations\nINFO: count=1 curr=%ld\n\n", us);
  printf("INFO: Inference timings in us: Init: 1500, First inference: %ld, Warmup (avg): %ld, Inference (avg): %ld\n", us, us, us);
  return 0;
}
"""


@pytest.mark.skipif(platform.machine() != "x86_64" or not shutil.which("gcc"), reason="needs gcc on x86-64")
def test_native_build(tmp_path: Path) -> None:
    source, program = tmp_path / "b.c", tmp_path / "benchmark_model"
    source.write_text(SOURCE)
    subprocess.run(["gcc", "-O1", "-o", str(program), str(source)], check=True)
    model = str(MODELS / "digits_int8.tflite")
    words = ["bench", model, "--profile", "x86-64", "--binary", str(program), "--delegate", "cpu", "--sessions", "2"]
    done = harness(*words, "--num-runs", "1", "--out", str(tmp_path / "r"), "--json")
    assert done.code == 0, done.err
    (row,) = json.loads(done.out)["rows"]
    assert row["outcome"] == "ok" and row["provenance"] == "virtual" and row["sessions"] == 2
    assert row["latency_ms"]["median"] > 0 and row["delegation"]["source"] == "log"
