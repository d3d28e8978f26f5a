"""Pictures of motion: tracks over frames, and drag maps as a colour wheel."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torchvision.utils import flow_to_image

from .trajectory import Trajectories

SHIFT = 4  # cv2 takes fixed-point coordinates: 4 bits are sixteenths of a pixel
PATH_OPACITY = 0.55  # of the part of a path that lies ahead
REST = 2.0  # pixels over the clip: what moves less is drawn as a pin


def drags(images: torch.Tensor, trajectories: Trajectories) -> torch.Tensor:
    """Draws drags over a clip in their own colours, as `tracks` does.

    Args:
        images: `[T, H, W, 3]` from 0 to 1, at least two frames.
        trajectories: sampled at the images' size and number.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU.
    """
    frames, height, width = images.shape[:3]
    colors = [track.color for track in trajectories.tracks if track.enabled]
    return tracks(images, *trajectories.sample(frames, width, height), colors)


def tracks(images: torch.Tensor, points: np.ndarray, visible: np.ndarray, colors: list[str]) -> torch.Tensor:
    """Draws every track over every frame: its path with an arrow head, a dot for each frame (close dots are slow ones),
    and where it is now. Tracks that rest are drawn as pins.

    Args:
        images: `[T, H, W, 3]` from 0 to 1, on any device.
        points: `[N, T, 2]` x and y in pixels.
        visible: `[N, T]` bool; where a track is hidden, its marker is hollow.
        colors: N of them, as "#rrggbb".

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU.

    Raises:
        ValueError: if the numbers of frames or tracks differ.
    """
    if not (len(images) == points.shape[1] == visible.shape[1] and len(points) == len(visible) == len(colors)):
        raise ValueError(
            f"{len(images)} images, points {list(points.shape)}, visible {list(visible.shape)} and {len(colors)} "
            "colours do not belong together: expected T images, [N, T, 2], [N, T] and N."
        )
    frames = np.ascontiguousarray((images.detach().cpu().float().numpy() * 255).round().clip(0, 255).astype(np.uint8))
    unit = max(1.0, min(frames.shape[1:3]) / 256)  # pixels; lines grow with the picture
    for track, shown, color in zip(points, visible, colors, strict=True):
        rgb = tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))
        for now, frame in enumerate(frames):
            _track(frame, track, now, bool(shown[now]), rgb, unit)
    return torch.from_numpy(frames).float() / 255


def _track(frame: np.ndarray, track: np.ndarray, now: int, shown: bool, rgb: tuple[int, ...], unit: float) -> None:
    if np.ptp(track, axis=0).max() < REST:
        _pin(frame, track[now], rgb, unit)
        return
    ahead = frame.copy()
    _path(ahead, track, rgb, unit)
    cv2.addWeighted(ahead, PATH_OPACITY, frame, 1 - PATH_OPACITY, 0, dst=frame)
    _path(frame, track[: now + 1], rgb, unit)
    for point in track:
        cv2.circle(frame, _fixed(point), _radius(0.9 * unit), (255, 255, 255), -1, cv2.LINE_AA, SHIFT)
    cv2.circle(frame, _fixed(track[now]), _radius(4.5 * unit), (255, 255, 255), -1, cv2.LINE_AA, SHIFT)
    cv2.circle(frame, _fixed(track[now]), _radius(3.5 * unit), rgb, -1 if shown else 1, cv2.LINE_AA, SHIFT)


def _path(frame: np.ndarray, track: np.ndarray, rgb: tuple[int, ...], unit: float) -> None:
    if np.ptp(track, axis=0).max() < 1:
        return
    line = np.array([_fixed(point) for point in track], dtype=np.int32)
    cv2.polylines(frame, [line], False, rgb, max(1, round(2.2 * unit)), cv2.LINE_AA, SHIFT)
    cv2.fillPoly(frame, [_arrow_head(track, 10 * unit)], rgb, cv2.LINE_AA, SHIFT)


def _arrow_head(track: np.ndarray, size: float) -> np.ndarray:
    """A triangle at the end of a track, `[3, 2]` fixed point, in the direction of its last pixels."""
    tip = track[-1]
    far = np.linalg.norm(track - tip, axis=1) > size / 2
    tail = track[np.flatnonzero(far)[-1]] if far.any() else track[0]
    along = (tip - tail) / max(np.linalg.norm(tip - tail), 1e-6)
    across = np.array([-along[1], along[0]])
    back = tip - along * size / 2
    corners = (tip + along * size / 2, back + across * size / 2, back - across * size / 2)
    return np.array([_fixed(corner) for corner in corners], dtype=np.int32)


def _pin(frame: np.ndarray, point: np.ndarray, rgb: tuple[int, ...], unit: float) -> None:
    for radius, color in ((5.5, (255, 255, 255)), (4.5, rgb), (1.5, (255, 255, 255))):
        cv2.circle(frame, _fixed(point), _radius(radius * unit), color, -1, cv2.LINE_AA, SHIFT)


def _fixed(point: np.ndarray) -> tuple[int, int]:
    return round(float(point[0]) * 2**SHIFT), round(float(point[1]) * 2**SHIFT)


def _radius(pixels: float) -> int:
    return round(pixels * 2**SHIFT)


def flow_wheel(flow: torch.Tensor) -> torch.Tensor:
    """Drag maps as colours: the hue is the direction, the saturation the speed, white is rest (Middlebury's wheel).

    Args:
        flow: `[T, 2, H, W]` pixels per frame.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU; one scale for the whole clip.
    """
    return flow_to_image(flow.detach().cpu().float()).movedim(1, -1).float() / 255


def over_flow(images: torch.Tensor, flow: torch.Tensor) -> torch.Tensor:
    """Lays the colours of drag maps over pictures, the stronger the motion the more opaque.

    Args:
        images: `[T, H, W, 3]` from 0 to 1.
        flow: `[T, 2, H, W]` pixels per frame.

    Returns:
        `[T, H, W, 3]` from 0 to 1, on the CPU.

    Raises:
        ValueError: if frames or sizes differ.
    """
    frames, _, height, width = flow.shape
    if images.shape[:3] != (frames, height, width):
        raise ValueError(
            f"The drag maps are {frames} frames of {width}x{height}, the images {images.shape[0]} of "
            f"{images.shape[2]}x{images.shape[1]}. Encode the trajectories at the picture's size and number of frames."
        )
    speed = flow.detach().cpu().float().norm(dim=1).unsqueeze(-1)  # [T, H, W, 1]
    opacity = 0.7 * speed / speed.max().clamp(min=1e-6)
    return torch.lerp(images.detach().cpu().float(), flow_wheel(flow), opacity)
