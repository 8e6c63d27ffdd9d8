"""TensorFlow Lite Metadata: what a model's inputs and outputs mean, carried inside the model file."""
