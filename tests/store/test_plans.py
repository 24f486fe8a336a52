"""How the database finds what is asked for all day: by an index, however much has been sold and said before."""

import re

import pytest

from bot.store import queries
from tests.world import World

# asked for every message, every send or every second
_ALL_DAY = (
    "address_known",
    "agent_sold_at",
    "address_live",
    "address_set",
    "batch_ahead",
    "batch_has",
    "batch_untold",
    "broadcast_going",
    "broadcast_waiting",
    "conversation_by_address",
    "conversation_by_handle",
    "conversation_by_id",
    "conversation_by_proof",
    "conversation_elsewhere",
    "conversation_has_handle",
    "conversation_heard",
    "conversation_is_cashiers",
    "conversation_waiting",
    "conversation_zone",
    "days_use",
    "erasure_answers",
    "erasure_asked",
    "erasure_asked_steps",
    "erasure_chats",
    "erasure_draft_steps",
    "erasure_drafts",
    "erasure_effects",
    "erasure_fetches",
    "erasure_heard",
    "erasure_is_early",
    "erasure_is_under_way",
    "erasure_of_inbox",
    "erasure_of_parked",
    "erasure_own_phone",
    "erasure_phones",
    "erasure_proved_phones",
    "erasure_requests",
    "erasure_said",
    "erasure_steps",
    "erasure_talks",
    "erasure_unsaid",
    "effect_is_open",
    "errand_open_count",
    "errand_open_list",
    "errand_open_of",
    "errand_prune",
    "export_entries",
    "export_entry_count",
    "export_sale_count",
    "export_sales",
    "export_tokens",
    "effect_open",
    "history_of",
    "history_of_meter",
    "history_of_name",
    "history_of_tail",
    "history_tally",
    "favourite_among",
    "favourite_by_alias",
    "favourite_of_meter",
    "inbox_add",
    "inbox_all_new",
    "inbox_done",
    "inbox_last_order_key",
    "inbox_next",
    "lock_of",
    "log_forget",
    "log_of_session",
    "lookup_by_tail",
    "lookup_by_token",
    "lookup_sent",
    "markup_beneath",
    "markup_changed",
    "markup_holds",
    "member_by_name",
    "member_limited",
    "member_of_chat",
    "meter_is_blocked",
    "meter_latest_sale",
    "meter_sold",
    "metric_inbox",
    "metric_open_purchases",
    "metric_outbox",
    "note_count_of",
    "note_has",
    "late_offer_latest",
    "note_latest",
    "note_of_purchase",
    "stray_decided",
    "stray_of_purchase",
    "outbox_afresh",
    "outbox_answered",
    "outbox_claim",
    "outbox_ext_id",
    "outbox_failed",
    "outbox_for_status",
    "outbox_left_sending",
    "outbox_proven",
    "outbox_prune",
    "outbox_proven_while_sending",
    "outbox_reopen",
    "outbox_retry",
    "outbox_row",
    "outbox_seen",
    "outbox_sent",
    "outbox_supersede",
    "outbox_unknowns",
    "outbox_unpark",
    "outbox_waiting",
    "pin_of",
    "pin_try",
    "proof_list",
    "proof_try_of_chat",
    "proof_try_of_number",
    "proof_try_prune",
    "proved_meter_prune",
    "proved_meter_until",
    "purchase_by_claim",
    "purchase_by_quote",
    "purchase_due_for_advice",
    "purchase_in_state",
    "purchase_last_adm",
    "purchase_latest_of_meter",
    "purchase_open_list",
    "purchase_open_twin",
    "purchase_same_since",
    "purchase_spent",
    "purchase_spent_in_chat",
    "recent_meters",
    "recent_meters_of_chat",
    "regular_among",
    "regular_sales",
    "quote_prune",
    "sale_by_known_meter",
    "sale_by_phone",
    "sale_by_reference",
    "sale_newest_of",
    "sale_phone_prune",
    "sale_shown",
    "sellers_since",
    "session_open",
    "session_lapse",
    "session_prune",
    "session_prune_effects",
    "session_prune_log",
    "statement_held",
    "statement_since",
    "step_by_nonce",
    "step_latest",
    "step_nonces",
    "step_of_question",
    "step_prune",
    "ticket_by_id",
    "ticket_due",
    "ticket_latest",
    "ticket_open",
    "ticket_tails",
    "ticket_undecided",
    "ticket_undecided_of",
    "token_request_add",
    "token_request_new",
    "token_request_of_meter",
    "token_request_prune",
    "token_request_silenced",
    "wrong_code_count",
    "wrong_code_prune",
)
# read backwards from the newest row, and left at the first that fits
_FROM_THE_END = frozenset({"inbox_last_order_key"})
_BY_NO_INDEX = re.compile(r"SCAN (?!place$|.*(?:USING|CONSTANT ROW))")  # `place` counts through what was given


@pytest.mark.parametrize("name", _ALL_DAY)
async def test_what_is_asked_all_day_reads_no_whole_table(shop: World, name: str) -> None:
    statement = queries.load()[name]
    values = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
    plan = await shop.store.raw(lambda one: one.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall())
    steps = [step for *_, step in plan]
    assert [step for step in steps if _BY_NO_INDEX.match(step)] == ([] if name not in _FROM_THE_END else ["SCAN inbox"])


async def test_who_waits_for_the_supplier_is_found_from_those_few(shop: World) -> None:
    statement = queries.load()["conversation_waiting"]
    plan = await shop.store.raw(
        lambda one: one.execute(f"EXPLAIN QUERY PLAN {statement}", {"since": 1, "channel": "telegram"}).fetchall()
    )
    found = [step for *_, step in plan if " c " in step]
    assert found == ["SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"] * 2


async def test_a_meters_sales_are_found_by_the_meter_and_not_through_all_that_its_agent_has_sold(shop: World) -> None:
    statement = queries.load()["history_of_meter"]
    values = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
    plan = await shop.store.raw(lambda one: one.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall())
    found = {step.split(" (")[0] for *_, step in plan if "SEARCH" in step}
    assert found == {f"SEARCH purchase USING INDEX purchase_by_{name}" for name in ("meter", "idpel")}
