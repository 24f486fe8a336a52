"""The double as a process of its own: prints where it is and its keys, then serves until it is ended."""

import asyncio

from tests.double import process
from tests.whatsapp.double import Clock, CloudApi


async def main() -> None:
    parser = process.arguments("python -m tests.whatsapp.double", __doc__)
    parser.add_argument("--webhook", default="", help="where deliveries go")
    given = parser.parse_args()
    stopped = process.ended()
    api = CloudApi(
        seed=given.seed, clock=Clock(factor=given.factor), port=given.port, control_port=given.control_port
    )  # fmt: skip
    if given.no_pace:
        api.pace.off()
    process.spoil(api, given.chance)
    api.deliver_to(given.webhook)
    async with api:
        access = api.state.access
        print(f"WHATSAPP_API_URL={api.url}", flush=True)
        print(f"WHATSAPP_TOKEN={access.token}", flush=True)
        print(f"WHATSAPP_PHONE_NUMBER_ID={access.phone_number_id}", flush=True)
        print(f"WHATSAPP_APP_SECRET={access.app_secret}", flush=True)
        print(f"WHATSAPP_VERIFY_TOKEN={access.verify_token}", flush=True)
        print(f"CONTROL_URL={api.control_url}", flush=True)
        await stopped.wait()


if __name__ == "__main__":
    asyncio.run(main())
