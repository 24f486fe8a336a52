"""Amounts as they are sold and said: the list of denominations, and `50rb` for 50.000. Never a price."""


def spoken(amount: int) -> str:
    """`20rb`, `1jt`, and `51.600` for what has no short form; the same in both languages."""
    if amount >= 1_000_000 and amount % 100_000 == 0:
        return f"{amount / 1_000_000:g}".replace(".", ",") + "jt"
    if 1_000 <= amount < 1_000_000 and amount % 1_000 == 0:
        return f"{amount // 1000}rb"
    return f"{amount:,}".replace(",", ".")


def listed(amounts: tuple[int, ...]) -> str:
    """`20rb, 50rb, 100rb`: the choice in a sentence."""
    return ", ".join(spoken(amount) for amount in amounts)
