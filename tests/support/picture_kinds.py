"""Picture files of the kinds that people have: modes, depths, orientations, palettes, transparency, several frames."""

from __future__ import annotations

import io
from collections.abc import Iterator

import cv2
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 72, 48
ORIENTATION = 0x0112  # of EXIF


def picture(seed: int = 0) -> np.ndarray:
    """`[H, W, 3]` uint8: a smooth ramp with a dark corner, so that every turn and mirroring shows."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    ramp = np.stack([3 * x, 5 * y, 2 * (x + y) + 10 * seed], -1).clip(0, 255).astype(np.uint8)
    ramp[:12, :20] = (10, 40, 20)
    return ramp


def picture_files() -> Iterator[tuple[str, bytes]]:
    """Names and contents."""
    yield from _png()
    yield from _jpeg()
    yield from _webp_gif_avif()
    yield from _bmp_tiff()


def _png() -> Iterator[tuple[str, bytes]]:
    rgb, alpha = _image(), np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[20:, 30:] = 90
    rgba = Image.fromarray(np.dstack([picture(), alpha]))
    for mode in ("RGB", "L", "P", "1"):
        yield f"png_{mode}.png", _saved(rgb.convert(mode), "PNG")
    for mode in ("RGBA", "LA"):
        yield f"png_{mode}.png", _saved(rgba.convert(mode), "PNG")
    yield "png_P_transparent.png", _saved(rgb.convert("P"), "PNG", transparency=3)
    yield "png_16_grey.png", _coded(".png", picture()[..., 0].astype(np.uint16) * 251)
    yield "png_16_rgb.png", _coded(".png", picture().astype(np.uint16) * 251)
    yield "png_16_rgba.png", _coded(".png", np.dstack([picture(), alpha]).astype(np.uint16) * 251)
    yield "png_turned.png", _saved(rgb, "PNG", exif=_turned(6))
    yield "png_animated.png", _saved(rgb, "PNG", save_all=True, append_images=[_image(1), _image(2)])


def _jpeg() -> Iterator[tuple[str, bytes]]:
    rgb = _image()
    for mode in ("L", "CMYK"):
        yield f"jpeg_{mode}.jpg", _saved(rgb.convert(mode), "JPEG")
    yield "jpeg_420.jpg", _saved(rgb, "JPEG", subsampling=2)
    yield "jpeg_444.jpg", _saved(rgb, "JPEG", subsampling=0, progressive=True)
    for orientation in range(2, 9):
        yield f"jpeg_turned_{orientation}.jpg", _saved(rgb, "JPEG", exif=_turned(orientation))
    yield "jpeg_several.jpg", _saved(rgb, "MPO", save_all=True, append_images=[_image(1)])


def _webp_gif_avif() -> Iterator[tuple[str, bytes]]:
    rgb, more = _image(), {"save_all": True, "append_images": [_image(1), _image(2)]}
    yield "webp.webp", _saved(rgb, "WEBP")
    yield "webp_lossless.webp", _saved(rgb, "WEBP", lossless=True)
    yield "webp_alpha.webp", _saved(rgb.convert("RGBA"), "WEBP")
    yield "webp_turned.webp", _saved(rgb, "WEBP", exif=_turned(8))
    yield "webp_animated.webp", _saved(rgb, "WEBP", **more)
    yield "gif.gif", _saved(rgb.convert("P"), "GIF")
    yield "gif_transparent.gif", _saved(rgb.convert("P"), "GIF", transparency=3)
    yield "gif_animated.gif", _saved(rgb, "GIF", **more)
    yield "avif.avif", _saved(rgb, "AVIF")
    yield "avif_turned.avif", _saved(rgb, "AVIF", exif=_turned(6))


def _bmp_tiff() -> Iterator[tuple[str, bytes]]:
    rgb = _image()
    for mode in ("RGB", "L", "P", "1", "RGBA"):
        yield f"bmp_{mode}.bmp", _saved(rgb.convert(mode), "BMP")
    for mode in ("RGB", "L", "P", "1", "RGBA", "YCbCr", "CMYK", "F"):
        yield f"tiff_{mode}.tif", _saved(rgb.convert(mode), "TIFF")
    yield "tiff_16_grey.tif", _coded(".tif", picture()[..., 0].astype(np.uint16) * 251)
    yield "tiff_turned.tif", _saved(rgb, "TIFF", tiffinfo={ORIENTATION: 5})
    yield "tiff_pages.tif", _saved(rgb, "TIFF", save_all=True, append_images=[_image(1)])


def _image(seed: int = 0) -> Image.Image:
    return Image.fromarray(picture(seed))


def _saved(image: Image.Image, form: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def _coded(suffix: str, pixels: np.ndarray) -> bytes:
    """By OpenCV, since Pillow writes no colours of 16 bits."""
    return cv2.imencode(suffix, pixels)[1].tobytes()


def _turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif
