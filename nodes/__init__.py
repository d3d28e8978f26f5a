"""The nodes, one file each: a schema and one call into the library, which does all computation."""

import pkgutil
from importlib import import_module
from pathlib import Path

from comfy_api.latest import ComfyExtension, io

from ..dragnuwa.host import pack_folder, routes


def find_nodes() -> list[type[io.ComfyNode]]:
    """The node classes defined in this folder, in the order of the modules' names.

    Raises:
        Exception: whatever importing a module raises; no node is left out silently.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [import_module(f"{__name__}.{name}") for name in names]
    return [value for module in modules for value in vars(module).values() if _is_node_of(module.__name__, value)]


def _is_node_of(module: str, value: object) -> bool:
    return isinstance(value, type) and issubclass(value, io.ComfyNode) and value.__module__ == module


NODES = find_nodes()


class DragNUWAExtension(ComfyExtension):
    """The pack's entry point for ComfyUI."""

    async def on_load(self) -> None:
        pack_folder.check(Path(__file__).parents[1])
        routes.register()

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return NODES


__all__ = ["NODES", "DragNUWAExtension"]
