"""Where the sentences of the contract are proven that `test_contract` leaves out, and where they mean nothing."""

TELEGRAM, WHATSAPP = "tests/telegram", "tests/whatsapp"
_READING, _LOOK = (f"tests/channels/test_{name}.py" for name in ("reading", "look"))
_INBOX, _LINEUP, _POLICY = (f"tests/messaging/test_{name}.py" for name in ("inbox", "lineup", "policy"))
# sentence of the contract -> module and words of the test that proves it
ELSEWHERE: dict[int, list[tuple[str, str]]] = {
    2: [
        (f"{TELEGRAM}/test_intake.py", "full_disk_did_not_take"),
        (f"{WHATSAPP}/test_intake.py", "full_disk_did_not_take"),
    ],
    4: [
        (_READING, "a_batch_gives_a_row"),
        (f"{TELEGRAM}/test_intake.py", "one_bad_update"),
        (f"{WHATSAPP}/test_intake.py", "every_item_of_a_batch"),
        (f"{WHATSAPP}/test_intake.py", "one_bad_item"),
    ],
    5: [
        (_READING, "no_bytes_make_cutting_fail"),
        (f"{TELEGRAM}/test_intake.py", "of_a_kind"),
        (f"{WHATSAPP}/test_reading.py", "no_bytes_make_cutting_fail"),
        (f"{WHATSAPP}/test_intake.py", "every_kind_of_message"),
        (f"{WHATSAPP}/test_statuses.py", "nobody_has_heard_of"),
    ],
    6: [
        (f"{TELEGRAM}/test_intake.py", "one_bad_update_in_a_batch"),
        (f"{WHATSAPP}/test_intake.py", "one_bad_item_in_a_batch"),
    ],
    7: [
        (f"{TELEGRAM}/test_intake.py", "wrong_or_missing_secret"),
        (f"{TELEGRAM}/test_intake.py", "too_long"),
        (f"{WHATSAPP}/test_door.py", "not_signed_by_the_platform"),
        (f"{WHATSAPP}/test_door.py", "too_long"),
    ],
    9: [
        (f"{TELEGRAM}/test_intake.py", "poller_outlives"),
        (f"{TELEGRAM}/test_intake.py", "platform_that_is_away"),
        (f"{WHATSAPP}/test_intake.py", "platform_that_is_away"),
        (f"{WHATSAPP}/test_intake.py", "while_we_were_down"),
    ],
    13: [(_INBOX, "a_turn_that_fails")],
    14: [("tests/channels/test_contract.py", "hanging_supplier")],
    22: [(_LOOK, "every_option_is_offered_once")],
    23: [(_LOOK, "every_text_with_the_longest_values")],
    25: [(_LOOK, "beyond_the_limit_is_split")],
    28: [
        (f"{TELEGRAM}/test_sending.py", "sending_is_unclear"),
        (f"{TELEGRAM}/test_sending.py", "after_the_first"),
        (f"{WHATSAPP}/test_sending.py", "taken_and_never_confirmed"),
        (f"{WHATSAPP}/test_sending.py", "after_the_first"),
        (f"{WHATSAPP}/test_stopping.py", "killed_process"),
    ],
    29: [
        (f"{TELEGRAM}/test_sending.py", "twice_at_most"),
        (f"{TELEGRAM}/test_sending.py", "answered_meanwhile"),
        (f"{WHATSAPP}/test_sending.py", "twice_at_most"),
        (f"{WHATSAPP}/test_sending.py", "answered_meanwhile"),
    ],
    30: [
        (f"{TELEGRAM}/test_sending.py", "nothing_left_makes_no"),
        (f"{WHATSAPP}/test_sending.py", "nothing_left_makes_no"),
    ],
    31: [
        (f"{TELEGRAM}/test_sending.py", "a_chat_that_is_too_fast"),
        (_LINEUP, "waits_alone"),
        (f"{WHATSAPP}/test_sending.py", "written_to_too_fast"),
        (f"{WHATSAPP}/test_sending.py", "the_number_is_too_fast"),
    ],
    32: [(f"{TELEGRAM}/test_sending.py", "thirty_messages"), (f"{WHATSAPP}/test_sending.py", "thirty_messages")],
    33: [(f"{TELEGRAM}/test_sending.py", "whoever_blocks"), (f"{WHATSAPP}/test_sending.py", "whoever_blocks")],
    34: [
        (f"{TELEGRAM}/test_sending.py", "a_refused_token_of_the_bot"),
        (f"{WHATSAPP}/test_sending.py", "a_refused_access"),
    ],
    35: [(f"{TELEGRAM}/test_sending.py", "arrives_plain"), (f"{WHATSAPP}/test_codes.py", "a_refusal_at_once")],
    36: [
        (f"{TELEGRAM}/test_sending.py", "changes_nothing"),
        (f"{TELEGRAM}/test_sending.py", "no_longer_be_edited"),
        (f"{WHATSAPP}/test_sending.py", "an_edit_is_nothing"),
    ],
    37: [
        (f"{WHATSAPP}/test_window.py", "within_the_window"),
        (f"{WHATSAPP}/test_window.py", "only_a_template_leaves"),
        (f"{WHATSAPP}/test_window.py", "turns_the_same_row_into_its_template"),
    ],
    38: [
        (f"{WHATSAPP}/test_sending.py", "a_status_proves"),
        (f"{WHATSAPP}/test_statuses.py", "however_statuses_come"),
        (f"{WHATSAPP}/test_statuses.py", "acts_once"),
        (_POLICY, "in_any_order"),
    ],
    40: [(f"{TELEGRAM}/test_logs.py", "at_debug"), (f"{WHATSAPP}/test_logs.py", "at_debug")],
    42: [
        (f"{TELEGRAM}/test_sending.py", "a_stop_in_the_middle"),
        (f"{TELEGRAM}/test_intake.py", "while_we_were_down"),
        (f"{WHATSAPP}/test_stopping.py", "a_stop_in_the_middle"),
        (f"{WHATSAPP}/test_intake.py", "while_we_were_down"),
    ],
    43: [("tests/e2e/test_commands.py", "lets_go_on_a_signal"), (f"{TELEGRAM}/test_intake.py", "another_process")],
    44: [
        (f"{TELEGRAM}/test_dialogues.py", "cannot_be_read"),
        (f"{TELEGRAM}/test_dialogues.py", "edited_message"),
        (f"{WHATSAPP}/test_intake.py", "every_kind_of_message"),
    ],
}
# what a sentence is about, where not every channel has it
NEEDS = {7: "webhook", 37: "window", 38: "statuses"}
SKIPPED = {
    (7, "console"): "nobody posts to it",
    (7, "polling"): "nobody posts to it",
    (37, "console"): "may be written to at any time",
    (37, "polling"): "may be written to at any time",
    (37, "webhook"): "may be written to at any time",
    (38, "console"): "tells nothing afterwards",
    (38, "polling"): "tells nothing afterwards",
    (38, "webhook"): "tells nothing afterwards",
}
