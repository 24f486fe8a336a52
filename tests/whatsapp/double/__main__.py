"""The double as a process of its own: prints where it is and its keys, then serves until it is ended."""

import argparse
import asyncio
import signal

from tests.double.faults import kind_of
from tests.whatsapp.double import Clock, CloudApi


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.whatsapp.double", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--webhook", default="", help="where deliveries go")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--factor", type=float, default=1.0, help="by how much every wait is compressed")
    parser.add_argument("--no-pace", action="store_true", help="without WhatsApp's speed limits")
    parser.add_argument("--chance", action="append", default=[], metavar="KIND=P", help="a fault by chance")
    given = parser.parse_args()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    api = CloudApi(
        seed=given.seed, clock=Clock(factor=given.factor), port=given.port, control_port=given.control_port
    )  # fmt: skip
    if given.no_pace:
        api.pace.off()
    for one in given.chance:
        kind, _, probability = one.partition("=")
        api.chance(kind_of(kind), float(probability))
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
