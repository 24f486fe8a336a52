"""Mutants about WhatsApp: who is believed, who a name is, and what a platform's later word does."""

from tests.mutants.mutant import Change, Mutant

_READING = "bot/channels/whatsapp/reading.py"
_SENDING = "bot/channels/whatsapp/sending.py"
_POLICY = "bot/messaging/policy.py"
_ADDRESSES = "bot/services/addresses.py"
_PEOPLE = "bot/store/sql/queries/people.sql"
_DOOR = "tests/whatsapp/test_door.py"
_WINDOW = "tests/whatsapp/test_window.py"
_STATUSES = "tests/whatsapp/test_statuses.py"
_NAMES = "tests/services/test_addresses.py"

CHANNELS = (
    Mutant(
        "signature",
        "a delivery that the platform did not sign changes nothing",
        (f"{_DOOR}::test_what_is_not_signed_by_the_platform_is_refused_and_nothing_is_stored",),
        (
            Change(
                _READING,
                '    return hmac.compare_digest(wanted.encode(), header.encode("utf-8", "replace"))\n',
                "    return bool(wanted and header)\n",
            ),
        ),
    ),
    Mutant(
        "moved names",
        "a number that changed hands proves nothing about its new holder",
        (_NAMES,),
        (Change(_ADDRESSES, '        self._set(chat, name, "moved")\n', '        self._set(chat, name, "sure")\n'),),
    ),
    Mutant(
        "rights by sure names",
        "only a name that is somebody's for sure makes him an agent or an owner",
        (_NAMES,),
        (
            Change(
                _PEOPLE,
                "WHERE a.conversation_id = :conversation_id AND a.state = 'sure' ORDER BY a.kind;",
                "WHERE a.conversation_id = :conversation_id AND a.state <> 'gone' ORDER BY a.kind;",
            ),
        ),
    ),
    Mutant(
        "window",
        "after a day of silence nothing but a template leaves",
        (f"{_WINDOW}::test_after_it_only_a_template_leaves_and_the_rest_is_dropped_in_silence",),
        (Change(_SENDING, "outgoing.heard_at > self._waits.window", "outgoing.heard_at > 9 * self._waits.window"),),
    ),
    Mutant(
        "delivered beats failed",
        "a failure that is told after a proof of delivery makes no second copy",
        (f"{_STATUSES}::test_what_was_delivered_cannot_fail_any_more",),
        (Change(_POLICY, "and not (status.is_whole and row.proof > 1)", ""),),
    ),
    Mutant(
        "failures by status",
        "what was accepted and then failed is sent again",
        (_STATUSES, _WINDOW),
        (
            Change(
                _POLICY,
                "    elif status.result is not None and is_current",
                "    elif status.result is None and is_current",
            ),
        ),
    ),
)
