"""The methods that a bot calls: which there are, what they take, and the common parts of those that send.

A method checks as the server does, changes the state and returns its result. What a bot passes and no method knows is
recorded, so that a test hears of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.telegram.double import entities
from tests.telegram.double.markup import Markup, parse_markup
from tests.telegram.double.phones import Chat, File, Shown
from tests.telegram.double.state import State
from tests.telegram.double.wire import Given, Json, Refused, bad

Run = Callable[[State, Given], Any]
_EFFECTS = {"5104841245755180586", "5107584321108051014", "5159385139981059251", "5046509860389126442"}
SENDING = (
    "chat_id reply_parameters reply_markup disable_notification protect_content message_effect_id "
    "business_connection_id message_thread_id allow_paid_broadcast direct_messages_topic_id "
    "suggested_post_parameters parse_mode"
)


@dataclass(frozen=True, slots=True)
class Method:
    """Its name as the documents spell it, its parameters, and what it does; nothing where the poller does it."""

    name: str
    params: frozenset[str]
    run: Run | None


METHODS: dict[str, Method] = {}


def method(name: str, params: str = "") -> Callable[[Run], Run]:
    """Enter a function as a method."""

    def enter(run: Run) -> Run:
        METHODS[name.lower()] = Method(name, frozenset(params.split()), run)
        return run

    return enter


METHODS["getupdates"] = Method("getUpdates", frozenset(["offset", "limit", "timeout", "allowed_updates"]), None)


def reachable(state: State, chat: Chat) -> None:
    """What the server finds out only when it tries to deliver."""
    if chat.deactivated:
        raise Refused(403, "Forbidden: user is deactivated")
    if chat.blocked:
        raise Refused(403, "Forbidden: bot was blocked by the user")
    if chat.left:
        raise Refused(403, "Forbidden: bot is not a member of the group chat")
    state.pace.spend(chat.id)


def formatted(state: State, given: Given, name: str = "text") -> tuple[str, str, list[Json]]:
    """The source, the plain text and its entities."""
    source = given.text(name)
    if len(source.encode("utf-8", "surrogatepass")) > 32_768:
        raise bad("text is too long")
    mode = given.text("parse_mode").lower()
    found: list[Json] = []
    plain = source
    if mode == "html":
        plain, found = entities.parse_html(source)
    elif mode:
        state.unsupported.append(f"parse_mode {mode}")
        raise bad("unsupported parse_mode")
    elif (raw := given.json("entities" if name == "text" else "caption_entities")) is not None:
        found = raw
    plain, found = entities.tidy(plain, found)
    return source, plain, found


def markup_of(state: State, given: Given) -> Markup | None:
    return parse_markup(given.json("reply_markup"), state.unsupported.append)


def _replied(given: Given, chat: Chat) -> int | None:
    wanted = given.json("reply_parameters")
    if wanted is None:
        return None
    number = wanted.get("message_id") if isinstance(wanted, dict) else None
    target = chat.messages.get(number) if isinstance(number, int) else None
    if target is not None and not target.deleted:
        return target.message_id
    if isinstance(wanted, dict) and wanted.get("allow_sending_without_reply"):
        return None
    raise bad("message to be replied not found")


def send(state: State, given: Given, kind: str, content: tuple[str, str, list[Json]], file: File | None = None) -> Json:
    """Put a message on a phone, after everything that can be refused was."""
    source, plain, found = content
    chat = state.chat_of(given.values.get("chat_id"))
    markup = markup_of(state, given)
    reply_to = _replied(given, chat)
    if (effect := given.text("message_effect_id")) and effect not in _EFFECTS:
        raise bad("EFFECT_ID_INVALID")
    reachable(state, chat)
    inline = markup.rows if markup and markup.kind == "inline" else ()
    shown = state.show(
        chat, kind, plain, mine=False, html=source, entities=found, buttons=inline, reply_to=reply_to, file=file,
        reply_keyboard=bool(markup and markup.kind != "inline"),
    )  # fmt: skip
    if markup and markup.kind in {"reply", "remove"}:
        chat.keyboard = markup.rows
    return state.message_json(shown)


@method("getMe")
def _get_me(state: State, _given: Given) -> Json:
    return state.bot | {
        "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False,
        "can_connect_to_business": False, "has_main_web_app": False,
    }  # fmt: skip


@method("sendMessage", f"{SENDING} text entities link_preview_options")
def _send_message(state: State, given: Given) -> Json:
    content = formatted(state, given)
    if not content[1]:
        raise bad("message text is empty")
    if len(content[1]) > 4096:
        raise bad("message is too long")
    return send(state, given, "text", content)


@method("sendChatAction", "chat_id action business_connection_id message_thread_id")
def _send_chat_action(state: State, given: Given) -> bool:
    chat = state.chat_of(given.values.get("chat_id"))
    actions = {"typing", "upload_photo", "upload_document", "record_voice", "upload_voice", "choose_sticker"}
    if given.text("action") not in actions:
        raise bad("wrong parameter action in request")
    if chat.blocked:
        raise Refused(403, "Forbidden: bot was blocked by the user")
    chat.typing += 1
    state.change(chat)
    return True


@method("answerCallbackQuery", "callback_query_id text show_alert url cache_time")
def _answer_callback_query(state: State, given: Given) -> bool:
    query = state.queries.get(given.text("callback_query_id"))
    if len(given.text("text")) > 200:
        raise bad("MESSAGE_TOO_LONG")
    if query is None or query.answers or state.clock.now() - query.at > state.query_lives:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    query.answers.append((state.clock.now(), given.text("text"), given.flag("show_alert")))
    state.answered.append(query)
    state.change(state.chats[query.chat])
    return True


@method("deleteMessage", "chat_id message_id")
def _delete_message(state: State, given: Given) -> bool:
    chat = state.chat_of(given.values.get("chat_id"))
    shown = chat.messages.get(given.integer("message_id"))
    if shown is None or shown.deleted:
        raise bad("message to delete not found")
    if state.clock.now() - shown.at > 48 * 3_600 or (chat.kind == "group" and shown.mine):
        raise bad("message can't be deleted")
    shown.deleted = True
    shown.changed = state.change(chat)
    return True


@method("leaveChat", "chat_id")
def _leave_chat(state: State, given: Given) -> bool:
    chat = state.chat_of(given.values.get("chat_id"))
    if chat.kind == "private":
        raise bad("chat member status can't be changed in private chats")
    if chat.left:
        raise Refused(403, "Forbidden: bot is not a member of the group chat")
    chat.left = True
    state.change(chat)
    return True


def edited(state: State, given: Given) -> tuple[Chat, Shown]:
    """The message that an edit names, or the refusal."""
    if "inline_message_id" in given:
        state.unsupported.append("inline_message_id")
    chat = state.chat_of(given.values.get("chat_id"))
    if not given.integer("message_id"):
        raise bad("message identifier is not specified")
    shown = chat.messages.get(given.integer("message_id"))
    if shown is None or shown.deleted:
        raise bad("message to edit not found")
    if shown.mine or shown.reply_keyboard:
        raise bad("message can't be edited")
    return chat, shown


def alter(state: State, given: Given, shown: Shown, content: tuple[str, str, list[Json]]) -> Json:
    """Change a message; without a keyboard in the call it loses the one it had."""
    markup = markup_of(state, given)
    if markup is not None and markup.kind != "inline":
        raise bad("inline keyboard expected")
    buttons = markup.rows if markup else ()
    source, plain, found = content
    if (plain, found, buttons) == (shown.text, shown.entities, shown.buttons):
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    state.alter(shown, source, plain, found, buttons)
    return state.message_json(shown)


_EDITING = "chat_id message_id inline_message_id reply_markup business_connection_id"


@method("editMessageText", f"{_EDITING} text parse_mode entities link_preview_options")
def _edit_message_text(state: State, given: Given) -> Json:
    content = formatted(state, given)
    if not content[1]:
        raise bad("message text is empty")
    chat, shown = edited(state, given)
    if len(content[1]) > 4096:
        raise bad("MESSAGE_TOO_LONG")
    if shown.kind != "text":
        raise bad("there is no text in the message to edit")
    reachable(state, chat)
    return alter(state, given, shown, content)


@method("editMessageReplyMarkup", _EDITING)
def _edit_message_reply_markup(state: State, given: Given) -> Json:
    chat, shown = edited(state, given)
    reachable(state, chat)
    return alter(state, given, shown, (shown.html, shown.text, shown.entities))
