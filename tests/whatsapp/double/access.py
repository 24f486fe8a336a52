"""What an app needs to speak with the platform, and what the platform calls the business that it speaks for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """The keys of one app and the names of its one number."""

    token: str = "EAAGsetrumSetrumSetrumSetrumSetrumSetrumSetrumZD"
    phone_number_id: str = "106540352242922"
    app_secret: str = "5e7ru4p1a6b2c3d4e5f60718293a4b5c"
    verify_token: str = "nobody-else-verifies"
    version: str = "v26.0"
    account_id: str = "102290129340398"  # the WhatsApp Business account
    display_phone_number: str = "6281100009999"
    verified_name: str = "Setrum Uji"


ACCESS = Access()
