"""`python -m dragnuwa.convert RELEASED SVD OUT_FOLDER`: a checkpoint split in two. The code is in `models/convert/`."""

from .models.convert import Converted, Proof, convert
from .models.convert.split import main

__all__ = ["Converted", "Proof", "convert"]

if __name__ == "__main__":
    main()
