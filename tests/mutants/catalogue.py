"""Every mutant, by what its safeguard protects. A new safeguard gets its line in one of these modules."""

from tests.mutants.accounts import ACCOUNTS
from tests.mutants.aftersale import AFTERSALE
from tests.mutants.books import BOOKS
from tests.mutants.channels import CHANNELS
from tests.mutants.days import DAYS
from tests.mutants.doubt import DOUBT
from tests.mutants.evidence import EVIDENCE
from tests.mutants.fast import FAST
from tests.mutants.money import MONEY
from tests.mutants.mutant import Mutant
from tests.mutants.owner import OWNER
from tests.mutants.payment import PAYMENT
from tests.mutants.photos import PHOTOS
from tests.mutants.prices import PRICES
from tests.mutants.receipts import RECEIPTS
from tests.mutants.recovery import RECOVERY
from tests.mutants.report import REPORT
from tests.mutants.standing import STANDING
from tests.mutants.tickets import TICKETS

MUTANTS: tuple[Mutant, ...] = (
    *PAYMENT,
    *EVIDENCE,
    *BOOKS,
    *STANDING,
    *OWNER,
    *DOUBT,
    *REPORT,
    *CHANNELS,
    *RECOVERY,
    *RECEIPTS,
    *PHOTOS,
    *FAST,
    *TICKETS,
    *MONEY,
    *ACCOUNTS,
    *AFTERSALE,
    *PRICES,
    *DAYS,
)
