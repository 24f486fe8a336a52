"""`python -m tests.simulation`: a campaign of the model, and its page in docs/proof."""

import argparse
import sys
import time

from tests.simulation import campaign


def main() -> int:
    """Run, write the page if asked, and end with 1 on a violation."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of the first chunk; the others count up from it")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="write docs/proof/model.md")
    given = parser.parse_args()
    started = time.monotonic()
    made = campaign.run(given.examples, given.steps, given.seed, given.processes)
    seconds = time.monotonic() - started
    last = given.seed + -(-given.examples // campaign.CHUNK) - 1
    command = f"python -m tests.simulation --examples {given.examples} --steps {given.steps} --seed {given.seed}"
    text = campaign.page(made, command, (given.seed, last), seconds)
    if given.write:
        campaign.PAGE.parent.mkdir(parents=True, exist_ok=True)
        campaign.PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 1 if made.violations else 0


if __name__ == "__main__":
    sys.exit(main())
