"""The answer of /dragnuwa/prepare: what clicks on a picture need is made before anybody clicks."""

from __future__ import annotations

import json

from ..common.interrupt import checkpoint
from .fields import CLIP_FIELDS, clip_of, fields_of, need_opencv_here
from .picking import SEARCH_BYTES
from .pictures import PagePictures


def prepared(body: bytes, pictures: PagePictures) -> bytes:
    """The answer to a request body, as described in `dragnuwa.server.routes`."""
    need_opencv_here()
    fields = fields_of(body, CLIP_FIELDS)
    file, clip = pictures.file(fields["picture"]), clip_of(fields)
    picture = pictures.prepared(file, clip.size, fields["fit"])
    with pictures.budget.share(SEARCH_BYTES):
        checkpoint()
        _ = picture.search.patches.parent
        checkpoint()
        return json.dumps({"learned": picture.search.learned is not None}).encode()
