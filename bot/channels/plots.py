"""A message's chart in its reader's words, ready to be drawn; for the channels that send pictures."""

import asyncio
from datetime import tzinfo

from bot.documents import chart
from bot.documents.chart import Plot
from bot.domain.message import Chart, Text
from bot.i18n import Renderer


def plotted(wanted: Chart, renderer: Renderer, language: str, zone: tzinfo) -> Plot:
    """The chart with every text filled in."""
    now, before = (renderer.render(text, language, zone) for text in wanted.legend)
    return Plot(
        name=wanted.name,
        title=renderer.render(wanted.title, language, zone),
        total=renderer.render(wanted.total, language, zone),
        legend=(now, before),
        labels=tuple(renderer.render(text, language, zone) for text in wanted.labels),
        now=wanted.now,
        before=wanted.before,
        units=(
            renderer.render(Text("sum.thousand"), language, zone),
            renderer.render(Text("sum.million"), language, zone),
        ),
        mark=renderer.render(wanted.mark, language, zone) if wanted.mark else "",
    )


async def drawn(plot: Plot) -> bytes:
    """The PNG, made beside the loop: it takes longer than a message may wait."""
    return await asyncio.to_thread(chart.png, plot)
