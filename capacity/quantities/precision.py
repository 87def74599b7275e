"""The precisions of arithmetic: one list, used by the units, the formulas and the records.

A rate of operations without its precision means nothing: the same accelerator is 9.7, 19.5 or 312 TFLOPS. All
peaks are dense; a vendor's figure "with sparsity" is twice as large and is never used.
"""

from typing import Literal, get_args

Precision = Literal["fp64", "fp64_tensor", "fp32", "tf32", "fp16", "bf16", "fp8", "int8"]

PRECISIONS: tuple[Precision, ...] = get_args(Precision)
