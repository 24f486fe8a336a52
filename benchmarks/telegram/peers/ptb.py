"""A plain bot on python-telegram-bot: a ConversationHandler, PicklePersistence, the library's own webhook server.

Updates are taken one by one, as that handler demands; what waits for the supplier runs with `block=False`, the
library's way to go on meanwhile. Its talks are written when it stops: the default writes all of them for each one that
changed, which with thousands never ends. Started with the environment that `till.Api` reads.
"""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    TypeHandler,
    filters,
)

from benchmarks.telegram.peers import till
from bot import logs

METER, AMOUNT, PAY = range(3)
_STILL_AT_WORK = 0.01
_MOST_DOUBLED = 7
_TRIES: Counter[int] = Counter()
_API = till.Api()
_TILL = till.Till()
_Context = ContextTypes.DEFAULT_TYPE


def _keyboard(rows: list[list[tuple[str, str]]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(text, callback_data=data) for text, data in row] for row in rows]
    )


def _said(update: Update, context: _Context) -> tuple[Message, dict[Any, Any]]:
    assert update.message is not None
    assert context.user_data is not None
    return update.message, context.user_data


def _tapped(update: Update, context: _Context) -> tuple[CallbackQuery, Message, dict[Any, Any]]:
    query = update.callback_query
    assert query is not None
    assert isinstance(query.message, Message)
    assert context.user_data is not None
    return query, query.message, context.user_data


async def begin(update: Update, context: _Context) -> int:
    message, _ = _said(update, context)
    await message.reply_text(till.ASK_METER)
    return METER


async def meter(update: Update, context: _Context) -> int:
    message, data = _said(update, context)
    inquiry = await _TILL.inquire(message.text or "")
    if inquiry is None:
        await message.reply_text(till.ASK_METER)
        return METER
    data.update(name=inquiry.name, msn=inquiry.msn, refnum=inquiry.refnum)
    await message.reply_text(till.card(inquiry), reply_markup=_keyboard(till.amount_rows()))
    return AMOUNT


async def amount(update: Update, context: _Context) -> int:
    query, message, data = _tapped(update, context)
    await query.answer()
    data["thousands"] = thousands = int((query.data or "").partition(":")[2])
    text = till.quote(data["name"], data["msn"], thousands, _TILL.left(message.chat.id, thousands))
    await query.edit_message_text(text, reply_markup=_keyboard(till.pay_rows(thousands)))
    return PAY


async def pay(update: Update, context: _Context) -> int:
    query, message, data = _tapped(update, context)
    await query.answer()
    await query.edit_message_text(till.PROCESSING)
    digits = await _TILL.pay(message.chat.id, data["refnum"], data["thousands"])
    if digits is None:
        await message.reply_text(till.FAILED)
    else:
        await message.reply_html(till.token(digits, data["msn"]))
    return ConversationHandler.END


async def cancel(update: Update, context: _Context) -> int:
    query, _, _ = _tapped(update, context)
    await query.answer()
    await query.edit_message_text("Dibatalkan.")
    return ConversationHandler.END


async def wait(update: Update, context: _Context) -> None:
    """Come again, later each time: the step before this one is still at work."""
    _TRIES[update.update_id] += 1
    await asyncio.sleep(_STILL_AT_WORK * 2 ** min(_TRIES[update.update_id], _MOST_DOUBLED))
    await context.application.update_queue.put(update)


def main() -> None:
    logs.set_up("ERROR")
    till.loop()
    order = filters.Regex("^/?beli$")
    leave: CallbackQueryHandler[_Context, object] = CallbackQueryHandler(cancel, "^cancel$")
    talk = ConversationHandler(
        entry_points=[MessageHandler(order, begin)],
        states={
            METER: [MessageHandler(filters.TEXT & ~order, meter, block=False)],
            AMOUNT: [CallbackQueryHandler(amount, "^amount:"), leave],
            PAY: [CallbackQueryHandler(pay, "^pay$", block=False), leave],
            ConversationHandler.WAITING: [TypeHandler(Update, wait, block=False)],
        },
        fallbacks=[MessageHandler(order, begin)],
        name="buy",
        persistent=True,
    )
    application = (
        Application.builder()
        .token(_API.token)
        .base_url(f"{_API.url}/bot")
        .persistence(PicklePersistence(Path(_API.folder) / "talks.pickle", on_flush=True))
        .pool_timeout(60)
        .read_timeout(60)
        .connect_timeout(60)
        .build()
    )
    application.add_handler(talk)
    application.run_webhook(
        port=_API.port,
        url_path="telegram",
        webhook_url=f"http://127.0.0.1:{_API.port}/telegram",
        secret_token=_API.secret,
        allowed_updates=["message", "callback_query"],
    )


if __name__ == "__main__":
    main()
