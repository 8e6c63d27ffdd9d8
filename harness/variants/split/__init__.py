"""One model cut at named tensors into stages that are loaded when they are needed, equal in result to the whole."""
