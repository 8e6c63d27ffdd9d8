"""Result files of the official programs; generated from the .proto files beside this one by `make protos`."""
