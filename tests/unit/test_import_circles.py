"""No module imports itself through others, not even inside a function: what two need lies below both."""

import ast
from collections.abc import Iterator
from pathlib import Path

from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).parents[2]
PACKAGES = ("capacity", "workloads")


def _modules() -> dict[str, Path]:
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _imports(node: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Yield each module that is imported, and the names that are taken from it; not what only types need."""
    if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
        for other in node.orelse:
            yield from _imports(other)
        return
    if isinstance(node, ast.Import):
        yield from ((alias.name, []) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are written in full"
        yield node.module or "", [alias.name for alias in node.names]
    for child in ast.iter_child_nodes(node):
        yield from _imports(child)


def circles(modules: dict[str, Path]) -> list[list[str]]:
    """Return the groups of modules that lead back to themselves."""
    index = {name: place for place, name in enumerate(modules)}
    edges = set()
    for name, path in modules.items():
        for target, taken in _imports(ast.parse(path.read_text(encoding="utf-8"))):
            below = [f"{target}.{one}" for one in taken]
            for found in [one for one in below if one in index] or [target]:
                if found in index and found != name:
                    edges.add((index[name], index[found]))
    rows, columns = zip(*sorted(edges), strict=True)
    size = len(modules)
    graph = csr_array(([True] * len(rows), (rows, columns)), shape=(size, size))
    _, label = connected_components(graph, directed=True, connection="strong")
    groups: dict[int, list[str]] = {}
    for name, group in zip(modules, label, strict=True):
        groups.setdefault(int(group), []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def test_no_module_imports_itself_through_others():
    assert circles(_modules()) == []


def test_a_circle_through_a_function_is_found(tmp_path):
    texts = {
        "a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import c\nimport b\n",
        "b": "def late():\n    from a import x\n",
        "c": "import a\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    assert circles({name: tmp_path / f"{name}.py" for name in texts}) == [["a", "b"]]
