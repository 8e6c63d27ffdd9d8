"""The process that reads and runs models for real, one per rack, with the LiteRT interpreter loaded.

It is started by bench/compute.py as `python -m harness.virtual.interpreter` and imports nothing heavier than numpy,
flatbuffers and ai-edge-litert, none of which the rack's own process then needs. Requests and answers are JSON lines.
"""
