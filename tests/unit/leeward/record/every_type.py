"""A kind with every type of field that people give jobs, as an extension would declare it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID, uuid4

from pydantic import AnyUrl, AwareDatetime, BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from leeward import Job, Priority
from leeward.jobs.secret import SecretText


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Login(BaseModel):
    user: str
    token: SecretText | None = None
    tries: list[int] = Field(default_factory=lambda: [1, 2])


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int = Field(gt=0)
    price: Decimal = Field(default=Decimal("1.50"), ge=0)
    parent: "Line | None" = None


class EveryType(Job):
    """Everything at once."""

    kind: ClassVar[str] = "every.type"
    version: ClassVar[int] = 3
    family: ClassVar[str] = "every"
    idempotent: ClassVar[bool] = True
    marks_effect: ClassVar[bool] = True
    default_priority: ClassVar[Priority] = Priority.BULK
    default_deadline: ClassVar[timedelta] = timedelta(minutes=7)

    provider: str = "acme"
    name: str = Field(pattern=r"^[a-z]+$", description="In small letters.")
    count: int = Field(default=1, ge=1, le=9)
    share: float = Field(default=0.5, gt=0, lt=1)
    price: Decimal | None = None
    at: datetime | None = None
    until: AwareDatetime | None = None
    day: date | None = None
    every: timedelta = timedelta(minutes=5)
    reference: UUID | None = None
    made_up: UUID = Field(default_factory=uuid4)
    home: HttpUrl | None = None
    anywhere: AnyUrl | None = None
    size: Size = Size.SMALL
    mode: Literal["fast", "slow"] | int = "fast"
    tags: tuple[Annotated[str, Field(min_length=2)], ...] = Field(default=(), max_length=3)
    limits: dict[str, int] = Field(default_factory=lambda: {"most": 3})
    anything: Any = None
    login: Login | None = None
    lines: list[Line] = Field(default_factory=list)
    password: SecretText = SecretStr("swordfish-of-the-default")
    pin: SecretStr | None = None


FULL: dict[str, Any] = {
    "provider": "acme-eu",
    "name": "bolt",
    "count": "2",
    "share": 0.25,
    "price": "12.30",
    "at": "2026-02-03T04:05:06",
    "until": "2026-02-03T04:05:06+00:00",
    "day": "2026-02-03",
    "every": "PT90S",
    "reference": "{1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed}",
    "made_up": "1B9D6BCDBBFD4B2D9B5DAB8DFBBD4BED",
    "home": "https://EXAMPLE.org",
    "anywhere": "ftp://example.org/a",
    "size": "large",
    "mode": 4,
    "tags": ["ab", "cd"],
    "limits": {"least": "1"},
    "anything": {"deep": [1, None]},
    "login": {"user": "ann", "token": "t0ken-of-ann", "unknown": 1},
    "lines": [{"number": 1}, {"number": "2", "price": 2, "parent": {"number": 3}}],
    "password": "swordfish-of-ann",
}
