"""The kinds of fields a scenario is made of, and the base of all its tables.

Owns: how a parameter is documented, that tables are frozen and refuse strangers, that named
entries cannot be changed. Never does: name a parameter (`schema`).
"""

from __future__ import annotations

from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from sim.scenario.units import parse_duration

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    Field(allow_inf_nan=False, json_schema_extra={"type": "string", "examples": ["26 weeks"]}),
]
T = TypeVar("T")


class ReadOnly(dict[str, T]):
    """A dict that refuses changes: a scenario stays what was validated."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("a scenario cannot be changed; load it again with set={...}")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return ReadOnly, (dict(self),)


POSITIVE = 1e-9
"""Lower bound of what must lie above 0: small enough for anybody, and no quotient overflows."""

Table = Annotated[dict[str, T], AfterValidator(ReadOnly)]
"""Named entries in declared order."""
Weight = Annotated[float, Field(ge=0, le=1e6)]
Hours = Annotated[float, Field(ge=POSITIVE, le=1e5)]
People = Annotated[int, Field(ge=1, le=100_000)]
Names = Annotated[tuple[str, ...], Field(strict=False)]
Rows = Annotated[tuple[Names, ...], Field(strict=False)]


def par(
    default: Any,
    text: str,
    *,
    unit: str = "-",
    plausible: tuple[float, float] | None = None,
    source: str = "assumption",
    **bounds: Any,
) -> Any:
    """A documented parameter: its default, meaning, unit, hard bounds, plausible range, source."""
    extra: dict[str, Any] = {"unit": unit, "source": source}
    if plausible is not None:
        extra["plausible"] = list(plausible)
    return Field(default, description=text, json_schema_extra=extra, **bounds)


class Inputs(BaseModel):
    """Base of all input tables: frozen, and strangers are refused."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        validate_default=True,
        use_attribute_docstrings=False,
    )
