"""The supplier's client from the settings: the one place where the secret leaves them."""

from bot import clock
from bot.settings import Deadlines, Settings, SettingsError
from bot.vsi.client import VsiAccess, VsiClient, VsiConfigError, Waits


def client(settings: Settings, deadlines: Deadlines, now: clock.Now = clock.now) -> VsiClient:
    """A client of the supplier that the settings name. Raises `SettingsError` on an address it may not talk to."""
    access = VsiAccess(
        settings.vsi_url, settings.vsi_cid, settings.vsi_secret.get_secret_value(), settings.vsi_insecure_http
    )
    waits = Waits(pay=deadlines.pay, other=deadlines.other, midnight_pause=deadlines.midnight)
    try:
        return VsiClient(access, waits, now)
    except VsiConfigError as error:
        raise SettingsError(str(error)) from None
