"""What the columns of a stream of drawn jobs are made of."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

NONE = -1
"""No job, no array."""
Columns = dict[str, NDArray[np.signedinteger[Any]]]
Positions = NDArray[np.int64]
