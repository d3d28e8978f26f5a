"""The 3D models of the game 0 A.D.: meshes, animations, textures, and the actors that put them together."""

from __future__ import annotations

import io
import re
import struct
import xml.etree.ElementTree as ElementTree
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL.DdsImagePlugin import DdsImageFile

LONGEST_TEXTURE = 1024


class Mesh(NamedTuple):
    positions: np.ndarray
    normals: np.ndarray
    uvs: np.ndarray  # vertices x sets x 2
    weights: np.ndarray
    bones: np.ndarray  # 4 per vertex; 255: none
    faces: np.ndarray
    rest: np.ndarray  # bones x 4 x 4
    points: dict[str, tuple[np.ndarray, int]]  # where props are fastened: matrix and bone


def matrices(states: np.ndarray) -> np.ndarray:
    """... x 4 x 4 from ... x 7: a translation and a quaternion (x y z w)."""
    x, y, z, w = np.moveaxis(states[..., 3:] / np.linalg.norm(states[..., 3:], axis=-1, keepdims=True), -1, 0)
    out = np.zeros((*states.shape[:-1], 4, 4))
    out[..., 0, :3] = np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], -1)
    out[..., 1, :3] = np.stack([2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], -1)
    out[..., 2, :3] = np.stack([2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)], -1)
    out[..., :3, 3] = states[..., :3]
    out[..., 3, 3] = 1
    return out


class Models:
    """The game's archive: actors, meshes, animations and textures by their names."""

    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)
        self.names = set(self.archive.namelist())
        self.mesh = lru_cache(200)(self.read_mesh)
        self.texture = lru_cache(120)(self.read_texture)
        self.frames = lru_cache(200)(self.read_frames)
        self.xml = lru_cache(4000)(self.read_xml)

    def actors(self) -> list[str]:
        found = (re.fullmatch(r"art/actors/(.*\.xml)", name) for name in sorted(self.names))
        return [match[1] for match in found if match]

    def read_xml(self, path: str) -> ElementTree.Element | None:
        if path not in self.names:
            return None
        root = ElementTree.fromstring(self.archive.read(path).decode("utf-8-sig").strip())
        inline = root.find("inline")
        return root if inline is None else inline

    def read_mesh(self, name: str) -> Mesh | None:
        path = f"art/meshes/{name}.cached.pmd"
        if path not in self.names:
            return None
        data = self.archive.read(path)
        count, sets = struct.unpack_from("<II", data, 12)
        vertex = np.dtype(
            [("xyz", "<f4", 3), ("normal", "<f4", 3), ("uv", "<f4", (sets, 2)), ("bone", "u1", 4), ("weight", "<f4", 4)]
        )
        vertices = np.frombuffer(data, vertex, count, at := 20)
        at += vertex.itemsize * count
        (count,) = struct.unpack_from("<I", data, at)
        faces = np.frombuffer(data, "<u2", 3 * count, at + 4).reshape(-1, 3).astype(np.int64)
        at += 4 + 6 * count
        (count,) = struct.unpack_from("<I", data, at)
        rest = matrices(np.frombuffer(data, "<f4", 7 * count, at + 4).reshape(-1, 7))
        at += 4 + 28 * count
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
        points = {"root": (np.eye(4), 255)}
        for _ in range(count):
            (length,) = struct.unpack_from("<I", data, at)
            label = data[at + 4 : at + 4 + length].decode()
            at += 4 + length
            points[label] = (matrices(np.frombuffer(data, "<f4", 7, at)), data[at + 28])
            at += 29
        fields = (vertices[field].astype(np.float64) for field in ("xyz", "normal", "uv", "weight"))
        return Mesh(*fields, vertices["bone"].astype(np.int64), faces, rest, points)

    def read_frames(self, name: str) -> np.ndarray | None:
        """An animation: frames x bones x 4 x 4."""
        path = f"art/animation/{name}.cached.psa"
        if path not in self.names:
            return None
        data = self.archive.read(path)
        (length,) = struct.unpack_from("<I", data, 12)
        bones, frames = struct.unpack_from("<II", data, 20 + length)
        return matrices(np.frombuffer(data, "<f4", frames * bones * 7, 28 + length).reshape(frames, bones, 7))

    def read_texture(self, name: str) -> list[np.ndarray] | None:
        """A texture (RGBA) and its halvings."""
        path = f"art/textures/skins/{name}.cached.dds"
        if path not in self.names:
            return None
        levels = [np.asarray(DdsImageFile(io.BytesIO(self.archive.read(path))).convert("RGBA"))]
        while max(levels[-1].shape) > 4:
            height, width = levels[-1].shape[:2]
            half = (max(width // 2, 1), max(height // 2, 1))
            levels.append(cv2.resize(levels[-1], half, interpolation=cv2.INTER_AREA))
        return [level for level in levels if max(level.shape) <= LONGEST_TEXTURE]

    def material(self, name: str) -> str:
        """What a texture's alpha channel means: "opacity", "tint" or "" (nothing); "skip": water and the like."""
        root = self.xml(f"art/materials/{name}")
        if root is None:
            return ""
        effect, defined = root.find("shader"), {define.get("name") for define in root.iter("define")}
        if effect is not None and re.search("water|particle|aura", effect.get("effect", "") + name):
            return "skip"
        if "USE_TRANSPARENT" in defined:
            return "opacity"
        return "tint" if defined & {"USE_PLAYERCOLOR", "USE_OBJECTCOLOR"} else ""

    def look(self, actor: str, state: str, rng: np.random.Generator) -> dict:
        """One of the actor's looks: the variant named after the state, else one at random, of every group."""
        look = {"mesh": None, "textures": {}, "props": {}, "animations": {}, "colour": None, "material": "default.xml"}
        root = self.xml(f"art/actors/{actor}")
        if root is None:
            return look
        look["material"] = (root.findtext("material") or "default.xml").strip()
        for group in root.findall("group"):
            variants = group.findall("variant")
            named = [variant for variant in variants if variant.get("name", "").lower() == state]
            odds = np.array([self.frequency(variant) for variant in variants])
            if not variants:
                continue
            odds = odds / odds.sum() if odds.sum() else np.full(len(odds), 1 / len(odds))
            self.put_on(look, named[0] if named else variants[rng.choice(len(variants), p=odds)])
        return look

    def frequency(self, variant: ElementTree.Element) -> float:
        base = self.xml(f"art/variants/{variant.get('file')}")
        return float(variant.get("frequency", 0 if base is None else self.frequency(base)))

    def put_on(self, look: dict, variant: ElementTree.Element) -> None:
        base = self.xml(f"art/variants/{variant.get('file')}")
        if base is not None:
            self.put_on(look, base)
        look["mesh"] = (variant.findtext("mesh") or look["mesh"] or "").strip() or None
        look["colour"] = variant.findtext("color") or look["colour"]
        look["textures"].update({texture.get("name"): texture.get("file") for texture in variant.iter("texture")})
        props, animations = {}, {}
        for prop in variant.iter("prop"):
            props.setdefault(prop.get("attachpoint"), []).append(prop.get("actor"))
        for move in variant.iter("animation"):
            animations.setdefault(move.get("name").lower(), []).append((move.get("id"), move.get("file")))
        look["props"].update(props)
        look["animations"].update(animations)


class Part(NamedTuple):
    """A mesh in its place."""

    positions: np.ndarray
    normals: np.ndarray
    uvs: np.ndarray
    faces: np.ndarray
    textures: dict[str, list[np.ndarray]]
    alpha: str
    tint: np.ndarray


def parts_of(models: Models, actor: str, pose: dict, rng: np.random.Generator, place=None, depth=0) -> list[Part]:
    """The actor's meshes, with those of its props, in one moment of an animation.

    `pose` says which: the state, the phase (0..1), the player's colour, and the animation's id once one is chosen.
    """
    look = models.look(actor, pose["state"], rng)
    mesh = models.mesh(look["mesh"]) if look["mesh"] else None
    if mesh is None:
        return []
    bones = mesh.rest
    moves = look["animations"].get(pose["state"]) or look["animations"].get("idle") or []
    if moves:
        same = [move for move in moves if move[0] and move[0] == pose.get("id")]
        chosen = same[0] if same else moves[rng.integers(len(moves))]
        pose.setdefault("id", chosen[0])
        pose.setdefault("animation", chosen[1])
        frames = models.frames(chosen[1])
        if frames is not None and frames.shape[1] == len(bones):
            bones = frames[int(pose["phase"] * len(frames))]
    place = np.eye(4) if place is None else place
    positions, normals = skin(mesh, bones, place)

    parts = []
    textures = {name: models.texture(file) for name, file in look["textures"].items()}
    alpha = models.material(look["material"])
    if textures.get("baseTex") and alpha != "skip":
        tint = pose["colour"]
        if "object" in look["material"] and look["colour"]:
            tint = np.array([int(value) for value in look["colour"].split()]) / 255
        textures = {name: texture for name, texture in textures.items() if texture}
        parts.append(Part(positions, normals, mesh.uvs, mesh.faces, textures, alpha, tint))
    for point, props in look["props"].items():
        for prop in props if depth < 5 and point in mesh.points and point != "projectile" else []:
            matrix, bone = mesh.points[point]
            joint = bones[bone] if bone < len(bones) else np.eye(4)
            if prop and not prop.startswith("particle/"):
                parts += parts_of(models, prop, pose, rng, place @ joint @ matrix, depth + 1)
    return parts


def skin(mesh: Mesh, bones: np.ndarray, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the bones carry the mesh's vertices, and their normals."""
    whole = np.broadcast_to(place, (len(mesh.positions), 4, 4))
    if len(bones):
        moved = np.concatenate([place @ bones @ np.linalg.inv(mesh.rest), place[None]])  # the last: no bone
        weights = np.where(mesh.bones == 255, 0, mesh.weights)
        weights[:, 0] += weights.sum(1) == 0
        weights /= weights.sum(1, keepdims=True)
        whole = np.einsum("vk,vkij->vij", weights, moved[np.minimum(mesh.bones, len(bones))])
    positions = np.einsum("vij,vj->vi", whole[:, :3, :3], mesh.positions) + whole[:, :3, 3]
    return positions, unit(np.einsum("vij,vj->vi", whole[:, :3, :3], mesh.normals))


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
