"""Random layered scenes with exact flow, visibility and captions, each determined by its seed."""

from dataclasses import dataclass

import cv2
import numpy as np

from ...common.clip_shape import ClipShape
from . import cutouts, layers, textures
from .assets import Assets, load
from .cutouts import Sprite
from .layers import Layer, Motion

AREA_SIZES = ((128, 128), (112, 144), (144, 112), (96, 168), (168, 96), (104, 152), (152, 104))
HELD_OUT_SEED = 1_000_000_000  # seeds from here on are for evaluation; training stays below


@dataclass(frozen=True)
class SceneConfig:
    """The distribution of scenes. Lengths are fractions of sqrt(H*W); shares are probabilities."""

    frames: int = 8
    sizes: tuple[tuple[int, int], ...] = AREA_SIZES  # (height, width) in px, one of them at random
    objects: tuple[int, int] = (1, 4)  # minimum and maximum number
    object_size: tuple[float, float] = (0.2, 0.5)  # longer side
    start: tuple[float, float] = (0.15, 0.85)  # of a path that crosses no other, as fractions of the picture's sides
    travel: tuple[float, float] = (0.1, 0.6)  # from start to end of a moving object's path
    paths: tuple[str, ...] = layers.PATHS
    spin: float = 1.0  # radians over the clip
    growth: tuple[float, float] = (0.65, 1.5)  # scale at the end
    still_share: float = 0.25  # an object after the first does not move
    crossing_share: float = 0.25  # the second object's path crosses the first one's
    leaving_share: float = 0.1  # an object may end outside the picture
    camera_share: float = 0.25  # the camera moves
    pan: float = 0.35  # at most, as a fraction of the picture's sides
    zoom: tuple[float, float] = (0.75, 1.35)
    photo_share: float = 0.5  # of backgrounds that are photographs, if the pack has any
    cutout_share: float = 0.6  # of objects that are the pack's, if it has any
    assets: str | None = None  # folder of a pack; None: procedural only


@dataclass(frozen=True)
class SceneObject:
    kind: str  # "mushroom"
    color: str  # "red"
    motion: str  # "still", "straight", "curved" or "s-shaped", in the world, apart from the camera
    phrase: str  # "a red mushroom"
    way: str | None  # "left", "up and right" and the like; None where it is still


@dataclass(frozen=True)
class Scene:
    """A clip and its ground truth. Coordinates refer to pixel centres: (0, 0) is the centre of the top left pixel.

    Attributes:
        frames: `[T, H, W, 3]` uint8.
        flow: `[T-1, H, W, 2]` float32 px, the displacement to frame t+1 of the surface that a pixel of frame t shows.
        owner: `[T, H, W]` uint8, the object that a pixel shows: 0 for the background and n+1 for object n.
        points: `[N, T, 2]` float64 px, a point well inside each object.
        visible: `[N, T]` bool, whether that point is seen.
        motions: `[N+1, T, 3, 3]` float64, homogeneous transforms from frame 0 to frame t: of the background first, then
            of each object.
        objects: back to front.
        camera: "still", or its move in words.
        backdrop: the background in words.
        caption: names each object, its motion, the background and the camera's move.
    """

    frames: np.ndarray
    flow: np.ndarray
    owner: np.ndarray
    points: np.ndarray
    visible: np.ndarray
    motions: np.ndarray
    objects: tuple[SceneObject, ...]
    camera: str
    backdrop: str
    caption: str

    @property
    def clip(self) -> ClipShape:
        frames, height, width = self.owner.shape
        return ClipShape(width, height, frames)

    @property
    def masks(self) -> np.ndarray:
        """`[N, T, H, W]` bool: the visible part of each object."""
        return self.owner[None] == np.arange(1, len(self.objects) + 1)[:, None, None, None]

    @property
    def occluded(self) -> np.ndarray:
        """`[T-1, H, W]` bool: pixels that are occluded, or outside the picture, in the next frame."""
        return layers.hidden_next(self.owner, self.flow)


@dataclass(frozen=True)
class Drawn:
    """A scene before it is rendered.

    Attributes:
        clip: its size and number of frames.
        stack: the background, and the objects from back to front.
        pivots: `[N, 2]`, for each object the point of its texture that `Scene.points` follows.
        things, motions: what they are, and how they move.
        camera, backdrop: in words.
    """

    clip: ClipShape
    stack: tuple[Layer, ...]
    pivots: np.ndarray
    things: tuple[Sprite, ...]
    motions: tuple[Motion, ...]
    camera: str
    backdrop: str


def make_scene(seed: int, config: SceneConfig = SceneConfig()) -> Scene:
    """The scene of `seed`: the same seed, configuration and pack give the same bytes."""
    return rendered(draw_scene(seed, config))


def draw_scene(seed: int, config: SceneConfig = SceneConfig()) -> Drawn:
    """As `make_scene`, without rendering it."""
    rng = np.random.default_rng(seed)
    assets = load(config.assets)
    height, width = config.sizes[rng.integers(len(config.sizes))]
    clip = ClipShape(width, height, config.frames)
    camera, view = _camera(rng, config, clip)
    backdrop, place = _backdrop(rng, config, assets, view, clip)
    count = int(rng.integers(config.objects[0], config.objects[1] + 1))
    unit = (height * width) ** 0.5
    things: list[Sprite] = []
    motions: list[Motion] = []
    stack = [backdrop]
    pivots = []
    for index in range(count):
        moves = _motion(rng, config, clip, motions, may_rest=index > 0 or camera != "still")
        side = unit * rng.uniform(*config.object_size)
        thing = cutouts.random_sprite(rng, side * moves.scales.max(), assets=assets, cutout_share=config.cutout_share)
        pivots.append(_inner_point(thing.rgba))
        poses = view @ Motion(moves.kind, moves.points, moves.angles, moves.scales / moves.scales.max()).poses(
            pivots[-1]
        )
        stack.append(Layer(thing.rgba, poses))
        things.append(thing)
        motions.append(moves)
    return Drawn(clip, tuple(stack), np.stack(pivots), tuple(things), tuple(motions), camera, place)


def rendered(drawn: Drawn) -> Scene:
    """The clip of a scene."""
    stack = list(drawn.stack)
    frames, owner = layers.composite(stack, drawn.clip)
    tracks = [(layer.poses @ np.append(pivot, 1))[:, :2] for layer, pivot in zip(stack[1:], drawn.pivots, strict=True)]
    objects = tuple(_described(thing, moves) for thing, moves in zip(drawn.things, drawn.motions, strict=True))
    return Scene(
        frames=frames,
        flow=layers.forward_flow(stack, owner),
        owner=owner,
        points=np.stack(tracks),
        visible=np.stack([layers.seen_at(owner, index, track) for index, track in enumerate(tracks, 1)]),
        motions=np.stack([layer.poses @ np.linalg.inv(layer.poses[0]) for layer in stack]),
        objects=objects,
        camera=drawn.camera,
        backdrop=drawn.backdrop,
        caption=_caption(objects, drawn.backdrop, drawn.camera),
    )


def _camera(rng: np.random.Generator, config: SceneConfig, clip: ClipShape) -> tuple[str, np.ndarray]:
    if rng.random() < config.camera_share:
        return layers.camera_motion(rng, clip, pan=config.pan, zoom=config.zoom)
    return "still", np.tile(np.eye(3), (clip.frames, 1, 1))


def _backdrop(
    rng: np.random.Generator, config: SceneConfig, assets: Assets, view: np.ndarray, clip: ClipShape
) -> tuple[Layer, str]:
    """A background just large and fine enough for every frame of the camera's `view` `[T, 3, 3]`, and its phrase."""
    width, height = clip.size
    corners = np.array([[-1, width, -1, width], [-1, -1, height, height], [1, 1, 1, 1]])
    world = np.linalg.inv(view) @ corners  # [T, 3, 4]
    low, high = world[:, :2].min((0, 2)), world[:, :2].max((0, 2))
    fine = max(1.0, float(view[:, 0, 0].max()))  # pixels of the texture per pixel of the picture
    columns, rows = np.ceil((high - low) * fine).astype(int) + 1
    picture, phrase = textures.background(
        rng, (int(columns), int(rows)), photos=assets.photos, photo_share=config.photo_share
    )
    to_world = np.array([[1 / fine, 0, low[0]], [0, 1 / fine, low[1]], [0, 0, 1]])
    return Layer(picture, view @ to_world), phrase


def _motion(
    rng: np.random.Generator, config: SceneConfig, clip: ClipShape, others: list[Motion], *, may_rest: bool
) -> Motion:
    """A random motion; `others` are those of the objects before it."""
    side = np.array(clip.size)
    start = side * rng.uniform(*config.start, 2)
    if may_rest and rng.random() < config.still_share:
        return layers.still_motion(clip.frames, start)
    kind = config.paths[rng.integers(len(config.paths))]
    crossed = others[0].points[clip.frames // 2] if others and rng.random() < config.crossing_share else None
    margin = -0.3 if rng.random() < config.leaving_share else 0.06
    for _ in range(12):  # most draws stay in the picture
        length, angle = rng.uniform(*config.travel) * (clip.height * clip.width) ** 0.5, rng.uniform(0, 2 * np.pi)
        way = np.array([np.cos(angle), np.sin(angle)]) * length
        if crossed is not None:
            start = crossed - way / 2
        both = np.stack([start, start + way]) / side
        if both.min() > margin and both.max() < 1 - margin and both[0].min() > 0 and both[0].max() < 1:
            break
    end = np.clip(start + way, margin * side, (1 - margin) * side)
    start = np.clip(start, 0.05 * side, 0.95 * side)
    return layers.random_motion(rng, clip.frames, kind, start, end, spin=config.spin, growth=config.growth)


def _inner_point(rgba: np.ndarray) -> np.ndarray:
    """A point (x, y) of the texture well inside its opaque part, and near its middle."""
    inside = cv2.distanceTransform((rgba[..., 3] > 200).astype(np.uint8), cv2.DIST_L2, 3)
    rows, columns = inside.shape
    y, x = np.mgrid[:rows, :columns]
    score = inside - 0.3 * np.hypot(x - (columns - 1) / 2, y - (rows - 1) / 2)
    row, column = np.unravel_index(np.where(inside > 0, score, -np.inf).argmax(), score.shape)
    return np.array([column, row], np.float64)


def _described(thing: Sprite, moves: Motion) -> SceneObject:
    way = None if moves.kind == "still" else layers.direction(moves.points[-1] - moves.points[0])
    return SceneObject(thing.kind, thing.color, moves.kind, thing.phrase, way)


def _caption(objects: tuple[SceneObject, ...], place: str, camera: str) -> str:
    parts = [f"{thing.phrase} {'standing still' if thing.way is None else f'moving {thing.way}'}" for thing in objects]
    return f"{listed(parts)} over {place}" + ("" if camera == "still" else f", {camera}")


def listed(parts: list[str]) -> str:
    """Joins names as in a sentence: "a, b and c"."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
