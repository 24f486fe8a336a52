"""A plain bot on aiogram 3: its finite state machine, its webhook handler for aiohttp, states in memory or in Redis.

The handler answers the webhook first and works in the background, which is what makes it quick; what was answered
for and not yet done is gone with the process. Started with the environment that `till.Api` reads.
"""

from aiogram import Bot, Dispatcher, F, Router  # type: ignore[import-not-found]
from aiogram.client.session.aiohttp import AiohttpSession  # type: ignore[import-not-found]
from aiogram.client.telegram import TelegramAPIServer  # type: ignore[import-not-found]
from aiogram.fsm.context import FSMContext  # type: ignore[import-not-found]
from aiogram.fsm.state import State, StatesGroup  # type: ignore[import-not-found]
from aiogram.fsm.storage.memory import MemoryStorage  # type: ignore[import-not-found]
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message  # type: ignore[import-not-found]
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application  # type: ignore[import-not-found]
from aiohttp import web

from benchmarks.telegram.peers import till
from bot import logs

_API = till.Api()
_TILL = till.Till()


class Buy(StatesGroup):  # type: ignore[misc]  # the library is not in the environment that checks types
    meter = State()
    amount = State()
    pay = State()


def _keyboard(rows: list[list[tuple[str, str]]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data) for text, data in row] for row in rows]
    )


async def begin(message: Message, state: FSMContext) -> None:
    await state.set_state(Buy.meter)
    await message.answer(till.ASK_METER)


async def meter(message: Message, state: FSMContext) -> None:
    inquiry = await _TILL.inquire(message.text or "")
    if inquiry is None:
        await message.answer(till.ASK_METER)
        return
    await state.set_state(Buy.amount)
    await state.update_data(name=inquiry.name, msn=inquiry.msn, refnum=inquiry.refnum)
    await message.answer(till.card(inquiry), reply_markup=_keyboard(till.amount_rows()))


async def amount(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    thousands = int(query.data.partition(":")[2])
    data = await state.update_data(thousands=thousands)
    await state.set_state(Buy.pay)
    text = till.quote(data["name"], data["msn"], thousands, _TILL.left(query.message.chat.id, thousands))
    await query.message.edit_text(text, reply_markup=_keyboard(till.pay_rows(thousands)))


async def pay(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    data = await state.get_data()
    await state.clear()
    await query.message.edit_text(till.PROCESSING)
    digits = await _TILL.pay(query.message.chat.id, data["refnum"], data["thousands"])
    if digits is None:
        await query.message.answer(till.FAILED)
    else:
        await query.message.answer(till.token(digits, data["msn"]), parse_mode="HTML")


async def cancel(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    await state.clear()
    await query.message.edit_text("Dibatalkan.")


async def _start(bot: Bot) -> None:
    url = f"http://127.0.0.1:{_API.port}/telegram"
    await bot.set_webhook(url, secret_token=_API.secret, allowed_updates=["message", "callback_query"])


def _storage() -> object:
    if not _API.redis_url:
        return MemoryStorage()
    from aiogram.fsm.storage.redis import RedisStorage  # type: ignore[import-not-found]  # noqa: PLC0415
    from redis.asyncio import BlockingConnectionPool, Redis  # type: ignore[import-not-found]  # noqa: PLC0415

    # the default pool refuses the hundred-and-first connection, and the update that needed it is lost
    pool = BlockingConnectionPool.from_url(_API.redis_url, max_connections=50, timeout=60)
    return RedisStorage(Redis.from_pool(pool))


def main() -> None:
    logs.set_up("ERROR")
    router = Router()
    router.message.register(begin, F.text.regexp("^/?beli$"))
    router.message.register(meter, Buy.meter, F.text)
    router.callback_query.register(amount, Buy.amount, F.data.startswith("amount:"))
    router.callback_query.register(pay, Buy.pay, F.data == "pay")
    router.callback_query.register(cancel, F.data == "cancel")
    dispatcher = Dispatcher(storage=_storage())
    dispatcher.include_router(router)
    dispatcher.startup.register(_start)
    bot = Bot(_API.token, session=AiohttpSession(api=TelegramAPIServer.from_base(_API.url)))
    application = web.Application()
    handler = SimpleRequestHandler(dispatcher, bot, handle_in_background=True, secret_token=_API.secret)
    handler.register(application, path="/telegram")
    setup_application(application, dispatcher, bot=bot)
    web.run_app(application, host="127.0.0.1", port=_API.port, print=None, access_log=None, loop=till.loop())


if __name__ == "__main__":
    main()
