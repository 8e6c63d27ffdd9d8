"""The format of TensorFlow Lite Metadata as data: tables with their fields in order, unions, enumerations.

Source: metadata_schema.fbs 1.5.0 of MediaPipe (1.1.0 of TensorFlow Lite Support is its beginning); file identifier
`M001`. A table may only grow at its end, so newer files are read without what this does not know.

Kept as data, read and written by codec.py, since no small package offers it: tflite-support has no release for
today's Python, and MediaPipe brings OpenCV and 240 MB with it.
"""

from __future__ import annotations

IDENTIFIER = b"M001"
ROOT = "ModelMetadata"

#: Fields of each table: name and type. `[T]` is a vector, `<T>` a union (which takes two places in the table).
TABLES: dict[str, tuple[tuple[str, str], ...]] = {
    "ModelMetadata": (
        ("name", "string"), ("description", "string"), ("version", "string"),
        ("subgraph_metadata", "[SubGraphMetadata]"), ("author", "string"), ("license", "string"),
        ("associated_files", "[AssociatedFile]"), ("min_parser_version", "string"),
    ),
    "SubGraphMetadata": (
        ("name", "string"), ("description", "string"),
        ("input_tensor_metadata", "[TensorMetadata]"), ("output_tensor_metadata", "[TensorMetadata]"),
        ("associated_files", "[AssociatedFile]"),
        ("input_process_units", "[ProcessUnit]"), ("output_process_units", "[ProcessUnit]"),
        ("input_tensor_groups", "[TensorGroup]"), ("output_tensor_groups", "[TensorGroup]"),
        ("custom_metadata", "[CustomMetadata]"),
    ),
    "TensorMetadata": (
        ("name", "string"), ("description", "string"), ("dimension_names", "[string]"), ("content", "Content"),
        ("process_units", "[ProcessUnit]"), ("stats", "Stats"), ("associated_files", "[AssociatedFile]"),
    ),
    "AssociatedFile": (
        ("name", "string"), ("description", "string"), ("type", "AssociatedFileType"), ("locale", "string"),
        ("version", "string"),
    ),
    "Content": (("content_properties", "<ContentProperties>"), ("range", "ValueRange")),
    "ValueRange": (("min", "int"), ("max", "int")),
    "FeatureProperties": (),
    "ImageProperties": (("color_space", "ColorSpaceType"), ("default_size", "ImageSize")),
    "ImageSize": (("width", "uint"), ("height", "uint")),
    "BoundingBoxProperties": (
        ("index", "[uint]"), ("type", "BoundingBoxType"), ("coordinate_type", "CoordinateType"),
    ),
    "AudioProperties": (("sample_rate", "uint"), ("channels", "uint")),
    "ProcessUnit": (("options", "<ProcessUnitOptions>"),),
    "NormalizationOptions": (("mean", "[float]"), ("std", "[float]")),
    "ScoreCalibrationOptions": (("score_transformation", "ScoreTransformationType"), ("default_score", "float")),
    "ScoreThresholdingOptions": (("global_score_threshold", "float"),),
    "BertTokenizerOptions": (("vocab_file", "[AssociatedFile]"),),
    "SentencePieceTokenizerOptions": (("sentencePiece_model", "[AssociatedFile]"), ("vocab_file", "[AssociatedFile]")),
    "RegexTokenizerOptions": (("delim_regex_pattern", "string"), ("vocab_file", "[AssociatedFile]")),
    "Stats": (("max", "[float]"), ("min", "[float]")),
    "TensorGroup": (("name", "string"), ("tensor_names", "[string]")),
    "CustomMetadata": (("name", "string"), ("data", "[ubyte]")),
}  # fmt: skip

#: Tables of each union in the order of their numbers, from 1; 0 is none.
UNIONS: dict[str, tuple[str, ...]] = {
    "ContentProperties": ("FeatureProperties", "ImageProperties", "BoundingBoxProperties", "AudioProperties"),
    "ProcessUnitOptions": (
        "NormalizationOptions", "ScoreCalibrationOptions", "ScoreThresholdingOptions", "BertTokenizerOptions",
        "SentencePieceTokenizerOptions", "RegexTokenizerOptions",
    ),
}  # fmt: skip

#: Names of each enumeration in the order of their numbers, from 0, the default.
ENUMS: dict[str, tuple[str, ...]] = {
    "AssociatedFileType": (
        "UNKNOWN", "DESCRIPTIONS", "TENSOR_AXIS_LABELS", "TENSOR_VALUE_LABELS", "TENSOR_AXIS_SCORE_CALIBRATION",
        "VOCABULARY", "SCANN_INDEX_FILE",
    ),
    "ColorSpaceType": ("UNKNOWN", "RGB", "GRAYSCALE"),
    "BoundingBoxType": ("UNKNOWN", "BOUNDARIES", "UPPER_LEFT", "CENTER"),
    "CoordinateType": ("RATIO", "PIXEL"),
    "ScoreTransformationType": ("IDENTITY", "LOG", "INVERSE_LOGISTIC"),
}  # fmt: skip
