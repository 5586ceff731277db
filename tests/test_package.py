from __future__ import annotations

import pkgutil
from importlib import import_module

import macedance


def test_every_module_imports_without_extras() -> None:
    names = [module.name for module in pkgutil.walk_packages(macedance.__path__, "macedance.")]
    assert len(names) > 40
    for name in names:
        import_module(name)


def test_public_names() -> None:
    assert macedance.Motion.__name__ == "Motion"
    assert macedance.load_expert.__name__ == "load_expert"
    assert not hasattr(macedance, "nothing")
