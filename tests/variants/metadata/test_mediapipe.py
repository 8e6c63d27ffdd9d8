"""MediaPipe Tasks reads what we write, and we read what is written with its schema.

Needs `pip install mediapipe`, which is no part of the extras: it brings OpenCV.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.variants.metadata.attach import read_metadata
from harness.variants.metadata.codec import decode
from harness.variants.metadata.show import describe
from harness.variants.metadata.write import write_metadata
from harness.variants.split.verify import Runner
from tests.variants.metadata.classifier import LABELS, MEAN, STD, colours, pictures

mediapipe: Any = pytest.importorskip("mediapipe")
pytestmark = pytest.mark.slow


def test_the_classifier_task_gives_the_same_labels_and_scores(tmp_path: Path) -> None:
    from mediapipe.tasks.python import BaseOptions, vision

    model, told = colours(tmp_path), tmp_path / "metadata.yaml"
    # It refuses normalization that differs between channels.
    told.write_text(told.read_text().replace(str(list(MEAN)), "[127.5]").replace(str(list(STD)), "[50.0]"))
    written = tmp_path / "with.tflite"
    write_metadata(model, told, written)
    carried = read_metadata(written)
    assert carried is not None
    described = describe(carried)
    scale = described["inputs"][0]["normalization"]
    runner = Runner(written, xnnpack=False)
    options = vision.ImageClassifierOptions(BaseOptions(model_asset_path=str(written)), max_results=1)
    seen, unscaled = set(), 0
    with vision.ImageClassifier.create_from_options(options) as task:
        for picture in pictures(60):
            (scores,) = runner([((picture[None] - np.float32(scale["mean"])) / scale["std"]).astype(np.float32)])
            image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=picture)
            best = task.classify(image).classifications[0].categories[0]
            assert best.category_name == described["outputs"][0]["labels"][int(scores[0].argmax())]
            assert best.score == pytest.approx(float(scores[0].max()), abs=1e-4)
            seen.add(best.category_name)
            (raw,) = runner([picture[None].astype(np.float32)])
            unscaled += int(raw[0].argmax()) == int(scores[0].argmax())
    assert seen == set(LABELS) and unscaled < 55, "without the normalization other labels would win"


def test_its_schema_finds_every_field(tmp_path: Path) -> None:
    from ai_edge_litert import schema_py_generated as litert
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

    written = tmp_path / "with.tflite"
    write_metadata(colours(tmp_path), tmp_path / "metadata.yaml", written)
    model = litert.ModelT.InitFromObj(litert.Model.GetRootAs(written.read_bytes(), 0))
    entry = next(m for m in model.metadata if m.name == b"TFLITE_METADATA")
    told = schema.ModelMetadataT.InitFromObj(schema.ModelMetadata.GetRootAs(bytes(model.buffers[entry.buffer].data), 0))
    assert (told.name, told.license, told.minParserVersion) == (b"colours", b"Apache-2.0", b"1.0.0")
    (graph,) = told.subgraphMetadata
    (image,), (scores,) = graph.inputTensorMetadata, graph.outputTensorMetadata
    assert image.content.contentProperties.colorSpace == schema.ColorSpaceType.RGB
    assert list(image.processUnits[0].options.mean) == list(MEAN)
    assert list(image.processUnits[0].options.std) == list(STD)
    assert list(image.stats.max) == [2.0, 6.0, 2.0]
    assert scores.associatedFiles[0].type == schema.AssociatedFileType.TENSOR_AXIS_LABELS
    assert scores.processUnits[0].options.globalScoreThreshold == pytest.approx(0.01)


def test_we_read_what_its_schema_writes() -> None:
    import flatbuffers
    from mediapipe.tasks.metadata import metadata_schema_py_generated as schema

    made, graph, tensor = schema.ModelMetadataT(), schema.SubGraphMetadataT(), schema.TensorMetadataT()
    unit, options, file = schema.ProcessUnitT(), schema.RegexTokenizerOptionsT(), schema.AssociatedFileT()
    file.name, file.type, file.version = "vocab.txt", schema.AssociatedFileType.VOCABULARY, "3"
    options.delimRegexPattern, options.vocabFile = r"\s", [file]
    unit.optionsType, unit.options = schema.ProcessUnitOptions.RegexTokenizerOptions, options
    tensor.name, tensor.content = "text", schema.ContentT()
    tensor.content.contentPropertiesType = schema.ContentProperties.AudioProperties
    tensor.content.contentProperties = schema.AudioPropertiesT()
    tensor.content.contentProperties.sampleRate = 16000
    custom = schema.CustomMetadataT()
    custom.name, custom.data = "own", np.array([1, 2, 3], np.uint8)
    tensor.processUnits, graph.inputTensorMetadata, graph.customMetadata = [unit], [tensor], [custom]
    made.name, made.subgraphMetadata = "theirs", [graph]
    builder = flatbuffers.Builder(0)
    builder.Finish(made.Pack(builder), b"M001")
    (found,) = decode(bytes(builder.Output()))["subgraph_metadata"]
    (told,) = found["input_tensor_metadata"]
    tokens = told["process_units"][0]["options"]["RegexTokenizerOptions"]
    assert tokens["delim_regex_pattern"] == r"\s"
    assert tokens["vocab_file"] == [{"name": "vocab.txt", "type": "VOCABULARY", "version": "3"}]
    assert told["content"]["content_properties"] == {"AudioProperties": {"sample_rate": 16000}}
    assert found["custom_metadata"] == [{"name": "own", "data": b"\1\2\3"}]
