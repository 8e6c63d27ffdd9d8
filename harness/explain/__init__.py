"""Why a quantized model is less accurate than the float one it was made from, and what to do about it.

Pure: `distance`, `pair`, `simulate`, `propose`, `ranges`. The others run models (`running`) or build them.
"""
