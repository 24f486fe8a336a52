"""The supplier's client from the settings: the one place where the secret leaves them."""

from bot import clock
from bot.settings import Deadlines, Settings, SettingsError
from bot.vsi.client import VsiAccess, VsiClient, VsiConfigError, Waits


def client(settings: Settings, deadlines: Deadlines, now: clock.Now = clock.now) -> VsiClient:
    """A client of the supplier that the settings name. Raises `SettingsError` on an address it may not talk to."""
    secret = settings.vsi_secret.get_secret_value()
    waits = Waits(pay=deadlines.pay, other=deadlines.other, midnight_pause=deadlines.midnight)
    try:
        access = VsiAccess(settings.vsi_url, settings.vsi_cid, secret, settings.vsi_insecure_http)
    except VsiConfigError as error:
        raise SettingsError(str(error)) from None
    return VsiClient(access, waits, now)
