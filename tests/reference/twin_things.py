"""The objects of the twin: cases, visits, people, pools, units, customers.

Owns: what each of them remembers. Never does: decide anything.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

Task = tuple[int, int]
"""(function, which of the case's products)."""


@dataclass(eq=False)
class Customer:
    """Somebody who brings cases."""

    row: int
    key: int
    segment: int
    label: int
    region: int
    needs: list[list[float]]
    weights: list[float]
    active: bool = False
    arrivals: int = 0
    loyalty: float = 0.0
    expectation: float = 0.0
    experiences: int = 0
    cases: int = 0
    satisfaction_sum: float = 0.0
    left: bool = False
    excluded: bool = False
    """Turned away: the firm does not know whose customer this is."""
    z: float = 0.0
    """Logarithm of value, standard normal."""
    chosen: bool = False
    """Favoured by the firm."""
    best: bool = False
    """Truly among the most valuable."""
    errands: int = 0
    trust: float = 0.0


@dataclass(eq=False)
class Visit:
    """One person's work on a case, waiting, travelling or under way."""

    pool: Pool
    tasks: list[Task]
    kind: str
    """"first", "sent back" or "reopened"."""
    loop: int = 0
    """Number in the keys of its draws."""
    read_in: float = 0.0
    checks: bool = False
    """The person who starts it looks at the visit just before."""
    joined: float = 0.0
    toss: int = 0
    errors: set[Task] = field(default_factory=set)
    """Made in this visit and not looked for yet."""
    spoiled: set[Task] = field(default_factory=set)
    """Redone here, because a fault had spoiled them."""
    person: Person | None = None
    touch: float = 0.0
    setup: float = 0.0
    practice: dict[Task, float] = field(default_factory=dict)
    supervised: bool = False
    hidden: set[Task] = field(default_factory=set)
    """Errors that nobody inside will find."""


@dataclass(eq=False)
class Case:
    """A customer's request: one token that is in one place at a time."""

    customer: Customer
    number: int
    key: int
    kind: int
    products: list[int]
    route: int
    """Segment by which new tasks are routed."""
    rank: int
    opened: float
    ready: float = 0.0
    """When the material it needs is there."""
    information: float = 0.0
    todo: set[Task] = field(default_factory=set)
    errors: set[Task] = field(default_factory=set)
    """Made, not found, and still able to reach the customer."""
    blame: dict[Task, int] = field(default_factory=dict)
    """Why a task last went wrong: 0 other, 1 knowledge, 2 information, 3 a fault."""
    discounted: set[Task] = field(default_factory=set)
    """Done as a later product of its function in the same visit."""
    before: Visit | None = None
    """The visit just before."""
    finder: Visit | None = None
    """The visit at whose start an error was found, until it is back."""
    reopened: bool = False
    reopenings: int = 0
    send_backs: int = 0
    served: bool = False
    closed: bool = False
    first_wait: float = 0.0
    waited: float = 0.0
    """Hours in queues, those of rework included."""
    first_close: float | None = None
    rework_since: float | None = None
    since: float = 0.0
    hours: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    visits: int = 0
    handoffs: int = 0
    passes: int = 0
    offered_by: dict[int, int] = field(default_factory=dict)
    """Unit that did the offering function, by which of the products."""
    errand: bool = False
    """A complaint or follow-up: no metric of cases counts it."""
    units: list[int] = field(default_factory=list)
    """Of its visits."""
    courtesies: list[float] = field(default_factory=list)
    last_served_by: Person | None = None
    seen: list[tuple[float, float]] = field(default_factory=list)
    """Of each visit: how well the customer was understood, and its quality."""
    missed: bool = False
    """The customer was missed at the last step once."""
    done_by: dict[Task, tuple[int, int]] = field(default_factory=dict)
    """Team (unit, index) that did a task."""
    complains: bool = False
    """A complaint to the firm."""


@dataclass(eq=False)
class Person:
    """The holder of a post; the post's number is its slot."""

    slot: int
    key: int
    pool: Pool
    team: int
    knowledge: list[float]
    known_at: float = 0.0
    present: bool = True
    idle_since: float | None = 0.0
    case: Case | None = None
    visit: Visit | None = None
    counted_to: float = 0.0
    """Busy hours are booked up to here."""
    leaving: bool = False
    moving_to: Pool | None = None
    holders: int = 0
    morale: float = 0.6
    orientation: float = 0.5
    own_base: float = 0.6
    hired_at: float = 0.0
    overwork: float = 0.0
    meetings: list[float] = field(default_factory=list)
    """Times at which a customer was met: first visits, and ends of longer cases."""
    in_training: bool = False
    brought_in: bool = True
    visit_began: float = 0.0
    visits_made: list[tuple[float, float, Visit, bool, bool, list[int]]] = field(
        default_factory=list)
    """(begun, ended, visit, for a customer who came back, of the own pool, products)."""
    verdicts: list[tuple[float, float]] = field(default_factory=list)
    """(time, satisfaction) of cases that ended with this person."""

    @property
    def idle(self) -> bool:
        """At work with nothing in hand."""
        return self.present and self.case is None and not self.in_training


@dataclass(eq=False)
class Pool:
    """The staff of one role inside a unit, and their queue."""

    index: int
    unit: Unit
    functions: list[int]
    cover: float
    licensed: bool
    people: list[Person] = field(default_factory=list)
    queue: list[tuple[Case, Visit]] = field(default_factory=list)
    log: list[tuple[float, str, float]] = field(default_factory=list)
    """(time, "join" or "end", touch hours) of its visits: what the firm measures."""

    @property
    def deserted(self) -> bool:
        """Nobody of its people is at work."""
        return not any(person.present for person in self.people)


@dataclass(eq=False)
class Unit:
    """A department."""

    index: int
    meant_for: int
    pools: list[Pool] = field(default_factory=list)

    @property
    def people(self) -> list[Person]:
        """Everybody with a post here, pool by pool, in slot order."""
        return [p for pool in self.pools for p in sorted(pool.people, key=lambda x: x.slot)]
