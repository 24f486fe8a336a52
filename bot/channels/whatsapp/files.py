"""Files that people send on WhatsApp: a file's id becomes an address that lives five minutes, fetched with our access.

The address comes in an answer, so our access goes with it only to the platform's own hosts.
"""

from yarl import URL

from bot.channels.whatsapp.graph import Access, Graph, GraphRefusedError
from bot.channels.wire import NotSentError, TooLargeError, UnclearError, Wire
from bot.messaging.channel import UnfetchedError

_HOSTS = (".fbsbx.com", ".facebook.com")  # where the platform keeps files
_AGENT = "setrum"  # the file hosts want to be told who asks


class Files:
    """The files of one phone number, over lines of their own: a slow file keeps no message waiting."""

    def __init__(self, graph: Graph, access: Access, wire: Wire) -> None:
        self._graph = graph
        self._home = URL(access.url)
        self._headers = {"Authorization": f"Bearer {access.token}", "User-Agent": _AGENT}
        self._wire = wire

    async def fetch(self, file: str, most: int) -> bytes:
        """The bytes of a file. Raises `UnfetchedError`."""
        try:
            address = URL(await self._graph.address(file))
            if not is_theirs(address, self._home):
                raise UnfetchedError("an address elsewhere")
            status, body = await self._wire.call(address, "GET", headers=self._headers, most=most)
        except GraphRefusedError as refused:
            raise UnfetchedError(f"refused, code {refused.error.code}", again=refused.error.status >= 500) from None
        except TooLargeError:
            raise UnfetchedError("too large") from None
        except ValueError:
            raise UnfetchedError("no address") from None
        except (NotSentError, UnclearError) as error:
            raise UnfetchedError(str(error), again=True) from None
        if status != 200:
            raise UnfetchedError(f"HTTP {status}", again=status >= 500)
        return body


def is_theirs(address: URL, home: URL) -> bool:
    """Whether our access may go there: to the API itself, or by https to a host that the platform keeps files on."""
    if address.user is not None or address.password is not None or address.scheme not in ("https", "http"):
        return False
    if address.origin() == home.origin():
        return True
    return address.scheme == "https" and address.port == 443 and (address.host or "").endswith(_HOSTS)
