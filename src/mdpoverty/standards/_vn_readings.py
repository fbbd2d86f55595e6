"""Where the annex of Decree 07/2021 can be read in two ways: the other reading, for each standard that carries its rules."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from mdpoverty.law.readings import Ambiguity, Interpretation
from mdpoverty.scorers import Rule, any_member, column, threshold
from mdpoverty.standard import Citation, Indicator, Label, Threshold
from mdpoverty.standards._vn_answers import BIRTH_YEAR_OF_PUPILS

_age, _attending = column("age"), column("attending")
_child = _age < threshold("child_age")


def readings(indicators: Iterable[Indicator], first: int, last: int) -> tuple[Ambiguity, ...]:
    """Return what can be read in two ways.

    Parameters
    ----------
    indicators : iterable of Indicator
        The standard's own, as it reads them.
    first, last : int
        The first and the last school year that its days fall into, each by the year in which it begins.
    """
    own = {each.id: each for each in indicators}
    return (
        Ambiguity(
            "insurance",
            Label("Bảo hiểm y tế: xét ai", "Whose health insurance is asked"),
            "any_person",
            (
                Interpretation("any_person", Label("mọi người từ đủ 6 tuổi", "any person of 6 and over")),
                Interpretation(
                    "children",
                    Label("trẻ em từ đủ 6 tuổi", "children of 6 and over"),
                    indicators=(_insurance_of_children(own["health_insurance"]),),
                ),
            ),
        ),
        Ambiguity(
            "school_age",
            Label("Bậc học phải theo: tính tuổi thế nào", "How ages count for the school level that is asked"),
            "completed_years",
            (
                Interpretation("completed_years", Label("tuổi tròn", "completed years")),
                Interpretation(
                    "calendar_year",
                    Label("tuổi tính theo năm", "ages counted by the year"),
                    fields=(BIRTH_YEAR_OF_PUPILS,),
                    thresholds=(_school_year(first, last),),
                    indicators=(_schooling_by_the_year(own["child_schooling"]),),
                ),
            ),
        ),
    )


def _insurance_of_children(indicator: Indicator) -> Indicator:
    uninsured = _child & (_age >= threshold("insured_from")) & ~column("insured")
    note = Label(
        "Cả hai nguồn công khai dẫn lại Phụ lục đều viết là trẻ em từ 6 tuổi; nguyên văn chưa tìm thấy. Việc hiểu là dưới 16 "
        "tuổi, như các chỗ khác trong Phụ lục, là cách hiểu của chúng tôi.",
        "Both public paraphrases of the annex speak of children of 6 and over; its sentence wasn't found. That these are under "
        "16, as elsewhere in the annex, is our reading.",
    )
    return evolve(
        indicator,
        rule=any_member(uninsured),
        citation=evolve(indicator.citation, words="", confirmed=False, note=note),
    )


def _school_year(first: int, last: int) -> Threshold:
    return Threshold(
        "school_year",
        Label("Năm bắt đầu năm học", "Year in which the school year began"),
        tuple((f"{year}-09-01", year) for year in range(first, last + 1)),
        Citation(
            "Luật Giáo dục 2019",
            "Điều 28 khoản 1",
            "được tính theo năm",
            confirmed=False,
            note=Label(
                "Đã tìm thấy nguyên văn; việc Phụ lục dùng cách tính này và năm học bắt đầu từ ngày 01/9 là cách hiểu của "
                "chúng tôi.",
                "The words are found; that the annex means them, and that a school year begins on 1 September, is our reading.",
            ),
        ),
        unit="year",
    )


def _schooling_by_the_year(indicator: Indicator) -> Indicator:
    """Ask the level by the year, and by completed years, as before, who is a child of 3 to under 16."""
    below = (
        _attending.equals("none")
        | (_begins_by_the_year("primary_age") & _attending.equals("preschool"))
        | (_begins_by_the_year("lower_secondary_age") & _attending.is_in(["preschool", "primary"]))
    )
    note = Label(
        "Trẻ em từ 3 đến dưới 16 tuổi tính theo tuổi tròn; cấp học phải theo tính theo năm, như Luật Giáo dục 2019, Điều 28 "
        "khoản 1, tính tuổi vào các lớp: đây là cách hiểu.",
        "Who is a child of 3 to under 16 goes by completed years; the level that it should attend goes by the year, as Luật Giáo "
        "dục 2019, Điều 28 khoản 1, counts the ages of the grades: a reading.",
    )
    return evolve(
        indicator,
        rule=any_member((_age >= threshold("preschool_age")) & _child & below),
        citation=evolve(indicator.citation, note=note),
    )


def _begins_by_the_year(name: str) -> Rule:
    """Return "has reached the age of that threshold, counted by the year in which the school year began".

    That age is the one in completed years, a year less or a year more: who is further from the threshold than that needn't
    be asked for the year of birth.
    """
    begins = threshold(name)
    by_the_year = column("birth_year") + begins <= threshold("school_year")
    return (_age + 1 >= begins) & ((_age >= begins + 1) | by_the_year)
