"""The double as a process of its own: prints where it is, then serves until it is ended."""

import asyncio

from tests.double import process
from tests.telegram.double import TOKEN, BotApi, Clock


async def main() -> None:
    parser = process.arguments("python -m tests.telegram.double", __doc__)
    parser.add_argument("--token", default=TOKEN)
    given = parser.parse_args()
    stopped = process.ended()
    api = BotApi(
        token=given.token, seed=given.seed, clock=Clock(factor=given.factor), port=given.port,
        control_port=given.control_port,
    )  # fmt: skip
    if given.no_pace:
        api.state.pace.off()
    process.spoil(api, given.chance)
    async with api:
        print(f"TELEGRAM_API_URL={api.url}", flush=True)
        print(f"TELEGRAM_TOKEN={api.token}", flush=True)
        print(f"CONTROL_URL={api.control_url}", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main())
