"""Public doors: a call that fails because of what it was given says which argument, in an error of the family.

Nothing is checked before a call, which would cost every call and tell nothing where the body checks better. Only when
something else than an error of the family comes out, the arguments are held against the signature's own hints. Where
all of them fit, the error is a fault of the library's and stays what it is.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import itertools
import numbers
import types
import typing
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, ParamSpec, TypeVar

from mdpoverty.errors import BadArgument, MdpovertyError

__all__ = ["door", "doors", "warn_caller"]

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)

_SEVERAL = 1_000  # items of a list that are looked at


def door(function: Callable[P, R]) -> Callable[P, R]:
    """Make a public function say which argument is none that it takes."""

    family, refuse = MdpovertyError, _refuse

    def opened(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except family:
            raise
        except Exception as error:
            refuse(function, args, kwargs, error)
            raise

    if not isinstance(function, types.FunctionType):
        return function
    # among the names of the function's own module, where doctest looks for it
    within = types.FunctionType(opened.__code__, function.__globals__, function.__name__, None, opened.__closure__)
    return functools.update_wrapper(within, function)


def doors(cls: C) -> C:
    """Make all public methods of a class doors."""
    for name, found in list(vars(cls).items()):
        if name.startswith("_"):
            continue
        if isinstance(found, classmethod | staticmethod):
            setattr(cls, name, type(found)(door(found.__func__)))
        elif isinstance(found, types.FunctionType):
            setattr(cls, name, door(found))
    return cls


def warn_caller(message: str) -> None:
    """Warn whoever called the library: the warning names their line, however many doors lie between."""
    level, frame = 1, inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "mdpoverty":
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def _refuse(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], error: Exception) -> None:
    """Raise an error of the family if an argument doesn't fit what the signature says of it, or is no text at all."""
    signature = inspect.signature(function)
    try:
        given = signature.bind(*args, **kwargs).arguments
    except TypeError:  # too many, too few, or of another name: Python says so itself
        return
    wrong = []
    for name, value in given.items():
        parameter = signature.parameters[name]
        hint = parameter.annotation
        values = value if parameter.kind is parameter.VAR_POSITIONAL else (value,)
        if parameter.kind is not parameter.VAR_KEYWORD and not all(_fits(each, hint, function) for each in values):
            wrong.append(f"{name}= must be {str(hint).replace(' | ', ' or ')}, not {_kind(value)}")
    if wrong:
        raise BadArgument(f"{_called(function, args)}: {'; '.join(wrong)}") from None
    if isinstance(error, UnicodeEncodeError):  # which keeps the text, and that may name somebody
        halved = [f" ({name}=: {where})" if where else "" for name, where in _halved(given)]
        raise BadArgument(
            f"{_called(function, args)}: there is text with half a character in it{halved[0] if halved else ''}, which "
            "nothing can write: read its file in the encoding that it is in"
        ) from None


def _called(function: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """Return what a caller writes for a function: for what makes one of a class, the class."""
    return type(args[0]).__name__ if function.__name__ == "__init__" else function.__name__


def _halved(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the arguments that hold text which can't be written, and in which columns."""
    for name, value in given.items():
        columns = getattr(value, "columns", value if isinstance(value, Mapping) else ())
        found = [str(each) for each in columns if isinstance(each, str) and _is_halved(value[each])]
        if found or _is_halved(value):
            yield name, ", ".join(map(repr, found))


def _is_halved(value: Any) -> bool:
    values = [value] if isinstance(value, str) else getattr(value, "tolist", lambda: [])()
    texts = "".join(each for each in values if isinstance(each, str)) if isinstance(values, list) else ""
    return any("\ud800" <= letter <= "\udfff" for letter in texts)


class _Unknown(type):
    """A class that only type checkers import, known by its name."""

    def __getattr__(cls, name: str) -> Any:
        return _Unknown(name, (), {})

    def __getitem__(cls, parts: Any) -> Any:
        return cls


class _Names(dict[str, Any]):
    """The names that a module knows, and those that it doesn't."""

    def __missing__(self, name: str) -> Any:
        return getattr(builtins, name) if hasattr(builtins, name) else _Unknown(name, (), {})


def _fits(value: Any, hint: Any, function: Callable[..., Any]) -> bool:
    """Return whether a value, and the first items in it, may be what a hint says."""
    if isinstance(hint, str):
        return _fits(value, eval(hint, {}, _Names(getattr(function, "__globals__", {}))), function)
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(origin or hint, _ALIAS):  # a type's other name, as numpy gives arrays one on newer Pythons
        return _fits(value, (origin or hint).__value__, function)
    if origin in (types.UnionType, typing.Union):
        return any(_fits(value, part, function) for part in parts)
    if origin is typing.Literal:
        return isinstance(value, str | int | None) and value in parts
    kind = type(None) if hint is None else origin or hint
    if isinstance(kind, _Unknown):
        return any(each.__name__ == kind.__name__ for each in type(value).__mro__)
    if not isinstance(kind, type) or kind in (Any, object, inspect.Parameter.empty):  # or a type variable
        return True
    if kind in _NUMBERS:
        return isinstance(value, _NUMBERS[kind]) and not _huge(value)
    if not isinstance(value, kind) or (kind.__module__ in _OF_MANY and getattr(value, "ndim", None) == 0):
        return False  # an array without dimensions calls itself iterable
    if isinstance(value, Mapping) and len(parts) == 2:
        pairs = list(itertools.islice(value.items(), _SEVERAL))
        return all(_fits(key, parts[0], function) and _fits(each, parts[1], function) for key, each in pairs)
    if parts and isinstance(value, Collection) and kind.__module__ in _HOLDING:
        if isinstance(value, str):  # whose items are texts themselves
            return not value or _fits(value[:1], parts[0], function)
        items = list(itertools.islice(value, _SEVERAL))
        if kind is tuple and parts[-1] is not ...:
            return len(items) == len(parts) and all(map(_fits, items, parts, [function] * len(parts)))
        return all(_fits(each, parts[0], function) for each in items)
    return True


def _huge(value: Any) -> bool:
    """Return whether a number is one that no word of a machine holds."""
    return isinstance(value, int) and abs(value) >= 1 << 63


def _kind(value: Any) -> str:
    return "a number so large" if _huge(value) else type(value).__name__


_ALIAS: Any = getattr(typing, "TypeAliasType", ())
_OF_MANY = ("collections.abc", "numpy")
_HOLDING = ("builtins", "collections.abc")  # an array's hint says other things than what each item is
_NUMBERS = {float: numbers.Real, int: numbers.Integral, bool: numbers.Integral}
