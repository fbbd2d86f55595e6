"""Every public verb is given wrong values at each of its parameters: out comes a result or an error of the family.

The verbs are found by their public names and signatures, so a new one is asked too; a parameter that a call can't do
without needs a usual value in ``USUAL``.
"""

from __future__ import annotations

import datetime
import inspect
import os
import random
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import mdpoverty as mdp
from mdpoverty import examples, measures, plots, programmes, reports, scorers, testing
from mdpoverty.doors import door
from mdpoverty.errors import BadArgument, FileError, MdpovertyError, SpecError
from mdpoverty.measures import income
from mdpoverty.programmes.hai_duong import hai_duong_2023 as PLAN
from tests.files.answers import DATE, VN, households, members
from tests.review.reviews import AREAS, AVERAGE, NEAR, OPEN, PLACES, POOR, review
from tests.vn_answers import home, person

SHORT = os.environ.get("MDPOVERTY_PROFILE", "short") == "short"
PARTS = 2 if SHORT else 8

ZOO: dict[str, Any] = {
    "None": None,
    "a list": [1, None, "x"],
    "text": "what is this",
    "a dict": {"what": 1, 2: None},
    "a number": 12_345,
    "no number": float("nan"),
    "bytes": b"\xff\x00",
    "a frame": pd.DataFrame({"what": [1, 2]}),
    "a day": datetime.date(2024, 11, 15),
    "a function": lambda *_: 1,
    "a huge number": 10**400,
    "a number of numpy": np.int64(-7),
    "an array": np.array([[0.5, 2]]),
    "an object": object(),
    "a letter": "x",
    "empty text": "",
    "a text that ends early": "a\0b",
    "nothing in a list": [],
    "lists in a list": [[1]],
    "a set": {"x"},
    "an array without dimensions": np.array(3),
    "a signalling NaN": Decimal("sNaN"),
    "a generator": (each for each in "ab"),
}

MODULES: tuple[types.ModuleType, ...] = (mdp, measures, income, reports, plots, programmes, scorers, examples, testing)

# Whose methods are verbs; other classes are values, made by these or written in a standard.
FACES = (
    mdp.AlkireFoster,
    mdp.Assessment,
    mdp.Comparison,
    mdp.Flows,
    mdp.Indicator,
    mdp.Measures,
    mdp.Receipt,
    mdp.ScoreSheet,
    mdp.Standard,
    mdp.Tally,
    mdp.Verdict,
    measures.IncomePoverty,
    measures.Panel,
    programmes.Plan,
    programmes.Progress,
    reports.Forms,
    scorers.Column,
    type(mdp.standards),
)


@cache
def made() -> dict[type, Any]:
    """Return one of each face."""
    a, b = reviews()
    lines = [{"income": value, "village": place} for value, place in ((1, "x"), (5, "x"), (2, "y"), (9, "y"))]
    m = a.measure(by="wave", missing="drop")
    plan = PLAN
    return {
        mdp.AlkireFoster: mdp.AlkireFoster(weights={"a": "1/2", "b": "1/2"}, k="1/2"),
        mdp.Assessment: a,
        mdp.Comparison: mdp.compare(VN, VN, households(), members(), date=DATE),
        mdp.Flows: mdp.flows(a, b),
        mdp.Indicator: VN.indicators["toilet"],
        mdp.Measures: m,
        mdp.Receipt: a.receipt,
        mdp.ScoreSheet: mdp.ScoreSheet.from_frame(SHEET),
        mdp.Standard: VN,
        mdp.Tally: a.tally(by="wave"),
        mdp.Verdict: VN.assess(home(), [person()], date=DATE),
        measures.IncomePoverty: measures.income_poverty(pd.DataFrame(lines), income="income", line=3, by="village"),
        measures.Panel: a.panel(b, missing="drop"),
        programmes.Plan: plan,
        programmes.Progress: plan.progress(a, residents=9),
        reports.Forms: reports.build(a, area_columns=AREAS),
        scorers.Column: mdp.column("income"),
        type(mdp.standards): mdp.standards,
    }


@cache
def reviews() -> tuple[mdp.Assessment, mdp.Assessment]:
    rows = [
        {"household_id": f"VD-{i}", "wave": i % 2, **dict(zip(AREAS, PLACES[i % 2], strict=True)), **kind}
        for i, kind in enumerate((POOR, NEAR, AVERAGE, OPEN, POOR, NEAR))
    ]
    return review(rows, "2023-11-15"), review(rows[1:])


SHEET = pd.DataFrame({"item": ["a", "a"], "condition": ["household_size == 1", "phone"], "points": [5, 0]})


Usual = dict[str, Any]

INCOMES = [1_000_000, 2_000_000, 9_000_000]
DEPRIVED = pd.DataFrame({"a": [1, 0, 1], "b": [0, 0, 1], "key": [1, 2, 3], "w": [1, 2, 3]})
FORM = {7: pd.DataFrame({"what": [1]})}


def usual(folder: Path) -> dict[str, Usual]:
    """Return what each verb can't do without: for all, by the parameter's name, and for some by the verb's."""
    a, b = reviews()
    of = made()
    (folder / "households.csv").write_text("household_id,area\n1,rural\n")
    (folder / "standard.json").write_text(VN.to_json())
    csv, book = folder / "list.csv", folder / "filled.xlsx"
    csv.write_text("Mã hộ,Họ và tên\n1,\n")
    book.write_bytes(VN.template("excel"))
    of[mdp.Tally].to_parquet(folder / "tally.parquet")
    of[reports.Forms].to_excel(folder / "forms.xlsx")
    homes = {"households": households(), "members": members(), "date": DATE}
    return {
        "": {
            "by": "wave",
            "rule": mdp.column("income") < 3,
            "rules": mdp.column("phone"),
            "standard": VN,
            "assessment": a,
            "a": a,
            "name": "toilet",
            "category": "poor",
            "path": folder / "written.xlsx",
            "income": INCOMES,
            "line": 1_500_000,
            "k": "1/2",
            "lang": "en",
            "key": "VD-1",
            "dimensions": {"one": ["a"], "two": ["b"]},
            "deprived": np.array([[True, False]]),
            "spec": of[mdp.AlkireFoster],
            "rows": [0, 1],
            "first": 0,
            "second": 1,
            "m": of[mdp.Measures],
            "over": "wave",
        },
        "mdpoverty.compare": {"before": VN, "after": VN, **homes},
        "mdpoverty.flows": {"before": a, "after": b},
        "mdpoverty.newly_escaped": {"history": {"2023-11-15": a}, "date": "2024-11-15"},
        "mdpoverty.read_kobo": {"path": folder / "households.csv"},
        "mdpoverty.read_workbook": {"path": book},
        "mdpoverty.scan": {"households": households()},
        "mdpoverty.verify": {"receipt": of[mdp.Receipt], "households": a.to_frame()},
        "measures.income_poverty": {"frame": pd.DataFrame({"y": INCOMES, "wave": [1, 1, 2]}), "income": "y"},
        "measures.income.fgt": {"alpha": 1},
        "reports.check": {"printed": of[reports.Forms]},
        "reports.discrepancies_frame": {"found": ()},
        "reports.read_crosswalk": {"given": pd.DataFrame({"before": ["x"], "after": ["y"]}), "columns": ["c"]},
        "reports.read_csv": {"path": csv},
        "reports.read_excel": {"path": folder / "forms.xlsx"},
        "reports.read_list": {"path": csv},
        "plots.agreement": {"c": of[mdp.Comparison]},
        "plots.changes": {"c": of[mdp.Measures], "over": "wave"},
        "plots.draw": {"result": a},
        "plots.flows": {"f": of[mdp.Flows]},
        "programmes.what_if": {"repair": ["toilet"]},
        "scorers.at_least": {"minimum": 1},
        "scorers.points": {},
        "scorers.threshold": {"amounts": "line"},
        "mdpoverty.column": {},
        "examples.commune": {"n": 3},
        "examples.population": {"n": 3},
        "testing.check_standard": {"examples": 1},
        "AlkireFoster.cut_offs": {"ks": ["1/2"]},
        "AlkireFoster.measure": {"frame": DEPRIVED, "by": ()},
        "AlkireFoster.measure_tally": {"tally": mdp.Tally.from_frame(DEPRIVED, ["a", "b"]), "by": ()},
        "AlkireFoster.panel": {"before": DEPRIVED, "after": DEPRIVED, "id": "key", "by": ()},
        "Assessment.in_category": {"name": "poor"},
        "Assessment.panel": {"after": b, "missing": "drop"},
        "Assessment.measure": {"missing": "drop", "k": None},
        "Assessment.repaired": {"indicators": ["toilet"]},
        "Comparison.why": {"household": "A"},
        "Flows.column": {"name": "category", "which": "before"},
        "Indicator.score": homes,
        "IncomePoverty.change": {"over": "village"},
        "Measures.value": {"measure": "H"},
        "Panel.value": {"measure": "H"},
        "IncomePoverty.value": {"measure": "H"},
        "Standard.assess": {"record": home(), "members": [person()]},
        "Standard.classify": homes,
        "Standard.score": {"households": households()},
        "Standard.tally": {**homes, "by": "area"},
        "Standard.evolve": {"id": "mine", "citation": VN.citation},
        "Standard.covers": {"day": DATE},
        "Standard.refuse_outside": {"day": DATE, "outside": "error"},
        "Standard.refuse_provisional": {"provisional": True},
        "Standard.from_file": {"path": folder / "standard.json"},
        "Standard.from_json": {"text": VN.to_json()},
        "Standard.known_columns": {"names": ["toilet"]},
        "ScoreSheet.from_frame": {"frame": SHEET},
        "ScoreSheet.standard": {"id": "sheet", "citation": VN.citation},
        "Tally.from_arrays": {"indicators": ["a", "b"]},
        "Tally.from_frame": {"frame": DEPRIVED, "indicators": ["a", "b"], "by": ()},
        "Tally.from_profiles": {"frame": DEPRIVED, "indicators": ["a", "b"], "deprived": np.array([1, 2, 3], np.uint8)},
        "Tally.from_json": {"text": of[mdp.Tally].to_json()},
        "Tally.from_parquet": {"path": folder / "tally.parquet"},
        "Tally.merge": {"tallies": [of[mdp.Tally]]},
        "Tally.stack": {"waves": {"x": of[mdp.Tally]}, "same_units": True},
        "Tally.unit_of": {"of": None},
        "Plan.progress": {"residents": 9},
        "Progress.missing": {"entitlement": next(iter(PLAN.catalogue))},
        "Progress.open": {"entitlement": next(iter(PLAN.catalogue))},
        "Receipt.from_dict": {"data": of[mdp.Receipt].to_dict()},
        "Forms.form": {"number": 1},
        "Forms.filled_form": {"number": 1},
        "Forms.to_csv": {"folder": folder / "forms"},
        "Forms.to_html": {"path": folder / "forms.html"},
        "Column.equals": {"code": "x"},
        "Column.is_in": {"codes": ["x"]},
        "Column.score": {"households": households()},
        "Registry.on": {"day": DATE},
        "Registry.load": {"path": folder / "standard.json"},
        "Registry.revision": {"id": "vn-2022", "revision": 1},
    }


def verbs() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every public function, and every public method of a face, by its name."""
    seen = set()
    for module in MODULES:
        for name in getattr(module, "__all__", INCOME):
            found = getattr(module, name)
            if inspect.isfunction(found) and name not in INNER and id(found) not in seen:
                seen.add(id(found))
                yield f"{module.__name__.removeprefix('mdpoverty.')}.{name}", found
    for face in FACES:
        for name in dir(face):
            if (
                not name.startswith("_")
                and name not in INNER
                and isinstance(inspect.getattr_static(face, name), METHODS)
            ):
                yield f"{face.__name__}.{name}", getattr(made()[face], name)


INCOME = ("fgt", "watts", "gini", "qsr", "sen", "sst")
METHODS = types.FunctionType, classmethod, staticmethod
# What other modules ask, dicts have, or takes its time to run properties.
INNER = {"at", "fold", "walk", "with_parts", "in_category_of", "group_map", "get", "items", "keys", "values"}
INNER |= {"check_standard"}


def calls(folder: Path) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Yield for each parameter of each verb what calls it with a value of one's own there."""
    known = usual(folder)
    for name, verb in verbs():
        parameters = inspect.signature(verb).parameters
        own = known.get(name, {})
        asked = [key for key, its in parameters.items() if its.default is its.empty and key in known[""]]
        needed = {key: known[""][key] for key in asked}
        named = (key for key, its in parameters.items() if its.kind is not its.VAR_KEYWORD)
        for key in dict.fromkeys((*named, *own)):
            yield f"{name}({key}=)", partial(_call, verb, {**needed, **own}, key)


def _call(verb: Callable[..., Any], usually: Usual, key: str, value: Any) -> Any:
    parameters = inspect.signature(verb).parameters
    given = {**usually, key: value}
    named = {name for name, its in parameters.items() if its.kind is its.KEYWORD_ONLY}
    several = any(its.kind is its.VAR_POSITIONAL and name in given for name, its in parameters.items())
    by_place = [name for name in parameters if name in given and several and name not in named]
    placed = [given.pop(name) for name in by_place]
    found = verb(*placed, **given)
    return next(found, None) if inspect.isgenerator(found) else found


def foreign(call: Callable[[Any], Any], value: Any) -> str:
    """Return the error that isn't of the family, or nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call(value)
    except MdpovertyError as error:
        return "" if str(error) else "an error that says nothing"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    return ""


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Callable[[Any], Any]]]:
    return list(calls(tmp_path_factory.mktemp("files")))


@pytest.mark.parametrize("part", range(PARTS))
def test_a_wrong_argument_is_an_error_of_the_family(
    part: int, doors: list[tuple[str, Callable[[Any], Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the short profile, one wrong value of each parameter."""
    monkeypatch.chdir(tmp_path)
    wrong = []
    for name, call in doors[part::PARTS]:
        for kind in random.Random(name).sample(list(ZOO), 1) if SHORT else ZOO:
            told = foreign(call, ZOO[kind])
            plt.close("all")
            if told:
                wrong.append(f"{name} {kind}: {told}")
    assert not wrong, "\n".join(wrong)


def test_what_is_written_by_hand_is_refused_as_it_is_made() -> None:
    """Values that callers make themselves, option by option."""
    made: dict[Callable[..., Any], tuple[dict[str, Any], tuple[str, ...]]] = {
        mdp.AlkireFoster: ({"weights": {"a": 1, "b": 1}, "k": 1}, ("weights", "k", "dimensions")),
        mdp.SurveyDesign: ({}, tuple(inspect.signature(mdp.SurveyDesign).parameters)),
    }
    wrong = []
    for make, (usual, names) in made.items():
        for name in names:
            for kind, value in ZOO.items():
                told = foreign(lambda one, make=make, usual=usual, name=name: make(**{**usual, name: one}), value)
                if told:
                    wrong.append(f"{make.__name__} {name}= {kind}: {told}")
    assert not wrong, "\n".join(wrong)
    with pytest.raises(BadArgument, match=r"^AlkireFoster: dimensions= must be Mapping"):
        mdp.AlkireFoster({"a": 1}, 1, dimensions=3)  # type: ignore[arg-type]
    for options in ({"nested": "no"}, {"whole_units": "False"}, {"fay": "0.3"}, {"df": [3]}, {"scale": True}):
        with pytest.raises(SpecError, match=f"^{next(iter(options))}= is "):
            mdp.SurveyDesign(**options)
    assert mdp.SurveyDesign(df=np.float64(3), nested=np.True_) == mdp.SurveyDesign(df=3.0, nested=True)


def test_it_is_said_which_argument_is_none() -> None:
    a, b = reviews()
    with pytest.raises(BadArgument, match=r"^flows: look_back= must be int or None, not list$") as caught:
        mdp.flows(a, b, look_back=[1])  # type: ignore[arg-type]
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    with pytest.raises(BadArgument, match=r"^compare: before= must be Standard, not NoneType$"):
        mdp.compare(None, VN, households(), members())  # type: ignore[arg-type]


def test_text_that_nothing_can_write_is_said_with_its_column(tmp_path: Path) -> None:
    half = "Hộ\udce1"  # as an encoding that isn't a file's leaves it, with errors="surrogateescape"
    spoilt = households().astype({"household_id": object})
    spoilt.loc[1, "household_id"] = half
    with pytest.raises(BadArgument, match=r"half a character in it \(households=: 'household_id'\)") as caught:
        VN.classify(spoilt, members(), date=DATE, orphans="report")
    assert "Hộ" not in "".join(traceback.format_exception(caught.value))
    found = VN.classify(households(), members(), date=DATE)
    with pytest.raises(BadArgument, match="half a character"):
        found.explain(half)
    words = households().astype({"toilet": object})
    words.loc[1:, "toilet"] = half
    told = VN.classify(words, members(), date=DATE, invalid="missing")
    assert [problem.rows for problem in told.problems] == [2]
    assert told.receipt.inputs_digest != found.receipt.inputs_digest
    for name in ("\ud800", "a\0b"):
        for call in (
            lambda path: found.tally().to_parquet(path),
            lambda path: reports.build(found, area_columns=[]).to_csv(path),
            lambda path: reports.build(found, area_columns=[]).to_html(f"{path}.html"),
            lambda path: reports.build(found, area_columns=[]).to_excel(f"{path}.xlsx"),
            lambda path: VN.to_xlsform(f"{path}.xlsx"),
            lambda path: VN.classify(mdp.scan(households(), members()), date=DATE, sink=f"{path}.parquet"),
        ):
            with pytest.raises(FileError):
                call(f"{tmp_path}/{name}")
    for path in (f"{'x' * 300}.parquet", f"{'x' * 300}/*.parquet"):
        with pytest.raises(FileError):
            VN.classify(mdp.scan(households(), members()), date=DATE, sink=tmp_path / path)
    assert not list(tmp_path.iterdir())


def test_a_fault_of_the_librarys_own_stays_what_it_is() -> None:
    @door
    def faulty(number: int) -> int:
        return [1][number]

    with pytest.raises(IndexError):
        faulty(3)
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        faulty()  # type: ignore[call-arg]
