"""What owners read and press when sales stop, in both languages, on whatever channel."""

from bot.sandbox import Raw

NOT_CONFIGURED = Raw(b"<root><status>ERROR</status><rc>0046</rc><rcm>[46] TIDAK BISA ke:1</rcm></root>")
STOPPED = {"id": "penjualan BERHENTI sejak", "en": "sales STOPPED since"}
TAKE = {"id": "✅ Saya urus", "en": "✅ I take it"}
QUIET = {"id": "🔕 Diam 2 jam", "en": "🔕 Quiet 2 h"}
TRY = {"id": "▶️ Coba buka", "en": "▶️ Try to open"}
SOUND = {"id": "🔔 Bunyikan lagi", "en": "🔔 Sound again"}
TRIED = {"id": "▶️ Dicoba buka", "en": "▶️ Trying to open"}
OPENED = {"id": "🟢 Penjualan dibuka lagi", "en": "🟢 Sales are open again"}
OPEN = {"id": "▶️ Buka", "en": "▶️ Open"}
ORDER_AGAIN = {"id": "🔁 Cek ulang", "en": "🔁 Check again"}
CLOSED = {"id": "Penjualan ditutup", "en": "Sales closed"}
SHUT = {"id": "tutup stok opname", "en": "close stok opname"}
