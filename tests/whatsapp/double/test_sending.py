from typing import Any

import aiohttp
import pytest

from tests.double.persons import PICTURE
from tests.whatsapp.double import ACCESS, CloudApi, Person
from tests.whatsapp.double.conftest import Wire, addressed, buttons, rows, template, text

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


def row(number: int, **changed: str) -> dict[str, str]:
    return {"id": f"a.{number}", "title": f"Pilihan {number}"} | changed


def sections(*given: dict[str, Any], opener: str = "Pilih") -> dict[str, Any]:
    action = {"button": opener, "sections": list(given)}
    return {"interactive": {"type": "list", "body": {"text": "Nominal?"}, "action": action}}


async def test_an_accepted_message_is_answered_with_its_id_and_the_names(
    wire: Wire, api: CloudApi, budi: Person
) -> None:
    status, envelope = await wire.post(addressed("+62 812-3456-7890", **text("x")))
    assert status == 200
    assert envelope["contacts"] == [{"input": "+62 812-3456-7890", "wa_id": "6281234567890", "user_id": "ID.1"}]
    assert envelope["messages"] == [{"id": budi.screen[0].wamid}]
    status, envelope = await wire.post(addressed("ID.1", **text("y")))
    assert (status, envelope["contacts"]) == (200, [{"input": "ID.1", "user_id": "ID.1"}])
    assert [one.to for one in budi.screen] == ["6281234567890", "ID.1"]
    call = api.calls[-1]
    assert (call.kind, call.person, call.status, call.outcome, call.applied) == ("text", budi.key, 200, "ok", True)
    assert call.params["recipient"] == "ID.1"
    assert api.count("text", budi) == api.count("send") == 2


async def test_of_two_names_the_number_wins(wire: Wire, api: CloudApi, budi: Person) -> None:
    siti = api.person("6281211111111", "Siti", user_id="ID.2")
    siti.say("halo")
    status, _ = await wire.post(addressed(siti.key, **text("x"), recipient="ID.1"))
    assert (status, len(siti.screen), len(budi.screen)) == (200, 1, 0)


async def test_every_type_is_shown_as_it_was_asked_for(wire: Wire, api: CloudApi, budi: Person) -> None:
    picture = (await wire.upload(PICTURE, "image/jpeg"))[1]["id"]
    paper = (await wire.upload(b"%PDF-1.7", "application/pdf", "struk.pdf"))[1]["id"]
    question = await wire.ok(budi.key, **buttons(
        ("n.a", "Bayar"), ("n.b", "Batal"), header={"type": "image", "image": {"id": picture}},
        footer={"text": "Toko Uji"},
    ))  # fmt: skip
    await wire.ok(budi.key, **buttons(("n.c", "Lagi"), header={
        "type": "document", "document": {"id": paper, "filename": "struk.pdf"},
    }))  # fmt: skip
    await wire.ok(budi.key, **rows(("n.d", "Rp20.000", "bayar Rp22.500"), opener="Pilih nominal"))
    await wire.ok(budi.key, image={"id": picture, "caption": "QRIS"})
    await wire.ok(budi.key, document={"id": paper, "filename": "struk.pdf"}, context={"message_id": question})
    await wire.ok(budi.key, **template("status_pembelian", "T10482", "dikembalikan"))
    first, second, third, fourth, fifth, sixth = budi.screen
    assert (first.kind, first.labels, first.image, first.footer) == ("button", ["Bayar", "Batal"], PICTURE, "Toko Uji")
    assert (second.document, second.filename) == (b"%PDF-1.7", "struk.pdf")
    assert (third.kind, third.opener, third.options[0].description) == ("list", "Pilih nominal", "bayar Rp22.500")
    assert (fourth.kind, fourth.text, fourth.image) == ("image", "QRIS", PICTURE)
    assert (fifth.kind, fifth.document, fifth.context) == ("document", b"%PDF-1.7", question)
    assert sixth.text == "Pembelian trx T10482: dikembalikan. Balas pesan ini untuk rincian."
    assert (sixth.template, sixth.language) == ("status_pembelian", "id")
    assert sixth.parameters == ["T10482", "dikembalikan"]
    assert [one.kind for one in budi.screen] == [one.kind for one in api.calls if one.kind != "upload"]
    assert api.unsupported == api.refused == []


LONG = "x" * 1025
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    (text("x" * 4097), 100, ""),
    (text(""), 131009, "text.body must not be empty"),
    ({"text": {}}, 131008, "text.body is required"),
    ({"text": {"body": 7}}, 100, ""),
    (buttons(), 131009, "0 buttons"),
    (buttons(*[(f"a.{one}", str(one)) for one in range(4)]), 131009, "4 buttons"),
    (buttons(("a", "Sama"), ("b", "Sama")), 131009, "titles of buttons must all be different"),
    (buttons(("a", "Satu"), ("a", "Dua")), 131009, "ids of buttons must all be different"),
    (buttons((" a", "Satu")), 131009, "begins or ends with a space"),
    (buttons(("a" * 257, "Satu")), 131009, "257 characters, 256"),
    (buttons(("a", "x" * 21)), 131009, "21 characters, 20"),
    (buttons(("a", "⚡" + "🔁" * 10)), 131009, "21 characters, 20"),  # an emoji counts twice
    (buttons(("a", " ")), 131009, "title must not be empty"),
    (buttons(("a", "Satu"), body=LONG), 131009, "1025 characters, 1024"),
    (buttons(("a", "Satu"), footer={"text": "x" * 61}), 131009, "61 characters, 60"),
    (buttons(("a", "Satu"), header={"type": "text", "text": "x" * 61}), 131009, "61 characters, 60"),
    ({"interactive": {"type": "button", "action": {"buttons": []}}}, 131008, "interactive.body is required"),
    (rows(), 131008, "rows is required"),
    (rows(*[(f"a.{one}", str(one)) for one in range(11)]), 131009, "11 rows, 1 to 10"),
    (rows(("a", "Sama"), ("b", "Sama")), 131009, "titles of rows must all be different"),
    (rows(("a", "x" * 25)), 131009, "25 characters, 24"),
    (rows(("a", "Satu", "x" * 73)), 131009, "73 characters, 72"),
    (rows(("a" * 201, "Satu")), 131009, "201 characters, 200"),
    (rows(("a ", "Satu")), 131009, "begins or ends with a space"),
    (rows(("a", "Satu"), opener="x" * 21), 131009, "21 characters, 20"),
    (rows(("a", "Satu"), body=LONG), 131009, "1025 characters, 1024"),
    (sections({"rows": [row(1)]}, {"rows": [row(2)]}), 131008, "title is required"),
    (sections({"title": "x" * 25, "rows": [row(1)]}), 131009, "25 characters, 24"),
    (sections(*[{"title": str(one), "rows": [row(one)]} for one in range(11)]), 131009, "11 rows"),
    (text("x") | {"biz_opaque_callback_data": "x" * 513}, 131009, "513 characters, 512"),
    (text("x") | {"context": {"message_id": "abc"}}, 131009, "no message id"),
    (template("token_baru", "x"), 132001, "token_baru"),
    (template("token_siap", "1", "2", "3", "4", language="de"), 132001, "de"),
    (template("token_siap", "1", "2", "3"), 132000, "expected number of params (4)"),
    (template("token_siap", "1", "2", "3", "4\n5"), 132018, "parameter 4"),
    (template("token_siap", "1", "2", "3", "4\t5"), 132018, "parameter 4"),
    (template("token_siap", "1", "2     3", "3", "4"), 132018, "parameter 2"),
    (template("token_siap", "1", "", "3", "4"), 131009, "must not be empty"),
    (template("status_pembelian", "T1", "x" * 1000), 132005, "1024"),
    ({"image": {"id": "404"}}, 100, ""),
    ({"image": {"caption": "x"}}, 131008, "image.id is required"),
]


@pytest.mark.parametrize(("message", "code", "details"), REFUSED)
async def test_what_is_beyond_the_limits_is_refused_and_not_shown(
    wire: Wire, api: CloudApi, budi: Person, message: dict[str, Any], code: int, details: str
) -> None:
    refused = await wire.refused(budi.key, **message)
    assert refused[0] == code
    assert details in refused[1]
    assert budi.screen == []
    assert (len(api.refused), api.unsupported) == (1, [])
    assert api.refused[0].startswith(f"{code} ")


async def test_what_is_just_within_the_limits_is_taken(wire: Wire, api: CloudApi, budi: Person) -> None:
    taken = [
        text("x" * 4096),
        buttons(*[(str(one) * 256, str(one) * 20) for one in range(3)], body="x" * 1024),
        buttons(("a", "🔁" * 10)),
        rows(*[(str(one) * 200, str(one) * 24, "x" * 72) for one in range(10)], opener="x" * 20, body="x" * 1024),
        sections({"title": "x" * 24, "rows": [row(1)]}, {"title": "y", "rows": [row(2)]}),
        template("token_siap", "1111 2222    3333", "541234", "32,4", "T10482 (kirim ulang)"),
        text("x") | {"biz_opaque_callback_data": "x" * 512},
    ]
    for message in taken:
        await wire.ok(budi.key, **message)
    assert (len(budi.screen), api.refused, api.unsupported) == (7, [], [])


async def test_what_the_double_does_not_know_is_noted(wire: Wire, api: CloudApi, budi: Person) -> None:
    await wire.ok(budi.key, text={"body": "x", "bold": True}, biz_opaque_callback_data="a")
    await wire.refused(budi.key, video={"id": "1"})
    await wire.refused(budi.key, image={"link": "https://example.org/a.jpg"})
    await wire.get("me")
    assert api.unsupported == [
        "text field bold", "message type video", "image link", f"GET /{ACCESS.version}/me",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": None}, 131008), ({"to": "0812"}, 131009), ({"to": 6281234567890}, 100),
        ({"to": ACCESS.display_phone_number}, 131021), ({"messaging_product": None}, 100),
    ],
)  # fmt: skip
async def test_a_message_names_the_product_and_a_person(
    wire: Wire, budi: Person, changed: dict[str, Any], code: int
) -> None:
    status, envelope = await wire.post(addressed(budi.key, **text("x")) | changed)
    assert (status, envelope["error"]["code"]) == (400, code)


async def test_an_error_is_shaped_as_metas(wire: Wire, budi: Person) -> None:
    status, envelope = await wire.post(addressed(budi.key, **buttons(("a", "x" * 21))))
    trace = envelope["error"].pop("fbtrace_id")
    details = "interactive.action.buttons[0].reply.title has 21 characters, 20 are allowed"
    assert (status, envelope) == (400, {"error": {
        "message": "(#131009) Parameter value is not valid", "type": "OAuthException", "code": 131009,
        "error_data": {"messaging_product": "whatsapp", "details": details},
    }})  # fmt: skip
    assert len(trace) > 20


@pytest.mark.parametrize(
    ("path", "token", "status", "code", "subcode"),
    [
        (f"/{ACCESS.version}/{ACCESS.phone_number_id}/messages", "wrong", 401, 190, None),
        (f"/{ACCESS.version}/{ACCESS.phone_number_id}/messages", "", 401, 190, None),
        (f"/{ACCESS.version}/999/messages", ACCESS.token, 400, 100, 33),
        (f"/v9.0/{ACCESS.phone_number_id}/messages", ACCESS.token, 400, 2500, None),
        (f"/{ACCESS.version}/{ACCESS.phone_number_id}/dreams", ACCESS.token, 400, 2500, None),
    ],
)
async def test_wrong_keys_and_paths_are_refused(
    wire: Wire, budi: Person, path: str, token: str, status: int, code: int, subcode: int | None
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = addressed(budi.key, **text("x"))
    async with wire.session.post(f"{wire.api.url}{path}", json=body, headers=headers) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"], error.get("error_subcode")) == (status, code, subcode)
    assert budi.screen == []


async def test_a_body_that_is_no_json_is_refused(wire: Wire, api: CloudApi) -> None:
    for body in (b"{", b"[]", b"\xff"):
        async with wire.session.post(wire.messages, data=body, headers=wire.headers) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (400, 100)
    assert len(api.calls) == 3


async def test_a_mark_of_reading_covers_what_was_said_before(wire: Wire, api: CloudApi, budi: Person) -> None:
    second, third = budi.say("a"), budi.say("b")
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": second.id}
    assert await wire.post(mark) == (200, {"success": True})
    assert (budi.read, budi.typing) == ([budi.said[0].wamid, second.id], 0)
    assert await wire.post(mark | {"message_id": third.id, "typing_indicator": {"type": "text"}}) == (
        200, {"success": True},
    )  # fmt: skip
    assert (budi.read[-1], budi.typing) == (third.id, 1)
    assert (await wire.post(mark | {"message_id": "wamid.x"}))[1]["error"]["code"] == 131009
    assert api.count("read", budi) == 2


async def test_a_file_goes_up_and_comes_down_by_an_address_that_dies(wire: Wire, api: CloudApi) -> None:
    status, answer = await wire.upload(PNG, "image/png")
    assert status == 200
    status, told = await wire.get(answer["id"])
    assert (status, told["mime_type"], told["file_size"]) == (200, "image/png", len(PNG))
    async with wire.session.get(told["url"]) as response:
        assert response.status == 401
    async with wire.session.get(told["url"], headers=wire.headers) as response:
        assert (response.status, await response.read()) == (200, PNG)
    api.clock.forward(301)
    async with wire.session.get(told["url"], headers=wire.headers) as response:
        assert response.status == 404
    assert (await wire.get(answer["id"]))[0] == 200
    api.clock.forward(30 * 86_400)
    status, told = await wire.get(answer["id"])
    assert (status, told["error"]["code"], told["error"]["error_subcode"]) == (400, 100, 33)
    assert [one.kind for one in api.calls] == ["upload", "media", *["download"] * 3, "media", "media"]


@pytest.mark.parametrize(
    ("data", "mime", "code"),
    [
        (b"a,b", "text/csv", 100), (b"no picture", "image/png", 131053), (b"", "text/plain", 131053),
        (b"\xff\xd8\xff" + bytes(5 << 20), "image/jpeg", 131053),
    ],
)  # fmt: skip
async def test_a_file_that_is_not_allowed_is_refused(wire: Wire, data: bytes, mime: str, code: int) -> None:
    status, answer = await wire.upload(data, mime)
    assert (status, answer["error"]["code"]) == (400, code)


async def test_what_a_person_sent_can_be_loaded_for_a_week(wire: Wire, api: CloudApi, budi: Person) -> None:
    number = budi.send_photo("meter").payload["image"]["id"]
    _, told = await wire.get(number)
    async with wire.session.get(told["url"], headers=wire.headers) as response:
        assert await response.read() == PICTURE
    api.clock.forward(7 * 86_400)
    assert (await wire.get(number))[0] == 400


async def test_a_paper_in_place_of_a_picture_fails_later(wire: Wire, api: CloudApi, budi: Person) -> None:
    paper = (await wire.upload(b"%PDF-1.7", "application/pdf"))[1]["id"]
    await wire.ok(budi.key, image={"id": paper})
    assert (budi.screen, api.calls[-1].failed) == ([], 131053)


async def test_the_number_says_what_it_is(wire: Wire, api: CloudApi) -> None:
    status, told = await wire.get(ACCESS.phone_number_id, fields="display_phone_number,verified_name")
    assert (status, told) == (200, {
        "display_phone_number": "+6281100009999", "verified_name": "Setrum Uji", "id": ACCESS.phone_number_id,
    })  # fmt: skip
    assert (await wire.get(ACCESS.phone_number_id, fields="mood"))[1]["error"]["code"] == 100
    assert api.count("number") == 2


async def test_a_template_carries_its_buttons(wire: Wire, api: CloudApi, budi: Person) -> None:
    api.templates.register("tanya", "id", "Beli lagi untuk {{1}}?", buttons=("Ya", "Tidak"))
    message = template("tanya", "Budi S.")
    await wire.refused(budi.key, **template("tanya"))
    payload = {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [
        {"type": "payload", "payload": "n.ya"},
    ]}  # fmt: skip
    message["template"]["components"].append(payload)
    await wire.ok(budi.key, **message)
    assert [(one.id, one.label) for one in budi.screen[0].options] == [("n.ya", "Ya"), ("Tidak", "Tidak")]
    payload["index"] = "2"
    assert (await wire.refused(budi.key, **message))[0] == 132012


@pytest.mark.parametrize(("state", "code"), [("paused", 132015), ("disabled", 132016), ("rejected", 132001)])
async def test_a_template_that_may_not_be_sent_says_why(
    wire: Wire, api: CloudApi, budi: Person, state: str, code: int
) -> None:
    api.templates.set("token_siap", state, "id")
    assert (await wire.refused(budi.key, **template("token_siap", "1", "2", "3", "4")))[0] == code
    await wire.ok(budi.key, **template("token_siap", "1", "2", "3", "4", language="en"))
    api.templates.set("token_siap", "approved")
    await wire.ok(budi.key, **template("token_siap", "1", "2", "3", "4"))


async def test_a_redirect_would_be_followed_with_the_message(wire: Wire, api: CloudApi, budi: Person) -> None:
    async with aiohttp.ClientSession() as session:
        url = wire.messages.replace("/v26.0", "/elsewhere/v26.0")
        async with session.post(url, json=addressed(budi.key, **text("x")), headers=wire.headers) as response:
            assert response.status == 200
    assert (len(budi.screen), api.followed) == (1, 1)
