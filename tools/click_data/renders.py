"""Photograph-like RGBA cut-outs, rendered from the 3D models of the game 0 A.D.

    .venv/bin/python tools/click_data/renders.py ZIP OUT --count 3000 --seed 0

ZIP is the game's `public.zip` (Debian package 0ad-data: usr/share/games/0ad/mods/public/public.zip). OUT receives
fauna_0001.webp and so on, each cropped to its object, and models.json, which says for every file which actor it
shows and how. A run that was broken off goes on with the files that are missing.

The art is Copyright Wildfire Games, https://www.wildfiregames.com/, under CC-BY-SA 3.0,
https://creativecommons.org/licenses/by-sa/3.0/: so are the renders. Name both wherever they are handed on.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cv2
import numpy as np
from PIL import Image

from tools.click_data.game_models import Models, Part, parts_of, unit

SIZE = 288  # the longer side of a render
TWICE = 2 * SIZE  # ... while it is drawn
CHUNK = 1 << 21  # fragments drawn at a time

# Of every 3,100 renders, so many show ...
SHARES = {"fauna": 1100, "people": 700, "vehicle": 400, "structure": 400, "flora": 250, "prop": 250}
# What the actor at a path shows: the first line that fits it counts. "": nothing that stands alone.
KINDS = {
    r"^fauna/.*(circle|flaming|shoal|whale_fin|fish\.|fish_generic)|shields/maur_tall_curved": "",
    r"^fauna/": "fauna",
    r"^units/.*(_(r|d|r\d|h\d?|h_\d+|r_parasol|pivot\w*)|_fire|/wolfhound_collar)\.": "",
    r"^(structures|special)/.*(reme\.|merchant|fish(?!erm)|(?<!work)ship|boat\.|skiff|pentekonter)": "vehicle",
    r"^units/.*chariot": "vehicle",
    r"^(units|structures)/.*/siege_(?!wall)|^props/(wooden_cart|special/.*(cart|wagon|chariot))": "vehicle",
    r"^units/": "people",
    r"^structures/(.*/)?((fndn|destruct|plot|rice)|.*(_decor\.|_struct|decal|field|door|water))": "",
    r"^structures/|^special/(old|greek|pers|pyramid)": "structure",
    r"^(props/)?flora/.*(top|leaves|branches|needles|forest|biome|patch|test|grass|cliff|lill)": "",
    r"^(props/)?flora/": "flora",
    r"^props/special/eyecandy/.*(decal|ground|road|water|ship|path|forest|runway|bridge)": "",
    r"^props/special/(eyecandy|palisade_.*(spike|tower|outpost)|common/waypoint)": "prop",
    r"^props/units/(shields|helmets)/[^/]*$|^fungi/|^geology/.*(boulder|highland|gray|small|med)": "prop",
    r"^props/structures/.*(cloth|roof)": "",
    r"^props/structures/.*(statue|vase|amphora|barrel|basket|stall_|armorstand|forge|well|table|lion|horse)": "prop",
}
STANDING = "structures|special|flora|props/flora|props/special|geology|fungi"  # may go on below the ground
STATES = {"idle": 8, "walk": 7, "run": 4, "attack_melee": 3, "attack_ranged": 3, "feeding": 1}


class Scene:
    """Parts, as one list of triangles; `grounded`: without what lies below the ground."""

    def __init__(self, parts: list[Part], grounded: bool) -> None:
        self.parts = parts
        counts = [len(part.positions) for part in parts]
        starts = np.cumsum([0, *counts[:-1]])
        self.positions = np.concatenate([part.positions for part in parts])
        self.normals = np.concatenate([part.normals for part in parts])
        self.uvs = np.concatenate([part.uvs[:, [0, -1]] for part in parts])  # for the colours, for the baked shade
        self.faces = np.concatenate([part.faces + start for part, start in zip(parts, starts, strict=True)])
        self.part = np.repeat(np.arange(len(parts)), [len(part.faces) for part in parts])
        self.floor = 0 if grounded else -np.inf
        above = self.positions[self.faces, 1].max(1) > self.floor
        self.faces, self.part = self.faces[above], self.part[above]
        self.leaf = np.array([part.alpha == "opacity" for part in parts])[self.part]
        self.cut = self.leaf | (self.positions[self.faces, 1].min(1) < self.floor)
        self.shown = np.maximum(self.positions[np.unique(self.faces)], [-np.inf, self.floor, -np.inf])


class View:
    """A scene on a screen: x and y of its vertices, and how near they are.

    In perspective `near` is one over the distance, else less the distance: what runs evenly over the screen.
    """

    def __init__(self, scene: Scene, flat: np.ndarray, near: np.ndarray, perspective: bool) -> None:
        self.scene, self.near = scene, near
        self.weight = near if perspective else np.ones(len(near))
        self.corners = flat[scene.faces]
        square = np.concatenate([self.corners, np.ones((len(scene.faces), 3, 1))], -1)
        square[np.abs(np.linalg.det(square)) < 1e-9] = np.eye(3)
        self.slopes = np.linalg.inv(square).transpose(0, 2, 1)  # how much of each corner there is at (x, y, 1)
        texels, pixels = (
            np.bincount(scene.part, area(triangles), len(scene.parts))
            for triangles in (scene.uvs[scene.faces, 0], self.corners)
        )
        self.density = texels / np.maximum(pixels, 1e-9)  # of every part's texture

    def shares(self, face: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """How much of each of the face's corners there is at a pixel."""
        slopes = self.slopes[face]
        share = slopes[:, :, 0] * (x + 0.5)[:, None] + slopes[:, :, 1] * (y + 0.5)[:, None] + slopes[:, :, 2]
        share = np.clip(share, 0, 1) * self.weight[self.scene.faces[face]]
        return share / share.sum(1, keepdims=True)

    def blend(self, values: np.ndarray, face: np.ndarray, share: np.ndarray) -> np.ndarray:
        """The vertices' values in between them."""
        return np.einsum("pk,pk...->p...", share, values[self.scene.faces[face]])

    def draw(self) -> tuple[np.ndarray, np.ndarray]:
        """Of every pixel: the number of the foremost face, -1 for none, and how near it is."""
        scene, least = self.scene, self.near.min()
        span = np.ptp(self.near) or 1
        planes = np.einsum("fk,fkj->fj", (self.near[scene.faces] - least) / span, self.slopes)
        best = np.full(TWICE * TWICE, -1, np.int64)
        for face, x, y in spans(self.corners):
            doubtful = np.flatnonzero(scene.cut[face])
            if len(doubtful):
                there = face[doubtful]
                share = self.shares(there, x[doubtful], y[doubtful])
                opaque = self.look_up("baseTex", there, self.blend(scene.uvs[:, 0], there, share))[:, 3] > 0.4
                solid = np.ones(len(face), bool)
                solid[doubtful] = opaque | ~scene.leaf[there]
                solid[doubtful] &= self.blend(scene.positions[:, 1], there, share) > scene.floor
                face, x, y = face[solid], x[solid], y[solid]
            depth = (planes[face] * np.stack([x + 0.5, y + 0.5, np.ones(len(x))], 1)).sum(1)
            np.maximum.at(best, y * TWICE + x, (np.clip(depth, 0, 1) * (1 << 30)).astype(np.int64) << 32 | face)
        return np.where(best < 0, -1, best & 0xFFFFFFFF), (best >> 32) / (1 << 30) * span + least

    def look_up(self, name: str, face: np.ndarray, uv: np.ndarray) -> np.ndarray:
        """The texture's values (0..1, RGBA) at uv; parts without one: NaN."""
        out = np.full((len(face), 4), np.nan, np.float32)
        part = self.scene.part[face]
        for number in np.unique(part):
            levels = self.scene.parts[number].textures.get(name)
            if not levels:
                continue
            at = np.flatnonzero(part == number)
            coarse = 0.5 * np.log2(max(self.density[number] * levels[0].shape[0] * levels[0].shape[1], 1))
            texture = levels[min(int(coarse), len(levels) - 1)]
            height, width = texture.shape[:2]
            room = -len(at) % 1024  # remap takes a picture of places
            places = np.pad(uv[at] * [1, -1] % 1 * [width, height] - 0.5, ((0, room), (0, 0))).astype(np.float32)
            places = places.reshape(-1, 1024, 2)
            values = cv2.remap(texture, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
            out[at] = values.reshape(-1, 4)[: len(at)] / np.float32(255)
        return out


def spans(corners: np.ndarray):
    """The pixels in triangles (faces x 3 x 2), some millions at a time: the faces' numbers, x and y."""
    face, row = runs(corners[:, :, 1].min(1), corners[:, :, 1].max(1))
    left, right = np.full(len(face), np.inf), np.full(len(face), -np.inf)
    for a, b in ((0, 1), (1, 2), (2, 0)):  # a row runs from the leftmost to the rightmost edge it crosses
        (ax, ay), (bx, by) = corners[face, a].T, corners[face, b].T
        y = row + 0.5
        crosses = (np.minimum(ay, by) <= y) & (y < np.maximum(ay, by))
        x = ax + (y - ay) * (bx - ax) / np.where(ay == by, 1, by - ay)
        left, right = np.where(crosses, np.minimum(left, x), left), np.where(crosses, np.maximum(right, x), right)
    some = left <= right
    face, row, left, right = face[some], row[some], left[some], right[some]
    chunk = np.cumsum(right - left + 1) // CHUNK
    for number in np.unique(chunk):
        at = slice(*np.searchsorted(chunk, [number, number + 1]))
        index, x = runs(left[at], right[at])
        yield face[at][index], x, row[at][index]


def runs(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of every range of pixels, those whose middles lie in low..high: the range's index and the pixels' numbers."""
    low, high = (np.clip(np.ceil(edge - 0.5), 0, TWICE).astype(np.int64) for edge in (low, high))
    lengths = np.maximum(high - low, 0)
    index = np.repeat(np.arange(len(low)), lengths)
    start = np.cumsum(lengths) - lengths
    return index, np.arange(len(index)) - (start - low)[index]


def area(triangles: np.ndarray) -> np.ndarray:
    (ax, ay), (bx, by) = (triangles[:, corner].T - triangles[:, 0].T for corner in (1, 2))
    return np.abs(ax * by - ay * bx) / 2


def fit(inner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift that put these x and y on the screen, y downwards, with two pixels to spare."""
    low, high = inner.min(0), inner.max(0)
    scale = (TWICE - 4) / max(float((high - low).max()), 1e-9) * np.array([1, -1])
    return scale, TWICE / 2 - (low + high) / 2 * scale


def frame(forward: np.ndarray) -> np.ndarray:
    """Rows: right, up and forward (the game's axes are left-handed, y upwards)."""
    right = unit(np.cross([0, 1, 0], forward))
    return np.stack([right, np.cross(forward, right), forward])


def direction(azimuth: float, elevation: float) -> np.ndarray:
    a, e = np.radians([azimuth, elevation])
    return np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])


def render(scene: Scene, kind: str, rng: np.random.Generator) -> np.ndarray:
    """The scene from somewhere, in some light: RGBA (0..1), SIZE pixels square."""
    azimuth = rng.uniform(0, 360)
    if abs(azimuth - 180) > 130 and rng.random() < 0.6:  # seldom from behind; the models look along -z
        azimuth += 180
    eye = direction(azimuth, rng.triangular(*((-5, 6, 35) if kind in ("fauna", "people", "flora") else (0, 12, 38))))
    centre = (scene.shown.min(0) + scene.shown.max(0)) / 2
    away = np.linalg.norm(scene.positions - centre, axis=1).max() * rng.uniform(2, 6)
    roll = np.radians(rng.normal(0, 2))
    turn = np.array([[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    axes = turn @ frame(-eye)
    inner, seen = ((places - centre) @ axes.T + [0, 0, away] for places in (scene.shown, scene.positions))
    scale, shift = fit(inner[:, :2] / inner[:, 2:])
    view = View(scene, seen[:, :2] / seen[:, 2:] * scale + shift, 1 / seen[:, 2], perspective=True)
    face, near = view.draw()
    pixels = np.flatnonzero(face >= 0)
    if not len(pixels):
        return np.zeros((SIZE, SIZE, 4))

    mask = (face >= 0).astype(np.float32).reshape(TWICE, TWICE)
    sky = open_sky(near.reshape(TWICE, TWICE), mask)[pixels]
    face = face[pixels]
    share = view.shares(face, pixels % TWICE, pixels // TWICE)
    place, uv = view.blend(scene.positions, face, share), view.blend(scene.uvs, face, share)
    normal = facing(scene, face, unit(view.blend(scene.normals, face, share)), unit(centre + eye * away - place))
    normal = bumped(scene, face, normal, view.look_up("normTex", face, uv[:, 0]))
    albedo = view.look_up("baseTex", face, uv[:, 0])
    tint = np.array([part.tint if part.alpha == "tint" else [1, 1, 1] for part in scene.parts])[scene.part[face]]
    albedo = (albedo[:, :3] * (tint + (1 - tint) * albedo[:, 3:])) ** 2.2
    shine = np.nan_to_num(view.look_up("specTex", face, uv[:, 0])[:, :3]) ** 2.2
    sky = sky * np.nan_to_num(view.look_up("aoTex", face, uv[:, 1])[:, 0], nan=1)

    sun = direction(azimuth + rng.normal(0, 70), rng.uniform(20, 75))
    lit = np.clip(normal @ sun, 0, 1) * sunlit(scene, place, normal, sun)
    warmth = np.array([1, 0, -1]) * rng.uniform(-0.06, 0.06)
    above = np.array([0.80, 0.92, 1.12]) * rng.uniform(0.25, 0.6)
    below = np.array([1.0, 0.92, 0.8]) * rng.uniform(0.12, 0.35)
    sunlight = np.array([1.06, 1.0, 0.9]) * rng.uniform(0.5, 1.2)
    up = 0.5 + 0.5 * normal[:, 1:2]
    glint = np.clip((normal * unit(sun + eye)).sum(1), 0, 1) ** 30 * lit
    light = (above * up + below * (1 - up)) * sky[:, None] + sunlight * lit[:, None]
    colour = (albedo * light + 0.6 * shine * glint[:, None]) * (1 + warmth)
    colour *= np.clip(rng.uniform(0.35, 0.75) / max(np.percentile(colour.mean(1), 90), 1e-3), 0.6, 2.2)
    colour = np.where(colour < 0.7, colour, 1 - 0.3 * np.exp(-(colour - 0.7) / 0.3))  # highlights bend, not clip

    image = np.zeros((TWICE * TWICE, 4), np.float32)
    image[pixels] = np.concatenate([colour, np.ones((len(pixels), 1))], 1)
    image = cv2.GaussianBlur(image.reshape(TWICE, TWICE, 4), (0, 0), 0.7)
    image = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    image[..., :3] = np.clip(image[..., :3] / np.maximum(image[..., 3:], 1e-4), 0, 1) ** (1 / 2.2)
    return np.clip(image, 0, 1)


def facing(scene: Scene, face: np.ndarray, normal: np.ndarray, to_eye: np.ndarray) -> np.ndarray:
    """The normals, turned round where a face is seen from its back; leaves take light from both sides as they are."""
    a, b, c = (scene.positions[scene.faces[:, corner]] for corner in range(3))
    plane = np.cross(b - a, c - a)
    plane *= np.sign((plane * scene.normals[scene.faces].sum(1)).sum(1, keepdims=True))
    behind = ((plane[face] * to_eye).sum(1) < 0) & ~scene.leaf[face]
    return np.where(behind[:, None], -normal, normal)


def bumped(scene: Scene, face: np.ndarray, normal: np.ndarray, bumps: np.ndarray) -> np.ndarray:
    """The normals, with the texture's bumps where there is one."""
    first, others = scene.faces[:, :1], scene.faces[:, 1:]
    (u1, u2), (v1, v2) = (scene.uvs[others, 0] - scene.uvs[first, 0]).transpose(2, 1, 0)[..., None]
    b, c = (scene.positions[others] - scene.positions[first]).transpose(1, 0, 2)
    turn = np.sign(u1 * v2 - u2 * v1)
    along, across = unit((b * v2 - c * v1) * turn), unit((c * u1 - b * u2) * turn)
    x, y, z = (bumps[:, :3].T * 2 - 1)[:, :, None]
    return np.where(np.isnan(x), normal, unit(along[face] * x + across[face] * y + normal * np.maximum(z, 0.1)))


def sunlit(scene: Scene, place: np.ndarray, normal: np.ndarray, sun: np.ndarray) -> np.ndarray:
    """How much of the sun reaches every place: 0 in the shade of the scene itself, 1 in the open."""
    seen = scene.positions @ frame(-sun).T
    scale, shift = fit(seen[:, :2])
    face, nearest = View(scene, seen[:, :2] * scale + shift, -seen[:, 2], perspective=False).draw()
    first = np.where(face < 0, np.inf, -nearest)
    moved = (place + normal * 2 / scale[0]) @ frame(-sun).T  # a little off the surface, against shading itself
    total = np.zeros(len(place))
    for offset in ((-1, -0.5), (0.5, -1), (1, 0.5), (-0.5, 1)):
        x, y = np.clip(moved[:, :2] * scale + shift + offset, 0, TWICE - 1).astype(np.int64).T
        total += moved[:, 2] < first[y * TWICE + x] + 2.5 / scale[0]
    return total / 4


def open_sky(near: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """How much light comes from the sky: 0.4..1, flat; less at places that lie deeper than what is around them."""
    least = near[mask > 0].min()
    height = ((near - least) / (near[mask > 0].max() - least or 1) * mask).astype(np.float32)
    shade = np.zeros_like(height)
    for sigma in (4, 16):
        around = cv2.GaussianBlur(height, (0, 0), sigma) / np.maximum(cv2.GaussianBlur(mask, (0, 0), sigma), 1e-3)
        shade += np.clip(around - height, 0, 0.15) * 2.0
    return (1 - np.clip(shade, 0, 0.6)).ravel()


def cropped(image: np.ndarray) -> np.ndarray | None:
    """The object with two pixels around it (RGBA, 0..255); None when it is in pieces, too thin or too small."""
    count, label, stats, _ = cv2.connectedComponentsWithStats((image[..., 3] > 0.5).astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    if count < 2 or areas.max() < 0.85 * areas.sum():
        return None
    kept = np.isin(label, 1 + np.flatnonzero(areas > 0.003 * areas.sum())).astype(np.uint8)  # without specks
    image[..., 3] *= cv2.dilate(kept, np.ones((5, 5), np.uint8))
    rows, columns = (np.flatnonzero((image[..., 3] > 0.02).any(axis)) for axis in (1, 0))
    box = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if box[..., 3].mean() < 0.12 or min(box.shape[:2]) < 24 or max(box.shape[:2]) < SIZE // 2:
        return None
    return np.pad((box * 255 + 0.5).astype(np.uint8), ((2, 2), (2, 2), (0, 0)))


def family(actor: str, kind: str) -> str:
    """What is drawn alike often: a species, a people, a sort of building."""
    name = Path(actor).stem
    if kind in ("people", "structure"):
        return str(Path(actor).parent) + ("/horse" if name.endswith("_m") else "")
    if kind == "fauna":
        return re.split(r"[_\d]", name)[0]
    return str(Path(actor).parent) if actor.startswith(("props/units", "props/structures")) else actor


def draw_one(models: Models, kind: str, families: list[list[str]], rng: np.random.Generator):
    """A cut-out of this kind and what is known of it."""
    while True:
        odds = np.sqrt([len(family) for family in families])
        actors = families[rng.choice(len(families), p=odds / odds.sum())]
        actor = actors[rng.integers(len(actors))]
        state = rng.choice(list(STATES), p=np.array(list(STATES.values())) / sum(STATES.values()))
        hue, light, strength = rng.uniform(0, 360), rng.uniform(0.35, 0.95), rng.uniform(0, 0.65)
        colour = cv2.cvtColor(np.float32([[[hue, strength, light]]]), cv2.COLOR_HSV2RGB)[0, 0]
        pose = {"state": str(state), "phase": rng.random(), "colour": colour.astype(np.float64)}
        parts = parts_of(models, actor, pose, rng)
        if not parts or np.ptp(np.concatenate([part.positions for part in parts]), axis=0).min() < 1e-3:
            continue
        grounded = kind != "vehicle" and bool(re.match(STANDING, actor))
        picture = cropped(render(Scene(parts, grounded), kind, rng))
        if picture is not None:
            return picture, {"kind": kind, "actor": actor, "animation": pose.get("animation")}


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    reader.add_argument("archive", type=Path, metavar="ZIP")
    reader.add_argument("out", type=Path, metavar="OUT")
    reader.add_argument("--count", type=int, default=3000)
    reader.add_argument("--seed", type=int, default=0)
    options = reader.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)

    models = Models(options.archive)
    kinds: dict[str, dict[str, list[str]]] = {kind: {} for kind in SHARES}
    for actor in models.actors():
        kind = next((kind for pattern, kind in KINDS.items() if re.search(pattern, actor)), "")
        if kind:
            kinds[kind].setdefault(family(actor, kind), []).append(actor)
    wanted = []  # (how far through its kind, kind, number): all kinds advance together
    for kind, share in SHARES.items():
        count = round(options.count * share / sum(SHARES.values()))
        wanted += [((number + 0.5) / count, kind, number + 1) for number in range(count)]

    table = options.out / "models.json"
    known = json.loads(table.read_text()) if table.exists() else {}
    start, made = time.time(), 0
    for _, kind, number in sorted(wanted):
        name = f"{kind}_{number:04}.webp"
        if name in known and (options.out / name).exists():
            continue
        rng = np.random.default_rng([options.seed, list(SHARES).index(kind), number])
        picture, known[name] = draw_one(models, kind, list(kinds[kind].values()), rng)
        Image.fromarray(picture).save(options.out / name, quality=85, method=4)
        made += 1
        if made % 50 == 0:
            print(f"{made} renders, {(time.time() - start) / made:.2f} s each", flush=True)
            table.write_text(json.dumps(known, indent=1))
    table.write_text(json.dumps(known, indent=1))


if __name__ == "__main__":
    main()
