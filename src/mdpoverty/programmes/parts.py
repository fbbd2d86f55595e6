"""What a programme's plan is made of: the rates it aims at, and who is entitled to what, from whom, by which text."""

from __future__ import annotations

from fractions import Fraction

from attrs import field, frozen

from mdpoverty.doors import doors
from mdpoverty.faces import Face, Faced, Html
from mdpoverty.law.fields import Label, Named, named
from mdpoverty.numbers import share_printed
from mdpoverty.standard import Citation

__all__ = ["GROUPS", "Entitlement", "Group", "Programme", "Target"]

POOR, NEAR_POOR, ESCAPED, FARMING = "poor", "near_poor", "newly_escaped", "farming_average"

# Classes that no plan names as such: who farms is farming_average, who has left the list is newly_escaped.
NOTHING = ("average_living", "above_average")


@frozen
class Group:
    """Whom an entitlement is for."""

    id: str
    label: Label


GROUPS: Named[Group] = Named(
    (
        Group(POOR, Label("Hộ nghèo", "Poor households")),
        Group(NEAR_POOR, Label("Hộ cận nghèo", "Near-poor households")),
        Group(ESCAPED, Label("Hộ mới thoát nghèo", "Households that newly escaped poverty")),
        Group(
            FARMING,
            Label(
                "Hộ làm nông, lâm, ngư nghiệp có mức sống trung bình",
                "Farming, forestry and fishery households of average living standard",
            ),
        ),
    )
)


@frozen
class Target:
    """A rate to reach: the share of households of a class, at most.

    Attributes
    ----------
    id, label
        Its name.
    category : str
        Of which class.
    rate : Fraction
        At most this share of all households.
    citation : Citation
        Where it stands.
    """

    id: str
    label: Label
    category: str
    rate: Fraction = field(converter=Fraction)
    citation: Citation


@frozen
class Entitlement:
    """Something that the plan promises.

    Attributes
    ----------
    id, label
        Its name.
    to : tuple of str
        For whom: ids of :data:`GROUPS`.
    lead : Label
        The agency in charge (chủ trì), with those it works with.
    place : str
        Where in the plan.
    goal : Fraction, optional
        The share of those entitled that the plan wants to reach.
    condition : Label, optional
        What else must hold, which no class says: need, application, age.
    others : Label, optional
        Who else is entitled, beside the groups.
    quantity : Label, optional
        An amount that the plan names instead of a share.
    citation : Citation, optional
        The legal text that the plan cites for it; ``None`` where it cites none.
    """

    id: str
    label: Label
    to: tuple[str, ...]
    lead: Label
    place: str
    goal: Fraction | None = None
    condition: Label | None = None
    others: Label | None = None
    quantity: Label | None = None
    citation: Citation | None = None

    def __attrs_post_init__(self) -> None:
        for group in self.to:
            GROUPS[group]  # an unknown group is an error


TARGET = Label("Mục tiêu", "Target")


@doors
@frozen(repr=False)
class Programme(Faced):
    """A programme's plan for a year, before it is asked about households; see :class:`~mdpoverty.programmes.Plan`."""

    id: str
    title: Label
    citation: Citation
    year: int
    targets: Named[Target] = field(converter=named)
    catalogue: Named[Entitlement] = field(converter=named)

    def __repr__(self) -> str:
        parts = f"targets {len(self.targets)}, entitlements {len(self.catalogue)}"
        return f"<{type(self).__name__} {self.id}, {self.year}: {self.title.vi}; {parts}>"

    def _face(self, face: Face) -> Html:
        targets = [(each.label, f"≤ {share_printed(each.rate, face.lang, 2)}") for each in self.targets.values()]
        promised = [
            (each.label, Html("<br>".join(face.name(GROUPS[group].label) for group in each.to)), each.lead)
            for each in self.catalogue.values()
        ]
        about = (
            (Label("Mã", "Id"), self.id),
            (Label("Năm", "Year"), str(self.year)),
            (Label("Theo", "By"), self.citation.in_(face.lang)),
        )
        heads = (Label("Chính sách", "Entitlement"), Label("Đối tượng", "To"), Label("Chủ trì", "Lead"))
        return face.page(
            self.title,
            face.facts(about),
            face.table((TARGET, Label("Tỷ lệ", "Rate")), targets, numbers=(1,)),
            face.table(heads, promised),
        )

    def entitlements(self, category: str) -> tuple[Entitlement, ...]:
        """Return what a group of households is entitled to.

        Parameters
        ----------
        category : str
            ``"poor"``, ``"near_poor"``, ``"newly_escaped"`` or ``"farming_average"``; the classes ``"average_living"``
            and ``"above_average"`` alone are entitled to nothing.

        Raises
        ------
        UnknownKey
            If there is no such group.

        Examples
        --------
        >>> from mdpoverty.programmes import hai_duong_2023
        >>> [each.id for each in hai_duong_2023.entitlements("farming_average")]
        ['insurance_support']
        """
        if category not in NOTHING:
            GROUPS[category]  # an unknown group is an error
        return tuple(each for each in self.catalogue.values() if category in each.to)
