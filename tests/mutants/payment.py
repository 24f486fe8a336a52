"""Mutants about the one payment: placed once, sent once, never again."""

from tests.mutants.mutant import Change, Mutant

_FIRST = "bot/store/sql/migrations/0001_first.sql"
_PURCHASES = "bot/services/purchases.py"
_PURCHASING = "bot/services/purchasing.py"
_CLIENT = "bot/vsi/client.py"
_TABLE = "bot/domain/purchase.py"
_BUYING = "tests/e2e/test_buying.py"
_CRASHES = "tests/e2e/test_crashes.py"

_TWIN_INDEX = Change(_FIRST, "CREATE UNIQUE INDEX purchase_open_twin", "CREATE INDEX purchase_open_twin")
_ONE_PAYMENT = Change(_FIRST, "CREATE UNIQUE INDEX exchange_one_payment", "CREATE INDEX exchange_one_payment")

PAYMENT = (
    Mutant(
        "twin lock",
        "one open purchase a meter and amount: the refusal at the card and the index behind it",
        (f"{_BUYING}::test_the_twin_of_an_open_purchase_is_refused_and_another_amount_is_not",),
        (
            _TWIN_INDEX,
            Change(
                _PURCHASES,
                'if twin := tx.one(Purchase, "purchase_open_twin", msn=offered.msn, '
                "denomination=offered.denomination):",
                'if twin := tx.one(Purchase, "purchase_open_twin", msn="", denomination=offered.denomination):',
            ),
        ),
    ),
    Mutant(
        "twin index",
        "the database itself refuses a second open purchase of a meter and amount",
        ("tests/store/test_constraints.py",),
        (_TWIN_INDEX,),
    ),
    Mutant(
        "one-use quote",
        "a quote buys once: the look-up of its purchase and the unique key behind it",
        (
            f"{_BUYING}::test_twenty_taps_buy_once_and_each_further_one_shows_the_purchase",
            "tests/store/test_constraints.py",
        ),
        (
            Change(
                _FIRST,
                "quote_id TEXT NOT NULL UNIQUE REFERENCES quote (id)",
                "quote_id TEXT NOT NULL REFERENCES quote (id)",
            ),
            Change(
                _PURCHASES,
                'if existing := tx.one(Purchase, "purchase_by_quote", quote_id=quote_id):',
                'if existing := tx.one(Purchase, "purchase_by_quote", quote_id=""):',
            ),
        ),
    ),
    Mutant(
        "quote expiry",
        "a card buys for ten minutes, no longer",
        (f"{_BUYING}::test_an_expired_card_buys_nothing",),
        (Change(_PURCHASES, "if offered.expires_at <= now:", "if offered.expires_at < 0:"),),
    ),
    Mutant(
        "card before payment",
        "a payment must have been said after its card was shown",
        (f"{_BUYING}::test_a_payment_said_before_its_card_was_shown_pays_nothing",),
        (
            Change(
                "bot/conversation/engine.py",
                "if card is not None and 0 < card.claimed_at <= min(self._row.said_at, self._row.received_at):",
                "if card is not None:",
            ),
        ),
    ),
    Mutant(
        "stale message",
        "a message that was under way for long confirms nothing",
        (f"{_BUYING}::test_an_old_message_confirms_nothing",),
        (
            Change(
                "bot/conversation/engine.py",
                "if self._turn.now - self._row.said_at > self._turn.shop.waits.stale:",
                "if self._row.said_at < 0:",
            ),
        ),
    ),
    Mutant(
        "price at payment",
        "a price that changed since the card is asked about anew",
        (f"{_BUYING}::test_a_markup_that_changes_before_the_payment_is_asked_about_anew",),
        (
            Change(
                _PURCHASES,
                "if (markup := prices.surcharge(tx, agent, offered.denomination, shop)) != offered.markup:",
                "if (markup := offered.markup) is None:",
            ),
        ),
    ),
    Mutant(
        "hold before payment",
        "the price is held before anything is sent",
        (f"{_BUYING}::test_a_pending_purchase_holds_the_money_and_its_late_token_comes_by_itself",),
        (Change(_PURCHASES, "    ledger.hold(tx, made.id, made.agent_id, made.price)\n", ""),),
    ),
    Mutant(
        "inbox uniqueness",
        "a message that is delivered twice is one message",
        ("tests/store/test_constraints.py",),
        (
            Change(_FIRST, "  attempts BIGINT NOT NULL,\n  UNIQUE (channel, ext_id)\n", "  attempts BIGINT NOT NULL\n"),
            Change(
                "bot/store/sql/queries/messaging.sql",
                ":state, 0)\nON CONFLICT (channel, ext_id) DO NOTHING;",
                ":state, 0);",
            ),
        ),
    ),
    Mutant(
        "single send",
        "the HTTP library's own repeat of a GET is stopped",
        ("tests/vsi/test_wire.py::test_each_fault_on_the_wire_is_classed_and_sent_once", "tests/vsi/test_seam.py"),
        (Change(_CLIENT, "        if self._started:\n            raise _SecondSend\n", ""),),
    ),
    Mutant(
        "redirects off",
        "a redirect is not followed: it would pay again, and somewhere else",
        ("tests/vsi/test_wire.py::test_each_fault_on_the_wire_is_classed_and_sent_once",),
        (
            Change(_CLIENT, "allow_redirects=False", "allow_redirects=True"),
            Change(_CLIENT, "        if self._started:\n            raise _SecondSend\n", ""),
        ),
    ),
    Mutant(
        "redirects off, alone",
        "a redirect is not even begun, and the operator hears of it",
        ("tests/vsi/test_wire.py::test_each_fault_on_the_wire_is_classed_and_sent_once",),
        (Change(_CLIENT, "allow_redirects=False", "allow_redirects=True"),),
    ),
    Mutant(
        "unsent is proven",
        "an error of connecting is not believed once a connection stood",
        ("tests/vsi/test_seam.py::test_an_error_of_connecting_is_not_believed_once_a_connection_stood",),
        (Change(_CLIENT, "if not self._connected and isinstance(error", "if isinstance(error"),),
    ),
    Mutant(
        "only unsent is tried again",
        "a request that may have left is never made again",
        ("tests/vsi/test_wire.py::test_each_fault_on_the_wire_is_classed_and_sent_once",),
        (
            Change(
                _CLIENT,
                "            if reply.transport is not Transport.UNSENT:\n                break\n",
                "            if reply.transport is Transport.ANSWERED:\n                break\n",
            ),
        ),
    ),
    Mutant(
        "payment retried in the process",
        "a payment without an answer is not made again",
        (f"{_BUYING}::test_each_mishap_of_the_sandbox_ends_with_one_payment_and_clean_books",),
        (
            Change(
                _PURCHASING,
                '        self._point("answer read")\n',
                "        if reply.status is None:\n            reply = await self._supplier.send(request)\n"
                '        self._point("answer read")\n',
            ),
        ),
    ),
    Mutant(
        "re-payment after a restart",
        "a payment that may exist is never sent by the next process: SENDING is not CONFIRMED, whatever the index says",
        (f"{_CRASHES}::test_a_crash_at_any_point_loses_nothing_and_pays_once",),
        (
            _ONE_PAYMENT,
            Change(_PURCHASING, "    found = _in_state(tx, State.CONFIRMED)\n", "    found = _open(tx)\n"),
            Change(
                _PURCHASING,
                "    if purchase.state is not State.CONFIRMED or not breaker",
                "    if purchase.state not in (State.CONFIRMED, State.SENDING, State.UNKNOWN) or not breaker",
            ),
            Change(
                _TABLE,
                "    (State.CONFIRMED, Event.SEND): State.SENDING,\n",
                "    (State.CONFIRMED, Event.SEND): State.SENDING,\n    (State.SENDING, Event.SEND): State.SENDING,\n"
                "    (State.UNKNOWN, Event.SEND): State.SENDING,\n",
            ),
        ),
    ),
    Mutant(
        "one payment row",
        "the database itself refuses a second payment of a purchase",
        ("tests/store/test_constraints.py",),
        (_ONE_PAYMENT,),
    ),
    Mutant(
        "row before the wire",
        "SENDING is on disk before a byte leaves",
        (_CRASHES,),
        (
            Change(
                _PURCHASING,
                "        begun = await self._store.write("
                "_begin_payment, number, self._supplier, self._shop, self._now())\n"
                "        if begun is None:\n            return\n        exchange_id, request = begun\n"
                '        self._point("after T3")\n        reply = await self._supplier.send(request)\n',
                "        purchase = await self._store.read(purchases.by_id, number)\n"
                "        reply = await self._supplier.send(Pay(purchase.trxid, purchase.denomination, "
                "purchase.refnum))\n"
                "        begun = await self._store.write("
                "_begin_payment, number, self._supplier, self._shop, self._now())\n"
                "        if begun is None:\n            return\n        exchange_id, request = begun\n"
                '        self._point("after T3")\n',
            ),
        ),
    ),
    Mutant(
        "confirmed grows old",
        "a confirmed purchase that was not sent within a minute is given back, not sent as a surprise",
        (
            f"{_CRASHES}::test_a_crash_at_any_point_loses_nothing_and_pays_once",
            f"{_CRASHES}::test_what_waited_too_long_is_given_back_and_never_sent",
        ),
        (
            Change(
                _PURCHASING,
                "            if self._now() - purchase.since >= self._shop.waits.confirmed:",
                "            if purchase.since < 0:",
            ),
            Change(
                _PURCHASING,
                "    if abs(now - since) >= shop.waits.confirmed:",
                "    if since < 0:",
            ),
        ),
    ),
    Mutant(
        "clock set back",
        "a confirmed purchase is old by either direction of the clock, and asked again in the unit that sends it",
        ("tests/services/test_interleavings.py::test_a_clock_set_back_sends_nothing_late",),
        (
            Change(
                _PURCHASING,
                "    if abs(now - since) >= shop.waits.confirmed:",
                "    if since < 0:",
            ),
        ),
    ),
    Mutant(
        "state and version",
        "a change is written only over the state and version that it was made from",
        ("tests/store/test_constraints.py",),
        (
            Change(
                "bot/store/sql/queries/purchases.sql",
                "WHERE id = :id AND state = :was AND ver = :was_ver;",
                "WHERE id = :id AND :was = :was AND :was_ver = :was_ver;",
            ),
        ),
    ),
    Mutant(
        "midnight",
        "no payment starts within seconds of midnight WIB, where date and hash change",
        ("tests/vsi/test_wire.py::test_nothing_starts_within_seconds_of_midnight",),
        (
            Change(
                _CLIENT,
                "        if isinstance(request, Advise):\n            return\n",
                "        if request:\n            return\n",
            ),
        ),
    ),
    Mutant(
        "plain http",
        "the day's password crosses no open network by accident",
        ("tests/vsi/test_wire.py::test_plain_http_abroad_needs_a_word_of_its_own",),
        (
            Change(
                _CLIENT,
                'if parts.scheme == "http" and not _is_loopback(host) and not self.insecure_http:',
                'if parts.scheme == "ftp":',
            ),
        ),
    ),
    Mutant(
        "one process",
        "two processes never work on one database",
        ("tests/store/test_sqlite.py::test_a_second_process_is_refused_and_told_who_holds_it",),
        (
            Change(
                "bot/store/lock.py",
                "fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)",
                "self._descriptor += 0",
            ),
        ),
    ),
)
