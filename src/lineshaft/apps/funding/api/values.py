"""The values that the schemas of funding share."""

from typing import Annotated

from ninja import Field

from lineshaft.apps.funding.rules import LARGEST_PERCENTAGE_BP

type AmountMinor = Annotated[int, Field(gt=0, le=2**63 - 1)]
type Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
type Reference = Annotated[str, Field(max_length=120)]
type BasisPoints = Annotated[int, Field(ge=0, le=LARGEST_PERCENTAGE_BP)]
